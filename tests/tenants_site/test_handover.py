"""The link that carries a new owner into the business: one minute, one use, one business."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.core import signing
from django.test import Client

from regulars import clock
from regulars.organisation.models import Staff
from tenants import handover
from tenants.context import business_context
from tenants.models import Business

pytestmark = [pytest.mark.capability(165), pytest.mark.clause("2.3")]


@pytest.fixture
def token(business: Business, owner: Staff) -> str:
    """A fresh token for the owner of the tea house."""
    return handover.make_token(business=business, email=owner.user.email)


def test_it_signs_the_owner_in_and_opens_the_back_office(
    business: Business, owner: Staff, token: str, client_for: Callable[..., Client]
) -> None:
    browser = client_for(business)
    answer = browser.get(f"/welcome/{token}/")

    assert (answer.status_code, answer["Location"]) == (302, "/office/")
    assert answer["Referrer-Policy"] == "no-referrer"
    with business_context(business):
        assert browser.session["_auth_user_id"] == str(owner.user.pk)


def test_it_works_once(business: Business, token: str, client_for: Callable[..., Client]) -> None:
    client_for(business).get(f"/welcome/{token}/")
    stranger = client_for(business)
    answer = stranger.get(f"/welcome/{token}/")

    assert answer.status_code == 403
    assert "/account/login/?next=/office/" in answer.content.decode()
    assert "_auth_user_id" not in stranger.session


def test_loading_the_page_again_still_leads_to_the_back_office(
    business: Business, token: str, client_for: Callable[..., Client]
) -> None:
    browser = client_for(business)
    browser.get(f"/welcome/{token}/")
    again = browser.get(f"/welcome/{token}/")

    assert (again.status_code, again["Location"]) == (302, "/office/")


def test_it_is_over_after_a_minute(business: Business, token: str, client_for: Callable[..., Client]) -> None:
    with clock.turned_to(clock.now() + dt.timedelta(seconds=61)):
        answer = client_for(business, language="zh-hans").get(f"/welcome/{token}/")

    assert answer.status_code == 403
    assert "此链接只在一分钟内有效一次。请用邮箱和密码登录。" in answer.content.decode()


def test_it_is_useless_at_another_business(
    business: Business, gym: Business, token: str, client_for: Callable[..., Client]
) -> None:
    at_gym = client_for(gym)
    assert at_gym.get(f"/welcome/{token}/").status_code == 403
    assert "_auth_user_id" not in at_gym.session
    assert client_for(business).get(f"/welcome/{token}/").status_code == 302


def test_a_second_token_dies_with_the_first(business: Business, owner: Staff, token: str) -> None:
    other = handover.make_token(business=business, email=owner.user.email)
    handover.redeem(token)
    with pytest.raises(handover.HandoverRefused):
        handover.redeem(other)


def test_a_token_cannot_be_made_or_changed_without_the_key(
    business: Business, token: str, client_for: Callable[..., Client]
) -> None:
    forged = signing.dumps({"schema": business.schema_name}, salt=handover.SALT, key="guessed")
    for hostile in (forged, token[:-1], f"{token}x", "a", "%00", "' or 1=1", "é" * 500):
        assert client_for(business).get(f"/welcome/{hostile}/").status_code in (403, 404)


def test_who_was_switched_off_is_not_let_in(business: Business, owner: Staff, token: str) -> None:
    owner.user.is_active = False
    owner.user.save(update_fields=["is_active"])
    with pytest.raises(handover.HandoverRefused):
        handover.redeem(token)
