"""What looks odd waits for a person, and only a person with the right may decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from plugins.referral import services, suspicion
from plugins.referral.models import Referral
from regulars import plugins
from regulars.errors import RegularsError
from regulars.operations.models import TrailEntry
from regulars.organisation.models import Staff
from regulars.people.models import Member
from tests.plugins.referral.conftest import join, referral_points, row_of

pytestmark = [pytest.mark.clause("3.7"), pytest.mark.capability(99)]
QUEUE = "/modules/referral/office/review/"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("anna@example.com", "anna+tea@example.com"),
        ("anna.bell@gmail.com", "annabell@gmail.com"),
        ("annabell@googlemail.com", "a.n.n.a.bell+x@gmail.com"),
    ],
)
def test_two_spellings_of_one_mailbox_are_the_same(one: str, other: str) -> None:
    assert suspicion.mailbox(one) == suspicion.mailbox(other)


def test_dots_mean_something_elsewhere() -> None:
    assert suspicion.mailbox("anna.bell@example.com") != suspicion.mailbox("annabell@example.com")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("2001:db8:1:1::5", "2001:db8:1:1:ffff::9", True),
        ("2001:db8:1:1::5", "2001:db8:1:2::5", False),
    ],
)
def test_a_household_is_an_address_or_a_network(one: str, other: str, same: bool) -> None:
    assert (suspicion.household(one) == suspicion.household(other)) is same


@pytest.mark.parametrize(
    ("contact", "name", "odd"),
    [
        ("anna+2@example.com", "Ben", ["mailbox"]),
        ("ben@example.com", "anna bell", ["name"]),
        ("ben@example.com", "Ben", []),
    ],
)
def test_a_second_self_looks_odd(anna: Member, code: str, branch: Any, contact: str, name: str, odd: list[str]) -> None:
    row = row_of(join(contact, name, word=code, branch=branch))
    assert (row.suspicions, row.needs_review) == (odd, bool(odd))


def test_friends_from_one_network_address_look_odd_unless_the_business_says_no(
    anna: Member, code: str, branch: Any
) -> None:
    first = join("ben@example.com", "Ben", word=code, branch=branch, address="203.0.113.7")
    second = join("cleo@example.com", "Cleo", word=code, branch=branch, address="203.0.113.7")
    plugins.change_settings(name="referral", values={"looks_at_addresses": False}, by="Lin")
    third = join("dan@example.com", "Dan", word=code, branch=branch, address="203.0.113.7")
    assert [row_of(each).suspicions for each in (first, second, third)] == [[], ["address"], []]


def test_many_in_a_day_look_odd(anna: Member, code: str, branch: Any) -> None:
    plugins.change_settings(name="referral", values={"friends_a_day": 2}, by="Lin")
    rows = [row_of(join(f"f{number}@example.com", f"F{number}", word=code, branch=branch)) for number in range(3)]
    assert [row.suspicions for row in rows] == [[], [], ["velocity"]]


# The queue ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def odd(anna: Member, code: str, branch: Any, sell: Any) -> Member:
    """A friend with Anna's own mailbox, who has bought."""
    friend = join("anna+2@example.com", "Ben Carter", word=code, branch=branch)
    sell(friend)
    return friend


@pytest.fixture
def office(business: Any, owner: Staff, client_for: Callable[..., Client]) -> Client:
    """The owner's browser."""
    return client_for(business, owner.user)


def decide(office: Client, friend: Member, answer: str) -> Any:
    """The owner decides."""
    return office.post(QUEUE, {"referral": row_of(friend).public_id, "answer": answer}, follow=True)


def test_an_odd_one_gives_nothing_before_somebody_has_decided(anna: Member, odd: Member, after: Any) -> None:
    assert row_of(odd).state == "qualified"
    with after(60):
        assert (row_of(odd).state, referral_points(anna)) == ("qualified", 0)


def test_the_queue_names_both_and_says_what_is_odd(odd: Member, office: Client) -> None:
    said = office.get(QUEUE).content.decode()
    assert "Anna Bell brought Ben Carter" in said
    assert "leads to the same mailbox" in said
    assert "waits for your decision" in office.get("/modules/referral/office/").content.decode()


def test_a_sound_one_gets_its_points(anna: Member, odd: Member, office: Client, owner: Staff, after: Any) -> None:
    assert "It goes on" in decide(office, odd, "sound").content.decode()
    with after(14):
        assert (referral_points(anna), referral_points(odd)) == (200, 100)
    entry = TrailEntry.objects.get(act="referral.reviewed")
    assert (entry.actor, entry.subject) == (owner.public_id, row_of(odd).public_id)


def test_another_ends_without(anna: Member, odd: Member, office: Client, after: Any) -> None:
    assert "It ends here" in decide(office, odd, "reject").content.decode()
    with after(14):
        assert (row_of(odd).ended_because, referral_points(anna)) == ("reviewed", 0)


def test_a_second_decision_changes_nothing(odd: Member, office: Client) -> None:
    public_id = row_of(odd).public_id
    decide(office, odd, "reject")
    again = office.post(QUEUE, {"referral": public_id, "answer": "sound"})
    assert again.status_code == 422
    assert "waits for no decision any more" in again.content.decode()
    assert row_of(odd).state == "rejected"
    with pytest.raises(RegularsError, match="waits for no decision"):
        services.review(public_id=public_id, is_sound=True, by="x")


@pytest.mark.parametrize("wrong", [{}, {"referral": "rfr_nobody", "answer": "sound"}, {"answer": "sound\0"}])
def test_a_wrong_decision_is_refused_in_words(odd: Member, office: Client, wrong: dict[str, str]) -> None:
    assert office.post(QUEUE, wrong).status_code == 422
    assert row_of(odd).needs_review


@pytest.mark.parametrize(
    ("role", "sees", "decides"), [("cashier", 302, 302), ("marketer", 200, 403), ("manager", 200, 200)]
)
def test_rights_are_those_of_the_role(
    odd: Member, business: Any, owner: Staff, client_for: Callable[..., Client], role: str, sees: int, decides: int
) -> None:
    Staff.objects.filter(pk=owner.pk).update(role=role)
    client = client_for(business, owner.user)
    assert client.get("/modules/referral/office/").status_code == sees
    assert client.get(QUEUE).status_code == decides
    if decides != 200:
        assert client.post(QUEUE, {"referral": row_of(odd).public_id, "answer": "sound"}).status_code == decides
        assert row_of(odd).needs_review


def test_a_branch_sees_only_friends_who_joined_there(
    odd: Member, business: Any, owner: Staff, client_for: Callable[..., Client]
) -> None:
    from regulars.organisation.models import Branch

    elsewhere = Branch.objects.create(name="Elsewhere")
    Staff.objects.filter(pk=owner.pk).update(role="manager", branch=elsewhere)
    client = client_for(business, owner.user)
    for path in ("/modules/referral/office/", QUEUE):
        assert "Ben Carter" not in client.get(path).content.decode()
    assert client.post(QUEUE, {"referral": row_of(odd).public_id, "answer": "sound"}).status_code == 422
    assert Referral.objects.get(friend=odd).needs_review
