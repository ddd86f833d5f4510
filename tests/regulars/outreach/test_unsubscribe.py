"""Offers end by an address: without sign-in, at once, for this business alone, and not because a program looked."""

from __future__ import annotations

import datetime as dt

import pytest

from regulars import clock
from regulars.outreach.delivery import deliver_waiting
from regulars.outreach.models import Message
from regulars.outreach.services import send
from regulars.outreach.unsubscribe import address_for, read_token, token_for
from regulars.people.models import Consent
from regulars.people.selectors import marketing_answers
from tenants.context import business_context

pytestmark = [pytest.mark.clause("3.8"), pytest.mark.capability(158)]


@pytest.fixture
def stranger(business, client_for):
    """A browser that is signed in nowhere and checks tokens of forms as a real server does."""
    from django.test import Client

    return Client(headers={"host": f"{business.slug}.regulars.test", "accept-language": "en"}, enforce_csrf_checks=True)


def path_of(member, channel="email"):
    return f"/u/{token_for(member, channel)}/"


def test_looking_changes_nothing(reader, stranger):
    page = stranger.get(path_of(reader))
    assert page.status_code == 200
    assert "Stop: Offers by e-mail" in page.content.decode()
    assert page["Cache-Control"] == "private, no-store"
    assert marketing_answers(reader)["email"] is True


def test_one_press_ends_offers_by_this_channel_at_once(day, reader, stranger):
    send(kind="offer", member=reader, variables={}, key="offer:1")
    page = stranger.post(path_of(reader), {"stop": "1"})
    assert "No more: Offers by e-mail." in page.content.decode()
    assert marketing_answers(reader) == {"email": False, "sms": True, "inbox": True}
    assert deliver_waiting() == 0
    waiting = Message.objects.get(channel="email")
    assert (waiting.state, waiting.detail) == ("held_back", "no_consent")
    proof = Consent.objects.filter(member=reader).latest("id")
    assert (proof.purpose, proof.channel, proof.is_given) == ("marketing", "email", False)


def test_a_mail_program_ends_them_with_one_click(reader, stranger):
    """RFC 8058: a POST with this very body, from anywhere, without cookies."""
    answer = stranger.post(
        path_of(reader), "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 200
    assert marketing_answers(reader)["email"] is False


def test_what_waits_for_a_worker_is_asked_once_more(day, reader):
    """Whoever withdraws by another door gets nothing that was written before."""
    from regulars.people.services import set_marketing_consent

    send(kind="offer", member=reader, variables={}, key="offer:1")
    set_marketing_consent(member=reader, is_given=False, source="site")
    assert deliver_waiting() == 1
    assert Message.objects.get(channel="email").state == "held_back"


def test_all_offers_end_with_the_other_button(reader, stranger):
    stranger.post(path_of(reader), {"all": "1"})
    assert marketing_answers(reader) == {"email": False, "sms": False, "inbox": False}


def test_it_can_be_taken_back_for_an_hour(reader, stranger):
    page = stranger.post(path_of(reader), {"stop": "1"}).content.decode()
    assert 'name="undo"' in page
    assert "Offers come again" in stranger.post(path_of(reader), {"undo": "1"}).content.decode()
    assert marketing_answers(reader)["email"] is True
    stranger.post(path_of(reader), {"stop": "1"})
    with clock.turned_to(clock.now() + dt.timedelta(hours=1, seconds=1)):
        assert 'name="undo"' not in stranger.get(path_of(reader)).content.decode()
        stranger.post(path_of(reader), {"undo": "1"})
    assert marketing_answers(reader)["email"] is False


def test_nobody_agrees_to_offers_by_this_address(member, stranger):
    stranger.post(path_of(member), {"undo": "1"})
    assert marketing_answers(member)["email"] is False


def test_a_second_press_notes_nothing_new(reader, stranger):
    for _time in range(3):
        assert stranger.post(path_of(reader), {"stop": "1"}).status_code == 200
    assert Consent.objects.filter(member=reader, purpose="marketing", is_given=False).count() == 1


def test_the_page_speaks_the_member_s_language(reader, stranger):
    reader.language = "zh-hans"
    reader.save()
    assert "优惠" in stranger.get(path_of(reader)).content.decode()


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1], lambda t: "s" + t[1:], lambda t: t.replace("-", ""), lambda t: "x"]
)
def test_an_address_that_was_changed_ends_nothing(reader, stranger, spoil):
    answer = stranger.post(f"/u/{spoil(token_for(reader, 'email'))}/", {"all": "1"})
    assert answer.status_code == 404
    assert "This address ends nothing" in answer.content.decode()
    assert all(marketing_answers(reader).values())


def test_an_address_of_one_business_is_nothing_at_another(reader, gym, client_for):
    token = token_for(reader, "email")
    with business_context(gym):
        assert read_token(token) is None
    assert client_for(gym).post(f"/u/{token}/", {"all": "1"}).status_code == 404
    assert all(marketing_answers(reader).values())


def test_a_text_with_an_offer_says_how_to_end_them(day, agreeing):
    send(kind="offer", member=agreeing, variables={}, key="offer:1")
    body = Message.objects.get(channel="sms").body
    assert body.endswith(f"Stop: {address_for(agreeing, 'sms')}")
    assert "Stop:" not in Message.objects.get(channel="inbox").body
