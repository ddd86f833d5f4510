"""A coupon in words that everybody understands: what it gives, what one must know, until when it can be used."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from babel.dates import get_day_names
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars import clock, conditions
from regulars.loyalty.coupons.applying import last_instant
from regulars.loyalty.coupons.models import Basis, Coupon, CouponKind, CouponTemplate, Occasion, Origin, Stacking
from regulars.money import babel_locale, format_money, percent
from regulars.organisation.models import Staff
from regulars.organisation.selectors import open_branches, organisation


def gives(template: CouponTemplate) -> str:
    """What it gives, in as few words as fit on a ticket."""
    if template.kind == CouponKind.AMOUNT:
        return _("%(amount)s off") % {"amount": _money(template.value)}
    if template.kind == CouponKind.PERCENT:
        return _("%(percent)s%% off") % {"percent": percent(template.value)}
    return str(CouponKind(template.kind).label)


def sentence(template: CouponTemplate) -> str:
    """What it gives and from when on, as one line for a list."""
    if template.least_spend:
        return _("%(gives)s from %(least)s on") % {"gives": gives(template), "least": _money(template.least_spend)}
    return gives(template)


def terms(template: CouponTemplate) -> list[str]:
    """What one should know to use it, each as a sentence."""
    found = [*_of_amounts(template), *_of_place(template), *_of_days(template)]
    if template.stacking == Stacking.EXCLUSIVE:
        found.append(_("Cannot be combined with other coupons."))
    if template.is_transferable:
        found.append(_("May be passed on."))
    return found


def terms_for_office(template: CouponTemplate) -> list[str]:
    """The same, with for whom it is and how many there are."""
    found = terms(template)
    if template.is_given_by_itself:
        found.append(given_when(template))
    if template.condition:
        condition = conditions.stored(template.condition)
        found.append(_("For those of whom this holds: %(condition)s") % {"condition": condition.words()})
    if template.most_total is not None:
        found.append(
            ngettext("%(most)s in all.", "%(most)s in all.", template.most_total) % {"most": template.most_total}
        )
    if template.most_per_member is not None:
        found.append(_("At most %(most)s for one member.") % {"most": template.most_per_member})
    if template.most_per_day is not None:
        found.append(_("At most %(most)s used on one day.") % {"most": template.most_per_day})
    return found


def given_when(template: CouponTemplate) -> str:
    """On which occasion it is given by itself, of one that is."""
    if template.occasion == Occasion.WAKE_UP:
        return _(
            "Given by itself to members who have bought nothing for %(days)s days, to one not again for %(again)s days."
        ) % {"days": template.idle_days, "again": template.again_days}
    if template.occasion == Occasion.WELCOME:
        return _("Given by itself to whoever joins.")
    days = template.days_ahead
    if template.occasion == Occasion.BIRTHDAY:
        ahead = ngettext(
            "Given by itself %(days)s day before the birthday, once a year.",
            "Given by itself %(days)s days before the birthday, once a year.",
            days,
        )
        return ahead % {"days": days} if days else _("Given by itself on the birthday, once a year.")
    ahead = ngettext(
        "Given by itself %(days)s day before the anniversary of joining.",
        "Given by itself %(days)s days before the anniversary of joining.",
        days,
    )
    return ahead % {"days": days} if days else _("Given by itself on the anniversary of joining.")


def _of_amounts(template: CouponTemplate) -> list[str]:
    found = []
    if template.least_spend:
        words = _("From a spending of %(least)s.")
        if template.basis == Basis.INITIAL:
            words = _("From a spending of %(least)s at list price.")
        found.append(words % {"least": _money(template.least_spend)})
    if template.most_off is not None:
        found.append(_("At most %(most)s off.") % {"most": _money(template.most_off)})
    if template.categories:
        found.append(_("For: %(categories)s.") % {"categories": _(", ").join(template.categories)})
    elif template.products:
        found.append(_("For selected goods."))
    return found


def _of_place(template: CouponTemplate) -> list[str]:
    if not template.branches:
        return []
    names = [branch.name for branch in open_branches() if branch.public_id in template.branches]
    return [_("At %(branches)s.") % {"branches": _(", ").join(names) or "—"}]


def _of_days(template: CouponTemplate) -> list[str]:
    found = []
    if template.weekdays:
        names = get_day_names("wide", locale=babel_locale())
        days = _(", ").join(names[day] for day in template.weekdays)
        found.append(_("Only on %(days)s.") % {"days": days})
    if template.excluded_days:
        shown = _(", ").join(_span(each) for each in template.excluded_days[:6])
        found.append(_("Not on %(days)s.") % {"days": shown})
    return found


def _span(each: str | list[str]) -> str:
    first, last = (each, each) if isinstance(each, str) else each
    said = date_format(dt.date.fromisoformat(first), "SHORT_DATE_FORMAT")
    if first == last:
        return said
    return f"{said} – {date_format(dt.date.fromisoformat(last), 'SHORT_DATE_FORMAT')}"


def when(template: CouponTemplate) -> str:
    """In which time it can be used, of a coupon that nobody has yet."""
    if template.days is not None:
        within = ngettext("%(days)s day from receipt", "%(days)s days from receipt", template.days) % {
            "days": template.days
        }
        if template.ends_on is None:
            return within
        return _("%(within)s, until %(day)s at the latest") % {"within": within, "day": _day(template.ends_on)}
    if template.starts_on is not None and template.ends_on is not None:
        return _("%(first)s to %(last)s") % {"first": _day(template.starts_on), "last": _day(template.ends_on)}
    if template.ends_on is not None:
        return _("until %(day)s") % {"day": _day(template.ends_on)}
    if template.starts_on is not None:
        return _("from %(day)s on") % {"day": _day(template.starts_on)}
    return _("without end")


def came_by(coupons: Sequence[Coupon]) -> list[str]:
    """How each of these came to its owner: by which way, on which occasion or of which batch, by whom on the team."""
    staff = {one.given_by for one in coupons if one.given_by}
    names = dict(Staff.objects.filter(public_id__in=staff).values_list("public_id", "name")) if staff else {}
    found = []
    for one in coupons:
        is_of_occasion = one.origin in (Origin.OCCASION, Origin.JOINING)
        told = [
            str(Occasion(one.template.occasion).label) if is_of_occasion and one.template.occasion else "",
            str(one.batch or ""),
            names.get(one.given_by, ""),
        ]
        way, rest = str(Origin(one.origin).label), _(", ").join(part for part in told if part)
        found.append(_("%(way)s: %(told)s") % {"way": way, "told": rest} if rest else way)
    return found


def until(ends_at: dt.datetime | None) -> str:
    """Until which day a coupon of somebody can be used."""
    last = last_instant(ends_at)
    return _("until %(day)s") % {"day": _day(clock.day_of(last))} if last is not None else _("without end")


def _day(day: dt.date) -> str:
    return date_format(day, "DATE_FORMAT")


def _money(minor: int) -> str:
    currency = organisation().currency
    return format_money(minor, currency).removesuffix(".00")
