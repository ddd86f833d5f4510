"""Who asks, and how often: the address of a visitor as far as it can be trusted, and limits counted by it.

Each of `settings.TRUSTED_PROXIES` proxies has added one entry to `X-Forwarded-For`; what stands left of those was
written by the client and is not believed. A header with fewer entries did not come through all of our proxies, so none
of it is.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _

from regulars import clock
from regulars.errors import TooMany

HOUR = 3600
NOBODY = "unknown"


@dataclass(frozen=True)
class Limit:
    """At most `most` acts of a kind per household in one hour of the clock."""

    kind: str
    most: int


def address_of(request: HttpRequest) -> str | None:
    """The visitor's IP address, as proof of consent keeps it; None where there is none to be trusted."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    proxies: int = settings.TRUSTED_PROXIES
    entries = [entry.strip() for entry in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if entry.strip()]
    if proxies and len(entries) >= proxies:
        address = entries[-proxies]
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None


def household_of(request: HttpRequest) -> str:
    """Whom a limit counts: an IPv4 address, or the /64 of an IPv6 one; all whose address is unknown count as one."""
    address = address_of(request)
    if address is None:
        return NOBODY
    parsed = ipaddress.ip_address(address)
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)


def count(request: HttpRequest, limit: Limit) -> None:
    """Count one act of this household; raises `TooMany`, with when to try again, once the hour's limit is passed.

    Counted in the cache of the business this thread is in, or of the public site.
    """
    counted, wait = tally(limit.kind, household_of(request), within=HOUR)
    if counted > limit.most:
        now = clock.now()
        raise TooMany(
            _("Too many attempts from your connection. Nothing is lost; please try again in %(wait)s.")
            % {"wait": timeuntil(now + dt.timedelta(seconds=wait), now) if wait >= 60 else _("a minute")}
        )


def tally(kind: str, who: str, *, within: int) -> tuple[int, int]:
    """Count one act of somebody in the present `within` seconds of the clock, in this business's cache.

    Returns how many there were, this one included, and in how many seconds the count begins anew.
    """
    second = int(clock.now().timestamp())
    key = f"limit:{kind}:{who}:{second // within}"
    cache.add(key, 0, within)
    try:
        counted = cache.incr(key)
    except ValueError:  # dropped by the cache between the two calls
        counted = 1
    return counted, within - second % within
