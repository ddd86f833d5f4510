"""Coupons at a purchase: reads the ones named, says which does not fit and why, and what each takes off each line."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Count, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars import clock, conditions
from regulars.errors import InvalidInput
from regulars.loyalty.coupons.codes import shown_code
from regulars.loyalty.coupons.models import Coupon, CouponKind, CouponState, CouponTemplate, Stacking
from regulars.loyalty.coupons.reading import CouponRefused, Held, read_named, wallet_of
from regulars.loyalty.coupons.reckoning import CouponLine, Terms, clash, reckon, spent_on
from regulars.money import format_money
from regulars.organisation.models import Branch
from regulars.organisation.selectors import open_branches, organisation
from regulars.people.models import Member
from regulars.words import in_language

__all__ = ["Applied", "CouponLine", "Fitting", "apply", "fitting", "why_not_to_be_had"]

MOST = 20
"""Coupons in one purchase."""


@dataclass(frozen=True, kw_only=True)
class Applied:
    """A coupon in a purchase: its public id, or that of the batch for a shared code that was not claimed before.

    `amount` and `by_line` in minor units, not below zero; `gift` is what is handed over beside, empty for none.
    """

    coupon: str
    code: str
    name: str
    amount: int
    by_line: tuple[int, ...]
    gift: str = ""


@dataclass(frozen=True, kw_only=True)
class Fitting:
    """A coupon of a member at this purchase: what it would take off by itself, or `why_not` in words."""

    coupon: str
    code: str
    name: str
    kind: str
    amount: int
    gift: str
    why_not: str
    ends_at: dt.datetime | None

    @property
    def fits(self) -> bool:
        """Whether it can be used now."""
        return not self.why_not


@dataclass(frozen=True, kw_only=True)
class Purchase:
    """Who buys what, where and when; `holder` is the quote for which coupons may be set aside."""

    member: Member | None
    branch: Branch
    terminal: str
    lines: Sequence[CouponLine]
    at: dt.datetime
    holder: str = ""


def apply(
    codes: Sequence[str],
    *,
    member: Member | None,
    branch: Branch,
    terminal: str,
    lines: Sequence[CouponLine],
    at: dt.datetime,
    holder: str = "",
) -> tuple[Applied, ...]:
    """What the coupons named (by code or public id) take off these lines, in the order in which they came.

    Raises `CouponRefused` for the first that cannot be used, or does not go together with those before it: what is
    left when each refused one is taken off is the same whoever asks, and in whatever order the refusals came.
    """
    if not codes:
        return ()
    if len(codes) > MOST:
        raise InvalidInput(_("At most %(most)s coupons fit in one purchase.") % {"most": MOST}, field="coupons")
    held = read_named(codes, member=member, holder=holder)
    purchase = Purchase(member=member, branch=branch, terminal=terminal, lines=lines, at=at, holder=holder)
    reasons = _reasons(held, purchase)
    for one, named, reason in zip(held, codes, reasons, strict=True):
        if reason:
            raise CouponRefused(_("Coupon %(coupon)s: %(why)s") % {"coupon": one.name, "why": reason}, coupon=named)
    terms = [terms_of(one.template) for one in held]
    if (odd := clash(terms)) is not None:
        raise CouponRefused(_words_of_clash(held[: odd + 1]), coupon=codes[odd])
    _check_day(held, codes, purchase)
    _check_member(held, codes, purchase)
    return tuple(
        Applied(
            coupon=one.public_id,
            code=shown_code(one.code),
            name=one.name,
            amount=sum(parts),
            by_line=parts,
            gift=one.name if one.template.kind == CouponKind.GIFT else "",
        )
        for one, parts in zip(held, reckon(terms, lines), strict=True)
    )


def fitting(
    *,
    member: Member,
    branch: Branch,
    terminal: str,
    lines: Sequence[CouponLine],
    at: dt.datetime,
    limit: int = 30,
) -> list[Fitting]:
    """The member's coupons at this purchase: first those that fit, those that take most off in front."""
    held = wallet_of(member, limit=limit)
    purchase = Purchase(member=member, branch=branch, terminal=terminal, lines=lines, at=at)
    found = []
    for one, reason in zip(held, _reasons(held, purchase), strict=True):
        amount = 0 if reason else sum(reckon([terms_of(one.template)], lines)[0])
        found.append(
            Fitting(
                coupon=one.public_id,
                code=shown_code(one.code),
                name=one.name,
                kind=one.template.kind,
                amount=amount,
                gift=one.name if one.template.kind == CouponKind.GIFT else "",
                why_not=reason,
                ends_at=one.coupon.ends_at if one.coupon else None,
            )
        )
    return sorted(found, key=lambda each: (bool(each.why_not), -each.amount))


