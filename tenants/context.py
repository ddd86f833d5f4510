"""Entering and leaving a business: the only two doors, and a way to carry a business into a thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from django.db import connection as django_connection
from django.db import connections
from django.utils import timezone
from django_tenants.postgresql_backend.base import FakeTenant

if TYPE_CHECKING:
    from tenants.models import Business

connection: Any = django_connection

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def db_for(business: Business) -> Any:
    """The connection to the database that holds a business; today there is one."""
    return connections["default"]


def enter(business: Business) -> None:
    """Put this thread into a business and its time zone until somebody leaves or enters another."""
    db_for(business).set_tenant(business)
    timezone.activate(ZoneInfo(business.zone))


def leave() -> None:
    """Put this thread nowhere: its next statement is refused until it enters somewhere."""
    connection.leave()
    timezone.deactivate()


@contextmanager
def business_context(business: Business) -> Iterator[Business]:
    """Work inside a business, in its time zone, and come back to where this thread was."""
    with _back_again():
        enter(business)
        yield business


@contextmanager
def public_context() -> Iterator[None]:
    """Work in the public schema and come back to where this thread was."""
    with _back_again():
        connection.set_schema_to_public()
        timezone.deactivate()
        yield


@contextmanager
def schema_context(schema_name: str) -> Iterator[None]:
    """Work inside a schema that has no business yet (a template, the pool) and come back."""
    with _back_again():
        connection.set_tenant(FakeTenant(schema_name=schema_name))
        yield


@contextmanager
def _back_again() -> Iterator[None]:
    tenant, zone = connection.tenant, timezone.get_current_timezone()
    try:
        yield
    finally:
        if tenant is None:
            connection.leave()
        else:
            connection.set_tenant(tenant)
        timezone.activate(zone)


def carried(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """The same function, for another thread, in the business this thread is in now."""
    tenant, zone = connection.tenant, timezone.get_current_timezone()

    @wraps(function)
    def in_its_business(*args: Arguments.args, **named: Arguments.kwargs) -> Result:
        with _back_again():
            if tenant is None:
                connection.leave()
            else:
                connection.set_tenant(tenant)
            timezone.activate(zone)
            return function(*args, **named)

    return in_its_business
