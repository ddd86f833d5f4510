"""What a refund undoes: how much of each line, and how many points of each rule's award, on cumulative amounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from regulars.errors import InvalidInput
from regulars.ledger.selectors import POINTS
from regulars.ledger.services import Leg
from regulars.loyalty.models import Award
from regulars.money import format_money, portion, share
from regulars.sales.models import Sale, SaleLine


@dataclass(frozen=True, kw_only=True)
class Undoing:
    """A refund of `amount` (minor units) as it would be done now.

    `lines` says by position how much of each line is refunded afterwards, `awards` how much of each award is taken back
    before and afterwards.
    """

    amount: int
    refunded_after: int
    points_taken_back: int
    lines: Mapping[int, int]
    awards: tuple[tuple[int, int, int], ...]

    def documents(self) -> dict[str, Any]:
        """Lines and awards as the SQL function reads them."""
        return {
            "lines": [{"position": position, "after": after} for position, after in self.lines.items()],
            "awards": [{"award": award, "before": before, "after": after} for award, before, after in self.awards],
        }


def undoing_of(sale: Sale, amount: int | None, lines: Mapping[int, int] | None = None) -> Undoing:
    """What a refund of `amount` (None: all that is left), or of `lines` (amounts by position), gives and takes.

    A refund without lines is spread over what is left of each. What is taken back is the difference of two cumulative
    portions, so that any parts add up to exactly what was earned; a rule that counted kinds of goods loses what its own
    lines lose. Raises `InvalidInput` when nothing is left, or more is asked for than is left.
    """
    left = sale.total - sale.refunded_total
    if left <= 0:
        raise InvalidInput(_("This sale is already fully refunded."), field="amount")
    sold = list(sale.lines.order_by("position"))
    chosen = left if amount is None else amount
    if lines is not None:
        chosen = _checked_lines(sale, sold, lines)
    if not 0 < chosen <= left:
        raise InvalidInput(
            _("Enter an amount up to %(left)s, which is what is left.") % {"left": format_money(left, sale.currency)},
            field="amount",
        )
    now = {line.position: line for line in sold}
    spread = lines if lines is not None else _spread(chosen, sold)
    after = {position: now[position].refunded + part for position, part in spread.items() if part}
    refunded_after = sale.refunded_total + chosen
    awards = _awards(sale, {**{line.position: line.refunded for line in sold}, **after}, now, refunded_after)
    others = sale.points_earned - sum(award.points for award, _after in awards)
    taken = portion(others, refunded_after, sale.total) - portion(others, sale.refunded_total, sale.total)
    return Undoing(
        amount=chosen,
        refunded_after=refunded_after,
        points_taken_back=taken + sum(then - award.taken_back for award, then in awards),
        lines=after,
        awards=tuple((award.pk, award.taken_back, then) for award, then in awards if then != award.taken_back),
    )


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
    """Every award of the sale with how much of it is taken back afterwards."""
    if sale.member_id is None or sale.transaction_id is None:
        return []
    found = []
    for award in Award.objects.filter(member_id=sale.member_id, transaction_id=sale.transaction_id).order_by("pk"):
        if award.lines:
            then = sum(portion(points, refunded[position], sold[position].amount) for position, points in award.lines)
        else:
            then = portion(award.points, refunded_after, sale.total)
        found.append((award, max(then, award.taken_back)))
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
        back = portion(earned, after, sale.total) - portion(earned, sale.refunded_total, sale.total)
        if asset == POINTS:
            back = undoing.points_taken_back
        if back:
            legs.append(
                Leg(wallet=wallet, asset=asset, amount=-back, house=houses[asset], take_back_of=sale.transaction_id)
            )
    return legs
