"""Dealers: asking in the portal, the answer of somebody else, levels, who looks after whom, and the trail."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from regulars import conditions
from regulars.catalogue.hooks import menu_items, needs_you
from regulars.catalogue.models import Dealer, DealerApplication, DealerLevel
from regulars.catalogue.services.dealers import (
    DecidedBefore,
    OwnApplication,
    accept,
    apply_as_dealer,
    change_dealer,
    refuse,
    save_level,
    withdraw,
)
from regulars.errors import InvalidInput, NotAllowed
from regulars.operations.models import TrailEntry
from regulars.operations.trail import history
from regulars.organisation.models import Staff
from regulars.organisation.team.services import appoint
from regulars.people.services import user_for
from tests.conftest import new_member

if TYPE_CHECKING:
    from regulars.people.models import Member
    from tests.regulars.catalogue.conftest import Make

pytestmark = [pytest.mark.clause("5.1"), pytest.mark.capability(123), pytest.mark.django_db]


@pytest.fixture
def asked(member: Member, level: DealerLevel) -> DealerApplication:
    """The member has asked."""
    return apply_as_dealer(member=member, company="Tea Traders Ltd", tax_number="9131", note="Two shops")


def test_a_member_asks_and_somebody_else_accepts(asked: DealerApplication, owner: Staff, level: DealerLevel) -> None:
    dealer = accept(application=asked, level=level, by=owner, answer="Welcome")
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by, asked.answer) == ("approved", owner, "Welcome")
    assert (dealer.company, dealer.tax_number, dealer.level, dealer.is_active) == (
        "Tea Traders Ltd",
        "9131",
        level,
        True,
    )


def test_asking_again_while_it_waits_is_the_same_application(asked: DealerApplication, member: Member) -> None:
    assert apply_as_dealer(member=member, company="Another name") == asked
    assert TrailEntry.objects.filter(act="dealer_application.requested").count() == 1


def test_who_is_a_dealer_asks_no_more_and_who_was_refused_may(
    asked: DealerApplication, member: Member, owner: Staff, level: DealerLevel
) -> None:
    refuse(application=asked, by=owner, answer="Not in this town")
    again = apply_as_dealer(member=member, company="Tea Traders Ltd")
    assert again != asked
    accept(application=again, level=level, by=owner)
    with pytest.raises(InvalidInput, match="a dealer already"):
        apply_as_dealer(member=member, company="Tea Traders Ltd")


def test_it_is_decided_once(asked: DealerApplication, owner: Staff, level: DealerLevel) -> None:
    withdraw(application=asked)
    for decide in (lambda: accept(application=asked, level=level, by=owner), lambda: withdraw(application=asked)):
        with pytest.raises(DecidedBefore):
            decide()
    assert Dealer.objects.count() == 0


def test_nobody_decides_their_own_application(member: Member, owner: Staff, level: DealerLevel) -> None:
    member.email = owner.user.email.upper()
    member.save()
    asked = apply_as_dealer(member=member, company="My own")
    assert asked.asked_by == owner
    with pytest.raises(OwnApplication):
        accept(application=asked, level=level, by=owner)
    with pytest.raises(OwnApplication):
        refuse(application=asked, by=owner, answer="No")
    asked.refresh_from_db()
    assert asked.state == "requested"
    with pytest.raises(IntegrityError, match="catalogue_application_not_own"), transaction.atomic():
        DealerApplication.objects.filter(pk=asked.pk).update(decided_by=owner, state="approved")


def test_who_wrote_it_down_does_not_decide_it(member: Member, owner: Staff, level: DealerLevel) -> None:
    asked = apply_as_dealer(member=member, company="Tea Traders Ltd", by=owner)
    with pytest.raises(OwnApplication):
        accept(application=asked, level=level, by=owner)


@pytest.mark.parametrize("role", ["cashier", "marketer", "service", "accountant", "reader"])
def test_without_the_right_nobody_decides(
    asked: DealerApplication, owner: Staff, level: DealerLevel, role: str
) -> None:
    person = appoint(name="Somebody", email="somebody@tea.example", role=role, appointed_by=owner)
    with pytest.raises(NotAllowed):
        accept(application=asked, level=level, by=person)
    assert Dealer.objects.count() == 0


def test_a_refusal_needs_its_reason(asked: DealerApplication, owner: Staff) -> None:
    with pytest.raises(InvalidInput) as refused:
        refuse(application=asked, by=owner, answer=" ")
    assert refused.value.field == "answer"
    asked.refresh_from_db()
    assert asked.state == "requested"


def test_the_trail_says_who_did_what_and_keeps_the_company_under_the_members_key(
    asked: DealerApplication, owner: Staff, level: DealerLevel, member: Member
) -> None:
    accept(application=asked, level=level, by=owner)
    entry = TrailEntry.objects.get(act="dealer_application.approved")
    assert (entry.actor, entry.subject, entry.detail["level"]) == (owner.public_id, member.public_id, level.public_id)
    assert "Tea Traders" not in str(entry.after)
    said = [line.sentence for line in history(member.public_id, reader=owner)]
    assert said[:2] == [f"{owner} made {member} a dealer", f"{member} applied to become a dealer"]


def test_dealers_are_looked_after_by_dealers_and_never_in_a_circle(
    member: Member, owner: Staff, level: DealerLevel, made_dealer: Make
) -> None:
    above = made_dealer(member)
    below = made_dealer(new_member(contact="+8613800138031", name="Below"), parent=above)
    assert below.parent == above
    terms = {"level": level, "company": "Tea Traders Ltd", "tax_number": "", "is_active": True, "by": owner}
    for parent in (below, above):
        with pytest.raises(InvalidInput) as refused:
            change_dealer(dealer=above, parent=parent, **terms)
        assert refused.value.field == "parent"
    with pytest.raises(IntegrityError, match="catalogue_dealer_not_itself"), transaction.atomic():
        Dealer.objects.filter(pk=above.pk).update(parent=above)


def test_two_levels_have_two_ranks(level: DealerLevel) -> None:
    with pytest.raises(InvalidInput) as refused:
        save_level(words={"en": "Other"}, rank=10)
    assert refused.value.field == "rank"


def test_conditions_can_ask_for_the_level(member: Member, level: DealerLevel, made_dealer: Make) -> None:
    condition = conditions.parse({"field": "dealer.level", "is": "any_of", "value": [level.public_id]})
    assert not condition.holds(conditions.facts_of(member, condition))
    made_dealer(member)
    assert condition.holds(conditions.facts_of(member, condition))
    assert [each.pk for each in condition.members()] == [member.pk]


def test_the_portal_asks_for_a_company_takes_it_back_and_shows_the_answer(
    business: Any, member: Member, level: DealerLevel, owner: Staff, client_for: Callable[..., Client]
) -> None:
    phone = client_for(business, user_for(member=member))
    assert phone.post("/me/dealer/", {"company": ""}).status_code == 422
    assert phone.post("/me/dealer/", {"company": "Tea Traders Ltd", "note": "Two shops"}).status_code == 302
    assert b"waits for an answer" in phone.get("/me/dealer/").content
    assert needs_you(staff=owner)[0].count == 1
    assert phone.post("/me/dealer/", {"withdraw": "1"}).status_code == 302
    assert DealerApplication.objects.get().state == "withdrawn"
    phone.post("/me/dealer/", {"company": "Tea Traders Ltd"})
    waiting = DealerApplication.objects.get(state="requested")
    refuse(application=waiting, by=owner, answer="Not in this town")
    assert b"Not in this town" in phone.get("/me/dealer/").content
    assert needs_you(staff=owner)[0].count == 0


def test_the_office_decides_over_its_page(
    business: Any, asked: DealerApplication, owner: Staff, level: DealerLevel, client_for: Callable[..., Client]
) -> None:
    office = client_for(business, owner.user)
    address = f"/office/catalogue/dealers/applications/{asked.public_id}/"
    assert office.post(address, {"decision": "refuse", "answer": ""}).status_code == 422
    assert office.post(address, {"decision": "accept"}).status_code == 422
    assert office.post(address, {"decision": "accept", "level": level.public_id}).status_code == 302
    assert office.post(address, {"decision": "accept", "level": level.public_id}).status_code == 422
    dealer = Dealer.objects.get()
    page = f"/office/catalogue/dealers/{dealer.public_id}/"
    terms = {"company": "Tea Traders Group", "level": level.public_id, "is_active": "on"}
    assert office.post(page, terms).status_code == 302
    dealer.refresh_from_db()
    assert dealer.company == "Tea Traders Group"


def test_without_levels_nobody_is_asked_to_become_a_dealer(
    business: Any, member: Member, client_for: Callable[..., Client]
) -> None:
    assert client_for(business, user_for(member=member)).get("/me/dealer/").status_code == 404
    assert menu_items(door="portal", staff=None, member=member) == []
    with pytest.raises(InvalidInput, match="takes no dealers"):
        apply_as_dealer(member=member, company="Tea Traders Ltd")
