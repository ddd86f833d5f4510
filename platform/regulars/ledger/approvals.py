"""Giving and taking points by hand, which needs somebody's approval beyond a limit."""

from __future__ import annotations

from typing import Any

from babel.numbers import format_decimal
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars import clock, events
from regulars.errors import InvalidInput, NotEnough
from regulars.ledger.models import Transaction
from regulars.ledger.selectors import POINTS, balance, spendable
from regulars.ledger.services import adjust
from regulars.money import babel_locale
from regulars.operations.outbox import announce, new_event_id
from regulars.organisation.approvals import Asked, Change, Done, approvable, do_or_ask
from regulars.organisation.models import Staff
from regulars.people.models import Member
from regulars.people.selectors import member_by_public_id

LARGEST = 10_000_000
"""Nobody gives or takes more points in one go."""
ACT = "points.adjust"


def adjust_or_ask(*, member: Member, points: int, reason: str, by: Staff, key: str) -> Done | Asked:
    """Give (above zero) or take (below) points, or ask for approval where that is beyond the limit.

    Raises `InvalidInput` (field `points`, `reason`), `NotEnough` when more is taken than can be spent, `NotAllowed`,
    and what asking raises.
    """
    if not 0 < abs(points) <= LARGEST:
        raise InvalidInput(
            _("Enter points from 1 to %(most)s.") % {"most": format_decimal(LARGEST, locale=babel_locale())},
            field="points",
        )
    return do_or_ask(
        act=ACT,
        by=by,
        amount=abs(points),
        payload={"member": member.public_id, "points": points, "reason": reason},
        reason=reason,
        branch=member.branch,
        subject=member.public_id,
        key=key,
    )


def says(payload: dict[str, Any]) -> str:
    """Whether points are given or taken."""
    return _("Give points") if payload["points"] > 0 else _("Take points away")


def preview(payload: dict[str, Any]) -> list[Change]:
    """The member's points now and afterwards. Raises `NotFound`, and `NotEnough` when more is taken than is there."""
    member = member_by_public_id(payload["member"])
    held, points = balance(member.wallet), int(payload["points"])
    if points < 0 and spendable(member.wallet) + points < 0:
        raise NotEnough(_("The member has fewer points than that to take."), field="points")
    return [
        Change(label=_("Member"), after=str(member)),
        Change(label=_("Points"), before=_figure(held), after=_figure(held + points)),
    ]


@approvable(
    ACT,
    label=gettext_lazy("Give and take points by hand"),
    unit="points",
    limits={"": 500, "service": 500, "manager": 5_000},
    preview=preview,
    says=says,
)
@transaction.atomic
def adjust_points(*, payload: dict[str, Any], by: Staff, key: str) -> Transaction:
    """Give or take the points, tell the member of points that came, and note who did it. Raises as `adjust` does."""
    member = member_by_public_id(payload["member"])
    points = int(payload["points"])
    if not Transaction.objects.filter(key=key).exists():
        preview(payload)
    posted = adjust(
        wallet=member.wallet, asset=POINTS, amount=points, key=key, reason=payload["reason"], actor=by.public_id
    )
    if not posted.is_repeated:
        _announce(member, points)
    return Transaction.objects.get(pk=posted.transaction)


def _announce(member: Member, points: int) -> None:
    if points > 0:
        announce(
            events.PointsCredited(
                event_id=new_event_id(),
                occurred_at=clock.now(),
                member=member.public_id,
                points=points,
                balance=balance(member.wallet),
                reason="adjustment",
            )
        )


def _figure(number: int) -> str:
    return str(format_decimal(number, locale=babel_locale()))
