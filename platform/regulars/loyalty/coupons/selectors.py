"""Questions about coupons: the wallet of a member, what lies open, and what came of templates and batches."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Sum, When
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from regulars import clock, conditions
from regulars.errors import NotFound
from regulars.loyalty.coupons.applying import last_instant
from regulars.loyalty.coupons.codes import looks_like_code, plain_code, read_code, shown_code
from regulars.loyalty.coupons.models import Coupon, CouponBatch, CouponMove, CouponState, CouponTemplate
from regulars.money import to_decimal
from regulars.organisation.scope import WHOLE, Scope
from regulars.people.models import Member

MOST_ROWS = 100_000
BY_ITSELF_KEY = "loyalty.coupons.by_itself"
BY_ITSELF_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of coupons: how many there are, how many have an owner, were used, expired or are void.

    `value` is what they took off and `revenue` what was bought with them after that and after refunds, minor units.
    """

    issued: int = 0
    claimed: int = 0
    used: int = 0
    expired: int = 0
    void: int = 0
    value: int = 0
    revenue: int = 0

    @property
    def open(self) -> int:
        """How many can still be used."""
        return self.issued - self.used - self.expired - self.void

    @property
    def share_used(self) -> int:
        """How many of a hundred were used."""
        return 100 * self.used // self.issued if self.issued else 0


OUTCOME = {
    "issued": Count("pk"),
    "claimed": Count("pk", filter=Q(member__isnull=False)),
    "used": Count("pk", filter=Q(state=CouponState.USED)),
    "expired": Count("pk", filter=Q(state=CouponState.EXPIRED)),
    "void": Count("pk", filter=Q(state=CouponState.VOID)),
}
TAKEN = {"value": Sum("amount"), "revenue": Sum(F("sale__total") - F("sale__refunded_total"))}


def outcome_of(template: CouponTemplate, batch: CouponBatch | None = None, *, scope: Scope = WHOLE) -> Outcome:
    """What became of the coupons of a template, or of one batch of it; amounts of the branches in scope only."""
    found = Coupon.objects.filter(template=template, **({"batch": batch} if batch else {}))
    taken = scope.limit(found.filter(state=CouponState.USED), "sale__branch").aggregate(**TAKEN)
    return Outcome(**found.aggregate(**OUTCOME), **{name: int(value or 0) for name, value in taken.items()})


def outcomes(*, scope: Scope = WHOLE) -> dict[int, Outcome]:
    """What became of the coupons of every template, by its database id, in two questions."""
    counted = Coupon.objects.order_by().values_list("template").annotate(**OUTCOME)
    used = scope.limit(Coupon.objects.filter(state=CouponState.USED), "sale__branch")
    taken = {row[0]: row[1:] for row in used.order_by().values_list("template").annotate(**TAKEN)}
    found = {}
    for template, *counts in counted:
        value, revenue = taken.get(template, (0, 0))
        figures = dict(zip(OUTCOME, counts, strict=True))
        found[template] = Outcome(**figures, value=int(value or 0), revenue=int(revenue or 0))
    return found


def template_by_public_id(public_id: str) -> CouponTemplate:
    """Raises `NotFound`."""
    found = CouponTemplate.objects.filter(public_id=public_id[:40]).first()
    if found is None:
        raise NotFound
    return found


def batch_by_public_id(public_id: str) -> CouponBatch:
    """Raises `NotFound`."""
    found = CouponBatch.objects.select_related("template").filter(public_id=public_id[:40]).first()
    if found is None:
        raise NotFound
    return found


def coupon_by_public_id(public_id: str) -> Coupon:
    """Raises `NotFound`."""
    found = coupons().filter(public_id=public_id[:40]).first()
    if found is None:
        raise NotFound
    return found


def template_of_code(code: str) -> CouponTemplate:
    """What a code can be claimed for. Raises `NotFound` for one that is over or no code, `InvalidInput` if mistyped."""
    if looks_like_code(code):
        named = coupons().filter(code=read_code(code), member=None, state=CouponState.ISSUED).first()
        if named is not None:
            return named.template
        raise NotFound
    batch = CouponBatch.objects.select_related("template").exclude(code="").filter(code=plain_code(code)[:24]).first()
    if batch is None or batch.voided_at is not None or not batch.template.is_active:
        raise NotFound
    return batch.template


