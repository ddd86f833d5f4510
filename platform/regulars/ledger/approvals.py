"""Giving and taking points by hand, which needs somebody's approval beyond a limit, and is not to pass it in parts."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.errors import InvalidInput, NotEnough
from regulars.ledger.adjusting import adjusted_today
from regulars.ledger.credits import announce_credit
from regulars.ledger.models import Transaction
from regulars.ledger.selectors import POINTS, balance, spendable
from regulars.ledger.services import adjust
from regulars.money import format_count
from regulars.organisation.approvals import Asked, Change, Done, approvable, do_or_ask, limit_for
from regulars.organisation.approvals.selectors import amount_words
from regulars.organisation.models import Approval, Staff
from regulars.organisation.permissions import require
from regulars.people.models import Member, Wallet
from regulars.people.selectors import member_by_public_id

LARGEST = 10_000_000
"""Nobody gives or takes more points in one go."""
ACT = "points.adjust"


@transaction.atomic
def adjust_or_ask(*, member: Member, points: int, reason: str, by: Staff, key: str) -> Done | Asked:
    """Give (above zero) or take (below) points, or ask for approval where that is beyond the limit.

    It is held against the limit together with what this person gave and took today for this member without approval,
    so that nobody passes it in parts. Raises `InvalidInput` (field `points`, `reason`), `NotEnough` when more is taken
    than can be spent, `NotAllowed`, and what asking raises.
    """
    if not 0 < abs(points) <= LARGEST:
        raise InvalidInput(
            _("Enter points from 1 to %(most)s.") % {"most": format_count(LARGEST)},
            field="points",
        )
    payload = {"member": member.public_id, "points": points, "reason": reason}
    if Transaction.objects.filter(key=key).exists():  # a repetition is answered, and weighed no second time
        require(by, ACT, branch=member.branch)
        return Done(result=adjust_points(payload=payload, by=by, key=key))
    besides = _besides(member, points=points, by=by, key=key)
    if besides:
        payload["besides"] = besides
    return do_or_ask(
        act=ACT,
        by=by,
        amount=abs(points),
        weighed=besides + abs(points),
        payload=payload,
        reason=reason,
        branch=member.branch,
        subject=member.public_id,
        key=key,
    )


def _besides(member: Member, *, points: int, by: Staff, key: str) -> int:
    """What whoever adjusts had adjusted for this member today, where only together with it the limit is passed, else 0.

    Two adjustments of one member are weighed one after another.
    """
    known = Approval.objects.filter(key=key).values_list("payload", flat=True).first()
    if known is not None:
        return int(known.get("besides", 0))
    limit = limit_for(by, ACT, branch=member.branch)
    if limit is None or abs(points) > limit:
        return 0
    Wallet.objects.select_for_update(no_key=True).get(pk=member.wallet_id)
    adjusted = adjusted_today(wallet=member.wallet_id, asset=POINTS, actor=by.public_id)
    return adjusted if adjusted + abs(points) > limit else 0


def words_of_parts(asked: Asked) -> str:
    """Why something within the limit was asked for nevertheless; empty where it was beyond the limit by itself."""
    besides = asked.approval.payload.get("besides")
    if not besides:
        return ""
    return _("Together with today’s %(before)s for this member this is beyond your limit, so it was asked for.") % {
        "before": amount_words("points", besides)
    }


def says(payload: dict[str, Any]) -> str:
    """Whether points are given or taken."""
    return _("Give points") if payload["points"] > 0 else _("Take points away")


def preview(payload: dict[str, Any]) -> list[Change]:
    """The member's points now and afterwards. Raises `NotFound`, and `NotEnough` when more is taken than is there."""
    member = member_by_public_id(payload["member"])
    held, points = balance(member.wallet), int(payload["points"])
    if points < 0 and spendable(member.wallet) + points < 0:
        raise NotEnough(_("The member has fewer points than that to take."), field="points")
    changes = [
        Change(label=_("Member"), after=str(member)),
        Change(label=_("Points"), before=format_count(held), after=format_count(held + points)),
    ]
    if besides := payload.get("besides"):
        words = _("Earlier that day, by the same person")
        changes.append(Change(label=words, after=amount_words("points", besides)))
    return changes


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
    if not posted.is_repeated and points > 0:
        held = posted.balances.get((member.wallet_id, POINTS), 0)
        announce_credit(member=member.public_id, points=points, balance=held, reason="adjustment")
    return Transaction.objects.get(pk=posted.transaction)
