"""The trail: who did what to which record, written with the act itself and never changed."""

from __future__ import annotations

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.functional import Promise

from regulars import clock
from regulars.operations.models import TrailEntry


class _Encoder(DjangoJSONEncoder):
    def default(self, value: Any) -> Any:
        return str(value) if isinstance(value, Promise) else super().default(value)


def record(*, act: str, actor: str = "", subject: str = "", detail: dict[str, Any] | None = None) -> None:
    """Write one entry inside the act's own transaction: `subject` is a public id, `detail` holds JSON values."""
    TrailEntry.objects.create(
        act=act,
        actor=actor[:80],
        subject=subject,
        detail=json.loads(json.dumps(detail or {}, cls=_Encoder)),
        occurred_at=clock.now(),
    )
