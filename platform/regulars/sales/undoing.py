"""What a refund undoes: how much of each line, and how many points of each rule's award, on cumulative amounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from regulars import clock
from regulars.errors import InvalidInput, StaleQuote
from regulars.ledger.selectors import POINTS
from regulars.ledger.services import Leg, transaction_document
from regulars.loyalty.models import Award
from regulars.loyalty.points.gifts import points_settings
from regulars.money import format_money, portion, share
from regulars.sales.models import Sale, SaleLine, SalePayment
from regulars.sales.paying import KIND, OUTSIDE
from regulars.sales.spent_points import NOTHING_SPENT, Spent, spent_of


@dataclass(frozen=True, kw_only=True)
class AwardUndone:
    """How much of an award is taken back before and afterwards, and what is `missing` of it this time."""

    award: int
    before: int
    after: int
    missing: int = 0


@dataclass(frozen=True, kw_only=True)
class PaymentUndone:
    """What goes back to one part of a payment: its refunded amount before and afterwards, and `units` of its asset."""

    payment: SalePayment
    before: int
    after: int
    units: int = 0

    @property
    def amount(self) -> int:
        """What goes back to it this time, minor units."""
        return self.after - self.before

    def words(self) -> dict[str, Any]:
        """As the refund keeps it."""
        return {
            "source": self.payment.source,
            "amount": self.amount,
            "asset": self.payment.asset,
            "units": self.units,
        }


@dataclass(frozen=True, kw_only=True)
class Undoing:
    """A refund of `amount` (minor units) as it would be done now.

    `lines` says by position how much of each line is refunded afterwards, `goods` how many whole pieces of which
    product have come back by then. `points_taken_back` is what the balance loses; what is to be taken back and is spent
    already, `spent` tells.
    """

    amount: int
    refunded_after: int
    points_taken_back: int
    lines: Mapping[int, int]
    awards: tuple[AwardUndone, ...]
    goods: tuple[tuple[str, int], ...] = ()
    payments: tuple[PaymentUndone, ...] = ()
    spent: Spent = NOTHING_SPENT

    @property
    def paid_back(self) -> int:
        """The money that the customer gets, minor units."""
        return self.amount - self.spent.charged - self.value_back

    @property
    def value_back(self) -> int:
        """What goes back as points or other value instead of money, minor units."""
        return sum(part.amount for part in self.payments if part.payment.asset)

    def documents(self) -> dict[str, Any]:
        """Lines and awards as the SQL function reads them."""
        return {
            "lines": [{"position": position, "after": after} for position, after in self.lines.items()],
            "awards": [vars(award) for award in self.awards],
            "goods": [{"product": product, "quantity": quantity} for product, quantity in self.goods],
            "may_owe": self.spent.may_owe,
        }


def undoing_of(sale: Sale, amount: int | None, lines: Mapping[int, int] | None = None) -> Undoing:
    """What a refund of `amount` (None: all that is left), or of `lines` (amounts by position), gives and takes.

    A refund without lines is spread over what is left of each. What is taken back is the difference of two cumulative
    portions, so that any parts add up to exactly what was earned; a rule that counted kinds of goods loses what its own
    lines lose. Raises `InvalidInput` when nothing is left, or more is asked for than is left, and `StaleQuote` when
    somebody refunds at this moment.
    """
    if not sale.can_be_refunded:
        raise InvalidInput(_("This sale is already fully refunded."), field="amount")
    sold = _lines_at_the_time(sale)
    chosen = _checked_amount(sale, amount if lines is None else _checked_lines(sale, sold, lines))
    now = {line.position: line for line in sold}
    spread = lines if lines is not None else _spread(chosen, sold) if chosen else {}
    after = {position: now[position].refunded + part for position, part in spread.items() if part}
    refunded_after = sale.refunded_total + chosen
    awards = _awards(sale, {**{line.position: line.refunded for line in sold}, **after}, now, refunded_after)
    others = sale.points_earned - sum(award.points for award, _due in awards)
    due = [_due(others, sale, refunded_after)]
    due += [part for _award, part in awards]
    payments = _payments(sale, chosen)
    spent = spent_of(
        sale,
        due=sum(due),
        amount=chosen - sum(part.amount for part in payments if part.payment.asset),
        given_back=sum(part.units for part in payments if part.payment.asset == POINTS),
    )
    missing = share(spent.missing, due) if spent.missing else [0] * len(due)
    return Undoing(
        amount=chosen,
        refunded_after=refunded_after,
        points_taken_back=sum(due) - spent.missing,
        lines=after,
        awards=tuple(
            AwardUndone(
                award=award.pk,
                before=award.taken_back,
                after=award.taken_back + part - lacking,
                missing=lacking,
            )
            for (award, part), lacking in zip(awards, missing[1:], strict=True)
            if part
        ),
        goods=tuple(_goods(sold, after, is_whole=refunded_after == sale.total)),
        payments=payments,
        spent=spent,
    )


def _checked_amount(sale: Sale, amount: int | None) -> int:
    """What goes back, minor units; nothing of a sale that cost nothing, and then all that came with it."""
    left = sale.total - sale.refunded_total
    chosen = left if amount is None else amount
    if not min(1, left) <= chosen <= left:
        raise InvalidInput(
            _("Enter an amount up to %(left)s, which is what is left.") % {"left": format_money(left, sale.currency)},
            field="amount",
        )
    return chosen


def _goods(sold: Sequence[SaleLine], after: Mapping[int, int], *, is_whole: bool) -> Iterator[tuple[str, int]]:
    """How many whole pieces of each product have come back once so much of each line is refunded."""
    for line in sold:
        if line.product and line.amount:
            yield line.product, portion(line.quantity, after.get(line.position, line.refunded), line.amount)
        elif line.product:
            yield line.product, line.quantity * is_whole


def _due(earned: int, sale: Sale, refunded_after: int) -> int:
    """How much of what a sale earned is due by now; all of it where the sale cost nothing."""
    if not sale.total:
        return earned
    return portion(earned, refunded_after, sale.total) - portion(earned, sale.refunded_total, sale.total)


def _payments(sale: Sale, chosen: int) -> tuple[PaymentUndone, ...]:
    """What goes back to each part of the payment, in proportion to what is left of each."""
    if sale.payment_source in OUTSIDE:
        return ()
    paid = [payment for payment in sale.payments.order_by("pk") if payment.refunded < payment.amount]
    if not paid:
        return ()
    if sum(payment.amount - payment.refunded for payment in paid) != sale.total - sale.refunded_total:
        raise StaleQuote  # read a moment later than the sale, which brought another refund
    found = []
    for payment, part in zip(paid, share(chosen, [each.amount - each.refunded for each in paid]), strict=True):
        before, after = payment.refunded, payment.refunded + part
        if part:
            units = portion(payment.units, after, payment.amount) - portion(payment.units, before, payment.amount)
            found.append(PaymentUndone(payment=payment, before=before, after=after, units=units))
    return tuple(found)


def payments_back(undoing: Undoing, *, refund: str, reason: str, actor: str) -> list[dict[str, Any]]:
    """The parts of a payment as the SQL function gives them back: value to the lots it was drawn from."""
    days = points_settings().reinstate_days
    documents = []
    for part in undoing.payments:
        written: dict[str, Any] = {"payment": part.payment.pk, "before": part.before, "after": part.after}
        if part.units:
            reversal = transaction_document(
                key=f"refund:{refund}:{part.payment.pk}",
                kind=f"{KIND}.partly_reversed",
                legs=[],
                reason=reason,
                actor=actor,
                reverses=part.payment.transaction_id,
            )
            del reversal["legs"]
            reversal |= {"numerator": part.after, "denominator": part.payment.amount}
            if days:
                reversal["grace_until"] = (clock.now() + dt.timedelta(days=days)).isoformat()
            written["reversal"] = reversal
        documents.append(written)
    return documents


def _lines_at_the_time(sale: Sale) -> list[SaleLine]:
    """The lines as they were when the sale was read; they come by a question of their own, a moment later.

    Raises `StaleQuote` where that moment brought another refund.
    """
    asked = sale.lines.annotate(of_sale=F("sale__refunded_total")).order_by("position")
    if any(line.of_sale != sale.refunded_total for line in asked):
        raise StaleQuote
    return list(asked)


def _checked_lines(sale: Sale, sold: list[SaleLine], lines: Mapping[int, int]) -> int:
    left = {line.position: line.amount - line.refunded for line in sold}
    for position, part in lines.items():
        if position not in left:
            raise InvalidInput(_("This receipt has no such line."), field="lines")
        if not 0 <= part <= left[position]:
            raise InvalidInput(
                _("Enter an amount up to %(left)s, which is what is left.")
                % {"left": format_money(left[position], sale.currency)},
                field="lines",
            )
    return sum(lines.values())


def _spread(chosen: int, sold: list[SaleLine]) -> dict[int, int]:
    left = [line.amount - line.refunded for line in sold]
    return dict(zip([line.position for line in sold], share(chosen, left), strict=True))


def _awards(
    sale: Sale, refunded: Mapping[int, int], sold: Mapping[int, SaleLine], refunded_after: int
) -> list[tuple[Award, int]]:
    """Every award of the sale with how much more of it is to be undone."""
    if sale.member_id is None or sale.transaction_id is None:
        return []
    found = []
    for award in Award.objects.filter(member_id=sale.member_id, transaction_id=sale.transaction_id).order_by("pk"):
        if not sale.total:
            then = award.points
        elif award.lines:
            then = sum(portion(points, refunded[position], sold[position].amount) for position, points in award.lines)
        else:
            then = portion(award.points, refunded_after, sale.total)
        found.append((award, max(0, then - award.taken_back - award.missing)))
    return found


def take_back_legs(sale: Sale, undoing: Undoing) -> list[Leg]:
    """The debits that undo this part: per asset, cumulative portion now minus cumulative portion before."""
    after = undoing.refunded_after
    if sale.transaction_id is None:
        return []
    credited: dict[tuple[int, str], int] = {}
    houses: dict[str, str] = {}
    for posting in sale.transaction.postings.select_related("account"):  # type: ignore[union-attr]
        if posting.account.wallet_id is None:
            houses[posting.account.asset] = posting.account.house
        elif posting.amount > 0:
            place = (posting.account.wallet_id, posting.account.asset)
            credited[place] = credited.get(place, 0) + posting.amount
    legs = []
    for (wallet, asset), earned in credited.items():
        back = _due(earned, sale, after)
        if asset == POINTS:
            back = undoing.points_taken_back
        if back:
            legs.append(
                Leg(wallet=wallet, asset=asset, amount=-back, house=houses[asset], take_back_of=sale.transaction_id)
            )
    return legs
