"""Codes by which staff take over a till that they share: quick at the counter, good for nothing else.

A code signs nobody into the back office. After five wrong ones within ten minutes it takes a full sign-in.
"""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from regulars import clock
from regulars.errors import InvalidInput, TooMany
from regulars.operations.trail import record
from regulars.organisation.models import Branch, Staff
from regulars.organisation.permissions import staff_with

BY_PIN = "by_pin"
"""In the session of whoever took over a till by code."""
TILL_LOCKED = "till_locked"
"""In the session of a till that is locked until a code is entered."""
SHORTEST, LONGEST = 4, 6
MOST_WRONG = 5
WRONG_FORGOTTEN_AFTER = dt.timedelta(minutes=10)
EASY = frozenset({"1234", "4321", "12345", "54321", "123456", "654321", "1212", "2580"})


class WrongPin(InvalidInput):
    """The code is not this person's."""

    message = _("That is not your code. Try again, or sign in with your e-mail and password.")
    field = "pin"


class TooManyPins(TooMany):
    """Wrong too often."""

    message = _("Too many wrong codes. Sign in with your e-mail and password, or wait ten minutes.")
    field = "pin"


@transaction.atomic
def set_pin(*, staff: Staff, pin: str) -> None:
    """Choose the code, empty for none. Raises `InvalidInput` for one that is not 4 to 6 digits, or easy to guess."""
    if pin:
        if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
            raise InvalidInput(_("Enter 4 to 6 digits."), field="pin")
        if pin in EASY or len(set(pin)) == 1:
            raise InvalidInput(_("This code is too easy to guess. Choose another."), field="pin")
    hashed = make_password(pin) if pin else ""
    Staff.objects.filter(pk=staff.pk).update(pin_hash=hashed, pin_failures=0, pin_failed_at=None)
    record(act="staff.pin_set" if pin else "staff.pin_removed", actor=staff.public_id, subject=staff.public_id)


def sharers(branch: Branch) -> list[Staff]:
    """Who may take over a till of this branch by a code, by name."""
    return sorted((staff for staff in staff_with("counter.sell", branch=branch) if staff.pin_hash), key=str)


def check_pin(*, staff: Staff, pin: str) -> None:
    """Raises `WrongPin`, and `TooManyPins` after five wrong ones within ten minutes. Not inside a transaction.

    A try is counted before it is looked at, so that many at once are no more than five.
    """
    now = clock.now()
    Staff.objects.filter(pk=staff.pk, pin_failed_at__lt=now - WRONG_FORGOTTEN_AFTER).update(pin_failures=0)
    allowed = Staff.objects.filter(pk=staff.pk, pin_failures__lt=MOST_WRONG)
    if allowed.update(pin_failures=F("pin_failures") + 1, pin_failed_at=now) != 1:
        raise TooManyPins
    if not staff.pin_hash or not check_password(pin[:LONGEST], staff.pin_hash):
        raise WrongPin
    Staff.objects.filter(pk=staff.pk).update(pin_failures=0, pin_failed_at=None)
