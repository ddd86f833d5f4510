"""What members and their friends see: the code and the link, where it leads, and joining through it at each door."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from plugins.referral.models import Invitation, Referral
from regulars.organisation.models import Staff
from regulars.outreach.models import Message
from regulars.people.models import Member
from regulars.people.services import user_for
from tests.plugins.referral.conftest import deliver, row_of

pytestmark = [pytest.mark.clause("3.7"), pytest.mark.capability(99)]
INVITE = "/modules/referral/"


@pytest.fixture
def phone(business: Any, anna: Member, client_for: Callable[..., Client]) -> Client:
    """Anna's phone."""
    return client_for(business, user_for(member=anna))


@pytest.fixture
def visitor(business: Any, client_for: Callable[..., Client]) -> Client:
    """Somebody who is no member."""
    return client_for(business)


def code_of(member: Member) -> str:
    """A member's code."""
    return Invitation.objects.get(member=member).code


def text(response: Any) -> str:
    """A page without the line breaks of its source."""
    return " ".join(response.content.decode().split())


def join_here(visitor: Client, contact: str, name: str, **typed: str) -> Any:
    """Join as a visitor does, on the two screens; returns the last answer."""
    visitor.post("/me/join/", {"contact": contact})
    sent = Message.objects.filter(kind="sign_in_code", recipient=contact).order_by("-id")[0]
    digits = re.search(r"\d{6}", sent.body)
    assert digits is not None
    page = visitor.get("/me/join/code/").content.decode()
    version = re.search(r'name="version" value="([^"]*)"', page)
    assert version is not None
    word = re.search(r'name="introduction"(?: value="([^"]*)")?', page)
    fields = {"code": digits[0], "name": name, "language": "en", "terms": "on", "version": version[1]}
    if word is not None:
        fields["introduction"] = word[1] or ""
    return visitor.post("/me/join/code/", fields | typed)


def test_a_member_has_one_code_a_link_and_a_picture_of_it(phone: Client, anna: Member) -> None:
    first, second = text(phone.get(INVITE)), text(phone.get(INVITE))
    assert Invitation.objects.filter(member=anna).count() == 1
    for page in (first, second):
        assert code_of(anna).upper() in page
        assert f"/modules/referral/r/{code_of(anna)}/" in page
        assert "<svg" in page
    assert "The friend gets 100 points" in first
    assert "Nobody yet" in first


def test_strangers_are_asked_to_sign_in_first(visitor: Client, on: Any) -> None:
    assert visitor.get(INVITE).headers["Location"].startswith("/me/sign-in/")


def test_the_states_of_friends_show_a_first_name_and_nothing_else(phone: Client, friend: Member) -> None:
    page = text(phone.get(INVITE))
    assert "Ben" in page
    assert "Has joined" in page
    assert "Carter" not in page
    assert "ben@example.com" not in page
    assert friend.public_id not in page


def test_the_link_says_who_invites_and_joining_through_it_counts(phone: Client, visitor: Client, anna: Member) -> None:
    phone.get(INVITE)
    link = f"/modules/referral/r/{code_of(anna)}/"
    landing = text(visitor.get(link))
    assert "Anna invites you to" in landing
    assert "Bell" not in landing
    accepted = visitor.post(link)
    assert accepted.headers["Location"].startswith("/me/join/?ref=rfr_")
    assert "Anna invites you." in text(visitor.get(accepted.headers["Location"]))
    assert join_here(visitor, "ben@example.com", "Ben").status_code == 302
    deliver()
    row = Referral.objects.get(referrer=anna)
    assert (row.state, row.friend.name) == ("joined", "Ben")  # type: ignore[union-attr]


def test_the_code_may_be_typed_in_capitals(phone: Client, visitor: Client, anna: Member) -> None:
    phone.get(INVITE)
    visitor.get("/me/join/")
    join_here(visitor, "ben@example.com", "Ben", introduction=f" {code_of(anna).upper()} ")
    deliver()
    assert row_of(Member.objects.get(email="ben@example.com")).referrer == anna


