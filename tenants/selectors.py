"""Which business is this? By host, by schema, or all of them.

A request must not ask the database whose host it came to. Answers are remembered in the process for a few seconds, and
dropped at once when a business or domain changes in this process; the others notice within `REMEMBERED` seconds. Hosts
that nobody owns are not remembered, so that nobody can fill the memory with them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models.signals import post_delete, post_save

from tenants.context import public_context
from tenants.models import Business, BusinessState, Domain

REMEMBERED = 10.0
"""Seconds for which another process may still see the old owner of a host."""
MOST = 5000
DOMAINS = "domains"


_remembered: dict[str, tuple[Business, float]] = {}
"""What was answered and until when it holds, by question."""
_turn = threading.Lock()


def business_at(host: str) -> Business | None:
    """The business that a host (lower case, without port) belongs to, archived ones too; None for nobody's."""
    return _recall(
        f"host {host}",
        lambda: Business.objects.filter(domains__domain=host).first(),
    )


def business_of(schema_name: str) -> Business | None:
    """The business that lives in a schema, None for a schema of the pool or one that is gone."""
    return _recall(f"schema {schema_name}", lambda: Business.objects.filter(schema_name=schema_name).first())


def primary_host(business: Business) -> str:
    """The host under which a business is linked to; raises `Domain.DoesNotExist` when it has none."""
    known = getattr(business, "_primary_host", "")
    if not known:
        with public_context():
            known = Domain.objects.get(tenant=business, is_primary=True).domain
        business._primary_host = known
    return str(known)


def business_with_address(address: str) -> Business | None:
    """The business whose address (the first part of its host) this is, whatever its state."""
    with public_context():
        found: Business | None = Business.objects.filter(slug__iexact=address).first()
        return found


def list_businesses(*, state: BusinessState | None = None) -> list[Business]:
    """All businesses, or those in one state, the oldest first; practice places are none."""
    with public_context():
        found = Business.objects.filter(practice_of=None).order_by("opened_at", "id")
        return list(found.filter(state=state) if state else found)


def is_public_host(host: str) -> bool:
    """Whether a host shows the public site and the operator's console."""
    return host in {settings.BASE_DOMAIN, f"www.{settings.BASE_DOMAIN}", "127.0.0.1", "[::1]"}


def _recall(key: str, ask: Callable[[], Business | None]) -> Business | None:
    found = _remembered.get(key)
    if found is not None and found[1] > time.monotonic():
        return found[0]
    with public_context():
        business: Business | None = ask()
    uncommitted: set[str] = getattr(connection, "uncommitted", set())
    if business is not None and DOMAINS not in uncommitted:
        with _turn:
            if len(_remembered) >= MOST:
                _remembered.clear()
            _remembered[key] = (business, time.monotonic() + REMEMBERED)
    return business


def forget_domains(**_: Any) -> None:
    """Forget every answer, now and again once the present transaction has committed."""
    _remembered.clear()
    if connection.in_atomic_block:
        connection.uncommitted.add(DOMAINS)  # type: ignore[attr-defined]
        connection.on_commit(_remembered.clear)


def watch_domains() -> None:
    """Forget what is remembered whenever a business or a domain is saved or deleted here."""
    for model in (Business, Domain):
        for signal in (post_save, post_delete):
            signal.connect(forget_domains, sender=model, dispatch_uid=f"tenants.forget.{model.__name__}")
