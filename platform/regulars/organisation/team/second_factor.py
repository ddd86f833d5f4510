"""The second factor at sign-in: demanded of everybody whose role can take value or data out of the business.

Whoever is given such a role has a week to set it up; the first page of the back office says so from the first day.
After that the back office stays shut to them until it is done; the counter, where no such right is used, stays open.
"""

from __future__ import annotations

import datetime as dt

from allauth.mfa.models import Authenticator
from django.db import transaction

from regulars import clock
from regulars.access.services import end_sessions
from regulars.operations.trail import record
from regulars.organisation.models import Staff
from regulars.organisation.permissions import is_powerful
from regulars.organisation.selectors import organisation
from regulars.organisation.team.services import BeyondYou, must_be_within

GRACE = dt.timedelta(days=7)
PROVING = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def users_with_one() -> frozenset[int]:
    """The users, by database id, who have an authenticator app or a passkey."""
    return frozenset(Authenticator.objects.filter(type__in=PROVING).values_list("user_id", flat=True))


def has_one(staff: Staff) -> bool:
    """Whether somebody has an authenticator app or a passkey."""
    return bool(Authenticator.objects.filter(user_id=staff.user_id, type__in=PROVING).exists())


def demanded_from(staff: Staff) -> dt.datetime | None:
    """From when on the back office is shut without a second factor; None for who needs none or has one.

    Nobody needs one where nothing is real: people come to a practice place signed in from home.
    """
    if organisation().is_practice:
        return None
    return staff.appointed_at + GRACE if is_powerful(staff) and not has_one(staff) else None


def is_missing(staff: Staff) -> bool:
    """Whether somebody needs a second factor, has none, and the week is over."""
    if clock.now() < staff.appointed_at + GRACE:
        return False
    return demanded_from(staff) is not None


@transaction.atomic
def reset(*, staff: Staff, by: Staff) -> None:
    """For whoever lost phone and codes: takes the second factor away and signs them out; the week begins anew.

    Raises `BeyondYou`; nobody resets their own.
    """
    if staff.pk == by.pk:
        raise BeyondYou
    must_be_within(giver=by, staff=staff)
    Authenticator.objects.filter(user_id=staff.user_id).delete()
    Staff.objects.filter(pk=staff.pk).update(appointed_at=clock.now())
    end_sessions(user=staff.user)
    record(act="staff.second_factor_reset", actor=by.public_id, subject=staff.public_id, branch=staff.branch)
