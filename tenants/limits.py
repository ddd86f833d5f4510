"""Who asks, and how often: limits of the public site, counted per client in the cache."""

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
ADDRESS_CHECKS_PER_HOUR = 400
MAILS_PER_HOUR = 6


@dataclass(frozen=True)
class Limit:
    """At most `most` acts of a kind per client in one hour of the clock."""

    kind: str
    most: int


def client_address(request: HttpRequest) -> str:
    """The client's IP address as far as it can be trusted; IPv6 by its /64, which is one household.

    Each of `settings.TRUSTED_PROXIES` proxies has added one entry to `X-Forwarded-For`; what stands left of those was
    written by the client and is not believed.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    if settings.TRUSTED_PROXIES:
        entries = [entry.strip() for entry in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if entry.strip()]
        if entries:
            address = entries[-min(settings.TRUSTED_PROXIES, len(entries))]
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 6:
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
    return str(parsed)


def sign_ups() -> Limit:
    """How many businesses one client may open in an hour."""
    return Limit("sign-up", settings.SIGN_UPS_PER_HOUR)


def address_checks() -> Limit:
    """How many addresses one client may ask about in an hour, so that nobody reads off the list of businesses."""
    return Limit("address", ADDRESS_CHECKS_PER_HOUR)


def mails() -> Limit:
    """How many confirmation mails one client may ask for in an hour."""
    return Limit("mail", MAILS_PER_HOUR)


def count(request: HttpRequest, limit: Limit) -> None:
    """Count one act of this client; raises TooMany, with when to try again, once the hour's limit is passed."""
    now = clock.now()
    hour = int(now.timestamp()) // HOUR
    key = f"limit:{limit.kind}:{client_address(request)}:{hour}"
    cache.add(key, 0, HOUR)
    try:
        counted = cache.incr(key)
    except ValueError:  # dropped by the cache between the two calls
        counted = 1
    if counted > limit.most:
        again = dt.datetime.fromtimestamp((hour + 1) * HOUR, dt.UTC)
        raise TooMany(
            _("Too many attempts from your connection. Nothing is lost; please try again in %(wait)s.")
            % {"wait": timeuntil(again, now) if (again - now).total_seconds() >= 60 else _("a minute")}
        )
