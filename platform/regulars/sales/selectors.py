"""Questions about sales: the newest, one member's, one receipt, and what a refund would do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from regulars import clock
from regulars.asked_often import AskedOften
from regulars.errors import NotFound
from regulars.ledger.selectors import POINTS
from regulars.organisation.models import Branch
from regulars.people.models import Member
from regulars.sales.models import Quote, Sale, SaleLine
from regulars.sales.undoing import undoing_of

QUOTE = AskedOften(Quote.objects.all, by="public_id")
QUOTE_WITH_MEMBER = AskedOften(lambda: Quote.objects.select_related("branch", "member__standing__tier"), by="public_id")


@dataclass(frozen=True, kw_only=True)
class RefundPreview:
    """What a refund would give back and take back: minor units and points; `lines` only where lines were chosen.

    `paid_back` is the money that the customer gets; it is less than the `amount` where points that are spent already
    are charged. `notes` say what becomes of such points, in the reader's language. `points_given_back` are those that
    the sale was paid with, `coupons_given_back` the names of the coupons that the member has again.
    """

    amount: int
    paid_back: int
    points_taken_back: int
    points_given_back: int
    left_after: int
    notes: tuple[str, ...] = ()
    lines: tuple[tuple[SaleLine, int], ...] = ()
    coupons_given_back: tuple[str, ...] = ()


def quote_by_public_id(public_id: str, *, with_member: bool = True) -> Quote:
    """One quote with its branch and member; bare for who only confirms it. Raises `NotFound`."""
    found = (QUOTE_WITH_MEMBER if with_member else QUOTE).first(public_id[:40])
    if found is None:
        raise NotFound
    return found


def sale_by_public_id(public_id: str) -> Sale:
    """One sale with member, branch, lines and refunds. Raises `NotFound`."""
    found = (
        Sale.objects.select_related("member__standing__tier", "branch", "cashier", "terminal")
        .prefetch_related("lines", "refunds")
        .filter(public_id=public_id[:40])
        .first()
    )
    if found is None:
        raise NotFound
    return found


def newest_sales(*, branch: Branch | None = None, limit: int = 20) -> list[Sale]:
    """The newest sales, of one branch or of all."""
    sales = Sale.objects.select_related("member", "branch", "cashier")
    if branch is not None:
        sales = sales.filter(branch=branch)
    return list(sales.order_by("-confirmed_at", "-id")[:limit])


def sales_of(member: Member, *, limit: int = 50) -> list[Sale]:
    """A member's newest sales with their lines and refunds."""
    return list(
        Sale.objects.select_related("branch")
        .prefetch_related("lines", "refunds")
        .filter(member=member)
        .order_by("-confirmed_at", "-id")[:limit]
    )


def refund_preview(sale: Sale, amount: int | None, lines: Mapping[int, int] | None = None) -> RefundPreview:
    """What a refund of `amount` (None: all that is left), or of `lines` (amounts by position), would do.

    Raises `InvalidInput` as the refund itself would.
    """
    undoing = undoing_of(sale, amount, lines)
    parts = lines or {}
    return RefundPreview(
        amount=undoing.amount,
        paid_back=undoing.paid_back,
        points_taken_back=undoing.points_taken_back,
        points_given_back=sum(part.units for part in undoing.payments if part.payment.asset == POINTS),
        left_after=sale.total - undoing.refunded_after,
        notes=tuple(undoing.spent.sentences(sale.currency)),
        lines=tuple((line, parts[line.position]) for line in sale.lines.all() if parts.get(line.position)),
        coupons_given_back=_coupons_back(sale) if undoing.refunded_after == sale.total else (),
    )


def _coupons_back(sale: Sale) -> tuple[str, ...]:
    """The coupons that a whole refund gives back: what is over stays over, but for its days of grace."""
    used = sale.coupons.filter(state="used", batch__voided_at=None).select_related("template").order_by("pk")
    return tuple(
        str(coupon.template)
        for coupon in used
        if (coupon.member_id or coupon.code)
        and (
            coupon.ends_at is None
            or coupon.ends_at + dt.timedelta(days=0 if coupon.is_extended else coupon.template.grace_days) > clock.now()
        )
    )
