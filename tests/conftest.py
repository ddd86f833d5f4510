"""Noun fixtures: a business, its owner, a cashier, a branch, a member, and clients that speak to them.

Every test that asks for a business works in a rolled-back transaction inside one that stands ready; what must really
commit (storms, journeys, threads) asks for `open_business`, which opens one from the template and drops it afterwards.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client
from django.utils import translation

from tests.house import run_folder, run_name

if TYPE_CHECKING:
    from regulars.organisation.models import Branch, Staff
    from regulars.people.models import Member
    from tenants.models import Business

PASSWORD = "a-long-enough-pass-phrase"


@contextmanager
def _one_at_a_time(name: str) -> Iterator[None]:
    with (run_folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _maintenance() -> psycopg.Connection[Any]:
    settings = connection.settings_dict
    return psycopg.connect(
        host=settings["HOST"] or None,
        port=settings["PORT"] or None,
        user=settings["USER"] or None,
        password=settings["PASSWORD"] or None,
        dbname="postgres",
        autocommit=True,
    )


def _prepare_the_first(name: str) -> None:
    """Make the database that all workers copy: migrated, with the template and two open businesses."""
    from tenants.provisioning import build_template, prepare_database
    from tenants.provisioning.public import migrate_public
    from tenants.services import open_business

    with _maintenance() as server:
        server.execute(f'CREATE DATABASE "{name}"')
    connection.settings_dict["NAME"] = name
    prepare_database()
    migrate_public()
    build_template()
    for slug, title, language in (("teahouse", "山茶 Tea House", "zh-hans"), ("gym", "North Gym", "en")):
        open_business(
            name=title,
            slug=slug,
            trade="restaurant" if slug == "teahouse" else "gym",
            language=language,
            owner_email=f"owner@{slug}.example",
            owner_name="Lin Owner" if slug == "teahouse" else "Nora Owner",
            password=PASSWORD,
            currency="CNY" if slug == "teahouse" else "GBP",
            zone="Asia/Shanghai" if slug == "teahouse" else "Europe/London",
            country="CN" if slug == "teahouse" else "GB",
        )
    connection.close()


def _name_of_the_first() -> str:
    """By what decides how it looks: on a server of one's own (`DATABASE_URL`) it is there again at the next run."""
    from tenants.provisioning.versions import current_version

    public = sorted((Path(__file__).parents[1] / "tenants").glob("migrations/*.py"))
    looks = b"".join([current_version().encode(), *(file.read_bytes() for file in public)])
    return f"house_of_{hashlib.sha256(looks).hexdigest()[:16]}"


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[None]:
    """A database for this worker, copied from the one that was prepared once."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "solo")
    first, own = _name_of_the_first(), f"house_{run_name()}_{worker}"
    with django_db_blocker.unblock():
        settings = connection.settings_dict
        settings["OPTIONS"] = {k: v for k, v in settings["OPTIONS"].items() if k != "pool"}
        with _one_at_a_time("prepare"), _maintenance() as server:
            if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [first]).fetchone():
                _prepare_the_first(f"house_{run_name()}")
                with suppress(psycopg.errors.DuplicateDatabase):  # another run was as quick
                    server.execute(f'ALTER DATABASE "house_{run_name()}" RENAME TO "{first}"')
            server.execute(f'CREATE DATABASE "{own}" TEMPLATE "{first}"')
        settings["NAME"] = own
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        with _maintenance() as server:
            server.execute(f'DROP DATABASE IF EXISTS "{own}" WITH (FORCE)')


@pytest.fixture(autouse=True)
def _clean_slate() -> Iterator[None]:
    """No cache, language or business is carried from one test into the next."""
    from tenants.context import leave

    translation.activate("en")
    cache_clear()
    yield
    translation.activate("en")
    cache_clear()
    leave()
    connection.set_schema_to_public()


def cache_clear() -> None:
    """Empty the cache of every business."""
    cache.clear()


@pytest.fixture
def business(db: None) -> Iterator[Business]:
    """The tea house, in Chinese and yuan, Asia/Shanghai; the test works inside it."""
    yield from _inside("teahouse")


@pytest.fixture
def gym(db: None) -> Business:
    """A second business, in English and pounds; the test does not stand in it."""
    from tenants.models import Business

    return Business.objects.get(slug="gym")


def _inside(slug: str) -> Iterator[Business]:
    from tenants.context import business_context
    from tenants.models import Business

    with business_context(Business.objects.get(slug=slug)) as found:
        yield found


@pytest.fixture
def branch(business: Business) -> Branch:
    """The first branch of the tea house."""
    from regulars.organisation.models import Branch

    return Branch.objects.order_by("id")[0]


@pytest.fixture
def owner(business: Business) -> Staff:
    """The owner of the tea house."""
    from regulars.organisation.models import Role, Staff

    return Staff.objects.select_related("user").get(role=Role.OWNER)


@pytest.fixture
def cashier(branch: Branch) -> Staff:
    """A cashier of the first branch."""
    from regulars.organisation.team.services import appoint

    return appoint(
        name="Xiao Cashier", email="cashier@teahouse.example", password=PASSWORD, role="cashier", branch=branch
    )


@pytest.fixture
def member(branch: Branch) -> Member:
    """A member who joined at the counter by phone."""
    return new_member(branch=branch)


def new_member(*, contact: str = "+8613800138000", name: str = "Li Hua", branch: Branch | None = None) -> Member:
    """Somebody joins at the counter."""
    from regulars.people.contacts import normal_contact
    from regulars.people.services import join

    return join(contact=normal_contact(contact), name=name, language="en", source="counter", branch=branch)


@pytest.fixture
def client_for() -> Callable[..., Client]:
    """`client_for(business, user=None)`: a browser on a business's host, signed in as a user of that business."""

    def client(business: Business, user: Any = None, language: str = "en") -> Client:
        from tenants.context import business_context

        browser = Client(
            headers={"host": f"{business.slug}.regulars.test", "accept-language": language},
            raise_request_exception=True,
        )
        if user is not None:
            with business_context(business):
                browser.force_login(user, backend="regulars.access.backends.PasswordBackend")
        return browser

    return client


@pytest.fixture
def site() -> Client:
    """A browser on the public site."""
    return Client(headers={"host": "regulars.test", "accept-language": "en"})


@pytest.fixture
def open_business(django_db_setup: None, django_db_blocker: Any) -> Iterator[Callable[..., Business]]:
    """`open_business(**over)`: a real, committed business, dropped when the test ends."""
    from tenants.models import Business
    from tenants.provisioning import drop_schema
    from tenants.services import open_business as open_one

    opened: list[Business] = []

    def opening(**over: Any) -> Business:
        slug = over.pop("slug", f"shop-{secrets.token_hex(4)}")
        values = {
            "name": "Corner Shop",
            "trade": "retail",
            "language": "en",
            "owner_email": f"owner@{slug}.example",
            "owner_name": "Olga Owner",
            "password": PASSWORD,
            "currency": "CNY",
            "zone": "Asia/Shanghai",
            "country": "CN",
        }
        opened.append(open_one(slug=slug, **{**values, **over}))
        return opened[-1]

    with django_db_blocker.unblock():
        yield opening
        connection.set_schema_to_public()
        for business in opened:
            drop_schema(business.schema_name)
            Business.objects.filter(pk=business.pk).delete()
        connection.close()


@pytest.fixture
def noon() -> dt.datetime:
    """A quiet instant: 15 June 2026, 12:00 in Shanghai."""
    return dt.datetime(2026, 6, 15, 4, 0, tzinfo=dt.UTC)