def terms_of(template: CouponTemplate) -> Terms:
    """What a template promises, for the arithmetic."""
    return Terms(
        kind=template.kind,
        value=template.value,
        most_off=template.most_off,
        least_spend=template.least_spend,
        basis=template.basis,
        categories=template.categories,
        products=template.products,
        stacking=template.stacking,
        stacking_group=template.stacking_group,
        most_per_sale=template.most_per_sale,
        order=template.order,
    )


def why_not_here(template: CouponTemplate, purchase: Purchase) -> str:
    """Why coupons of a template would not fit a purchase, whoever buys; empty where they would."""
    return (
        _of_shared_code(Held(template=template, coupon=None, batch=None), purchase)
        or _of_place_and_time(template, purchase, {})
        or _of_basket(template, purchase)
    )


def _reasons(held: Sequence[Held], purchase: Purchase) -> list[str]:
    """Why each does not fit, in one query for all conditions; empty for those that do."""
    used = _used_today([one.template for one in held], purchase)
    found = [_of_itself(one, purchase) or _of_place_and_time(one.template, purchase, used) for one in held]
    wanted = [conditions.stored(one.template.condition) for one in held]
    facts = conditions.facts_of(purchase.member, *wanted)
    for index, (one, condition) in enumerate(zip(held, wanted, strict=True)):
        found[index] = found[index] or _of_person(one, condition, facts, purchase) or _of_basket(one.template, purchase)
    return found


def _of_itself(held: Held, purchase: Purchase) -> str:
    """Whether this very coupon can still be used."""
    coupon, at = held.coupon, purchase.at
    if coupon is None:
        return _of_shared_code(held, purchase)
    if coupon.state == CouponState.USED:
        return _("It was used already, on %(when)s.") % {"when": _day(coupon.used_at)}
    if coupon.state == CouponState.VOID:
        return _("It was declared void and cannot be used.")
    if coupon.state == CouponState.EXPIRED or (coupon.ends_at is not None and coupon.ends_at <= at):
        return _("It has expired; its last day was %(day)s.") % {"day": _day(last_instant(coupon.ends_at))}
    last = held.batch.claim_until if held.batch is not None and coupon.member_id is None else None
    if last is not None and last < clock.day_of(at):
        return _("It has expired; its last day was %(day)s.") % {"day": date_format(last, "DATE_FORMAT")}
    if coupon.starts_at is not None and coupon.starts_at > at:
        return _("It can be used from %(day)s on.") % {"day": _day(coupon.starts_at)}
    is_held = coupon.state == CouponState.RESERVED and coupon.reserved_until is not None and coupon.reserved_until > at
    if is_held and coupon.reserved_for != purchase.holder:
        return _("It is set aside for another purchase that is just being paid. Please try again in a few minutes.")
    is_of_another = coupon.member_id is not None and (purchase.member is None or coupon.member_id != purchase.member.pk)
    if is_of_another and not held.template.is_transferable:
        if purchase.member is None:
            return _("It belongs to a member. Add the member to the purchase first.")
        return _("It belongs to another member and cannot be passed on.")
    return ""


def _of_shared_code(held: Held, purchase: Purchase) -> str:
    """Whether a code that nobody has claimed can be used."""
    template, batch, today = held.template, held.batch, clock.day_of(purchase.at)
    if batch is not None and batch.voided_at is not None:
        return _("It was declared void and cannot be used.")
    if not template.is_active:
        return _("It is no longer in use.")
    ends = [day for day in (template.ends_on, batch.claim_until if batch else None) if day is not None]
    if ends and min(ends) < today:
        return _("It has expired; its last day was %(day)s.") % {"day": date_format(min(ends), "DATE_FORMAT")}
    if template.starts_on is not None and template.starts_on > today:
        return _("It can be used from %(day)s on.") % {"day": date_format(template.starts_on, "DATE_FORMAT")}
    if batch is not None and batch.most_claims is not None and batch.claimed >= batch.most_claims:
        return _("All of these were taken.")
    if template.most_total is not None and template.issued >= template.most_total:
        return _("All of these were taken.")
    return ""


