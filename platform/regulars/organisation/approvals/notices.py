"""Who is told by mail that something waits for them or that it was decided, each in their own language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby

from django.utils import translation
from django.utils.translation import gettext as _

from regulars import hooks, plugins
from regulars.organisation.approvals.registry import act_of
from regulars.organisation.approvals.selectors import amount_words, deciders, words_of
from regulars.organisation.models import Approval, ApprovalState, Staff
from regulars.organisation.permissions import opens_back_office
from regulars.organisation.selectors import organisation

PAGE = "/office/approvals/{}/"


def asked(approval: Approval) -> None:
    """Tell everybody who can decide this."""

    def words() -> dict[str, object]:
        return {
            **_of(approval),
            "who": approval.requested_by.name,
            "reason": approval.reason,
            "address": _address(PAGE.format(approval.public_id)),
        }

    _tell("approval_requested", deciders(approval), words, key=f"{approval.public_id}:asked")


def decided(approval: Approval) -> None:
    """Tell whoever asked what became of it."""
    asker = approval.requested_by

    def words() -> dict[str, object]:
        return {
            **_of(approval),
            "outcome": _outcome(approval),
            "note": approval.note or "—",
            "address": _address(_place(approval, asker)),
        }

    if asker.is_active:
        _tell("approval_decided", [asker], words, key=f"{approval.public_id}:{approval.state}")


def language_of(staff: Staff) -> str:
    """The language somebody is written to in: their own, else the business's."""
    return staff.user.language or organisation().language


def _tell(kind: str, staff: Iterable[Staff], words: Callable[[], dict[str, object]], *, key: str) -> None:
    """Amounts and acts are written in the reader's language, so people are told language by language."""
    from regulars.outreach.services import notify_staff

    for language, readers in groupby(sorted(staff, key=language_of), key=language_of):
        with translation.override(language):
            notify_staff(kind=kind, staff=list(readers), variables=words(), key=key)


def _of(approval: Approval) -> dict[str, object]:
    return {
        "what": words_of(approval),
        "amount": amount_words(approval.unit, approval.amount),
        "place": str(approval.branch or _("the whole business")),
    }


def _outcome(approval: Approval) -> str:
    return {
        ApprovalState.APPROVED: _("approved and done"),
        ApprovalState.REFUSED: _("refused"),
        ApprovalState.EXPIRED: _("not decided in time"),
    }.get(ApprovalState(approval.state), str(approval.get_state_display()))


def _place(approval: Approval, asker: Staff) -> str:
    place = act_of(approval.act).place
    if place is not None and not opens_back_office(asker):
        return place(approval.payload)
    return PAGE.format(approval.public_id)


def _address(path: str) -> str:
    return plugins.first(hooks.site_address, path=path) or path
