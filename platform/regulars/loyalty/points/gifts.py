"""Points that members give away: to each other where the business allows it, or to a cause."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars import clock
from regulars.errors import InvalidInput, NotAllowed
from regulars.ledger.models import Posting
from regulars.ledger.selectors import POINTS
from regulars.ledger.services import Leg, Posted, announce_credit, post
from regulars.loyalty.nights.beginning import idleness_changed
from regulars.loyalty.points.models import Cause, IfSpent, PointsSettings
from regulars.loyalty.saving import figures, words_by_language
from regulars.money import LARGEST_AMOUNT
from regulars.operations.trail import record
from regulars.people.models import Member, Wallet
from regulars.people.selectors import check_may_spend
from regulars.text import plain_text

GIFT, DONATION = "points.gift", "points.donation"
GIVEN = "points.given"
LARGEST_SETTING = 10_000_000


def points_settings() -> PointsSettings:
    """What holds for all points; the defaults where nobody has set anything."""
    return PointsSettings.objects.filter(pk=1).first() or PointsSettings(pk=1)


@transaction.atomic
def change_points_settings(*, by: str, **values: int | bool | str) -> PointsSettings:
    """Change what holds for all points. Raises `InvalidInput` naming the field."""
    kept = points_settings()
    before, idle_before = figures(kept), kept.idle_months
    bounds = {
        "gift_least": (1, LARGEST_SETTING),
        "gift_cap_day": (1, LARGEST_SETTING),
        "idle_months": (0, 120),
        "reinstate_days": (0, 366),
        "hundred_worth": (0, LARGEST_AMOUNT),
        "offset_share": (0, 100),
        "offset_least": (1, LARGEST_SETTING),
    }
    for name, value in values.items():
        if name in bounds and not bounds[name][0] <= int(value) <= bounds[name][1]:
            raise InvalidInput(
                _("Enter a whole number from %(least)s to %(most)s.")
                % {"least": bounds[name][0], "most": bounds[name][1]},
                field=name,
            )
        setattr(kept, name, value)
    if kept.gift_least > kept.gift_cap_day:
        raise InvalidInput(_("The smallest gift is more than a member may give in a day."), field="gift_least")
    if kept.if_spent not in IfSpent.values:
        raise InvalidInput(_("Choose from the list."), field="if_spent")
    if kept.if_spent == IfSpent.CHARGE and not kept.hundred_worth:
        raise InvalidInput(_("Say what 100 points are worth, so that they can be charged."), field="hundred_worth")
    kept.save()
    if kept.idle_months != idle_before:
        idleness_changed(months=kept.idle_months)
    record(act="points_settings.saved", actor=by, subject="points", before=before, after=figures(kept))
    return kept


@transaction.atomic
def give_points(*, giver: Member, receiver: Member, points: int, key: str, words: str = "") -> Posted:
    """Give points of one member to another: the giver's first expiring points, with a new life at the receiver's.

    Raises `NotAllowed` where the business does not allow it, `InvalidInput` (field `points`, `receiver`, `card`),
    `NotEnough`, and `KeyUsedBefore`.
    """
    rules = points_settings()
    if not rules.gifts:
        raise NotAllowed(_("Points cannot be given to others here."))
    if giver.wallet_id == receiver.wallet_id:
        raise InvalidInput(_("These are your own points."), field="receiver")
    if not receiver.is_active:
        raise InvalidInput(_("This member cannot receive points."), field="receiver")
    if not rules.gift_least <= points <= rules.gift_cap_day:
        raise InvalidInput(
            _("Enter points from %(least)s to %(most)s.") % {"least": rules.gift_least, "most": rules.gift_cap_day},
            field="points",
        )
    check_may_spend(giver)
    note = plain_text(words, field="words", longest=120, required=False)
    Wallet.objects.select_for_update().get(pk=giver.wallet_id)  # two gifts of one day are counted one after another
    posted = post(
        key=f"gift:{key}",
        kind=GIFT,
        legs=[
            Leg(wallet=giver.wallet_id, asset=POINTS, amount=-points, house=GIVEN),
            Leg(wallet=receiver.wallet_id, asset=POINTS, amount=points, house=GIVEN),
        ],
        reason=note,
        actor=giver.public_id,
    )
    if posted.is_repeated:
        return posted
    given = given_today(giver)
    if given > rules.gift_cap_day:
        left = max(0, rules.gift_cap_day - (given - points))
        raise InvalidInput(
            ngettext("You can give %(left)s more point today.", "You can give %(left)s more points today.", left)
            % {"left": left},
            field="points",
        )
    record(
        act="points.given",
        actor=giver.public_id,
        subject=giver.public_id,
        detail={"to": receiver.public_id, "points": points},
        member=giver,
    )
    held = posted.balances.get((receiver.wallet_id, POINTS), 0)
    announce_credit(member=receiver.public_id, points=points, balance=held, reason="gift")
    return posted


def given_today(giver: Member) -> int:
    """How many points a member has given away today."""
    found = Posting.objects.filter(
        account__wallet_id=giver.wallet_id,
        account__asset=POINTS,
        transaction__kind=GIFT,
        transaction__business_date=clock.today(),
        amount__lt=0,
    ).aggregate(given=Sum("amount"))
    return -(found["given"] or 0)


@transaction.atomic
def save_cause(*, cause: Cause | None = None, words: Mapping[str, str], is_active: bool = True, by: str = "") -> Cause:
    """Add or change a cause that members may give points to. Raises `InvalidInput` (field `words`)."""
    before = figures(cause) if cause else None
    made = cause or Cause()
    made.words, made.is_active = words_by_language(words), is_active
    made.save()
    record(act="cause.saved", actor=by, subject=made.public_id, before=before, after=figures(made))
    return made


@transaction.atomic
def donate(*, member: Member, cause: Cause, points: int, key: str) -> Posted:
    """Give points to a cause; they are gone for good. Raises `InvalidInput`, `NotEnough` and `KeyUsedBefore`."""
    if not cause.is_active:
        raise InvalidInput(_("This cause takes nothing at the moment."), field="cause")
    if not 1 <= points <= LARGEST_SETTING:
        raise InvalidInput(_("Enter points from 1 to %(most)s.") % {"most": LARGEST_SETTING}, field="points")
    check_may_spend(member)
    posted = post(
        key=f"donation:{key}",
        kind=DONATION,
        legs=[Leg(wallet=member.wallet_id, asset=POINTS, amount=-points, house=house_of(cause))],
        reason=str(cause),
        actor=member.public_id,
    )
    if not posted.is_repeated:
        record(
            act="points.donated",
            actor=member.public_id,
            subject=member.public_id,
            detail={"cause": cause.public_id, "points": points},
            member=member,
        )
    return posted


def house_of(cause: Cause) -> str:
    """The account of the house that a cause's points go to."""
    return f"donated.{cause.public_id}"


def donated(cause: Cause) -> int:
    """How many points a cause has been given."""
    found = Posting.objects.filter(account__house=house_of(cause), account__asset=POINTS).aggregate(all=Sum("amount"))
    return found["all"] or 0
