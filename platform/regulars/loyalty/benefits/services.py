"""Acts on benefits: what the owner promises, and each use of it with its undoing. A use is one call, safe to repeat."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from regulars import clock, events
from regulars.errors import InvalidInput, KeyUsedBefore, UsedUp
from regulars.ledger.selectors import POINTS, balance
from regulars.ledger.services import Leg, announce_credit, request_hash, reverse, transaction_document
from regulars.loyalty.benefits.models import MOST_DAYS, MOST_USES, Benefit, BenefitKind, BenefitUse, Period, TierBenefit
from regulars.loyalty.benefits.periods import key_of
from regulars.loyalty.benefits.selectors import GRANTS_KEY, Entitlement, entitlement_to
from regulars.loyalty.points.earning import ISSUED
from regulars.loyalty.saving import figures, forget, sound_key, words_by_language
from regulars.loyalty.tiers.models import Tier
from regulars.operations import outbox, trail
from regulars.organisation.models import Branch, Language, Staff
from regulars.people.models import Member
from regulars.people.selectors import check_may_spend
from regulars.public_ids import new_public_id
from regulars.sql_functions import call
from regulars.text import plain_text

MOST_GIFT = 1_000_000
UNDO_WITHIN = dt.timedelta(hours=24)
"""For how long a use noted by mistake can be taken back."""


@transaction.atomic
def save_benefit(
    *,
    benefit: Benefit | None = None,
    code: str,
    kind: str,
    words: Mapping[str, str],
    details: Mapping[str, str],
    grants: Mapping[Tier, int | None],
    partner: str = "",
    uses: int | None = None,
    period: str = Period.YEAR,
    points: int = 0,
    days: int = 0,
    is_active: bool = True,
    by: str = "",
) -> Benefit:
    """Add or change a benefit. `grants` says which tiers grant it, each with a number of uses of its own or None.

    Raises `InvalidInput` naming the field: a taken code, no name, numbers that make no sense for the kind.
    """
    benefit = benefit or Benefit()
    before = _told(benefit)
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,29}", code or ""):
        raise InvalidInput(_("Use small Latin letters and digits, for example late-checkout."), field="code")
    if Benefit.objects.filter(code=code).exclude(pk=benefit.pk).exists():
        raise InvalidInput(_("Another benefit has this code. Choose another."), field="code")
    if kind not in BenefitKind.values:
        raise InvalidInput(_("Choose what kind of benefit it is."), field="kind")
    if kind == BenefitKind.DISCOUNT:
        raise InvalidInput(_("Enter a discount at the tier itself: the till takes it off by itself."), field="kind")
    if period not in Period.values:
        raise InvalidInput(_("Choose after which time the uses begin anew."), field="period")
    if kind == BenefitKind.YEARLY_GIFT:
        uses, period = 1, Period.YEAR
    _check_figures(kind=kind, uses=uses, points=points, days=days, grants=grants)
    benefit.code, benefit.kind, benefit.period, benefit.is_active = code, kind, period, is_active
    benefit.uses, benefit.points, benefit.days = uses, points, days
    benefit.words = words_by_language(words)
    benefit.details = {
        language: plain_text(details.get(language, ""), field="details", longest=300, required=False)
        for language in Language.values
    }
    benefit.partner = plain_text(partner, field="partner", longest=80, required=kind == BenefitKind.BUNDLE)
    benefit.save()
    _grant(benefit, grants)
    trail.record(act="benefit.saved", actor=by, subject=code, before=before, after=_told(benefit))
    forget(GRANTS_KEY)
    return benefit


def _grant(benefit: Benefit, grants: Mapping[Tier, int | None]) -> None:
    """Write which tiers grant it; a tier that did before keeps how far its gifts of this year are given."""
    known = {
        grant.tier_id: {"gifts_of": grant.gifts_of, "gifts_until": grant.gifts_until} for grant in benefit.grants.all()
    }
    TierBenefit.objects.filter(benefit=benefit).delete()
    TierBenefit.objects.bulk_create(
        TierBenefit(tier=tier, benefit=benefit, uses=own, **known.get(tier.pk, {}))
        for tier, own in sorted(grants.items(), key=lambda g: g[0].pk)
    )


def _check_figures(*, kind: str, uses: int | None, points: int, days: int, grants: Mapping[Tier, int | None]) -> None:
    if any(own is not None and not 1 <= own <= MOST_USES for own in [uses, *grants.values()]):
        raise InvalidInput(
            _("Enter a whole number from %(least)s to %(most)s.") % {"least": 1, "most": MOST_USES}, field="uses"
        )
    if not 0 <= points <= MOST_GIFT or (points and kind != BenefitKind.YEARLY_GIFT):
        raise InvalidInput(
            _("Only a yearly gift gives points, at most %(most)s.") % {"most": MOST_GIFT}, field="points"
        )
    if not 0 <= days <= MOST_DAYS or (days and kind != BenefitKind.EARLY_ACCESS):
        raise InvalidInput(_("Only early access has days, at most %(most)s.") % {"most": MOST_DAYS}, field="days")
    if kind == BenefitKind.EARLY_ACCESS and not days:
        raise InvalidInput(_("Say by how many days before others rewards open."), field="days")


def _told(benefit: Benefit) -> dict[str, Any] | None:
    told = figures(benefit)
    if told is not None:
        told["tiers"] = dict(benefit.grants.order_by("tier_id").values_list("tier__code", "uses"))
    return told


@transaction.atomic
def use(
    *, member: Member, benefit: Benefit, key: str, branch: Branch | None = None, staff: Staff | None = None
) -> BenefitUse:
    """Note that a member used a benefit. The same key gives the same use again, with whatever is left by then.

    Raises `InvalidInput` for a benefit that none of the member's tiers grants or that comes by itself, and where the
    member's card does not work (field `card`), `UsedUp` when all uses of the period are taken, and `KeyUsedBefore`.
    """
    fingerprint = request_hash("benefit", member.public_id, benefit.code)
    if (known := _done_before(sound_key(key), fingerprint)) is not None:
        return known
    entitlement = entitlement_to(member, benefit) if member.is_active else None
    if entitlement is None:
        raise InvalidInput(
            _("%(benefit)s does not belong to this member's tier.") % {"benefit": benefit}, field="benefit"
        )
    if not entitlement.is_used_by_hand:
        raise InvalidInput(_("%(benefit)s comes by itself.") % {"benefit": benefit}, field="benefit")
    check_may_spend(member)
    try:
        return _use(entitlement, member=member, key=key, fingerprint=fingerprint, branch=branch, staff=staff)
    except UsedUp as refusal:
        raise UsedUp(words_of_used_up(entitlement), field="benefit") from refusal


def words_of_used_up(entitlement: Entitlement) -> str:
    """That nothing is left, and since when there will be again."""
    if entitlement.until is None:
        return _("%(benefit)s was used already.") % {"benefit": entitlement.benefit}
    return _("%(benefit)s was used as often as the tier allows. It begins anew after %(day)s.") % {
        "benefit": entitlement.benefit,
        "day": date_format(entitlement.until, "DATE_FORMAT"),
    }


@transaction.atomic
def give_gift(*, member: Member, entitlement: Entitlement, key: str) -> BenefitUse:
    """Credit a yearly gift of points, once in a year whatever the key. Raises `UsedUp` and `KeyUsedBefore`."""
    fingerprint = request_hash("benefit", member.public_id, entitlement.benefit.code)
    return _use(entitlement, member=member, key=sound_key(key), fingerprint=fingerprint, branch=None, staff=None)


def _done_before(key: str, fingerprint: str) -> BenefitUse | None:
    known = BenefitUse.objects.filter(key=key).first()
    if known is not None and known.request_hash != fingerprint:
        raise KeyUsedBefore
    return known


def _use(
    entitlement: Entitlement,
    *,
    member: Member,
    key: str,
    fingerprint: str,
    branch: Branch | None,
    staff: Staff | None,
) -> BenefitUse:
    benefit, now, today = entitlement.benefit, clock.now(), clock.today()
    public_id, period_key = new_public_id("use"), key_of(benefit.period, today)
    actor = staff.public_id if staff else ""
    document = {
        "occurred_at": now.isoformat(),
        "use": {
            "public_id": public_id,
            "member_id": member.pk,
            "benefit_id": benefit.pk,
            "tier_id": entitlement.tier.pk,
            "period_key": period_key,
            "allowed": entitlement.allowed,
            "key": key,
            "request_hash": fingerprint,
            "used_at": now.isoformat(),
            "used_on": today.isoformat(),
            "branch_id": branch.pk if branch else None,
            "staff_id": staff.pk if staff else None,
        },
        "posting": _gift(entitlement, member=member, use=public_id) if benefit.points else None,
        "events": [
            outbox.document(
                events.BenefitUsed(
                    event_id=outbox.new_event_id(),
                    occurred_at=now,
                    member=member.public_id,
                    benefit=benefit.code,
                    tier=entitlement.tier.code,
                    use=public_id,
                    branch=branch.public_id if branch else None,
                )
            )
        ],
        "trail": trail.document(
            act="benefit.used",
            actor=actor,
            subject=member.public_id,
            detail={"benefit": benefit.code, "tier": entitlement.tier.code, "period": period_key},
            member=member,
            branch_id=branch.pk if branch else None,
        ),
    }
    answer = call("loyalty_use_benefit", document)
    if benefit.points and not answer["repeated"]:
        held = balance(member.wallet_id)
        announce_credit(member=member.public_id, points=benefit.points, balance=held, reason="yearly_gift")
    outbox.wake_after_commit()
    return BenefitUse.objects.select_related("benefit").get(pk=answer["use"])


def _gift(entitlement: Entitlement, *, member: Member, use: str) -> dict[str, Any]:
    leg = Leg(wallet=member.wallet_id, asset=POINTS, amount=entitlement.benefit.points, house=ISSUED)
    return transaction_document(key=f"gift:{use}", kind="gift.yearly", legs=[leg])


@transaction.atomic
def undo(*, use: BenefitUse, by: Staff | None = None) -> BenefitUse:
    """Take back a use that was noted by mistake, within a day; a second time changes nothing.

    What it credited is taken back too. Raises `InvalidInput` when it is too late.
    """
    found = BenefitUse.objects.select_for_update(of=("self",)).select_related("member", "benefit", "transaction")
    use = found.get(pk=use.pk)
    if use.undone_at is not None:
        return use
    if clock.now() - use.used_at > UNDO_WITHIN:
        raise InvalidInput(_("A use can be taken back within a day. This one is older."), field="use")
    use.number, use.undone_at, use.undone_by = None, clock.now(), by.public_id if by else ""
    use.save(update_fields=["number", "undone_at", "undone_by"])
    if use.transaction is not None:
        reverse(original=use.transaction, key=f"{use.public_id}:undone", reason=_("Taken back"), actor=use.undone_by)
    trail.record(
        act="benefit.use_undone",
        actor=use.undone_by,
        subject=use.member.public_id,
        detail={"benefit": use.benefit.code, "period": use.period_key},
        member=use.member,
    )
    return use
