"""The owner's e-mail is confirmed by the link in the first mail; every state of that link is said in words."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from regulars import clock
from tenants import services
from tenants.context import public_context
from tenants.models import Business, EmailConfirmation

pytestmark = [pytest.mark.capability(165), pytest.mark.clause("2.3"), pytest.mark.django_db]

LATER = dt.timedelta(days=8)


@pytest.fixture
def teahouse() -> Business:
    """The tea house as the public site sees it."""
    with public_context():
        return Business.objects.get(slug="teahouse")


@pytest.fixture
def link(teahouse: Business, django_capture_on_commit_callbacks: Any) -> str:
    """The path of the link in the mail that the owner got."""
    mail.outbox.clear()
    with public_context(), django_capture_on_commit_callbacks(execute=True):
        services.send_confirmation(business=teahouse)
    return path_in(mail.outbox[-1])


def path_in(message: Any) -> str:
    """The path of the link in a mail."""
    found = re.search(r"http://regulars\.test(/\S+/confirm/\S+/)", str(message.body))
    assert found is not None
    return found[1]


def test_the_mail_is_written_in_the_language_of_the_business(link: str) -> None:
    message = mail.outbox[-1]
    assert message.to == ["owner@teahouse.example"]
    assert message.subject == "请确认您的邮箱：山茶 Tea House"
    assert link.startswith("/zh-hans/confirm/")


def test_opening_it_confirms_the_email_and_shows_the_way_to_the_office(site: Client, link: str) -> None:
    page = site.get(link).content.decode()

    assert "邮箱已确认" in page
    assert 'href="http://teahouse.regulars.test/office/"' in page
    with public_context():
        assert EmailConfirmation.objects.order_by("id").last().confirmed_at is not None  # type: ignore[union-attr]


def test_opening_it_again_says_that_all_is_well(site: Client, link: str) -> None:
    english = link.replace("/zh-hans/", "/en/")
    site.get(english)
    again = site.get(english)

    assert again.status_code == 200
    assert "Your e-mail was already confirmed" in again.content.decode()


def test_a_link_that_is_too_old_offers_a_new_one_that_works(
    site: Client, link: str, django_capture_on_commit_callbacks: Any
) -> None:
    with clock.turned_to(clock.now() + LATER):
        old = site.get(link)
        assert old.status_code == 410
        assert "链接已过期" in old.content.decode()
        assert "重新发送链接" in old.content.decode()
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            sent = site.post(link)
        assert "新链接已发出" in sent.content.decode()
        assert "邮箱已确认" in site.get(path_in(mail.outbox[-1])).content.decode()


def test_new_links_are_not_sent_without_end(site: Client, link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenants.limits.MAILS_PER_HOUR", 1)
    with clock.turned_to(clock.now() + LATER):
        assert site.post(link).status_code == 200
        assert site.post(link).status_code == 429


def test_a_confirmed_link_sends_no_mail(site: Client, link: str) -> None:
    site.get(link)
    mail.outbox.clear()
    assert "邮箱已确认过" in site.post(link).content.decode()
    assert mail.outbox == []


@pytest.mark.parametrize("token", ["nothing", "x" * 2000, "%00", "' or 1=1 --", "链接", "<script>"])
def test_a_link_that_was_never_sent_is_said_to_be_unknown(site: Client, token: str) -> None:
    answer = site.get(f"/en/confirm/{token}/")
    assert answer.status_code == 404
    assert "We do not know this link" in answer.content.decode()
    assert "<script>" not in answer.content.decode().partition("<main")[2].partition("</main>")[0]


def test_a_link_without_language_gets_the_one_of_the_reader(site: Client, link: str) -> None:
    bare = link.replace("/zh-hans", "")
    assert site.get(bare)["Location"] == bare.replace("/confirm", "/en/confirm")
