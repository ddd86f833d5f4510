"""What the owner sets about coupons: templates, their terms and limits. What is out keeps what it promised."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from regulars import clock, conditions
from regulars.errors import InvalidInput
from regulars.loyalty.coupons.models import (
    BY_ITSELF,
    MOST_COUPONS,
    MOST_DAYS,
    MOST_DAYS_AHEAD,
    MOST_PER_MEMBER,
    WHOLE,
    YEARLY,
    Basis,
    Coupon,
    CouponKind,
    CouponState,
    CouponTemplate,
    Occasion,
    Stacking,
)
from regulars.loyalty.coupons.selectors import BY_ITSELF_KEY
from regulars.loyalty.saving import figures, forget, words_by_language
from regulars.money import LARGEST_AMOUNT
from regulars.operations.trail import record
from regulars.organisation.models import Language
from regulars.text import plain_text

MOST_EXCLUDED = 60
MOST_NAMED = 40
PROMISED = (
    "kind",
    "value",
    "most_off",
    "least_spend",
    "basis",
    "categories",
    "products",
    "branches",
    "terminals",
    "weekdays",
    "condition",
    "is_transferable",
)
"""What coupons that are out keep as it was when they were given."""
AS_SAID = (
    "kind",
    "occasion",
    "value",
    "most_off",
    "least_spend",
    "basis",
    "starts_on",
    "ends_on",
    "days",
    "most_total",
    "most_per_member",
    "most_per_day",
    "is_transferable",
    "stacking",
    "most_per_sale",
    "order",
    "grace_days",
    "is_open",
    "is_given_by_itself",
    "is_active",
)
"""What is kept as it was said; the rest is cleaned first."""
Day = dt.date
Excluded = Sequence[Day | tuple[Day, Day]]


@dataclass(frozen=True, kw_only=True)
class TemplateTerms:
    """Everything an owner says about a coupon; see `CouponTemplate` for what each means."""

    kind: str
    words: Mapping[str, str]
    details: Mapping[str, str] = field(default_factory=dict)
    occasion: str = Occasion.NONE
    value: int = 0
    most_off: int | None = None
    least_spend: int = 0
    basis: str = Basis.DISCOUNTED
    categories: Collection[str] = ()
    products: Collection[str] = ()
    branches: Collection[str] = ()
    terminals: Collection[str] = ()
    condition: Any = None
    weekdays: Collection[int] = ()
    excluded_days: Excluded = ()
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    days: int | None = None
    most_total: int | None = None
    most_per_member: int | None = None
    most_per_day: int | None = None
    is_transferable: bool = False
    stacking: str = Stacking.EXCLUSIVE
    stacking_group: str = ""
    most_per_sale: int = 1
    order: int = 100
    grace_days: int = 7
    is_open: bool = False
    is_given_by_itself: bool = False
    days_ahead: int = 0
    idle_days: int | None = None
    again_days: int | None = None
    is_active: bool = True


@transaction.atomic
def save_template(*, terms: TemplateTerms, template: CouponTemplate | None = None, by: str = "") -> CouponTemplate:
    """Make a coupon or change it. Raises `InvalidInput` naming the field.

    What coupons that are out promise (`PROMISED`) stays: for other terms one makes another coupon from it.
    """
    template = CouponTemplate.objects.select_for_update().get(pk=template.pk) if template else CouponTemplate()
    before = figures(template)
    _check(terms)
    if before is None:
        template.made_at = clock.now()
    for name, value in _values(terms).items():
        if before is not None and name in PROMISED and before[name] != value and _are_out(template):
            raise InvalidInput(
                _("Coupons of this are out and keep what they promise. Make a new one from it for other terms."),
                field=name,
            )
        setattr(template, name, value)
    if template.most_total is not None:
        template.issued = Coupon.objects.filter(template=template).count() if template.pk else 0
        if template.issued > template.most_total:
            raise InvalidInput(
                _("%(issued)s are issued already. Enter at least as many.") % {"issued": template.issued},
                field="most_total",
            )
    template.save()
    forget(BY_ITSELF_KEY)
    record(act="coupon_template.saved", actor=by, subject=template.public_id, before=before, after=figures(template))
    return template


def drafted(terms: TemplateTerms) -> CouponTemplate:
    """The coupon as it would be, not saved. Raises `InvalidInput` as `save_template` does."""
    _check(terms)
    return CouponTemplate(made_at=clock.now(), **_values(terms))


def _are_out(template: CouponTemplate) -> bool:
    out = (CouponState.ISSUED, CouponState.RESERVED)
    return Coupon.objects.filter(template=template, state__in=out).exists() or (
        template.batches.exclude(code="").filter(voided_at=None).exists()
    )


def _values(terms: TemplateTerms) -> dict[str, Any]:
    """The columns, cleaned. Raises `InvalidInput`."""
    return {
        **{name: getattr(terms, name) for name in AS_SAID},
        "words": words_by_language(terms.words),
        "details": _details(terms.details),
        "categories": _named(terms.categories, "categories"),
        "products": sorted(set(terms.products)),
        "branches": sorted(set(terms.branches)),
        "terminals": sorted(set(terms.terminals)),
        "weekdays": sorted(set(terms.weekdays)),
        "excluded_days": _excluded(terms.excluded_days),
        "condition": conditions.parse(terms.condition).as_json(),
        "stacking_group": plain_text(terms.stacking_group, field="stacking_group", longest=40, required=False),
        **_of_occasion(terms),
    }


def _of_occasion(terms: TemplateTerms) -> dict[str, Any]:
    """When it is given by itself; what says nothing on this occasion is let go."""
    is_yearly = terms.is_given_by_itself and terms.occasion in YEARLY
    wakes = terms.is_given_by_itself and terms.occasion == Occasion.WAKE_UP
    return {
        "days_ahead": terms.days_ahead if is_yearly else 0,
        "idle_days": terms.idle_days if wakes else None,
        "again_days": terms.again_days if wakes else None,
    }


def _check(terms: TemplateTerms) -> None:
    if terms.kind not in CouponKind.values:
        raise InvalidInput(_("Choose what the coupon gives."), field="kind")
    if terms.kind == CouponKind.PERCENT:
        _within(terms.value, 1, WHOLE, "value", _("Enter a percentage from 0.01 to 100."))
    elif terms.kind == CouponKind.AMOUNT:
        _within(terms.value, 1, LARGEST_AMOUNT, "value", _("Enter an amount greater than zero."))
    elif terms.value:
        raise InvalidInput(_("Only an amount or a percentage has a value."), field="value")
    if terms.kind == CouponKind.SHIPPING and not (terms.categories or terms.products):
        raise InvalidInput(
            _("Say under which kind of goods delivery stands, so that the coupon takes off that and nothing else."),
            field="categories",
        )
    _within(terms.least_spend, 0, LARGEST_AMOUNT, "least_spend", _("Enter an amount, or leave it empty."))
    _within(terms.most_off, 1, LARGEST_AMOUNT, "most_off", _("Enter an amount greater than zero."))
    bounds: dict[str, tuple[int | None, int, int]] = {
        "days": (terms.days, 1, MOST_DAYS),
        "most_total": (terms.most_total, 1, MOST_COUPONS),
        "most_per_member": (terms.most_per_member, 1, MOST_PER_MEMBER),
        "most_per_day": (terms.most_per_day, 1, MOST_COUPONS),
        "most_per_sale": (terms.most_per_sale, 1, 20),
        "order": (terms.order, 1, 999),
        "grace_days": (terms.grace_days, 0, 366),
        "days_ahead": (terms.days_ahead, 0, MOST_DAYS_AHEAD),
        "idle_days": (terms.idle_days, 1, MOST_DAYS),
        "again_days": (terms.again_days, 1, MOST_DAYS),
    }
    for name, (value, least, most) in bounds.items():
        words = _("Enter a whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
        _within(value, least, most, name, words)
    if terms.is_given_by_itself:
        _check_occasion(terms)
    if terms.starts_on is not None and terms.ends_on is not None and terms.ends_on < terms.starts_on:
        raise InvalidInput(_("It ends before it begins. Choose a later day."), field="ends_on")
    if not set(terms.weekdays) <= set(range(7)):
        raise InvalidInput(_("Choose days of the week."), field="weekdays")


def _check_occasion(terms: TemplateTerms) -> None:
    if terms.occasion not in BY_ITSELF:
        listed = _(", ").join(str(Occasion(each).label) for each in BY_ITSELF)
        raise InvalidInput(
            _("Choose an occasion that comes by itself: %(occasions)s.") % {"occasions": listed}, field="occasion"
        )
    if terms.occasion == Occasion.WAKE_UP:
        if terms.idle_days is None:
            raise InvalidInput(_("Enter after how many days without a purchase it is given."), field="idle_days")
        if terms.again_days is None:
            raise InvalidInput(_("Enter after how many days one member can be given it again."), field="again_days")


def _within(value: int | None, least: int, most: int, name: str, words: str) -> None:
    if value is not None and not least <= value <= most:
        raise InvalidInput(words, field=name)


def _details(words: Mapping[str, str]) -> dict[str, str]:
    return {
        language: plain_text(words.get(language, ""), field="details", longest=300, required=False)
        for language in Language.values
    }


def _named(names: Collection[str], name: str) -> list[str]:
    cleaned = [plain_text(each, field=name, longest=40) for each in names if str(each).strip()]
    if len(cleaned) > MOST_NAMED:
        raise InvalidInput(_("At most %(most)s fit here.") % {"most": MOST_NAMED}, field=name)
    return sorted({each.casefold(): each for each in cleaned}.values(), key=str.casefold)


def _excluded(days: Excluded) -> list[Any]:
    if len(days) > MOST_EXCLUDED:
        raise InvalidInput(_("At most %(most)s fit here.") % {"most": MOST_EXCLUDED}, field="excluded_days")
    written: list[Any] = []
    for each in days:
        first, last = each if isinstance(each, tuple) else (each, each)
        if last < first:
            raise InvalidInput(_("It ends before it begins. Choose a later day."), field="excluded_days")
        written.append(first.isoformat() if first == last else [first.isoformat(), last.isoformat()])
    return sorted(written, key=str)
