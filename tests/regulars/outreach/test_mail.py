"""A message as a mail: text and HTML in the shop's look, a way out of offers, and what a mail provider may answer."""

from __future__ import annotations

import smtplib
from email import message_from_bytes
from email.policy import default

import pytest
from django.core import mail

from regulars.config.mail import mail_settings
from regulars.organisation.models import Organisation
from regulars.outreach import channels
from regulars.outreach.delivery import deliver_waiting
from regulars.outreach.editing import change_rules
from regulars.outreach.mail import compose
from regulars.outreach.models import Message
from regulars.outreach.services import notify_staff, send
from regulars.outreach.unsubscribe import address_for

pytestmark = [pytest.mark.clause("3.8"), pytest.mark.capability(111)]


def letter(member, kind="offer", **variables):
    send(kind=kind, member=member, variables=variables, key=f"{kind}:1")
    return compose(Message.objects.get(key=f"{kind}:1", channel="email"))


def test_a_mail_has_text_and_html_and_comes_from_the_shop(day, reader):
    found = letter(reader, "welcome", address="https://tea.example/me/")
    parsed = message_from_bytes(found.message().as_bytes(), policy=default)
    assert [part.get_content_type() for part in parsed.iter_parts()] == ["text/plain", "text/html"]
    assert parsed["From"].addresses[0].display_name == "山茶 Tea House"
    html = parsed.get_body(("html",)).get_content()
    assert 'href="https://tea.example/me/"' in html
    assert "https://tea.example/me/" in parsed.get_body(("plain",)).get_content()
    assert "<script" not in html
    assert parsed["List-Unsubscribe"] is None


def test_an_offer_carries_the_one_click_headers_and_the_postal_address(day, reader):
    change_rules(by="stf_test", postal_address="1 Tea Street, Hangzhou")
    found = letter(reader)
    stop = address_for(reader, "email")
    assert found.extra_headers["List-Unsubscribe"] == f"<{stop}>"
    assert found.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    html = found.alternatives[0][0]
    for part in (found.body, html):
        assert stop in part
        assert "1 Tea Street, Hangzhou" in part


def test_names_that_look_like_markup_stay_words(day, reader):
    reader.name = "<b>Ann</b>"
    found = letter(reader)
    assert "&lt;b&gt;Ann&lt;/b&gt;" in found.alternatives[0][0]


def test_a_mail_that_is_tried_again_bears_the_same_number(day, reader):
    found = letter(reader)
    message = Message.objects.get(channel="email")
    assert found.extra_headers["Message-ID"] == f"<{message.public_id}@regulars.test>"
    assert compose(message).extra_headers["Message-ID"] == found.extra_headers["Message-ID"]


def test_staff_are_told_in_their_own_language_once(owner, cashier):
    owner.user.language = "en"
    owner.user.save()
    told = {"what": "Refund", "amount": "¥500", "place": "Bund", "who": "Xiao", "reason": "Cold", "address": "/office/"}
    for _time in range(2):
        notify_staff(kind="approval_requested", staff=[owner, cashier], variables=told, key="apr_1:asked")
    deliver_waiting()
    assert sorted((message.to[0], message.subject) for message in mail.outbox) == [
        ("cashier@teahouse.example", "Xiao 请您审批：Refund，¥500"),
        (owner.user.email, "Xiao asks you to approve: Refund, ¥500"),
    ]


def test_replies_reach_the_shop(day, reader):
    from django.core.cache import cache

    Organisation.objects.update(contact_email="tea@example.com")
    cache.clear()
    assert letter(reader).reply_to == ["tea@example.com"]


@pytest.mark.parametrize(
    ("error", "state", "detail"),
    [
        (smtplib.SMTPRecipientsRefused({"a": (550, b"no such user")}), "failed", "no_such_address: no such user"),
        (smtplib.SMTPRecipientsRefused({"a": (451, b"later")}), "queued", "no_such_address: later"),
        (smtplib.SMTPDataError(554, b"spam"), "failed", "refused: spam"),
        (smtplib.SMTPDataError(421, b"slow down"), "queued", "busy: slow down"),
        (smtplib.SMTPAuthenticationError(535, b"who are you"), "queued", "no_entry: who are you"),
        (smtplib.SMTPServerDisconnected("gone"), "queued", "unreachable: SMTPServerDisconnected"),
        (TimeoutError(), "queued", "unreachable: TimeoutError"),
        (RuntimeError("what?"), "queued", "RuntimeError"),
    ],
)
def test_what_a_mail_server_says_decides_what_becomes_of_a_mail(day, reader, monkeypatch, error, state, detail):
    def failing(self, *args, **options):
        raise error

    monkeypatch.setattr("django.core.mail.EmailMessage.send", failing)
    send(kind="welcome", member=reader, variables={"address": "/"}, key="welcome:1")
    deliver_waiting()
    message = Message.objects.get(channel="email")
    assert (message.state, message.detail) == (state, detail)


@pytest.mark.parametrize(
    ("status", "body", "state", "code"),
    [
        (200, {"ErrorCode": 0, "Message": "OK", "MessageID": "pm-1", "To": "ann@example.com"}, "sent", ""),
        (422, {"ErrorCode": 300, "Message": "Invalid 'From' address"}, "failed", "refused"),
        (406, {"ErrorCode": 406, "Message": "Inactive recipient"}, "failed", ""),
        (401, {"ErrorCode": 10, "Message": "Bad token"}, "queued", "no_entry"),
        (429, {"ErrorCode": 429, "Message": "Rate limit"}, "queued", "busy"),
        (503, {"ErrorCode": 100, "Message": "Maintenance"}, "queued", "out_of_order"),
    ],
)
def test_a_provider_s_api_is_understood(day, reader, provider, settings, status, body, state, code):
    """Postmark's API through anymail, spoken to a server of ours."""
    found = mail_settings(f"postmark://token@?endpoint={provider.address}")
    settings.EMAIL_BACKEND, settings.ANYMAIL = found["EMAIL_BACKEND"], found["ANYMAIL"]
    provider.answers.append((status, [body] if status == 200 else body, {}))
    send(kind="welcome", member=reader, variables={"address": "/"}, key="welcome:1")
    deliver_waiting()
    message = Message.objects.get(channel="email")
    assert message.state == state, message.detail
    assert message.detail.startswith(code)
    assert message.provider_id == ("pm-1" if state == "sent" else "")


def test_every_reason_has_words():
    assert channels.words_of("busy: slow down") == "The provider asks us to wait. (slow down)"
    assert channels.words_of("RuntimeError") == "RuntimeError"
    assert channels.words_of("") == ""
