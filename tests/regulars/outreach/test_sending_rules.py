"""Offers go to those who agreed, by the ways they agreed to, not at night, and not more than twice a week."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars import clock, hooks, plugins
from regulars.errors import InvalidInput
from regulars.outreach.delivery import deliver_waiting
from regulars.outreach.editing import change_rules
from regulars.outreach.models import Message, SendingRules
from regulars.outreach.quiet import quiet_until
from regulars.outreach.selectors import inbox, next_due, rules
from regulars.outreach.services import Letter, send, send_to_many
from regulars.people.selectors import agrees_to_marketing, marketing_answers
from regulars.people.services import set_marketing_consent
from tests.conftest import new_member

pytestmark = [pytest.mark.clause("3.8"), pytest.mark.capability(109)]

NINE = dt.datetime(2026, 6, 16, 1, 0, tzinfo=dt.UTC)
"""Nine in the morning after, in Shanghai."""


def offer(member, key="offer:1"):
    return send(kind="offer", member=member, variables={}, key=key)


def states(key):
    return dict(Message.objects.filter(key=key).values_list("channel", "state"))


def test_an_offer_goes_to_whoever_agreed(day, agreeing):
    offer(agreeing)
    assert states("offer:1") == {"inbox": "sent", "sms": "queued"}


def test_without_consent_nothing_goes_and_it_says_why(day, member):
    offer(member)
    assert states("offer:1") == {"inbox": "held_back", "sms": "held_back"}
    assert set(Message.objects.values_list("detail", flat=True)) == {"no_consent"}
    assert inbox(member) == []


def test_a_word_about_one_channel_is_about_that_channel(day, agreeing):
    set_marketing_consent(member=agreeing, is_given=False, source="site", channel="sms")
    assert marketing_answers(agreeing) == {"email": True, "sms": False, "inbox": True}
    offer(agreeing)
    assert states("offer:1") == {"inbox": "sent", "sms": "held_back"}


def test_the_way_outside_is_one_the_member_agreed_to(day, agreeing):
    agreeing.email = "li@example.com"
    agreeing.save()
    set_marketing_consent(member=agreeing, is_given=False, source="site", channel="sms")
    offer(agreeing)
    assert states("offer:1") == {"inbox": "sent", "email": "queued"}


def test_a_later_word_about_all_counts_for_each(agreeing):
    set_marketing_consent(member=agreeing, is_given=False, source="site", channel="sms")
    set_marketing_consent(member=agreeing, is_given=True, source="site")
    assert agrees_to_marketing(agreeing, "sms") is True
    set_marketing_consent(member=agreeing, is_given=False, source="site")
    assert agrees_to_marketing(agreeing) is False


def test_an_offer_at_night_waits_for_nine_in_the_morning(night, agreeing):
    offer(agreeing)
    assert Message.objects.get(channel="sms").not_before == NINE
    assert deliver_waiting() == 0
    assert next_due() == NINE
    with clock.turned_to(NINE):
        assert deliver_waiting() == 1
    assert states("offer:1")["sms"] == "sent"


def test_the_workers_are_called_for_the_morning(night, agreeing, monkeypatch, django_capture_on_commit_callbacks):
    called = []
    real = plugins.first
    monkeypatch.setattr(
        plugins,
        "first",
        lambda spec, **named: called.append(named["due_at"]) if spec is hooks.work_waiting else real(spec, **named),
    )
    with django_capture_on_commit_callbacks(execute=True):
        offer(agreeing)
    assert called == [NINE]


def test_the_night_is_that_of_the_branch_where_it_has_its_own(night, agreeing, branch):
    branch.zone = "Europe/London"  # half past three in the afternoon
    branch.save()
    offer(agreeing)
    assert Message.objects.get(channel="sms").not_before == night


def test_whose_zone_is_unknown_sleeps_when_the_business_does(night, reader):
    reader.branch = None
    reader.save()
    offer(reader)
    assert Message.objects.get(channel="email").not_before == NINE


def test_a_reminder_by_text_waits_and_by_mail_does_not(night, member, reader):
    send(kind="reminder", member=member, variables={}, key="reminder:text")
    send(kind="reminder", member=reader, variables={}, key="reminder:mail")
    assert Message.objects.get(channel="sms").not_before == NINE
    assert Message.objects.get(channel="email").not_before == night


def test_what_answers_the_member_s_own_act_goes_at_once(night, member):
    send(kind="welcome", member=member, variables={"address": "/"}, key="welcome:1")
    assert Message.objects.get(channel="sms").not_before == night


def test_a_code_never_waits(night, business):
    send(
        kind="sign_in_code",
        member=None,
        recipient="+8613800138000",
        channel="sms",
        language="en",
        variables={"code": "123456", "minutes": 10},
        key="code:1",
    )
    assert deliver_waiting() == 1


def test_an_offer_delayed_into_the_night_waits_again_without_losing_an_attempt(day, night, agreeing):
    with clock.turned_to(day):
        offer(agreeing)
    assert deliver_waiting() == 1
    message = Message.objects.get(channel="sms")
    assert (message.state, message.not_before, message.attempts) == ("queued", NINE, 0)


@pytest.mark.parametrize(
    ("begins", "ends", "now", "until"),
    [
        ("21:00", "09:00", "20:59", None),
        ("21:00", "09:00", "21:00", "2026-06-16 09:00"),
        ("21:00", "09:00", "00:00", "2026-06-15 09:00"),
        ("21:00", "09:00", "08:59", "2026-06-15 09:00"),
        ("21:00", "09:00", "09:00", None),
        ("13:00", "15:00", "14:00", "2026-06-15 15:00"),
        ("13:00", "15:00", "15:00", None),
        ("08:00", "08:00", "08:00", None),
    ],
)
def test_quiet_hours_end_when_they_say(begins, ends, now, until):
    zone = ZoneInfo("Asia/Shanghai")
    found = quiet_until(
        dt.datetime.fromisoformat(f"2026-06-15 {now}").replace(tzinfo=zone),
        zone=zone,
        rules=SendingRules(quiet_from=dt.time.fromisoformat(begins), quiet_until=dt.time.fromisoformat(ends)),
    )
    assert (found.astimezone(zone).strftime("%Y-%m-%d %H:%M") if found else None) == until


def test_nine_is_nine_on_the_night_the_clocks_change():
    zone = ZoneInfo("Europe/London")  # on 29 March 2026 one o'clock becomes two
    found = quiet_until(dt.datetime(2026, 3, 28, 23, 0, tzinfo=zone), zone=zone, rules=SendingRules())
    assert found == dt.datetime(2026, 3, 29, 8, 0, tzinfo=dt.UTC)


def test_the_third_offer_of_a_week_is_held_back_and_the_week_ends(day, agreeing):
    for number in (1, 2, 3):
        offer(agreeing, key=f"offer:{number}")
    assert states("offer:2") == {"inbox": "sent", "sms": "queued"}
    assert states("offer:3") == {"inbox": "held_back", "sms": "held_back"}
    assert Message.objects.filter(key="offer:3", detail="weekly_cap").count() == 2
    with clock.turned_to(day + dt.timedelta(days=7, seconds=1)):
        offer(agreeing, key="offer:4")
    assert states("offer:4")["inbox"] == "sent"


# To many --------------------------------------------------------------------------------------------------------------


def written():
    """All messages of offers but for what differs each time: who, by which way, what, and what becomes of it."""
    told = Message.objects.filter(kind="offer", key__startswith="many").order_by("member", "key", "channel")
    return list(
        told.values_list(
            "member", "key", "channel", "recipient", "language", "subject", "body", "state", "detail", "not_before"
        )
    )


def letters_to(*members, turn=1):
    return [Letter(member=each, variables={}, key=f"many:{turn}:{each.public_id}") for each in members]


def alone(letters):
    for one in letters:
        send(kind="offer", member=one.member, variables=one.variables, key=one.key)


@pytest.mark.capability(90)
def test_an_offer_to_many_comes_to_each_as_if_it_were_sent_to_them_alone(night, agreeing, reader, branch):
    nobody, weary, elsewhere = (new_member(contact=f"+861370000000{number}", branch=branch) for number in range(3))
    set_marketing_consent(member=weary, is_given=True, source="site")
    for number in (1, 2):
        offer(weary, key=f"before:{number}")
    elsewhere.email, elsewhere.language = "li@example.com", "zh-hans"
    elsewhere.save()
    set_marketing_consent(member=elsewhere, is_given=True, source="site")
    set_marketing_consent(member=elsewhere, is_given=False, source="site", channel="sms")
    members = (agreeing, reader, nobody, weary, elsewhere)
    rounds = [letter for turn in range(3) for letter in letters_to(*members, turn=turn)]
    alone(rounds)
    expected = written()
    assert {(row[7], row[8]) for row in expected} == {
        ("sent", ""),
        ("queued", ""),
        ("held_back", "no_consent"),
        ("held_back", "weekly_cap"),
    }
    Message.objects.filter(key__startswith="many").delete()
    for _twice in range(2):
        send_to_many(kind="offer", letters=rounds)
    assert written() == expected


@pytest.mark.capability(90)
def test_an_offer_to_many_asks_the_database_no_more_often_than_one_to_a_few(day, branch):
    members = [new_member(contact=f"+8613700000{number:03d}", branch=branch) for number in range(20)]
    for each in members[::2]:
        set_marketing_consent(member=each, is_given=True, source="site")

    def questions(turn, people):
        with CaptureQueriesContext(connection) as asked:
            send_to_many(kind="offer", letters=letters_to(*people, turn=turn))
        return len(asked)

    questions(0, members[:1])  # the rules of sending, kept from then on
    assert questions(1, members) == questions(2, members[:2]) < 12


def test_messages_about_the_membership_are_not_counted(day, agreeing):
    for number in range(5):
        send(kind="reminder", member=agreeing, variables={}, key=f"reminder:{number}")
    offer(agreeing)
    assert states("offer:1")["inbox"] == "sent"


def test_the_same_key_sends_once_even_when_the_channel_would_differ(day, agreeing):
    offer(agreeing)
    agreeing.email = "li@example.com"
    agreeing.save()
    set_marketing_consent(member=agreeing, is_given=False, source="site", channel="sms")
    assert offer(agreeing) == []
    assert set(states("offer:1")) == {"inbox", "sms"}


def test_the_rules_are_the_business_s_own(night, agreeing):
    change_rules(by="stf_test", quiet_from=dt.time(23), quiet_until=dt.time(8), offers_per_week=1)
    assert (rules().quiet_from, rules().offers_per_week) == (dt.time(23), 1)
    offer(agreeing)
    offer(agreeing, key="offer:2")
    assert Message.objects.get(key="offer:1", channel="sms").not_before == night
    assert states("offer:2")["inbox"] == "held_back"


@pytest.mark.parametrize(
    ("field", "value"),
    [("offers_per_week", 22), ("offers_per_week", -1), ("sms_price", -1), ("keep_months", 0), ("keep_months", 121)],
)
def test_a_rule_that_cannot_be_is_refused_at_its_field(business, field, value):
    with pytest.raises(InvalidInput) as refusal:
        change_rules(by="stf_test", **{field: value})
    assert refusal.value.field == field
    assert SendingRules.objects.count() == 0
