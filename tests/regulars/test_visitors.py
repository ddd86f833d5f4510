"""Who is asking is read from what our own proxies wrote, never from what the client did."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client, RequestFactory

from regulars.access.adapter import StaffAccountAdapter
from regulars.errors import TooMany
from regulars.outreach.models import Message
from regulars.visitors import Limit, address_of, count, household_of

if TYPE_CHECKING:
    from tenants.models import Business

pytestmark = pytest.mark.clause("2.3")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "seen"),
    [
        (0, "198.51.100.7", "203.0.113.1"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "10.9.9.9, 198.51.100.7", "198.51.100.7"),
        (2, "10.9.9.9, 198.51.100.7, 192.0.2.1", "198.51.100.7"),
        (2, "198.51.100.7", "203.0.113.1"),
        (1, "", "203.0.113.1"),
        (1, "no address at all", "unknown"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (1, "::ffff:198.51.100.7", "198.51.100.7"),
    ],
)
def test_the_visitor_is_who_the_outermost_trusted_proxy_saw(
    settings: Any, proxies: int, forwarded: str, seen: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert household_of(request) == seen


def test_the_sign_in_of_staff_counts_the_same_visitor(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    forwarded = RequestFactory().get("/", REMOTE_ADDR="", HTTP_X_FORWARDED_FOR="10.9.9.9, 198.51.100.7")
    assert StaffAccountAdapter().get_client_ip(forwarded) == address_of(forwarded) == "198.51.100.7"
    unknown = RequestFactory().get("/", REMOTE_ADDR="")
    assert address_of(unknown) is None
    assert StaffAccountAdapter().get_client_ip(unknown) == "unknown"


@pytest.mark.django_db
def test_the_act_after_the_last_allowed_one_is_refused_for_that_household_alone() -> None:
    limit = Limit("test", 2)
    first = RequestFactory().get("/", REMOTE_ADDR="203.0.113.1")
    for _ in range(2):
        count(first, limit)
    with pytest.raises(TooMany):
        count(first, limit)
    count(RequestFactory().get("/", REMOTE_ADDR="203.0.113.2"), limit)


def test_one_visitor_cannot_have_codes_sent_to_any_number_of_phones(
    business: Business, client_for: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("regulars.portal.admission.CODES_PER_HOUR", 2)
    visitor = client_for(business)
    answers = [visitor.post("/me/join/", {"contact": f"138 0013 80{number:02d}"}).status_code for number in range(3)]
    assert answers == [302, 302, 400]
    assert Message.objects.filter(kind="sign_in_code").count() == 2
