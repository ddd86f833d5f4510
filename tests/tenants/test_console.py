"""The operator's console looks, and archives; it lets nobody type over a business."""

from __future__ import annotations

import pytest
from django.test import Client

from regulars.access.models import User
from tenants.context import public_context
from tenants.models import Business, BusinessState

LIST = "/operator/tenants/business/"


@pytest.fixture
def operator(db: None) -> Client:
    with public_context():
        user = User.objects.create_superuser("operator", "operator@regulars.test", "a-long-enough-pass-phrase")
        client = Client(headers={"host": "regulars.test"})
        client.force_login(user, backend="regulars.access.backends.PasswordBackend")
    return client


def test_the_console_lists_businesses(operator: Client) -> None:
    page = operator.get(LIST).content.decode()
    assert "teahouse" in page
    assert "gym" in page


def test_a_business_is_looked_at_and_not_edited(operator: Client, gym: Business) -> None:
    page = operator.get(f"{LIST}{gym.pk}/change/")
    assert page.status_code == 200
    assert 'name="name"' not in page.content.decode()
    assert operator.get(f"{LIST}add/").status_code == 403


def test_a_chosen_business_is_archived_and_opened_again(operator: Client, gym: Business) -> None:
    operator.post(LIST, {"action": "archive", "_selected_action": [gym.pk]})
    gym.refresh_from_db()
    assert gym.state == BusinessState.ARCHIVED
    operator.post(LIST, {"action": "reopen", "_selected_action": [gym.pk]})
    gym.refresh_from_db()
    assert gym.state == BusinessState.OPEN


def test_the_console_is_not_on_the_host_of_a_business(gym: Business) -> None:
    assert Client(headers={"host": "gym.regulars.test"}).get("/operator/", follow=True).status_code == 404


def test_whoever_has_not_signed_in_is_sent_to_the_door(db: None) -> None:
    assert Client(headers={"host": "regulars.test"}).get(LIST).status_code == 302


def test_passwords_of_operators_are_not_tried_without_end(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenants.limits.OPERATOR_SIGN_INS_PER_HOUR", 2)
    door = Client(headers={"host": "regulars.test"})
    right = {"username": "operator", "password": "a-long-enough-pass-phrase", "next": "/operator/"}
    for _ in range(2):
        assert door.post("/operator/login/", {**right, "password": "wrong"}).status_code == 200
    refused = door.post("/operator/login/", right)
    assert refused.status_code == 200
    assert "Too many attempts" in refused.content.decode()
    elsewhere = door.post("/operator/login/", right, REMOTE_ADDR="203.0.113.9")
    assert elsewhere.status_code == 302
