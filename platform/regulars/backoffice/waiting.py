"""The entry of the menu that leads to approvals, with how many wait for whoever reads it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from regulars.backoffice.menu import OfficeItem, held_by
from regulars.organisation.approvals.registry import acts
from regulars.organisation.approvals.selectors import count_waiting_for
from regulars.organisation.selectors import staff_of


class ApprovalsItem(OfficeItem):
    """For those who decide, and those whose acts may need it."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether this person can ever find something there."""
        held = held_by(request)
        return self.permission in held or any(act.permission in held for act in acts())

    def render_component(self, request: HttpRequest) -> Any:
        """The entry with its count."""
        entry = super().render_component(request)
        if waiting := count_for(request):
            entry.label = _("Approvals (%(count)s)") % {"count": waiting}
        return entry


def count_for(request: HttpRequest) -> int:
    """How many requests wait for whoever asks, asked once for a request; the first page reads it from them."""
    staff: Any = staff_of(request.user)
    if staff is None or "approvals.decide" not in held_by(request):
        return 0
    known: Any = request
    if not hasattr(known, "_requests_waiting"):
        known._requests_waiting = staff.requests_waiting = count_waiting_for(staff)
    found: int = known._requests_waiting
    return found
