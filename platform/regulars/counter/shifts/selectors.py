"""Questions about shifts: which one is open at a till, and what its drawer should hold."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from regulars.counter.models import Shift, TillRefund
from regulars.errors import NotFound
from regulars.organisation.models import Branch, Terminal
from regulars.sales.models import Refund, Sale, SalePayment
from regulars.sales.paying import CASH

WITH_PEOPLE = ("branch", "terminal", "opened_by", "closed_by")


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What happened at a till in a time; minor units. `sources` are amounts of sales by the way of paying."""

    opening_float: int
    sales: int
    sold: int
    refunds: int
    given_back: int
    sources: dict[str, int]
    cash_given_back: int
    paid_in: int
    paid_out: int

    @property
    def cash_sold(self) -> int:
        """What of the sales was paid in cash."""
        return self.sources.get(CASH, 0)

    @property
    def expected(self) -> int:
        """What the drawer should hold."""
        return self.opening_float + self.cash_sold - self.cash_given_back + self.paid_in - self.paid_out

    def as_json(self) -> dict[str, Any]:
        """As a shift keeps them."""
        return asdict(self)


def shift_at(branch: Branch, terminal: Terminal | None) -> Shift | None:
    """The open shift of a till, or of a branch without tills; None for none."""
    return Shift.objects.select_related(*WITH_PEOPLE).filter(_here(branch, terminal), closed_at=None).first()


def last_shift_at(branch: Branch, terminal: Terminal | None) -> Shift | None:
    """The newest shift of a till that was counted, None for none."""
    closed = Shift.objects.select_related(*WITH_PEOPLE).filter(_here(branch, terminal), closed_at__isnull=False)
    return closed.order_by("-id").first()


def shift_by_public_id(public_id: str) -> Shift:
    """One shift with its till and people. Raises `NotFound`."""
    found = Shift.objects.select_related(*WITH_PEOPLE).filter(public_id=public_id[:40]).first()
    if found is None:
        raise NotFound
    return found


def figures_kept(shift: Shift) -> Figures:
    """What was true when a shift was closed; of an open one, what is true now."""
    return Figures(**shift.figures) if shift.figures else figures_of(shift)


def figures_of(shift: Shift, *, until: dt.datetime | None = None) -> Figures:
    """What happened at the shift's till since it was opened, until it was closed or (instant) `until`."""
    sold, returned = _sales_of(shift, until), _refunds_of(shift, until)
    moved = shift.movements.aggregate(
        paid_in=Sum("amount", filter=Q(amount__gt=0), default=0), out=Sum("amount", filter=Q(amount__lt=0), default=0)
    )
    sources = _sources(sold)
    return Figures(
        opening_float=shift.opening_float,
        sales=sold.count(),
        sold=sum(sources.values()),
        refunds=returned.count(),
        given_back=sum(refund.paid_back for refund in returned),
        sources=sources,
        cash_given_back=sum(_cash_back(refund) for refund in returned),
        paid_in=moved["paid_in"],
        paid_out=-moved["out"],
    )


def _sales_of(shift: Shift, until: dt.datetime | None) -> QuerySet[Sale]:
    sales = Sale.objects.filter(_here(shift.branch, shift.terminal), confirmed_at__gte=shift.opened_at)
    return _before(sales, "confirmed_at", until or shift.closed_at)


def _sources(sold: QuerySet[Sale]) -> dict[str, int]:
    """What was paid with what: by the rows of sales that were paid in several ways, else by the sale's own."""
    parts = SalePayment.objects.filter(sale__in=sold.order_by().values("pk"))
    found: Counter[str] = Counter()
    for source, paid in parts.order_by().values_list("source").annotate(paid=Sum("amount")):
        found[source] += paid
    whole = sold.filter(~Exists(SalePayment.objects.filter(sale=OuterRef("pk"))))
    for source, paid in whole.order_by().values_list("payment_source").annotate(paid=Sum("total")):
        found[source] += paid
    return dict(found)


def _cash_back(refund: Refund) -> int:
    """What of a refund went out of the drawer."""
    if refund.payments:
        cash = sum(int(part["amount"]) for part in refund.payments if part["source"] == CASH)
        return max(0, cash - refund.charged)
    return refund.paid_back if refund.sale.payment_source == CASH else 0


def _refunds_of(shift: Shift, until: dt.datetime | None) -> QuerySet[Refund]:
    """Those done at this till; one that was done at none took its money from the till of its sale."""
    places = TillRefund.objects.filter(key=OuterRef("key"))
    here = Exists(places.filter(_here(shift.branch, shift.terminal)))
    of_sale = ~Exists(places) & Q(sale__branch=shift.branch, sale__terminal=shift.terminal)
    refunds = Refund.objects.select_related("sale").filter(here | of_sale, refunded_at__gte=shift.opened_at)
    return _before(refunds, "refunded_at", until or shift.closed_at)


def _here(branch: Branch, terminal: Terminal | None) -> Q:
    return Q(branch=branch, terminal=terminal) if terminal else Q(branch=branch, terminal__isnull=True)


def _before(records: QuerySet[Any], name: str, until: dt.datetime | None) -> QuerySet[Any]:
    return records.filter(**{f"{name}__lt": until}) if until else records
