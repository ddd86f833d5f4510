"""Messages to the member: counted until they are seen, and only the own ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.test import Client

if TYPE_CHECKING:
    from regulars.people.models import Member


@pytest.fixture
def letters(member: Member) -> None:
    """Two messages for the member, one for somebody else."""
    from regulars.outreach.services import send
    from regulars.people.contacts import normal_contact
    from regulars.people.services import join

    other = join(contact=normal_contact("stranger@example.com"), name="Stranger", language="en", source="site")
    address = "http://teahouse.regulars.test/me/"
    send(kind="welcome", member=member, variables={"address": address}, key="letter-1")
    send(
        kind="points_credited",
        member=member,
        variables={"points": 7, "balance": 77, "address": address},
        key="letter-2",
    )
    send(
        kind="points_credited",
        member=other,
        variables={"points": 5, "balance": 555, "address": address},
        key="letter-3",
    )


@pytest.mark.clause("2.5")
def test_new_messages_are_counted_until_they_are_seen(phone: Client, letters: None) -> None:
    assert "Inbox, 2 new messages" in phone.get("/me/").content.decode()
    page = phone.get("/me/inbox/").content.decode()
    assert page.count(">Unread<") == 2
    assert phone.post("/me/inbox/read/", headers={"HX-Request": "true"}).status_code == 204
    assert "new messages" not in phone.get("/me/").content.decode()
    assert ">Unread<" not in phone.get("/me/inbox/").content.decode()


def test_messages_of_others_are_not_shown_or_marked(phone: Client, letters: None) -> None:
    from regulars.outreach.models import Message

    assert "555" not in phone.get("/me/inbox/").content.decode()
    phone.post("/me/inbox/read/")
    assert Message.objects.filter(member__email="stranger@example.com", channel="inbox", read_at=None).count() == 1


def test_the_address_at_the_end_of_a_message_becomes_a_link_of_this_site(phone: Client, letters: None) -> None:
    page = phone.get("/me/inbox/").content.decode()
    assert "You earned 7 points. You now have 77." in page
    assert re.search(r'<a class="link[^"]*" href="/me/">', page)


def test_an_address_of_another_host_is_no_link(phone: Client, member: Member) -> None:
    from regulars.outreach.services import send

    send(kind="welcome", member=member, variables={"address": "http://evil.example/me/"}, key="letter-1")
    assert 'href="http://evil' not in phone.get("/me/inbox/").content.decode()


def test_a_link_marks_nothing(phone: Client, letters: None) -> None:
    assert phone.get("/me/inbox/read/").status_code == 405
    assert "Inbox, 2 new messages" in phone.get("/me/").content.decode()


def test_an_empty_inbox_says_what_will_come(phone: Client) -> None:
    assert "No messages" in phone.get("/me/inbox/").content.decode()
