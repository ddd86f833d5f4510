"""Who is signed in, and as what, is one question; every condition that ends a sign-in still ends it at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.access.models import Session, User
from regulars.organisation.models import Staff

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from tenants.models import Business

pytestmark = pytest.mark.clause("5.Speed and sureness")

COUNTER = "/counter/"


@pytest.fixture
def till(business: Business, cashier: Staff, client_for: Callable[..., Client]) -> Client:
    """A browser in which the cashier is signed in."""
    return client_for(business, cashier.user)


def is_in(browser: Client) -> bool:
    """Whether the counter opens."""
    return browser.get(COUNTER).status_code == 200


def test_session_user_and_member_of_staff_are_asked_at_once(till: Client) -> None:
    assert is_in(till)
    with CaptureQueriesContext(connection) as asked:
        assert is_in(till)
    about = [query["sql"] for query in asked if '"access_user"' in query["sql"] or "access_session" in query["sql"]]
    assert len(about) == 1
    assert '"organisation_staff"' in about[0]
    assert '"organisation_branch"' in about[0]
    others = [query["sql"] for query in asked if 'FROM "organisation_staff"' in query["sql"]]
    assert others == []


def test_who_is_dismissed_is_out_with_the_next_page(till: Client, cashier: Staff) -> None:
    assert is_in(till)
    Staff.objects.filter(pk=cashier.pk).update(is_active=False)
    assert not is_in(till)


def test_a_login_that_is_closed_is_out_with_the_next_page(till: Client, cashier: Staff) -> None:
    assert is_in(till)
    User.objects.filter(pk=cashier.user_id).update(is_active=False)
    assert not is_in(till)


def test_a_new_password_ends_the_sessions_begun_with_the_old_one(till: Client, cashier: Staff) -> None:
    assert is_in(till)
    user = User.objects.get(pk=cashier.user_id)
    user.set_password("another-long-enough-pass-phrase")
    user.save()
    assert not is_in(till)


def test_a_session_whose_user_is_gone_is_nobodys(till: Client, cashier: Staff) -> None:
    assert is_in(till)
    number = cashier.user_id
    Session.objects.filter(user_id=number).update(user_id=number + 1_000_000)
    assert is_in(till)  # what is sealed in the session says who it is; the column only says where to look first
    Staff.objects.filter(pk=cashier.pk).delete()
    User.objects.filter(pk=number).delete()
    assert not is_in(till)


def test_a_session_is_never_taken_for_the_one_its_column_names(till: Client, cashier: Staff) -> None:
    owner = Staff.objects.exclude(pk=cashier.pk).earliest("pk")
    Session.objects.filter(user_id=cashier.user_id).update(user_id=owner.user_id)
    assert till.get(COUNTER).context["request"].user.pk == cashier.user_id


def test_a_secret_that_is_being_replaced_signs_nobody_out(till: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_in(till)
    monkeypatch.setattr(settings, "SECRET_KEY_FALLBACKS", [settings.SECRET_KEY])
    monkeypatch.setattr(settings, "SECRET_KEY", "another-secret-that-is-long-enough-for-a-test")
    assert is_in(till)
    monkeypatch.setattr(settings, "SECRET_KEY_FALLBACKS", [])
    assert is_in(till)  # the session was sealed anew with the secret of today
