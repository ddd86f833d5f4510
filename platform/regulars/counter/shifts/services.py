"""The acts of a shift: open the drawer, move cash, count it and close. Each is safe to repeat by its key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from regulars import clock
from regulars.counter.models import CashMovement, Shift, TillRefund
from regulars.counter.shifts.denominations import denominations_of
from regulars.counter.shifts.selectors import figures_of, last_shift_at, shift_at
from regulars.errors import Gone, InvalidInput, KeyUsedBefore, StaleQuote
from regulars.money import LARGEST_AMOUNT, format_money
from regulars.operations.trail import record
from regulars.organisation.models import Branch, Staff, Terminal
from regulars.organisation.permissions import require
from regulars.organisation.selectors import organisation
from regulars.text import plain_text

MOST_PIECES = 100_000
LOOSE = "loose"
"""In `Shift.counts`: what has no field of its own, as an amount."""


class ShiftOpen(Gone):
    """The drawer is open already."""

    message = _("The drawer of this till is open already. Count and close that shift first.")


class ShiftClosed(Gone):
    """The drawer was counted meanwhile."""

    message = _("This shift is closed already. Open a new one.")


class DrawerMoved(StaleQuote):
    """Something was sold, given back or moved between counting and closing."""

    message = _("The drawer changed while it was counted: a sale, a refund or cash. Compare again before you close.")
    field = "expected"


@dataclass(frozen=True, kw_only=True)
class Count:
    """What lies in a drawer: pieces by the worth of one (minor units), and everything else added up."""

    pieces: Mapping[int, int]
    loose: int = 0

    @property
    def total(self) -> int:
        """All of it, minor units."""
        return self.loose + sum(worth * number for worth, number in self.pieces.items())

    def as_json(self) -> dict[str, int]:
        """As a shift keeps it."""
        kept = {str(worth): number for worth, number in self.pieces.items() if number}
        return {**kept, LOOSE: self.loose} if self.loose else kept


@transaction.atomic
def open_shift(*, branch: Branch, terminal: Terminal | None, opening_float: int, by: Staff, key: str) -> Shift:
    """Open the drawer of a till with a float (minor units). The same key opens one shift.

    Raises `NotAllowed`, `InvalidInput` (field `opening_float`), and `ShiftOpen` where one is open.
    """
    require(by, "counter.sell", branch=branch)
    _check_amount(opening_float, field="opening_float")
    for known in (shift_at(branch, terminal), last_shift_at(branch, terminal)):
        if known is not None and known.key == key:
            return known
    try:
        with transaction.atomic():
            shift = Shift.objects.create(
                branch=branch,
                terminal=terminal,
                currency=organisation().currency,
                business_date=clock.today(branch.zone),
                key=_checked_key(key),
                opening_float=opening_float,
                opened_by=by,
                opened_at=clock.now(),
            )
    except IntegrityError:  # one is open: the database holds that there are never two
        found = shift_at(branch, terminal)
        if found is not None and found.key == key:
            return found
        raise ShiftOpen
    record(
        act="shift.opened",
        actor=by.public_id,
        subject=shift.public_id,
        branch=branch,
        detail={"opening_float": opening_float},
    )
    return shift


@transaction.atomic
def move_cash(*, shift: Shift, amount: int, reason: str, by: Staff, key: str) -> CashMovement:
    """Put cash into the drawer, or (below zero) take it out, minor units. The same key moves it once.

    Raises `NotAllowed`, `InvalidInput` (field `amount`, `reason`), `ShiftClosed` and `KeyUsedBefore`.
    """
    require(by, "counter.sell", branch=shift.branch)
    _check_amount(abs(amount), field="amount")
    if not amount:
        raise InvalidInput(_("Enter an amount above zero."), field="amount")
    why = plain_text(reason, field="reason", longest=200)
    present = _locked(shift)
    known = CashMovement.objects.filter(shift=shift, key=_checked_key(key)).first()
    if known is not None:
        if (known.amount, known.reason) != (amount, why):
            raise KeyUsedBefore
        return known
    if not present.is_open:
        raise ShiftClosed
    if amount < 0 and -amount > (held := figures_of(present).expected):
        raise InvalidInput(
            _("The drawer holds less than that: at most %(most)s can be taken out.")
            % {"most": format_money(max(0, held), present.currency)},
            field="amount",
        )
    made = CashMovement.objects.create(
        shift=shift, key=key, amount=amount, reason=why, moved_by=by, moved_at=clock.now()
    )
    record(
        act="shift.cash_in" if amount > 0 else "shift.cash_out",
        actor=by.public_id,
        subject=shift.public_id,
        branch=shift.branch,
        detail={"amount": abs(amount), "reason": why},
    )
    return made


@transaction.atomic
def close_shift(
    *, shift: Shift, count: Count, expected: int, kept: int, reason: str = "", by: Staff, key: str
) -> Shift:
    """Close a shift by what was counted. `expected` is what whoever closes it was shown; `kept` stays in the drawer.

    The same key closes it once. Raises `NotAllowed`, `InvalidInput` (field `counts`, `kept`, `reason`: a difference
    needs one), `DrawerMoved` where something happened meanwhile, `ShiftClosed`, and `KeyUsedBefore`.
    """
    require(by, "counter.sell", branch=shift.branch)
    present = _locked(shift)
    _checked_key(key)
    if not present.is_open:
        if present.closing_key != key:
            raise ShiftClosed
        if (present.counts, present.kept) != (count.as_json(), kept):
            raise KeyUsedBefore
        return present
    check_count(count, currency=present.currency)
    now = clock.now()
    figures = figures_of(present, until=now)
    if figures.expected != expected:
        raise DrawerMoved
    why = plain_text(reason, field="reason", longest=200, required=False)
    if count.total != expected and not why:
        raise InvalidInput(_("Say in a few words why the drawer differs, as far as you know."), field="reason")
    if not 0 <= kept <= count.total:
        raise InvalidInput(
            _("At most what was counted can stay: %(most)s.") % {"most": format_money(count.total, present.currency)},
            field="kept",
        )
    closing = {
        "closed_by": by,
        "closed_at": now,
        "closing_key": key,
        "counts": count.as_json(),
        "counted": count.total,
        "expected": expected,
        "kept": kept,
        "reason": why,
        "figures": figures.as_json(),
    }
    for name, value in closing.items():
        setattr(present, name, value)
    present.save(update_fields=list(closing))
    record(
        act="shift.closed",
        actor=by.public_id,
        subject=present.public_id,
        branch=present.branch,
        detail={"counted": count.total, "expected": expected, "difference": count.total - expected, "reason": why},
    )
    return present


def check_count(count: Count, *, currency: str) -> None:
    """Raises `InvalidInput` (field `counts`) for pieces that this currency does not have, or too many of them."""
    known = set(denominations_of(currency))
    if set(count.pieces) - known:
        raise InvalidInput(_("This currency has no such note or coin."), field="counts")
    if any(not 0 <= number <= MOST_PIECES for number in count.pieces.values()):
        raise InvalidInput(_("Enter how many pieces there are, 0 or more."), field="counts")
    _check_amount(count.loose, field="counts")
    _check_amount(count.total, field="counts")


def note_refund(*, key: str, branch: Branch, terminal: Terminal | None) -> None:
    """Say at which till a refund is done, by its key; whoever says it first says it."""
    TillRefund.objects.bulk_create([TillRefund(key=key, branch=branch, terminal=terminal)], ignore_conflicts=True)


def _locked(shift: Shift) -> Shift:
    found = Shift.objects.select_for_update(no_key=True, of=("self",)).select_related("branch", "terminal")
    return found.get(pk=shift.pk)


def _check_amount(amount: int, *, field: str) -> None:
    if not 0 <= amount <= LARGEST_AMOUNT:
        raise InvalidInput(_("Enter an amount from zero upwards; check the number of zeros."), field=field)


def _checked_key(key: str) -> str:
    if not 8 <= len(key or "") <= 80 or not key.isprintable():
        raise InvalidInput(_("A key of 8 to 80 characters is needed to make this safe to repeat."), field="key")
    return key
