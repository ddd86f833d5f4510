"""Who is asking is read from what our own proxies wrote, never from what the client did."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from regulars.errors import TooMany
from tenants import limits

pytestmark = pytest.mark.clause("2.3")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "seen"),
    [
        (0, "198.51.100.7", "203.0.113.1"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "10.9.9.9, 198.51.100.7", "198.51.100.7"),
        (2, "10.9.9.9, 198.51.100.7, 192.0.2.1", "198.51.100.7"),
        (2, "198.51.100.7", "198.51.100.7"),
        (1, "", "203.0.113.1"),
        (1, "no address at all", "unknown"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (1, "::ffff:198.51.100.7", "198.51.100.7"),
    ],
)
def test_the_client_is_who_the_outermost_trusted_proxy_saw(
    settings: Any, proxies: int, forwarded: str, seen: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert limits.client_address(request) == seen


@pytest.mark.django_db
def test_the_act_after_the_last_allowed_one_is_refused_for_that_client_alone() -> None:
    limit = limits.Limit("test", 2)
    first = RequestFactory().get("/", REMOTE_ADDR="203.0.113.1")
    for _ in range(2):
        limits.count(first, limit)
    with pytest.raises(TooMany):
        limits.count(first, limit)
    limits.count(RequestFactory().get("/", REMOTE_ADDR="203.0.113.2"), limit)
