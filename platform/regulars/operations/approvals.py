"""Downloading many records, which needs somebody's approval beyond a number of rows; the job starts once approved."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.organisation.approvals import Asked, Change, Done, approvable, do_or_ask
from regulars.organisation.approvals.notices import language_of
from regulars.organisation.models import Staff

MEMBERS, SALES = "members.export", "sales.export"


def export_or_ask(
    *, act: str, kind: str, params: dict[str, Any], rows: int, by: Staff, reason: str, key: str
) -> Done | Asked:
    """Start the job that writes a file, or ask for approval where the rows are beyond the limit.

    `act` is `MEMBERS` or `SALES`, `kind` and `params` are the job's; `Done.result` is the job. The file holds no more
    than the scope of whoever asks. Raises what asking raises, `InvalidInput` (field `amount`) for nothing to write.
    """
    return do_or_ask(
        act=act,
        by=by,
        amount=rows,
        payload={"kind": kind, "params": params, "rows": rows},
        reason=reason,
        branch=by.branch,
        key=key,
    )


def preview(payload: dict[str, Any]) -> list[Change]:
    """What the file will hold."""
    return [Change(label=_("Rows in the file"), after=str(payload["rows"]))]


@approvable(SALES, label=gettext_lazy("Download sales"), unit="rows", limits={"": 5_000}, preview=preview)
@approvable(MEMBERS, label=gettext_lazy("Download members"), unit="rows", limits={"": 1_000}, preview=preview)
def export(*, payload: dict[str, Any], by: Staff, key: str) -> Any:
    """Start the job for whoever asked; the workers write the file, which only they can fetch."""
    from regulars.operations import jobs

    with translation.override(language_of(by)):  # the file is written in the language of whoever asked
        return jobs.start(kind=payload["kind"], by=by, params=payload["params"], key=key)