def _of_place_and_time(template: CouponTemplate, purchase: Purchase, used: Mapping[int | None, int]) -> str:
    """Whether it can be used here and today, of which so many are `used` (by template)."""
    if template.branches and purchase.branch.public_id not in template.branches:
        places = _(", ").join(branch.name for branch in open_branches() if branch.public_id in template.branches)
        return _("It is for %(branches)s, not for here.") % {"branches": places or _("another branch")}
    if template.terminals and purchase.terminal not in template.terminals:
        return _("It is for other tills of this branch.")
    today = clock.day_of(purchase.at)
    if template.weekdays and today.weekday() not in template.weekdays:
        return _("It does not count on this weekday.")
    if is_excluded(template, today):
        return _("It does not count on %(day)s.") % {"day": date_format(today, "DATE_FORMAT")}
    if template.most_per_day is not None and used.get(template.pk, 0) >= template.most_per_day:
        return _("As many of these as one day allows were used today. Tomorrow it can be used again.")
    return ""


def _of_person(held: Held, condition: conditions.Condition, facts: conditions.Facts, purchase: Purchase) -> str:
    """Whether it is for whoever buys."""
    template = held.template
    is_asked = bool(template.condition) or template.most_per_member is not None
    if purchase.member is None:
        return _("It is for members. Add the member to the purchase first.") if is_asked else ""
    if template.condition and not condition.holds(facts):
        return _("For those of whom this holds: %(condition)s") % {"condition": condition.words()}
    most = template.most_per_member if _counts_as_had(held) else None
    if most is not None and _had(purchase, template) >= most:
        return _("This member has had as many of these as one member may have.")
    return ""


def _of_basket(template: CouponTemplate, purchase: Purchase) -> str:
    """Whether it is for what is bought, and enough is spent on that."""
    spent = spent_on(terms_of(template), purchase.lines)
    if spent is None:
        if any(line.is_spared and terms_of(template).covers(replace(line, is_spared=False)) for line in purchase.lines):
            return _("Coupons do not count on own prices here, and it is for nothing else in this purchase.")
        if template.categories:
            return _("Nothing in this purchase is what it is for: %(categories)s.") % {
                "categories": _(", ").join(template.categories)
            }
        return _("Nothing in this purchase is what it is for.")
    if spent < template.least_spend:
        currency = organisation().currency
        return _("It counts from %(least)s on; %(missing)s is missing.") % {
            "least": format_money(template.least_spend, currency),
            "missing": format_money(template.least_spend - spent, currency),
        }
    return ""


def _words_of_clash(held: Sequence[Held]) -> str:
    """Why the last of these does not go with those before it, which go together; and what would be right."""
    *others, one = held
    if one.template.stacking == Stacking.EXCLUSIVE:
        return _("Coupon %(coupon)s: It is used alone. Take the other coupons off, or this one.") % {"coupon": one.name}
    if others[0].template.stacking == Stacking.EXCLUSIVE:
        return _("Coupon %(coupon)s: %(other)s is used alone. Take that one off, or this one.") % {
            "coupon": one.name,
            "other": others[0].name,
        }
    most = min(
        each.template.most_per_sale for each in held if each.template.stacking_group == one.template.stacking_group
    )
    return ngettext(
        "Coupon %(coupon)s: At most %(most)s of this sort fits in one purchase. Take one off.",
        "Coupon %(coupon)s: At most %(most)s of this sort fit in one purchase. Take one off.",
        most,
    ) % {"coupon": one.name, "most": most}


def is_excluded(template: CouponTemplate, day: dt.date) -> bool:
    """Whether a day is one of those on which a template does not count."""
    told = day.isoformat()
    return any(
        first <= told <= last
        for first, last in ((each, each) if isinstance(each, str) else tuple(each) for each in template.excluded_days)
    )