def by_themselves(occasion: str, *, on: dt.date) -> list[CouponTemplate]:
    """Templates given by themselves on an occasion that can still be used on a day; kept in this business's cache."""
    found: list[CouponTemplate] | None = cache.get(BY_ITSELF_KEY)
    if found is None:
        found = list(CouponTemplate.objects.filter(is_active=True, is_given_by_itself=True).order_by("pk"))
        cache.set(BY_ITSELF_KEY, found, BY_ITSELF_SECONDS)
    return [one for one in found if one.occasion == occasion and (one.ends_on is None or one.ends_on >= on)]


def coupons() -> QuerySet[Coupon]:
    """All coupons with what their pages show."""
    return Coupon.objects.select_related("template", "batch", "member", "sale")


def coupons_of(member: Member, *, limit: int = 50) -> Sequence[Coupon]:
    """A member's coupons: those that can be used first, what ends first in front; then the newest of the others."""
    is_open = Q(state__in=(CouponState.ISSUED, CouponState.RESERVED))
    first = Case(When(is_open, then=0), default=1, output_field=IntegerField())
    ends = Case(When(is_open, then=F("ends_at")))
    return list(coupons().filter(member=member).order_by(first, ends.asc(nulls_last=True), "-pk")[:limit])


def can_be_used(coupon: Coupon) -> bool:
    """Whether a coupon is good now, for some purchase."""
    now = clock.now()
    is_due = (coupon.starts_at is None or coupon.starts_at <= now) and (coupon.ends_at is None or coupon.ends_at > now)
    return is_due and coupon.state in (CouponState.ISSUED, CouponState.RESERVED)


def count_usable(member: Member) -> int:
    """How many coupons a member can use now."""
    now = clock.now()
    found = Coupon.objects.filter(member=member, state=CouponState.ISSUED)
    return found.filter(Q(ends_at=None) | Q(ends_at__gt=now), Q(starts_at=None) | Q(starts_at__lte=now)).count()


def code_of(coupon: Coupon) -> str:
    """The code by which a coupon is used, as it is shown: its own, else the one it shares."""
    return shown_code(coupon.code or (coupon.batch.code if coupon.batch else ""))


def last_day_of(coupon: Coupon) -> dt.date | None:
    """The last day on which a coupon can be used, None where there is none."""
    last = last_instant(coupon.ends_at)
    return clock.day_of(last) if last is not None else None


def open_to(member: Member) -> list[CouponTemplate]:
    """What lies open in the portal for this member to take."""
    today = clock.today()
    found = list(
        CouponTemplate.objects.filter(is_active=True, is_open=True)
        .filter(Q(ends_on=None) | Q(ends_on__gte=today))
        .filter(Q(most_total=None) | Q(issued__lt=F("most_total")))
        .order_by("-pk")[:30]
    )
    if not found:
        return []
    wanted = {one.pk: conditions.stored(one.condition) for one in found}
    facts = conditions.facts_of(member, *wanted.values())
    rows = Coupon.objects.filter(member=member, template__in=found, number__isnull=False)
    had = dict(rows.order_by().values_list("template").annotate(Count("pk")))
    return [
        one
        for one in found
        if wanted[one.pk].holds(facts) and (one.most_per_member is None or had.get(one.pk, 0) < one.most_per_member)
    ]


def history_of(coupon: Coupon) -> list[CouponMove]:
    """What happened to a coupon, oldest first."""
    return list(coupon.moves.select_related("sale").order_by("pk"))


def sheet(batch: CouponBatch, currency: str) -> tuple[str, int]:
    """The codes of a batch as CSV, and how many; no names: who has one is a public id."""
    file = io.StringIO()
    writer = csv.writer(file)
    head = (_("Coupon code"), _("State"), _("Issued"), _("Until"), _("Member"), _("Used"), _("Receipt"), _("Taken off"))
    writer.writerow(head)
    rows = list(coupons().filter(template=batch.template_id, batch=batch).order_by("pk")[:MOST_ROWS])
    for one in rows:
        last = last_day_of(one)
        cells = (
            code_of(one),
            one.get_state_display(),
            localtime(one.issued_at).strftime("%Y-%m-%d %H:%M"),
            last.isoformat() if last else "",
            one.member.public_id if one.member else "",
            localtime(one.used_at).strftime("%Y-%m-%d %H:%M") if one.used_at else "",
            one.sale.number if one.sale else "",
            to_decimal(one.amount, currency) if one.state == CouponState.USED else "",
        )
        writer.writerow([_cell(cell) for cell in cells])
    return "\ufeff" + file.getvalue(), len(rows)


def _cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if str(value)[:1] in "=+-@\t\r" else value
