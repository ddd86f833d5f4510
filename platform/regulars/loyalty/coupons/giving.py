"""A coupon for many members at once, in as few statements as can be; and taking those back that nobody has used.

What the nights give on an occasion goes the same way. Its key names the template, the occasion and the member, and the
database has each key once: however often a night is done, and by however many workers, nobody is given it twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Count, Max
from django.utils.translation import gettext as _

from regulars import clock, conditions
from regulars.errors import InvalidInput
from regulars.loyalty.coupons.codes import new_code
from regulars.loyalty.coupons.models import Coupon, CouponMove, CouponState, CouponTemplate, Origin
from regulars.loyalty.coupons.services import window
from regulars.loyalty.coupons.telling import tell
from regulars.operations import trail


@transaction.atomic
def give_on_occasion(
    *, template: CouponTemplate, members: Sequence[int], key: str, not_since: dt.datetime
) -> list[int]:
    """Give a coupon to those of these members (by database id) whom it is for, once for the occasion in the key.

    Who was given one of it by itself since `not_since` is passed over. Each is told. Returns the coupons, by database
    id. Raises as `give_many` does.
    """
    if not CouponTemplate.objects.filter(pk=template.pk, is_active=True, is_given_by_itself=True).exists():
        return []
    lately = Coupon.objects.filter(template=template, member__in=members, issued_at__gte=not_since)
    had = set(lately.filter(origin=Origin.OCCASION).values_list("member", flat=True))
    condition = conditions.stored(template.condition)
    facts = conditions.facts_of_many(members, condition) if template.condition else {}
    is_for = {one for one in members if not template.condition or (one in facts and condition.holds(facts[one]))} - had
    meant = [one for one in members if one in is_for]
    given = give_many(template=template, members=meant, key=key, by="", origin=Origin.OCCASION)
    tell(given)
    return given


def give_many(
    *, template: CouponTemplate, members: Sequence[int], key: str, by: str, origin: str = Origin.STAFF
) -> list[int]:
    """Give each of these members (by database id) one; returns the new coupons, by database id. Nobody is told.

    The trail has an entry for each member.

    Whoever has as many as one may, and all after the last one that may be issued, are passed over. What was given with
    the same `key` before is not given again. Runs within the caller's transaction, under the lock of the template.
    """
    locked = CouponTemplate.objects.select_for_update(no_key=True).get(pk=template.pk)
    if not locked.is_active:
        raise InvalidInput(_("%(coupon)s is not in use.") % {"coupon": locked}, field="template")
    known = set(Coupon.objects.filter(key__in=[f"{key}:{one}" for one in members]).values_list("key", flat=True))
    rows = Coupon.objects.filter(member__in=members, template=locked).order_by().values_list("member")
    had = {member: (count, top) for member, count, top in rows.annotate(Count("number"), Max("number"))}
    wanted = [one for one in members if f"{key}:{one}" not in known and _may(locked, had.get(one, (0, None))[0])]
    if locked.most_total is not None:
        wanted = wanted[: max(0, locked.most_total - locked.issued)]
    now, (starts, ends) = clock.now(), window(locked, received=clock.today())
    made = [
        Coupon(
            template=locked,
            member_id=one,
            number=(had.get(one, (0, None))[1] or 0) + 1,
            code=new_code(),
            key=f"{key}:{one}",
            origin=origin,
            issued_at=now,
            claimed_at=now,
            starts_at=starts,
            ends_at=ends,
            given_by=by[:80],
        )
        for one in wanted
    ]
    Coupon.objects.bulk_create(made, ignore_conflicts=True)
    given = list(Coupon.objects.select_related("template", "member").filter(key__in=[one.key for one in made]))
    _record("coupon.given", given, by=by)
    if locked.most_total is not None:
        locked.issued += len(given)
        locked.save(update_fields=["issued"])
    return [one.pk for one in given]


def take_back(*, coupons: Sequence[int], by: str) -> int:
    """Declare those of these coupons void that nobody has used; returns how many."""
    rows = Coupon.objects.select_related("template", "member").filter(pk__in=coupons, state=CouponState.ISSUED)
    open_ones = list(rows.select_for_update(of=("self",)).order_by("pk"))
    Coupon.objects.filter(pk__in=[one.pk for one in open_ones]).update(state=CouponState.VOID, number=None)
    now = clock.now()
    CouponMove.objects.bulk_create(CouponMove(coupon=one, act="voided", at=now, actor=by[:80]) for one in open_ones)
    _record("coupon.voided", open_ones, by=by)
    return len(open_ones)


def _record(act: str, coupons: Sequence[Coupon], *, by: str) -> None:
    """An entry of the trail for each, about the member whose it is, with the occasion where it came by itself."""
    trail.record_many(
        {
            "act": act,
            "actor": by,
            "subject": one.member.public_id if one.member else one.public_id,
            "detail": {
                "template": one.template.public_id,
                "coupon": one.public_id,
                **({"occasion": one.template.occasion} if one.origin == Origin.OCCASION else {}),
            },
            "member": one.member,
        }
        for one in coupons
    )


def _may(template: CouponTemplate, had: int) -> bool:
    return template.most_per_member is None or had < template.most_per_member
