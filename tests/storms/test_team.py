"""The team in the same instant: an owner is always left, an invitation is accepted once, a code is tried five times."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from regulars.organisation.models import Branch, Role, Staff
from regulars.organisation.team import invitations, pins, services
from regulars.outreach.models import Message
from tenants.context import business_context
from tests.conftest import PASSWORD
from tests.crowd import Crowd, refusals, sized, successes, waiting_for_each_other

if TYPE_CHECKING:
    from tenants.models import Business

pytestmark = [pytest.mark.storm, pytest.mark.clause("3.3"), pytest.mark.clause("3.Shows"), pytest.mark.capability(145)]
PEOPLE = 8
ROUNDS = sized(3, 60)


def owners(business: Business, many: int) -> list[Staff]:
    """So many owners, all of them at work."""
    with business_context(business):
        Staff.objects.filter(role=Role.OWNER).update(is_active=True)
        for _missing in range(many - Staff.objects.filter(role=Role.OWNER).count()):
            mail = f"owner-{secrets.token_hex(4)}@shop.example"
            services.appoint(name="Another Owner", email=mail, password=PASSWORD, role=Role.OWNER)
        return list(Staff.objects.select_related("user").filter(role=Role.OWNER).order_by("pk"))


def left(business: Business) -> int:
    """How many owners still work there."""
    with business_context(business):
        return Staff.objects.filter(role=Role.OWNER, is_active=True).count()


def dismissing(staff: Staff, by: Staff) -> Callable[[], Any]:
    """One owner ends another's work."""
    return lambda: services.dismiss(staff=staff, by=by)


def demoting(staff: Staff, by: Staff) -> Callable[[], Any]:
    """One owner makes another a manager."""
    return lambda: services.change_staff(staff=staff, by=by, name=staff.name, role=Role.MANAGER)


@pytest.mark.parametrize(("first", "second"), [(dismissing, dismissing), (dismissing, demoting), (demoting, demoting)])
def test_of_two_owners_who_send_each_other_away_one_stays(
    open_business: Callable[..., Business], first: Callable[..., Any], second: Callable[..., Any]
) -> None:
    business = open_business()
    with Crowd(business, 2) as crowd:
        for _round in range(ROUNDS):
            one, other = owners(business, 2)
            answers = crowd.at_once([first(other, one), second(one, other)])
            assert (len(successes(answers)), left(business)) == (1, 1)
            assert refusals(answers) in (["NotAllowed"], ["BeyondYou"], ["LastOwner"])


def test_who_was_sent_away_a_moment_ago_sends_nobody_away(open_business: Callable[..., Business]) -> None:
    """With a third owner there is somebody left either way; the loser's rights are gone all the same."""
    business = open_business()
    with Crowd(business, 2) as crowd:
        for _round in range(ROUNDS):
            one, other, _third = owners(business, 3)
            answers = crowd.at_once([dismissing(other, one), dismissing(one, other)])
            assert (len(successes(answers)), left(business)) == (1, 2)


def test_a_ring_of_owners_who_send_each_other_away_never_ends_empty(open_business: Callable[..., Business]) -> None:
    business = open_business()
    with Crowd(business, PEOPLE) as crowd:
        for _round in range(ROUNDS):
            ring = owners(business, PEOPLE)
            answers = crowd.at_once([dismissing(ring[(place + 1) % PEOPLE], ring[place]) for place in range(PEOPLE)])
            assert left(business) == PEOPLE - len(successes(answers)) >= 1


def invited(business: Business) -> tuple[Staff, str]:
    """Somebody who was invited, and the word in their link."""
    with business_context(business):
        owner, branch = Staff.objects.get(role=Role.OWNER), Branch.objects.earliest("id")
        mail = f"bo-{secrets.token_hex(4)}@shop.example"
        staff = invitations.invite(by=owner, name="Bo", email=mail, role=Role.CASHIER, branch=branch, language="en")
        body = str(Message.objects.filter(kind="staff_invitation").latest("pk").body)
        return staff, body.split("/account/invitation/")[1].split("/")[0]


def accepting(token: str, password: str) -> Callable[[], Any]:
    """Somebody with the link chooses a password."""
    return lambda: invitations.accept(token=token, password=password)


def test_of_eight_who_accept_one_invitation_one_comes_in(open_business: Callable[..., Business]) -> None:
    business = open_business()
    passwords = [f"a tea leaf in wind {number}" for number in range(PEOPLE)]
    with Crowd(business, PEOPLE) as crowd:
        for _round in range(ROUNDS):
            staff, token = invited(business)
            answers = crowd.at_once([accepting(token, own) for own in passwords])
            assert len(successes(answers)) == 1
            assert refusals(answers) == ["InvitationOver"] * (PEOPLE - 1)
            won = next(own for own, answer in zip(passwords, answers, strict=True) if not isinstance(answer, Exception))
            with business_context(business):
                staff.user.refresh_from_db()
                assert [own for own in passwords if staff.user.check_password(own)] == [won]


@pytest.mark.capability(146)
def test_of_eight_guesses_at_once_five_are_looked_at(open_business: Callable[..., Business]) -> None:
    business = open_business()
    with business_context(business):
        owner = Staff.objects.get(role=Role.OWNER)
        pins.set_pin(staff=owner, pin="4711")
        owner.refresh_from_db()
    with Crowd(business, PEOPLE) as crowd:
        answers = crowd.at_once([lambda: pins.check_pin(staff=owner, pin="0815")] * PEOPLE)
    assert refusals(answers) == ["TooManyPins"] * (PEOPLE - pins.MOST_WRONG) + ["WrongPin"] * pins.MOST_WRONG


# Negative controls ----------------------------------------------------------------------------------------------------


def read_without_a_lock(staff: Staff, by: Staff) -> tuple[Staff, Staff]:
    """The rows as somebody would read them who never met a second window."""
    return Staff.objects.get(pk=staff.pk), Staff.objects.get(pk=by.pk)


def test_without_the_lock_two_owners_leave_the_business_without_any(open_business: Callable[..., Business]) -> None:
    business = open_business()
    one, other = owners(business, 2)
    looking = waiting_for_each_other(services._an_owner_is_left, 2)
    with (
        Crowd(business, 2) as crowd,
        patch.object(services, "_locked", read_without_a_lock),
        patch.object(services, "_an_owner_is_left", looking),
    ):
        answers = crowd.at_once([dismissing(other, one), dismissing(one, other)])
    assert (len(successes(answers)), left(business)) == (2, 0)