def test_a_wrong_code_is_refused_beside_its_field_and_nothing_typed_is_lost(visitor: Client, on: Any) -> None:
    answer = join_here(visitor, "ben@example.com", "Ben", introduction="nobodys")
    assert answer.status_code == 400
    said = text(answer)
    assert "Nobody here knows this code" in said
    assert 'value="nobodys"' in said
    assert 'value="Ben"' in said
    assert not Member.objects.filter(email="ben@example.com").exists()


@pytest.mark.parametrize("word", ["x" * 41, "a b", "<script>", "', 1)--", "\0", "../../etc"])
def test_a_strange_word_in_a_link_means_nothing(visitor: Client, on: Any, word: str) -> None:
    page = visitor.get("/me/join/", {"ref": word})
    assert page.status_code == 200
    assert "invites you" not in text(page)


@pytest.mark.parametrize("code", ["nobodys", "rfr_abc", "a" * 300])
def test_a_link_of_nobody_is_an_unknown_address(visitor: Client, on: Any, code: str) -> None:
    assert visitor.get(f"/modules/referral/r/{code}/", follow=True).status_code == 404


def test_the_own_link_and_that_of_another_say_so_to_a_member(
    phone: Client, anna: Member, business: Any, branch: Any, client_for: Callable[..., Client]
) -> None:
    from tests.conftest import new_member

    phone.get(INVITE)
    link = f"/modules/referral/r/{code_of(anna)}/"
    other = client_for(business, user_for(member=new_member(contact="cleo@example.com", branch=branch)))
    assert "your own invitation" in text(phone.get(link))
    assert "You are a member already" in text(other.get(link))
    other.post(link)
    assert not Referral.objects.filter(referrer=anna).exists()


def test_a_closing_module_says_so_and_joining_stays_possible(phone: Client, visitor: Client, anna: Member) -> None:
    from regulars.plugins import switch

    phone.get(INVITE)
    switch.close(name="referral", by="Lin")
    link = f"/modules/referral/r/{code_of(anna)}/"
    assert "no longer open" in text(visitor.get(link))
    assert "Nobody can be invited any more" in text(phone.get(INVITE))
    visitor.post(link)
    assert not Referral.objects.exists()
    assert join_here(visitor, "ben@example.com", "Ben").status_code == 302


def test_the_code_can_be_told_at_the_counter(
    phone: Client, anna: Member, business: Any, owner: Staff, branch: Any, client_for: Callable[..., Client]
) -> None:
    phone.get(INVITE)
    till = client_for(business, owner.user)
    till.post("/counter/place/", {"branch": branch.public_id})
    shown = text(till.post("/counter/", {"joining": "ben@example.com"}))
    assert "Invitation code" in shown
    typed = {"new-contact": "ben@example.com", "new-name": "Ben", "new-language": "en", "new-agrees": "on"}
    wrong = till.post("/counter/join/", {**typed, "new-introduction": "nobodys"})
    assert wrong.status_code == 422
    assert "Nobody here knows this code" in text(wrong)
    till.post("/counter/join/", {**typed, "new-introduction": code_of(anna)})
    deliver()
    assert row_of(Member.objects.get(email="ben@example.com")).referrer == anna


def test_the_report_counts_how_far_they_came(
    anna: Member, friend: Member, sell: Any, after: Any, business: Any, owner: Staff, client_for: Callable[..., Client]
) -> None:
    sell(friend)
    Authenticator.objects.create(user=owner.user, type=Authenticator.Type.TOTP, data={})  # asked for after a week
    office = client_for(business, owner.user)
    with after(14):
        page = text(office.get("/modules/referral/office/"))
        assert "200 + 100" in page
        assert ">300<" in page
        assert "Anna Bell" in page
        assert "None in this state" in text(office.get("/modules/referral/office/?state=expired"))
        assert office.get("/modules/referral/office/?state=nonsense&p=99").status_code == 200
