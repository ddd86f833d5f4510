"""Which coupons want somebody's eye: those nearly gone, and those that end soon while many still have them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.core.cache import cache
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from regulars import clock
from regulars.loyalty.coupons.models import Coupon, CouponBatch, CouponState, CouponTemplate
from regulars.loyalty.coupons.selectors import Outcome

SOON = dt.timedelta(days=7)
TENTHS = 9
"""So many tenths of what there is are gone: then it is nearly gone."""


WAITING_KEY = "loyalty.coupons.waiting"
WAITING_SECONDS = 60
"""The first page asks every few seconds, and hours are soon enough."""


def waiting() -> tuple[int, int]:
    """How many coupons are nearly gone, and how many end soon unused; kept in this business's cache for a minute."""
    found: tuple[int, int] | None = cache.get(WAITING_KEY)
    if found is None:
        found = nearly_gone().count(), ending_unused().count()
        cache.set(WAITING_KEY, found, WAITING_SECONDS)
    return found


def nearly_gone() -> QuerySet[CouponTemplate]:
    """Coupons in use of which, or of a shared code of which, nine tenths are gone and the last is not."""
    own = Q(ten_times__gte=F("most_total") * TENTHS, issued__lt=F("most_total"))
    batches = _codes_nearly_gone().filter(template=OuterRef("pk"))
    return _in_use().alias(ten_times=F("issued") * 10).filter(own | Exists(batches))


def ending_unused() -> QuerySet[CouponTemplate]:
    """Coupons in use whose last day lies within a week, and that somebody has and has not used."""
    unused = Coupon.objects.filter(template=OuterRef("pk"), state=CouponState.ISSUED, member__isnull=False)
    return _in_use().filter(ends_on__lt=clock.today() + SOON).filter(Exists(unused))


def notes(outcomes: Mapping[int, Outcome]) -> dict[int, list[str]]:
    """What to say beside each of these coupons, by its database id, with what came of all coupons."""
    found: dict[int, list[str]] = {}
    for template in nearly_gone():
        most = template.most_total
        if most is not None and most * TENTHS <= template.issued * 10 < most * 10:
            said = _("Nearly gone: %(had)s of %(most)s.") % {"had": template.issued, "most": most}
            found.setdefault(template.pk, []).append(said)
    for batch in _codes_nearly_gone():
        words = {"code": batch.code, "had": batch.claimed, "most": batch.most_claims}
        said = _("Code %(code)s is nearly gone: %(had)s of %(most)s.") % words
        found.setdefault(batch.template_id, []).append(said)
    for template in ending_unused():
        said = _("Ends on %(day)s: %(count)s not used yet.") % {
            "day": date_format(template.ends_on or clock.today(), "DATE_FORMAT"),
            "count": outcomes.get(template.pk, Outcome()).open,
        }
        found.setdefault(template.pk, []).append(said)
    return found


def _in_use() -> QuerySet[CouponTemplate]:
    return CouponTemplate.objects.filter(Q(ends_on=None) | Q(ends_on__gte=clock.today()), is_active=True)


def _codes_nearly_gone() -> QuerySet[CouponBatch]:
    near = Q(ten_times__gte=F("most_claims") * TENTHS, claimed__lt=F("most_claims"))
    is_open = Q(claim_until=None) | Q(claim_until__gte=clock.today())
    batches = CouponBatch.objects.alias(ten_times=F("claimed") * 10)
    return batches.filter(near, is_open, voided_at=None, template__is_active=True)
