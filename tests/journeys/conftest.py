"""Journeys begin in a house of their own: real processes on free ports, a database copied from the prepared one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection
from django.test import override_settings
from playwright.sync_api import Browser

from tests import browser as browsers
from tests.conftest import _maintenance, _name_of_the_first, _one_at_a_time
from tests.house import run_name
from tests.running import House, running
from tests.shop import SHOPS, AtWork, Words, fill, opened_as


def database_url(name: str) -> str:
    """The address of another database on the server of the tests."""
    settings = connection.settings_dict
    place = f"{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT']}"
    return urlunsplit(urlsplit(f"postgres://{place}/{name}"))


@pytest.fixture(scope="session")
def house(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[House]:
    """Web, worker and beat, running for as long as this session of tests needs them."""
    name = f"house_{run_name()}_journey_{worker_id}"
    folder: Path = tmp_path_factory.mktemp("journey")
    with django_db_blocker.unblock(), _maintenance() as server:
        with _one_at_a_time("prepare"):
            server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{_name_of_the_first()}"')
        try:
            with running(folder, {"DATABASE_URL": database_url(name)}) as house:
                yield house
        finally:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium; ended with the module, because its driver keeps the thread it runs in."""
    with browsers.chromium() as browser:
        yield browser


@pytest.fixture
def inside(house: House, django_db_blocker: Any, worker_id: str) -> Callable[..., Any]:
    """`inside(act)`: what an act answers in the tea house of the running house.

    `inside(act, slug, opened_as)` does it in another business, which is opened if it is not there yet. In a thread of
    its own, with a connection of its own: the browser keeps this one busy.
    """

    def act_there(act: Callable[[], Any], slug: str, opened_as: dict[str, Any] | None) -> Any:
        from tenants.context import business_context, public_context
        from tenants.models import Business, Domain
        from tenants.services import open_business

        settings = connection.settings_dict
        own = settings["NAME"]
        settings["NAME"] = f"house_{run_name()}_journey_{worker_id}"
        try:
            with public_context():
                if opened_as and not Business.objects.filter(slug=slug).exists():
                    open_business(slug=slug, **opened_as)
                business = Business.objects.get(slug=slug)
                known = {"tenant": business, "is_primary": False}
                Domain.objects.get_or_create(domain=f"{slug}.localhost", defaults=known)
            with business_context(business), override_settings(MEDIA_ROOT=house.files):
                return act()
        finally:
            connection.close()
            settings["NAME"] = own

    def standing(act: Callable[[], Any], slug: str = "teahouse", opened_as: dict[str, Any] | None = None) -> Any:
        with django_db_blocker.unblock(), ThreadPoolExecutor(1) as other:
            return other.submit(act_there, act, slug, opened_as).result()

    return standing


@pytest.fixture
def at_work(
    house: House, chromium: Browser, inside: Callable[..., Any]
) -> Callable[..., AbstractContextManager[AtWork]]:
    """`at_work(language, width)`: the cashier of the shop of that language before a screen, signed in.

    What the shop needs besides its full use, `prepared` puts in first; it gives what is known of the shop.
    """

    @contextmanager
    def standing(language: str, width: int, prepared: Callable[[Words], Any] = fill) -> Iterator[AtWork]:
        words = SHOPS[language]
        known = inside(lambda: prepared(words), words.slug, opened_as(words))
        with browsers.screen(chromium, house, language=language, width=width) as person:
            cashier = AtWork(person=person, words=words, known=known)
            cashier.becomes("cashier")
            yield cashier

    return standing
