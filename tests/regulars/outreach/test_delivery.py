"""Claim, send, note: a message goes out once, whatever its provider does, and what did not go says why."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from regulars import clock
from regulars.outreach import delivery
from regulars.outreach.channels import CannotSend, Receipt, Refused
from regulars.outreach.delivery import CannotSendAgain, deliver_waiting, forget_old, send_again
from regulars.outreach.editing import change_rules
from regulars.outreach.models import Message
from regulars.outreach.selectors import next_due
from regulars.outreach.services import send

pytestmark = [pytest.mark.clause("3.8"), pytest.mark.capability(111)]


def welcome(member, key="welcome:1"):
    send(kind="welcome", member=member, variables={"address": "/"}, key=key)
    return Message.objects.get(key=key, channel="sms")


def code(minutes=10, key="code:1"):
    return send(
        kind="sign_in_code",
        member=None,
        recipient="+8613800138000",
        channel="sms",
        language="en",
        variables={"code": "123456", "minutes": minutes},
        key=key,
    )[0]


def test_a_provider_takes_a_text_and_the_log_knows_its_number_and_cost(day, member, provider):
    change_rules(by="stf_test", sms_price=45_000)
    message = welcome(member)
    assert deliver_waiting() == 1
    message.refresh_from_db()
    assert (message.state, message.provider_id, message.parts, message.cost) == ("sent", "SM" + "0" * 32, 1, 45_000)
    path, fields, authorization = provider.asked[0]
    assert path == "/2010-04-01/Accounts/AC123/Messages.json"
    assert fields == {"To": "+8613800138000", "From": "+15550001", "Body": message.body}
    assert authorization == "Basic QUMxMjM6c2VjcmV0"


def test_a_repeat_run_sends_nothing_twice(day, member, provider):
    welcome(member)
    assert (deliver_waiting(), deliver_waiting()) == (1, 0)
    assert len(provider.taken) == 1


def test_after_its_seconds_no_further_message_is_begun_and_the_others_wait(day, member, provider):
    for number in range(2):
        welcome(member, key=f"welcome:{number}")
    assert [deliver_waiting(seconds=0) for _turn in range(3)] == [1, 1, 0]
    assert len(provider.taken) == 2


def test_an_answer_that_comes_too_late_does_not_send_twice(member, provider):
    message = welcome(member)
    provider.late_seconds = 0.6
    deliver_waiting()
    message.refresh_from_db()
    assert (message.state, message.detail) == ("queued", "unreachable: ReadTimeout")
    provider.late_seconds = 0
    with clock.turned_to(message.not_before):
        deliver_waiting()
    message.refresh_from_db()
    assert (message.state, message.provider_id) == ("sent", "SM" + "0" * 32)
    assert len(provider.taken) == 1


def test_a_busy_provider_is_left_alone_as_long_as_it_asks(day, member, provider):
    message = welcome(member)
    provider.answers.append((429, {"message": "Too many requests", "code": 20429}, {"Retry-After": "1800"}))
    deliver_waiting()
    message.refresh_from_db()
    assert (message.state, message.detail) == ("queued", "busy: Too many requests 20429")
    assert message.not_before == day + dt.timedelta(minutes=30)


def test_a_broken_provider_is_asked_again_after_a_pause(day, member, provider):
    message = welcome(member)
    provider.answers.append((500, "<html>", {}))
    deliver_waiting()
    message.refresh_from_db()
    assert (message.state, message.detail, message.not_before) == (
        "queued",
        "out_of_order",
        day + dt.timedelta(minutes=1),
    )
    assert next_due() == message.not_before
    with clock.turned_to(message.not_before):
        deliver_waiting()
    message.refresh_from_db()
    assert message.state == "sent"


def test_a_provider_that_is_down_loses_nothing(day, member, settings):
    settings.SMS_URL = "twilio://AC123:secret@+15550001?endpoint=http://127.0.0.1:9"
    message = welcome(member)
    deliver_waiting()
    message.refresh_from_db()
    assert (message.state, message.detail) == ("queued", "unreachable: ConnectionError")


def test_a_refusal_for_good_fails_at_once_and_says_why(day, member, provider):
    message = welcome(member)
    provider.answers.append((400, {"message": "Invalid 'To' Phone Number", "code": 21211}, {}))
    deliver_waiting()
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("failed", 1)
    assert message.detail == "no_such_address: Invalid 'To' Phone Number 21211"


@pytest.mark.parametrize("said", ["[]", "", '{"sid": ', "no json"])
def test_an_answer_nobody_understands_is_not_taken_for_a_yes(day, member, provider, said):
    message = welcome(member)
    provider.answers.append((201, said, {}))
    deliver_waiting()
    message.refresh_from_db()
    assert (message.state, message.detail) == ("queued", "unclear")


def test_five_attempts_with_growing_pauses_then_it_failed(day, member, monkeypatch):
    def down(message):
        raise CannotSend("out_of_order")

    monkeypatch.setattr(delivery, "hand_over", down)
    message, instants = welcome(member), []
    while message.state == "queued":
        with clock.turned_to(message.not_before):
            deliver_waiting()
        instants.append(message.not_before)
        message.refresh_from_db()
    pauses = [(later - earlier).total_seconds() / 60 for earlier, later in itertools.pairwise(instants)]
    assert (message.state, message.attempts, pauses) == ("failed", 5, [1, 10, 60, 240])


def test_an_attempt_counts_before_it_is_made(day, member, monkeypatch):
    """A message that kills its worker comes to an end."""

    def deadly(message):
        raise SystemExit

    monkeypatch.setattr(delivery, "hand_over", deadly)
    message = welcome(member)
    for _attempt in range(5):
        with clock.turned_to(message.not_before), pytest.raises(SystemExit):
            deliver_waiting()
        message.refresh_from_db()
    assert (message.state, message.attempts) == ("queued", 5)
    with clock.turned_to(message.not_before):
        deliver_waiting()
    message.refresh_from_db()
    assert (message.state, message.detail) == ("failed", "interrupted")


def test_nothing_is_locked_while_a_provider_is_asked(day, member, monkeypatch):
    """What is claimed is committed before it is handed over, with its attempt counted."""
    seen = []

    def looking(message):
        seen.append(Message.objects.values_list("attempts", "not_before").get(pk=message.pk))
        return Receipt()

    monkeypatch.setattr(delivery, "hand_over", looking)
    welcome(member)
    deliver_waiting()
    assert seen == [(1, day + delivery.LEASE)]


def test_what_somebody_waits_for_goes_first(day, agreeing, monkeypatch):
    order = []
    monkeypatch.setattr(delivery, "hand_over", lambda message: order.append(message.kind) or Receipt())
    send(kind="offer", member=agreeing, variables={}, key="offer:1")
    welcome(agreeing)
    code()
    deliver_waiting()
    assert order == ["sign_in_code", "welcome", "offer"]


def test_a_code_that_is_too_old_is_not_sent_and_not_kept(day, business, provider):
    message = code(minutes=10)
    with clock.turned_to(day + dt.timedelta(minutes=10)):
        deliver_waiting()
    message.refresh_from_db()
    assert (message.state, message.detail, message.body) == ("failed", "expired", "")
    assert provider.asked == []


def test_a_code_is_tried_again_within_its_life(day, business, provider):
    message = code()
    provider.answers.append((503, "", {}))
    deliver_waiting()
    message.refresh_from_db()
    assert message.not_before == day + dt.timedelta(seconds=15)
    assert "123456" in message.body


def test_a_failed_message_can_be_sent_again_by_hand(day, member, provider):
    message = welcome(member)
    provider.answers.append((400, {"message": "No", "code": 1}, {}))
    deliver_waiting()
    message.refresh_from_db()
    send_again(message=message, by="stf_test")
    deliver_waiting()
    message.refresh_from_db()
    assert (message.state, message.detail, message.attempts) == ("sent", "", 1)


def test_what_was_sent_or_is_not_kept_is_not_sent_again(day, member, provider, monkeypatch):
    message = welcome(member)
    deliver_waiting()
    with pytest.raises(CannotSendAgain, match="could not be sent"):
        send_again(message=message, by="stf_test")
    monkeypatch.setattr(delivery, "hand_over", lambda message: (_ for _ in ()).throw(Refused("refused")))
    secret = code()
    deliver_waiting()
    with pytest.raises(CannotSendAgain, match="not kept"):
        send_again(message=secret, by="stf_test")
    assert len(provider.taken) == 1


def test_old_messages_are_deleted_and_young_ones_stay(day, member):
    old, young = welcome(member), welcome(member, key="welcome:2")
    Message.objects.filter(key="welcome:1").update(written_at=day - dt.timedelta(days=36 * 31 + 1))
    assert forget_old() == 2
    assert not Message.objects.filter(pk=old.pk).exists()
    assert Message.objects.filter(pk=young.pk).exists()
