"""Messages in the back office: own words with a preview, a test to oneself, the log with its costs, the rules."""

from __future__ import annotations

import pytest
from django.urls import reverse

from regulars.outreach import delivery
from regulars.outreach.channels import Receipt, Refused
from regulars.outreach.delivery import deliver_waiting
from regulars.outreach.editing import change_rules
from regulars.outreach.models import Message, SendingRules, Wording
from regulars.outreach.services import send
from tests.conftest import PASSWORD, new_member

pytestmark = [pytest.mark.clause("3.8"), pytest.mark.capability(119)]

WORDS = {"subject": "Hello {name}", "body": "Tea is ready: {address}", "act": "save"}


def page_of(kind="welcome", language="en"):
    return reverse("office_messages:wording", args=(kind, language), urlconf="regulars.config.urls_business")


def test_the_list_shows_every_message_and_whose_words_it_uses(desk):
    desk.post(page_of(), WORDS)
    page = desk.get("/office/messages/").content.decode()
    assert "Welcome to 山茶 Tea House" in page
    assert page.count(">own words<") == 1
    assert page_of(language="zh-hans") in page


def test_a_message_of_a_module_that_is_off_is_nowhere(desk):
    assert "specimen_full" not in desk.get("/office/messages/").content.decode()
    assert desk.get(page_of("specimen_full")).status_code == 404
    assert desk.get(page_of("no-such")).status_code == 404
    assert desk.get(page_of("welcome", "fr")).status_code == 404


def test_own_words_are_saved_and_given_back(desk):
    answer = desk.post(page_of(), WORDS, follow=True)
    assert "The next message of this kind says it." in answer.content.decode()
    assert Wording.objects.get().body == "Tea is ready: {address}"
    answer = desk.post(page_of(), {"act": "restore"}, follow=True)
    assert "in our words again" in answer.content.decode()
    assert Wording.objects.count() == 0


def test_a_wrong_variable_is_named_beside_its_field_and_nothing_typed_is_lost(desk):
    answer = desk.post(page_of(), {**WORDS, "body": "You have {pionts}"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "There is no {pionts} in this message. It has: {business}, {address}, {name}." in page
    assert "You have {pionts}" in page
    assert Wording.objects.count() == 0


def test_the_variables_stand_there_to_be_pressed(desk):
    page = desk.get(page_of("points_credited")).content.decode()
    for name in ("points", "balance", "address", "business", "name"):
        assert f'data-messages-insert="{name}"' in page


def test_the_preview_shows_an_example_and_the_parts_of_a_text(desk):
    change_rules(by="stf_test", sms_price=45_000)
    address = f"{page_of('points_credited', 'zh-hans')}preview/"
    page = desk.post(address, {"subject": "{points} 积分", "body": "茶" * 71 + "{points}"}).content.decode()
    assert "128 积分" in page
    assert "74 of 134 letters, 2 parts" in page
    assert "¥0.09" in page
    assert 'srcdoc="&lt;!doctype html&gt;' in page
    refused = desk.post(address, {"subject": "x", "body": "{pionts}"})
    assert refused.status_code == 200
    assert "There is no {pionts}" in refused.content.decode()
    assert Wording.objects.count() == 0


def test_a_test_goes_to_oneself_and_saves_nothing(desk, owner):
    answer = desk.post(page_of(), {**WORDS, "act": "test-email"})
    page = answer.content.decode()
    assert "A test is on its way" in page
    assert "Tea is ready: {address}" in page
    message = Message.objects.get()
    assert (message.recipient, message.subject) == (owner.user.email, "Test: Hello Li Hua")
    assert Wording.objects.count() == 0


def test_there_is_an_end_to_tests(desk):
    answers = [desk.post(page_of(), {**WORDS, "act": "test-email"}).status_code for _time in range(21)]
    assert answers == [200] * 20 + [422]
    assert Message.objects.count() == 20


def test_nobody_is_tested_on_but_oneself(desk):
    answer = desk.post(page_of(), {**WORDS, "act": "test-sms"})
    assert answer.status_code == 422
    assert Message.objects.count() == 0


@pytest.fixture
def sent(member, branch, monkeypatch):
    """A welcome that went out, another that was refused, and one to a member of no branch."""
    change_rules(by="stf_test", sms_price=45_000)

    def sometimes(message):
        if "Refused" in message.body:
            raise Refused("no_such_address", "Unknown subscriber")
        return Receipt(provider_id="SM1")

    monkeypatch.setattr(delivery, "hand_over", sometimes)
    send(kind="welcome", member=member, variables={"address": "/"}, key="one")
    send(kind="welcome", member=member, variables={"address": "Refused"}, key="two")
    elsewhere = new_member(contact="+8613800138001", name="Wang Elsewhere")
    send(kind="points_credited", member=elsewhere, variables={"points": 3, "balance": 9, "address": "/"}, key="three")
    deliver_waiting()
    return member


def test_the_log_shows_what_was_sent_with_its_cost(desk, sent):
    page = desk.get("/office/messages/log/").content.decode()
    assert "There is no such address or number. (Unknown subscriber)" in page
    assert "+8613800138000" in page
    assert "¥0.09" in page
    assert page.count("Wang Elsewhere") == 2


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        ("", 6),
        ("?channel=sms", 3),
        ("?state=failed", 1),
        ("?kind=points_credited", 2),
        ("?purpose=marketing", 0),
        ("?day=2020-01-01", 0),
        ("?days=1&channel=inbox", 3),
        ("?channel=pigeon&state=&day=never&days=9999&p=none", 6),
        ("?day=9999-12-31", 6),
        ("?day=0001-01-01", 6),
    ],
)
def test_the_log_is_filtered(desk, sent, asked, rows):
    answer = desk.get(f"/office/messages/log/{asked}")
    assert answer.status_code == 200
    assert answer.content.decode().count('class="messages-state') == rows


