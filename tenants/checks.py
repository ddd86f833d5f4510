"""System checks: a configuration that mixes businesses, or is unsafe in production, is refused in words."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from importlib.metadata import version
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from packaging.version import Version

MAKE_KEY = "django_tenants.cache.make_key"
OLDEST = "4.0.1"
DEFAULT_SECRET = "only-for-this-machine-and-never-in-production"  # noqa: S105 - the one that is refused
SHORTEST_SECRET = 32
ROUTER = "tenants.isolation.BusinessRouter"
BOUNCER_PORT = "6432"

Check = Callable[..., Iterable[CheckMessage]]


def _is_production() -> bool:
    return bool(getattr(settings, "PRODUCTION", False))


@register(Tags.security)
def caches_are_apart(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """Every cache key carries the schema."""
    found: list[CheckMessage] = []
    for alias, options in settings.CACHES.items():
        made_by = options.get("KEY_FUNCTION")
        name = (
            made_by
            if isinstance(made_by, str)
            else f"{getattr(made_by, '__module__', '')}.{getattr(made_by, '__name__', '')}"
        )
        if name != MAKE_KEY:
            found.append(
                Error(
                    f"The cache {alias!r} does not separate businesses: one would be shown what another has stored.",
                    hint=f'Set CACHES["{alias}"]["KEY_FUNCTION"] = "{MAKE_KEY}".',
                    id="tenants.E001",
                )
            )
    return found


@register(Tags.security)
def search_path_is_closed(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """No business's search path leads to public, and the guards of the backend and the router are in place."""
    found: list[CheckMessage] = []
    if settings.PUBLIC_SCHEMA_NAME in settings.PG_EXTRA_SEARCH_PATHS:
        found.append(
            Error(
                "The search path of every business contains the public schema: a table that is missing would be "
                "looked for among the tables of all.",
                hint="Take it out of PG_EXTRA_SEARCH_PATHS and keep extensions in a schema of their own.",
                id="tenants.E002",
            )
        )
    for alias, database in settings.DATABASES.items():
        if database.get("ENGINE") != "tenants.backend":
            found.append(
                Error(
                    f"The database {alias!r} does not use the backend that keeps businesses apart.",
                    hint=f'Set DATABASES["{alias}"]["ENGINE"] = "tenants.backend".',
                    id="tenants.E003",
                )
            )
    if not settings.DATABASE_ROUTERS or settings.DATABASE_ROUTERS[0] != ROUTER:
        found.append(
            Error(
                "Objects could be followed from one business into another.",
                hint=f'Put "{ROUTER}" first in DATABASE_ROUTERS.',
                id="tenants.E004",
            )
        )
    return found


@register(Tags.security)
def cookies_stay_on_their_host(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """No cookie is sent to the hosts of other businesses."""
    names = ("SESSION_COOKIE_DOMAIN", "CSRF_COOKIE_DOMAIN", "LANGUAGE_COOKIE_DOMAIN")
    return [
        Error(
            f"{name} is set: the cookie of one business would be sent to the hosts of all.",
            hint=f"Leave {name} at None.",
            id="tenants.E005",
        )
        for name in names
        if getattr(settings, name, None)
    ]


@register(Tags.compatibility)
def library_is_new_enough(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """Older versions of django-tenants leak between businesses."""
    present = version("django-tenants")
    if Version(present) >= Version(OLDEST):
        return []
    return [
        Error(
            f"django-tenants {present} leaks between businesses after a savepoint is rolled back.",
            hint=f"Install django-tenants {OLDEST} or newer.",
            id="tenants.E006",
        )
    ]


@register(Tags.security)
def connections_are_our_own(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """A pooler that hands a connection on after each transaction would mix businesses."""
    found: list[CheckMessage] = []
    for alias, database in settings.DATABASES.items():
        host = str(database.get("HOST") or "")
        if str(database.get("PORT") or "") == BOUNCER_PORT or "pgbouncer" in host or "pooler" in host:
            found.append(
                Warning(
                    f"The database {alias!r} looks like PgBouncer. In transaction mode it mixes businesses.",
                    hint="Connect to PostgreSQL itself (a pool is in this process already), or use session mode.",
                    id="tenants.W007",
                )
            )
    return found


@register(Tags.security)
def production_is_safe(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """What must not be so in production, each in words."""
    if not _is_production():
        return []
    found: list[CheckMessage] = []
    secret = _secret()
    if secret == DEFAULT_SECRET or len(secret) < SHORTEST_SECRET:
        found.append(
            Error(
                "SECRET_KEY is empty, short or the one everybody knows: sessions and links could be forged.",
                hint="Set SECRET_KEY to at least 32 random characters and keep it.",
                id="tenants.E008",
            )
        )
    if settings.DEBUG:
        found.append(
            Error("DEBUG is on: error pages would show data and settings.", hint="Unset DEBUG.", id="tenants.E009")
        )
    if _is_local(settings.BASE_DOMAIN):
        found.append(
            Error(
                f"BASE_DOMAIN is {settings.BASE_DOMAIN!r}: no business could be reached from elsewhere.",
                hint="Set BASE_DOMAIN to the domain whose subdomains all lead here.",
                id="tenants.E010",
            )
        )
    return found + _stand_ins()


def _secret() -> str:
    try:
        return settings.SECRET_KEY or ""
    except ImproperlyConfigured:
        return ""


def _stand_ins() -> list[CheckMessage]:
    """Parts that suit one process on one machine; in production they work, but not as people expect."""
    found: list[CheckMessage] = []
    if any("locmem" in options.get("BACKEND", "") for options in settings.CACHES.values()):
        found.append(
            Warning(
                "The cache lives in each process alone: limits count per process, and a change is seen late by others.",
                hint="Set CACHE_URL, for example redis://host:6379/1.",
                id="tenants.W011",
            )
        )
    if "console" in settings.EMAIL_BACKEND:
        found.append(
            Warning(
                "Mail is only printed: nobody can confirm an e-mail or reset a password.",
                hint="Set EMAIL_URL, for example smtp+tls://user:password@host:587.",
                id="tenants.W012",
            )
        )
    if str(settings.CELERY_BROKER_URL).startswith(("filesystem:", "memory:")):
        found.append(
            Warning(
                "The broker is a folder on this machine: workers elsewhere get nothing.",
                hint="Set BROKER_URL, for example redis://host:6379/0.",
                id="tenants.W013",
            )
        )
    return found


def _is_local(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost") or "." not in host:
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
