"""A shift in the words of its report: what was sold and given back, what the drawer should hold, what was counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from regulars.counter.models import CashMovement, Shift
from regulars.counter.shifts.selectors import figures_kept, figures_of
from regulars.counter.shifts.services import LOOSE
from regulars.ledger.selectors import POINTS
from regulars.money import format_money
from regulars.sales.paying import own_sources


@dataclass(frozen=True, kw_only=True)
class Report:
    """Lines of label and value for paper and screen; `late` says what came in after the drawer was counted."""

    sold: list[dict[str, str]]
    drawer: list[dict[str, str]]
    counts: list[dict[str, str]]
    movements: list[CashMovement]
    late: str


def report_of(shift: Shift) -> Report:
    """The report of a shift; the figures of a closed one are those it was closed with."""
    figures, currency = figures_kept(shift), shift.currency

    def money(amount: int) -> str:
        return format_money(amount, currency)

    sold = [
        _fact(_("Sales"), f"{figures.sales:,}"),
        _fact(_("Sold"), money(figures.sold)),
        *(_fact(source_label(source), money(amount)) for source, amount in sorted(figures.sources.items())),
        _fact(_("Refunds"), f"{figures.refunds:,}"),
        _fact(_("Given back"), money(-figures.given_back)),
    ]
    drawer = [
        _fact(_("Float"), money(figures.opening_float)),
        _fact(_("Cash sales"), money(figures.cash_sold)),
        _fact(_("Cash given back"), money(-figures.cash_given_back)),
        _fact(_("Put in"), money(figures.paid_in)),
        _fact(_("Taken out"), money(-figures.paid_out)),
        _fact(_("Expected"), money(figures.expected)),
    ]
    if shift.counted is not None:
        drawer += [_fact(_("Counted"), money(shift.counted)), _fact(_("Difference"), signed(shift))]
        drawer += [_fact(_("Stays in the drawer"), money(shift.kept or 0))]
        drawer += [_fact(_("To the safe"), money(shift.counted - (shift.kept or 0)))]
    return Report(sold=sold, drawer=drawer, counts=_counts(shift), movements=movements_of(shift), late=_late(shift))


def source_label(source: str) -> str:
    """What a way of paying is called on the report."""
    known = {each.code: str(each.label) for each in own_sources()}
    return {**known, POINTS: _("Points")}.get(source, source)


def signed(shift: Shift) -> str:
    """The difference with its sign, in money; `0.00` for none."""
    difference = shift.difference or 0
    return ("+" if difference > 0 else "") + format_money(difference, shift.currency)


def movements_of(shift: Shift) -> list[CashMovement]:
    """Cash in and out, the oldest first."""
    return list(shift.movements.select_related("moved_by"))


def _counts(shift: Shift) -> list[dict[str, str]]:
    kept: dict[str, Any] = dict(shift.counts)
    loose = kept.pop(LOOSE, 0)
    worths = sorted((int(worth) for worth in kept), reverse=True)
    rows = [
        _fact(
            f"{format_money(worth, shift.currency)} × {kept[str(worth)]:,}",
            format_money(worth * kept[str(worth)], shift.currency),
        )
        for worth in worths
    ]
    return [*rows, _fact(_("Everything else"), format_money(loose, shift.currency))] if loose else rows


def _late(shift: Shift) -> str:
    """What was rung up before the closing and written after it: it is in no drawer that was counted."""
    if shift.is_open or shift.expected is None:
        return ""
    missed = figures_of(shift).expected - shift.expected
    if not missed:
        return ""
    return _("%(amount)s came in at the very moment of closing and is not in these figures.") % {
        "amount": format_money(missed, shift.currency)
    }


def _fact(label: str, value: str) -> dict[str, str]:
    return {"label": label, "value": value}
