"""Journeys begin in a house of their own: real processes on free ports, a database copied from the prepared one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection
from playwright.sync_api import Browser

from tests import browser as browsers
from tests.conftest import _maintenance, _one_at_a_time
from tests.house import run_name
from tests.running import House, running


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
            server.execute(f'CREATE DATABASE "{name}" TEMPLATE "house_{run_name()}"')
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