def test_an_empty_log_teaches(desk):
    assert "Nothing was sent in these days" in desk.get("/office/messages/log/").content.decode()


def test_the_log_keeps_to_the_scope_and_hides_contacts(business, sent, branch, client_for):
    from regulars.organisation.team.services import appoint

    marketer = appoint(name="Mo", email="mo@tea.example", password=PASSWORD, role="marketer", branch=branch)
    browser = client_for(business, marketer.user)
    page = browser.get("/office/messages/log/").content.decode()
    assert "Li Hua" in page
    assert "Wang Elsewhere" not in page
    assert "13800138000" not in page
    assert "•••••" in page
    other = Message.objects.filter(key="three").first()
    assert browser.get(f"/office/messages/log/{other.public_id}/").status_code == 404
    assert (
        browser.post(f"/office/messages/log/{other.public_id}/again/").status_code == 403
    )  # changing messages is for the whole business


def test_a_failed_message_is_sent_again_from_its_page(desk, sent, monkeypatch):
    failed = Message.objects.get(state="failed")
    address = f"/office/messages/log/{failed.public_id}/"
    assert "Send it again" in desk.get(address).content.decode()
    assert "It is on its way again." in desk.post(f"{address}again/", follow=True).content.decode()
    monkeypatch.setattr(delivery, "hand_over", lambda message: Receipt())
    deliver_waiting()
    failed.refresh_from_db()
    assert failed.state == "sent"
    assert "Only what could not be sent" in desk.post(f"{address}again/", follow=True).content.decode()


def test_the_number_of_questions_does_not_grow_with_the_log(desk, sent, member, django_assert_max_num_queries):
    for number in range(30):
        send(kind="welcome", member=member, variables={"address": "/"}, key=f"more:{number}")
    desk.get("/office/messages/log/")
    with django_assert_max_num_queries(30) as few:
        desk.get("/office/messages/log/?state=failed")
    with django_assert_max_num_queries(len(few) + 1):
        desk.get("/office/messages/log/?days=30")


def test_the_rules_are_changed_on_their_page(desk):
    sent = {
        "quiet_from": "22:00",
        "quiet_until": "08:00",
        "offers_per_week": "1",
        "postal_address": "1 Tea Street",
        "sms_price": "0.045",
        "mail_price": "0.001",
        "keep_months": "24",
    }
    assert desk.post("/office/messages/rules/", sent).status_code == 302
    rules = SendingRules.objects.get()
    assert (rules.offers_per_week, rules.sms_price, rules.mail_price, rules.keep_months) == (1, 45_000, 1_000, 24)
    page = desk.get("/office/messages/rules/").content.decode()
    assert 'value="0.045"' in page
    assert 'value="22:00"' in page
    refused = desk.post("/office/messages/rules/", {**sent, "sms_price": "a lot", "quiet_from": "25:00"})
    assert refused.status_code == 422
    assert "Enter a price like 0.045" in refused.content.decode()


@pytest.mark.parametrize(
    ("role", "list_page", "words", "log", "rules"),
    [
        ("manager", 200, 200, 200, 403),
        ("marketer", 200, 200, 200, 403),
        ("service", 200, 403, 200, 403),
        ("reader", 200, 403, 200, 403),
        ("accountant", 403, 403, 403, 403),
    ],
)
def test_each_role_sees_its_pages(business, client_for, role, list_page, words, log, rules):
    from regulars.organisation.team.services import appoint

    person = appoint(name="Ro", email="ro@tea.example", password=PASSWORD, role=role)
    browser = client_for(business, person.user)
    addresses = ("/office/messages/", page_of(), "/office/messages/log/", "/office/messages/rules/")
    seen = [browser.get(address).status_code for address in addresses]
    assert [403 if status == 302 else status for status in seen] == [list_page, words, log, rules]
