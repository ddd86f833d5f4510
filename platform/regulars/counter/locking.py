"""A till that nobody touches for a while locks itself, until somebody's code opens it again.

It locks only where whoever stands there has a code: nobody else could open it without signing out. The page locks as
well, so that what it shows is covered at once; this holds whatever the page does.
"""

from __future__ import annotations

from django.http import HttpRequest

from regulars import clock
from regulars.counter.rules import counter_settings
from regulars.organisation.models import Staff
from regulars.organisation.team.pins import TILL_LOCKED

SEEN_AT = "till_seen_at"
"""In the session: when something was last done at this till, to the minute."""
MINUTE = 60


def is_locked(request: HttpRequest, staff: Staff, *, is_touch: bool = True) -> bool:
    """Whether a code is needed first. `is_touch` is false for what the page asks by itself."""
    if not staff.pin_hash:
        if TILL_LOCKED in request.session:  # whose code was removed since has nothing to open it with
            unlock(request)
        return False
    if request.session.get(TILL_LOCKED):
        return True
    now, seen = int(clock.now().timestamp()), request.session.get(SEEN_AT)
    if isinstance(seen, int) and now - seen > MINUTE:
        minutes = counter_settings().lock_after
        if minutes and now - seen > minutes * MINUTE:
            request.session[TILL_LOCKED] = True
            return True
    if is_touch and (not isinstance(seen, int) or now - seen > MINUTE):
        request.session[SEEN_AT] = now
    return False


def lock(request: HttpRequest) -> None:
    """Lock the till that this session stands at."""
    request.session[TILL_LOCKED] = True


def unlock(request: HttpRequest) -> None:
    """Open it again, in the name that it was locked in."""
    request.session.pop(TILL_LOCKED, None)
    request.session[SEEN_AT] = int(clock.now().timestamp())


def minutes_until_locked(staff: Staff) -> int:
    """After how many idle minutes the page locks, 0 for never."""
    return counter_settings().lock_after if staff.pin_hash else 0
