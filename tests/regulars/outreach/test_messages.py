"""Messages go out in the member's language, once, and never against the member's word."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail

from regulars import clock, hooks
from regulars.outreach import delivery, gateways, templates
from regulars.outreach.models import Message, MessageState
from regulars.outreach.selectors import inbox, unread_count
from regulars.outreach.services import deliver_waiting, mark_read, send

pytestmark = pytest.mark.clause("2.5")


def welcome(member, key="welcome:one"):
    return send(kind="welcome", member=member, variables={"address": "https://tea.example/me/"}, key=key)


@pytest.mark.capability(110)
def test_a_message_reaches_the_inbox_at_once_and_the_phone_by_a_worker(member, capsys):
    welcome(member)
    assert [message.subject for message in inbox(member)] == ["Welcome to 山茶 Tea House"]
    assert Message.objects.get(channel="sms").state == MessageState.QUEUED
    assert deliver_waiting() == 1
    assert "+8613800138000: You are now a member" in capsys.readouterr().err
    assert Message.objects.get(channel="sms").state == MessageState.SENT


def test_a_fact_heard_twice_sends_once(member):
    welcome(member)
    welcome(member)
    assert Message.objects.count() == 2


@pytest.mark.capability(111)
def test_a_member_with_an_e_mail_gets_mail_in_their_language(branch):
    from tests.conftest import new_member

    member = new_member(contact="li@example.com", branch=branch)
    member.language = "zh-hans"
    member.save()
    welcome(member)
    deliver_waiting()
    assert [(message.to, message.subject) for message in mail.outbox] == [
        (["li@example.com"], "欢迎加入山茶 Tea House")
    ]


def test_a_failing_channel_is_tried_five_times_and_holds_up_nobody(member, monkeypatch):
    def broken(message):
        raise ConnectionError

    monkeypatch.setattr(delivery, "hand_over", broken)
    welcome(member)
    now = clock.now()
    for hour in range(0, 30, 5):
        with clock.turned_to(now + dt.timedelta(hours=hour)):
            deliver_waiting()
    message = Message.objects.get(channel="sms")
    assert (message.state, message.attempts, message.detail) == (MessageState.FAILED, 5, "ConnectionError")


def test_a_code_is_not_kept_once_it_is_sent(business, capsys):
    from regulars.people.contacts import normal_contact
    from regulars.people.services import request_code

    request_code(contact=normal_contact("13800138000"), language="en")
    assert deliver_waiting() == 1
    assert "is your code for" in capsys.readouterr().err
    assert Message.objects.values_list("subject", "body").get() == ("", "")


def test_reading_the_inbox_makes_nothing_new(member):
    welcome(member)
    assert unread_count(member) == 1
    mark_read(member=member)
    assert unread_count(member) == 0


def test_every_message_speaks_both_languages_with_the_same_variables():
    import re

    for template in templates.templates().values():
        assert set(template.words) >= {"en"}, template.kind
        if template.kind in {own.kind for own in templates.OWN}:
            used = {lang: set(re.findall(r"{(\w+)}", body)) for lang, (_subject, body) in template.words.items()}
            assert used["en"] == used["zh-hans"], template.kind


def test_an_unknown_sms_address_is_refused_in_words():
    gateways.sms_gateway.cache_clear()
    with pytest.raises(ValueError, match="known are: console"):
        gateways.sms_gateway("carrier-pigeon://x")


def test_hooks_offer_templates():
    assert hooks.message_templates() == []