def _counts_as_had(held: Held) -> bool:
    """Whether this is a code that nobody has claimed, which counts as had by the member who brings it."""
    return held.batch is not None and (held.coupon is None or held.coupon.member_id is None)


def _had(purchase: Purchase, template: CouponTemplate) -> int:
    """How many of a template the member has had, with the codes that are set aside for what they are just paying."""
    from regulars.sales.models import Quote

    had = Coupon.objects.filter(member=purchase.member, template=template, number__isnull=False).count()
    quotes = Quote.objects.filter(member=purchase.member).exclude(public_id=purchase.holder).values("public_id")
    held = Coupon.objects.filter(template=template, member=None, state=CouponState.RESERVED)
    return had + held.filter(reserved_until__gt=purchase.at, reserved_for__in=quotes).count()


def _used_today(templates: Sequence[CouponTemplate], purchase: Purchase) -> dict[int | None, int]:
    """How many were used on this day or are set aside for other purchases, of templates that have a most for a day.

    One question for all of them, none for none.
    """
    limited = {template.pk for template in templates if template.most_per_day is not None}
    if not limited:
        return {}
    used = Q(state=CouponState.USED, used_on=clock.day_of(purchase.at))
    aside = Q(state=CouponState.RESERVED, reserved_until__gt=purchase.at) & ~Q(reserved_for=purchase.holder)
    rows = Coupon.objects.filter(used | aside, template__in=limited)
    return dict(rows.order_by().values_list("template").annotate(Count("pk")))


def _check_day(held: Sequence[Held], codes: Sequence[str], purchase: Purchase) -> None:
    """Refuse the first that is one more of its sort than this day still allows beside those before it."""
    sorts = [one.template.pk for one in held]
    numbers = [sorts[: place + 1].count(sort) for place, sort in enumerate(sorts)]
    used = _used_today([one.template for one, number in zip(held, numbers, strict=True) if number > 1], purchase)
    for one, named, number in zip(held, codes, numbers, strict=True):
        most = one.template.most_per_day
        if number > 1 and most is not None and used.get(one.template.pk, 0) + number > most:
            why = _("It is one more of these than this day allows. Take one off; tomorrow it can be used.")
            raise CouponRefused(_("Coupon %(coupon)s: %(why)s") % {"coupon": one.name, "why": why}, coupon=named)


def _check_member(held: Sequence[Held], codes: Sequence[str], purchase: Purchase) -> None:
    """Refuse the first code that is one more of its sort than one member may have, beside those before it."""
    before, had = Counter[int | None](), dict[int | None, int]()
    for one, named in zip(held, codes, strict=True):
        template = one.template
        if not _counts_as_had(one) or template.most_per_member is None:
            continue
        before[template.pk] += 1
        number = before[template.pk]
        if number == 2:  # of the first it was asked by itself; once for all that follow
            had[template.pk] = _had(purchase, template)
        if number > 1 and had[template.pk] + number > template.most_per_member:
            why = _("It is one more of these than one member may have. Take one off.")
            raise CouponRefused(_("Coupon %(coupon)s: %(why)s") % {"coupon": one.name, "why": why}, coupon=named)


def last_instant(ends_at: dt.datetime | None) -> dt.datetime | None:
    """The last instant before an end."""
    return ends_at - dt.timedelta(microseconds=1) if ends_at is not None else None


def _day(instant: dt.datetime | None) -> str:
    return date_format(clock.day_of(instant), "DATE_FORMAT") if instant is not None else "—"


def name_of(template: CouponTemplate) -> str:
    """Its name in the reader's language."""
    return in_language(template.words)


def why_not_to_be_had(template: CouponTemplate, member: Member) -> str:
    """Why a member cannot have a coupon of a template, in words; empty where they can."""
    today = clock.today()
    if not template.is_active:
        return _("It is no longer in use.")
    if template.ends_on is not None and template.ends_on < today:
        return _("It has expired; its last day was %(day)s.") % {"day": date_format(template.ends_on, "DATE_FORMAT")}
    if template.condition:
        condition = conditions.stored(template.condition)
        if not condition.holds(conditions.facts_of(member, condition)):
            return _("For those of whom this holds: %(condition)s") % {"condition": condition.words()}
    return ""
