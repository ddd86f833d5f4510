"""Acts on coupons: give, claim, take, pass on, set aside, declare void. Each is one call of the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from regulars import clock
from regulars.errors import Gone, InvalidInput, StaleQuote, UsedUp
from regulars.loyalty.coupons.applying import why_not_to_be_had
from regulars.loyalty.coupons.codes import looks_like_code, new_code, plain_code, read_code
from regulars.loyalty.coupons.models import (
    Coupon,
    CouponBatch,
    CouponMove,
    CouponState,
    CouponTemplate,
    Occasion,
    Origin,
)
from regulars.loyalty.coupons.reading import read_named
from regulars.loyalty.coupons.telling import tell, tell_in_the_inbox
from regulars.loyalty.saving import sound_key
from regulars.operations import outbox, trail
from regulars.organisation.models import Staff
from regulars.people.models import Member
from regulars.public_ids import new_public_id
from regulars.sql_functions import call
from regulars.text import plain_text

DAY = dt.timedelta(days=1)


def window(
    template: CouponTemplate, *, received: dt.date | None, until: dt.datetime | None = None
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """From when and before when a coupon can be used: received on a day (None: not yet), `until` at the latest."""
    starts = clock.start_of(template.starts_on) if template.starts_on else None
    days = [template.ends_on] if template.ends_on else []
    if received is not None and template.days is not None:
        days.append(received + (template.days - 1) * DAY)
    ends = [clock.start_of(day + DAY) for day in days] + ([until] if until is not None else [])
    return starts, min(ends, default=None)


def coupon_document(
    template: CouponTemplate,
    *,
    member: Member | None,
    origin: str,
    key: str = "",
    batch: CouponBatch | None = None,
    by: str = "",
    reason: str = "",
) -> dict[str, Any]:
    """A coupon as the functions in SQL read it, with a code of its own."""
    starts, ends = window(template, received=clock.today())
    now = clock.now().isoformat()
    return {
        "public_id": new_public_id("cpn"),
        "template_id": template.pk,
        "batch_id": batch.pk if batch else None,
        "member_id": member.pk if member else None,
        "code": new_code(),
        "key": key,
        "origin": origin,
        "issued_at": now,
        "claimed_at": now,
        "starts_at": starts.isoformat() if starts else None,
        "ends_at": ends.isoformat() if ends else None,
        "given_by": by[:80],
        "reason": reason,
    }


@transaction.atomic
def give(*, member: Member, template: CouponTemplate, key: str, by: Staff, reason: str = "") -> Coupon:
    """Give a member a coupon, at the counter or in the back office, and tell them; the same key gives the same again.

    What makes something good needs its reason. Raises `InvalidInput` (`member`, `coupon`, `reason`, `key`), `Gone` when
    no more are to be had, `UsedUp` when this member has had as many as one may, and `KeyUsedBefore`.
    """
    makes_good = template.occasion == Occasion.COMPENSATION
    words = plain_text(reason, field="reason", longest=200, required=makes_good)
    sound_key(key)
    if not member.is_active:
        raise InvalidInput(_("This membership has ended."), field="member")
    given = _issued(template, member=member, origin=Origin.STAFF, key=key, actor=by.public_id, reason=words)
    tell([given.pk])
    return given


def take(*, member: Member, template: CouponTemplate, key: str) -> Coupon:
    """A member takes a coupon that lies open in the portal. Raises as `give` does, and when it does not lie there."""
    if not template.is_open:
        raise Gone(_("This coupon is no longer to be had."), field="coupon")
    if reason := why_not_to_be_had(template, member):
        raise InvalidInput(reason, field="coupon")
    return _issued(template, member=member, origin=Origin.CLAIM, key=sound_key(key), actor=member.public_id)


@transaction.atomic
def welcome(*, member: Member) -> list[Coupon]:
    """Give somebody who has just joined every coupon that is given for it and may be theirs, once."""
    given = []
    for template in CouponTemplate.objects.filter(is_active=True, is_given_by_itself=True, occasion=Occasion.WELCOME):
        if not why_not_to_be_had(template, member):
            key = f"joined:{template.public_id}:{member.public_id}"
            try:
                given.append(_issued(template, member=member, origin=Origin.JOINING, key=key, actor=""))
            except (Gone, UsedUp):
                continue
            tell_in_the_inbox(given[-1])
    return given


def claim(*, member: Member, code: str) -> Coupon:
    """Make a code a member's own: one of a batch, one that was passed on, or one that many share.

    Who claims the same again is given what they have. Raises `InvalidInput` (field `code`) for a code that is mistyped,
    nobody's, or not for this member, `Gone` where somebody was quicker, and `UsedUp`.
    """
    if looks_like_code(code):
        named = Coupon.objects.select_related("template", "batch").filter(code=read_code(code)).first()
        if named is None:
            raise InvalidInput(_("No coupon has this code."), field="code")
        return _claimed(named, member)
    batch = CouponBatch.objects.select_related("template").filter(code=plain_code(code)[:24]).exclude(code="").first()
    if batch is None:
        raise InvalidInput(_("No coupon has this code."), field="code")
    return _claimed_of_many(batch, member)


def _claimed(coupon: Coupon, member: Member) -> Coupon:
    if coupon.member_id == member.pk:
        return coupon
    if coupon.member_id is not None or coupon.state == CouponState.USED:
        raise Gone(_("Somebody has this coupon already. Every code counts once."), field="code")
    if reason := _why_not_claimed(coupon, member):
        raise InvalidInput(reason, field="code")
    starts, ends = window(coupon.template, received=clock.today(), until=coupon.ends_at)
    document = {
        "occurred_at": clock.now().isoformat(),
        "coupon": coupon.pk,
        "member": member.pk,
        "actor": member.public_id,
        "starts_at": starts.isoformat() if starts else None,
        "ends_at": ends.isoformat() if ends else None,
        "events": [],
        "trail": _told(
            "coupon.claimed",
            coupon.template,
            member,
            actor=member.public_id,
            coupon=coupon.public_id,
            batch=coupon.batch.public_id if coupon.batch else "",
        ),
    }
    answer = _called("loyalty_claim_coupon", document)
    return Coupon.objects.select_related("template", "batch").get(pk=answer["coupon"])


def _why_not_claimed(coupon: Coupon, member: Member) -> str:
    if coupon.state == CouponState.VOID:
        return _("This coupon was declared void.")
    if coupon.state == CouponState.EXPIRED or (coupon.ends_at is not None and coupon.ends_at <= clock.now()):
        return _("This coupon has expired.")
    batch = coupon.batch
    if batch is not None and batch.claim_until is not None and batch.claim_until < clock.today():
        return _("This code could be claimed until yesterday or earlier.")
    return why_not_to_be_had(coupon.template, member)


def _claimed_of_many(batch: CouponBatch, member: Member) -> Coupon:
    mine = Coupon.objects.filter(batch=batch, member=member, state__in=(CouponState.ISSUED, CouponState.RESERVED))
    if (known := mine.select_related("template", "batch").first()) is not None:
        return known
    if batch.voided_at is not None or (batch.claim_until is not None and batch.claim_until < clock.today()):
        raise Gone(_("This coupon is no longer to be had."), field="code")
    if reason := why_not_to_be_had(batch.template, member):
        raise InvalidInput(reason, field="code")
    had = Coupon.objects.filter(batch=batch, member=member).count()
    key = f"claim:{batch.public_id}:{member.public_id}:{had}"  # two clicks at once are one claim
    return _issued(batch.template, member=member, origin=Origin.CLAIM, key=key, actor=member.public_id, batch=batch)


def _issued(
    template: CouponTemplate,
    *,
    member: Member,
    origin: str,
    key: str,
    actor: str,
    reason: str = "",
    batch: CouponBatch | None = None,
) -> Coupon:
    given = coupon_document(template, member=member, origin=origin, key=key, batch=batch, by=actor, reason=reason)
    act = "coupon.given" if origin in (Origin.STAFF, Origin.JOINING) else "coupon.claimed"
    document = {
        "occurred_at": clock.now().isoformat(),
        "coupon": given,
        "events": [],
        "trail": _told(
            act,
            template,
            member,
            actor=actor,
            coupon=given["public_id"],
            batch=batch.public_id if batch else "",
            occasion=template.occasion if origin == Origin.JOINING else "",
            reason=reason,
        ),
    }
    answer = _called("loyalty_issue_coupon", document)
    return Coupon.objects.select_related("template", "batch").get(pk=answer["coupon"])


def _called(function: str, document: dict[str, Any]) -> Any:
    """Call the database, with refusals in the words of coupons."""
    try:
        with transaction.atomic():
            answer = call(function, document)
            outbox.wake_after_commit()
    except Gone as refusal:
        raise Gone(_("The last of these was just taken, or it is no longer in use."), field="coupon") from refusal
    except UsedUp as refusal:
        raise UsedUp(_("As many of these as one member may have were had already."), field="coupon") from refusal
    return answer


def _told(act: str, template: CouponTemplate, member: Member, *, actor: str, **detail: str) -> dict[str, Any]:
    told = {"template": template.public_id, **{name: value for name, value in detail.items() if value}}
    return trail.document(act=act, actor=actor, subject=member.public_id, detail=told, member=member)


@transaction.atomic
def pass_on(*, coupon: Coupon, member: Member) -> Coupon:
    """Let go of a coupon that may be passed on: it gets a new code, and whoever opens the link with it has it.

    Raises `InvalidInput` (field `coupon`) for one that may not, or that is used, set aside or over.
    """
    own = Coupon.objects.select_for_update(of=("self",)).select_related("template", "batch").get(pk=coupon.pk)
    ends = own.ends_at is not None and own.ends_at <= clock.now()
    if own.member_id != member.pk or own.state != CouponState.ISSUED or ends:
        raise InvalidInput(_("This coupon can no longer be passed on."), field="coupon")
    if not own.template.is_transferable:
        raise InvalidInput(_("This coupon is for you alone and cannot be passed on."), field="coupon")
    own.member, own.number, own.code, own.key = None, None, new_code(), ""
    own.save(update_fields=["member", "number", "code", "key"])
    CouponMove.objects.create(coupon=own, act="passed_on", at=clock.now(), actor=member.public_id)
    detail = {"template": own.template.public_id, "coupon": own.public_id}
    trail.record(act="coupon.passed_on", actor=member.public_id, subject=member.public_id, detail=detail, member=member)
    return own


@transaction.atomic
def void(*, coupon: Coupon, reason: str, by: str) -> Coupon:
    """Declare one coupon void for good.

    Raises `InvalidInput` (`reason`; `coupon` for one that is used or over, or that a purchase is just being paid with).
    """
    words = plain_text(reason, field="reason", longest=200)
    own = Coupon.objects.select_for_update().get(pk=coupon.pk)
    if own.state not in (CouponState.ISSUED, CouponState.RESERVED):
        raise InvalidInput(_("Only a coupon that can still be used can be declared void."), field="coupon")
    if own.reserved_until is not None and own.reserved_until > clock.now():
        raise InvalidInput(
            _("It is set aside for another purchase that is just being paid. Please try again in a few minutes."),
            field="coupon",
        )
    own.state, own.number, own.reason = CouponState.VOID, None, words
    own.reserved_for, own.reserved_until = "", None
    own.save(update_fields=["state", "number", "reason", "reserved_for", "reserved_until"])
    CouponMove.objects.create(coupon=own, act="voided", at=clock.now(), actor=by[:80], reason=words)
    member = own.member
    trail.record(
        act="coupon.voided",
        actor=by,
        subject=member.public_id if member else own.public_id,
        detail={"template": own.template.public_id, "coupon": own.public_id, "reason": words},
        member=member,
    )
    return own


def reserve(*, codes: Sequence[str], holder: str, until: dt.datetime, member: Member | None) -> None:
    """Set coupons aside for a quote (its public id) that waits for a payment from outside, until an instant.

    Raises `InvalidInput` (field `coupons`) for a code that is none, `StaleQuote` where one was used or set aside
    meanwhile. Safe to repeat with the same holder.
    """
    named = read_named(codes, member=member, holder=holder)
    document = {
        "at": clock.now().isoformat(),
        "day": clock.today().isoformat(),
        "until": until.isoformat(),
        "holder": holder,
        "member": member.pk if member else None,
        "coupons": [{"coupon": one.public_id} for one in named],
    }
    try:
        with transaction.atomic():
            call("loyalty_reserve_coupons", document)
            outbox.wake_after_commit()
    except StaleQuote as refusal:
        raise StaleQuote(_("A coupon was used or set aside meanwhile. Please check the purchase.")) from refusal


def release(*, holder: str) -> None:
    """Let go what was set aside for a quote; nothing where nothing is."""
    call("loyalty_release_coupons", {"at": clock.now().isoformat(), "holder": holder})
