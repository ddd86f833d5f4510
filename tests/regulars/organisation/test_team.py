"""Who comes to the team, in which role, where it holds, and how somebody leaves."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine

from regulars import clock
from regulars.access.models import Session
from regulars.errors import InvalidInput, NotAllowed
from regulars.operations.models import TrailEntry
from regulars.organisation.models import Branch, CustomRole, Staff
from regulars.organisation.permissions import PERMISSIONS, allows, granted, staff_with
from regulars.organisation.places.services import add_terminal as add_till
from regulars.organisation.places.services import (
    close_branch,
    delete_region,
    open_branch,
    save_region,
    switch_terminal,
)
from regulars.organisation.scope import scope_of
from regulars.organisation.team import invitations, pins, second_factor, services
from regulars.organisation.team.services import BeyondYou, LastOwner, appoint
from regulars.outreach.models import Message
from regulars.plugins.switch import switch_on

pytestmark = [pytest.mark.clause("3.3"), pytest.mark.capability(145)]


@pytest.fixture
def lake(branch: Branch, owner: Staff) -> Branch:
    """A second branch."""
    return open_branch(name="Lake Road", by=owner)


@pytest.fixture
def manager(owner: Staff, branch: Branch) -> Staff:
    """The manager of the first branch."""
    return appoint(name="Mei", email="mei@tea.example", role="manager", branch=branch, appointed_by=owner)


def _link() -> str:
    body = Message.objects.filter(kind="staff_invitation").latest("pk").body
    return str(body.split("/account/invitation/")[1].split("/")[0])


def test_an_invited_cashier_chooses_a_password_and_stands_at_the_till(
    business: Any, owner: Staff, branch: Branch, client_for: Any
) -> None:
    invited = invitations.invite(
        by=owner, name="Bo", email="bo@tea.example", role="cashier", branch=branch, language="en"
    )
    browser = client_for(business)
    page = browser.get(f"/account/invitation/{_link()}/")
    assert page.status_code == 200
    assert "Bo" in page.content.decode()
    weak = browser.post(f"/account/invitation/{_link()}/", {"password": "tea"})
    assert weak.status_code == 422
    inside = browser.post(f"/account/invitation/{_link()}/", {"password": "a tea leaf in the wind"})
    assert inside["Location"] == "/counter/"
    assert browser.get("/counter/").status_code == 200
    assert TrailEntry.objects.filter(act="staff.accepted", subject=invited.public_id).exists()


def test_an_invitation_works_once_and_only_the_newest_and_for_seven_days(
    business: Any, owner: Staff, branch: Branch, client_for: Any
) -> None:
    invited = invitations.invite(by=owner, name="Bo", email="bo@tea.example", role="cashier", branch=branch)
    first = _link()
    invitations.send_again(staff=invited, by=owner)
    newest = _link()
    over = client_for(business).get(f"/account/invitation/{first}/")
    assert (over.status_code, "Ask whoever invited you" in over.content.decode()) == (410, True)
    late = time_machine.travel(clock.now() + dt.timedelta(days=8), tick=False)
    with late, pytest.raises(invitations.InvitationOver):
        invitations.accept(token=newest, password="a tea leaf in the wind")
    invitations.accept(token=newest, password="a tea leaf in the wind")
    with pytest.raises(invitations.InvitationOver):
        invitations.accept(token=newest, password="another leaf in the wind")
    with pytest.raises(invitations.AcceptedAlready):
        invitations.send_again(staff=invited, by=owner)


def test_the_last_owner_is_neither_dismissed_nor_demoted(owner: Staff, branch: Branch) -> None:
    with pytest.raises(LastOwner):
        services.dismiss(staff=owner, by=owner)
    with pytest.raises(LastOwner):
        services.change_staff(staff=owner, by=owner, name="Lin", role="manager", branch=branch)
    owner.refresh_from_db()
    assert (owner.role, owner.is_active) == ("owner", True)
    second = appoint(name="Second", email="second@tea.example", role="owner", appointed_by=owner)
    services.dismiss(staff=owner, by=second)
    with pytest.raises(LastOwner):
        services.dismiss(staff=second, by=second)


def test_who_is_dismissed_is_out_at_once_and_can_be_taken_back(
    business: Any, owner: Staff, cashier: Staff, client_for: Any
) -> None:
    browser = client_for(business, cashier.user)
    assert browser.get("/counter/").status_code == 200
    assert Session.objects.filter(user_id=cashier.user_id).count() == 1
    services.dismiss(staff=cashier, by=owner)
    assert Session.objects.filter(user_id=cashier.user_id).count() == 0
    assert browser.get("/counter/")["Location"].startswith("/account/login/")
    assert not allows(Staff.objects.get(pk=cashier.pk), "counter.sell")
    services.take_back(staff=cashier, by=owner)
    assert allows(Staff.objects.get(pk=cashier.pk), "counter.sell")


def test_a_branch_manager_gives_less_than_they_hold_and_only_at_their_branch(
    manager: Staff, owner: Staff, branch: Branch, lake: Branch
) -> None:
    for role, place in (("owner", None), ("manager", branch)):
        with pytest.raises(BeyondYou):
            appoint(name="Bo", email="bo@tea.example", role=role, branch=place, appointed_by=manager)
    for where in ({"branch": lake}, {}):
        with pytest.raises(BeyondYou):
            appoint(name="Bo", email="bo@tea.example", role="cashier", appointed_by=manager, **where)
    cashier = appoint(name="Bo", email="bo@tea.example", role="cashier", branch=branch, appointed_by=manager)
    with pytest.raises(BeyondYou):
        services.change_staff(staff=cashier, by=manager, name="Bo", role="cashier", branch=lake)
    with pytest.raises(BeyondYou):
        services.dismiss(staff=owner, by=manager)
    elsewhere = appoint(name="Da", email="da@tea.example", role="cashier", branch=lake, appointed_by=owner)
    with pytest.raises(BeyondYou):
        services.dismiss(staff=elsewhere, by=manager)
    services.dismiss(staff=cashier, by=manager)


def test_an_own_role_holds_what_its_boxes_say_and_changes_at_once(owner: Staff, branch: Branch) -> None:
    role = services.save_custom_role(by=owner, name="Shift leader", codes=["counter.sell", "members.view"])
    leader = appoint(name="Da", email="da@tea.example", role="custom", custom_role=role, appointed_by=owner)
    assert granted(leader) == {"counter.sell", "members.view"}
    services.save_custom_role(by=owner, role=role, name="Shift leader", codes=["counter.sell", "site.change"])
    leader = Staff.objects.get(pk=leader.pk)
    assert granted(leader) == {"counter.sell", "site.change"}
    assert list(leader.user.groups.values_list("name", flat=True)) == ["site editors"]
    leader = services.change_staff(staff=leader, by=owner, name="Da", role="custom", custom_role=role, branch=branch)
    assert granted(leader) == {"counter.sell"}  # the site is the whole business's
    assert not leader.user.groups.exists()
    with pytest.raises(InvalidInput) as refusal:
        services.delete_custom_role(role=role, by=owner)
    assert refusal.value.field == "role"
    with pytest.raises(InvalidInput):
        services.save_custom_role(by=owner, name="Nothing", codes=["members.devour"])
    services.dismiss(staff=leader, by=owner)


def test_nobody_makes_a_role_that_holds_more_than_their_own(manager: Staff, owner: Staff) -> None:
    whole = appoint(name="Han", email="han@tea.example", role="manager", appointed_by=owner)
    with pytest.raises(BeyondYou):
        services.save_custom_role(by=whole, name="Sneaky", codes=["settings.change"])
    assert not CustomRole.objects.exists()


@pytest.mark.capability(144)
def test_a_region_holds_the_branches_of_all_regions_in_it(owner: Staff, branch: Branch, lake: Branch) -> None:
    country = save_region(by=owner, name="China")
    city = save_region(by=owner, name="Hangzhou", parent=country)
    Branch.objects.filter(pk=lake.pk).update(region=city)
    lead = appoint(name="Han", email="han@tea.example", role="manager", region=country, appointed_by=owner)
    assert scope_of(lead).branch_ids == {lake.pk}
    assert [staff.name for staff in staff_with("counter.sell", branch=lake)] == ["Lin Owner", "Han"]
    west = open_branch(name="West Lake", region=city, by=lead)
    assert scope_of(lead).covers(west)
    with pytest.raises(NotAllowed):
        open_branch(name="Elsewhere", by=lead)
    with pytest.raises(InvalidInput) as refusal:
        save_region(by=owner, region=country, name="China", parent=city)
    assert refusal.value.field == "parent"
    with pytest.raises(InvalidInput):
        delete_region(region=country, by=owner)
    delete_region(region=city, by=owner)
    lake.refresh_from_db()
    assert lake.region == country


def test_regions_go_four_levels_deep(owner: Staff) -> None:
    above = None
    for name in ("China", "Zhejiang", "Hangzhou", "Xihu"):
        above = save_region(by=owner, name=name, parent=above)
    with pytest.raises(InvalidInput):
        save_region(by=owner, name="Too deep", parent=above)


def test_the_last_open_branch_stays_open_and_a_till_can_be_taken_out_of_use(
    owner: Staff, branch: Branch, lake: Branch
) -> None:
    till = add_till(branch=lake, name="Till 9", by=owner)
    assert switch_terminal(terminal=till, is_active=False, by=owner).is_active is False
    close_branch(branch=lake, by=owner)
    with pytest.raises(InvalidInput):
        close_branch(branch=branch, by=owner)


@pytest.mark.capability(146)
def test_a_cashier_takes_over_a_shared_till_by_code_and_goes_no_further(
    business: Any, owner: Staff, cashier: Staff, manager: Staff, client_for: Any
) -> None:
    pins.set_pin(staff=manager, pin="4711")
    browser = client_for(business, cashier.user)
    assert "Mei" in browser.get("/counter/switch/").content.decode()
    wrong = browser.post("/counter/switch/", {"who": manager.public_id, "pin": "0815"})
    assert wrong.status_code == 422
    assert browser.post("/counter/switch/", {"who": manager.public_id, "pin": "4711"})["Location"] == "/counter/"
    assert "Mei" in browser.get("/counter/").content.decode()
    for beyond in ("/office/", "/office/members/", "/account/sign-in/", "/account/2fa/"):
        assert browser.get(beyond)["Location"] == "/counter/full-sign-in/"
    switch_on(name="referral", by=owner.public_id)
    assert browser.get("/modules/referral/office/").status_code == 403
    assert client_for(business, manager.user).get("/modules/referral/office/").status_code == 200
    assert TrailEntry.objects.filter(act="staff.till_taken_over", actor=manager.public_id).count() == 1


def test_a_code_is_tried_five_times_and_no_more(cashier: Staff) -> None:
    pins.set_pin(staff=cashier, pin="4711")
    cashier.refresh_from_db()
    for _attempt in range(5):
        with pytest.raises(pins.WrongPin):
            pins.check_pin(staff=cashier, pin="0815")
    with pytest.raises(pins.TooManyPins):
        pins.check_pin(staff=cashier, pin="4711")
    with time_machine.travel(clock.now() + dt.timedelta(minutes=11), tick=False):
        pins.check_pin(staff=cashier, pin="4711")


@pytest.mark.parametrize("pin", ["123", "1234567", "12a4", "1111", "1234", "١٢٣٤"])
def test_a_code_that_is_none_or_easy_is_refused(cashier: Staff, pin: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        pins.set_pin(staff=cashier, pin=pin)
    assert refusal.value.field == "pin"


def test_a_powerful_role_needs_a_second_factor_after_a_week(
    business: Any, owner: Staff, cashier: Staff, client_for: Any
) -> None:
    from allauth.mfa.models import Authenticator

    browser = client_for(business, owner.user)
    assert browser.get("/office/team/").status_code == 200
    Staff.objects.filter(pk__in=[owner.pk, cashier.pk]).update(appointed_at=clock.now() - dt.timedelta(days=8))
    assert browser.get("/office/team/")["Location"] == "/account/sign-in/"
    switch_on(name="referral", by=owner.public_id)
    assert browser.get("/modules/referral/office/").status_code == 403
    assert browser.get("/account/sign-in/").status_code == 200
    assert client_for(business, cashier.user).get("/counter/").status_code == 200
    Authenticator.objects.create(user=owner.user, type=Authenticator.Type.TOTP, data={})
    assert browser.get("/office/team/").status_code == 200
    assert not second_factor.is_missing(Staff.objects.get(pk=cashier.pk))


def test_a_role_that_becomes_powerful_has_a_week_from_then(owner: Staff, cashier: Staff) -> None:
    Staff.objects.filter(pk=cashier.pk).update(appointed_at=clock.now() - dt.timedelta(days=30))
    promoted = services.change_staff(staff=cashier, by=owner, name="Xiao", role="manager", branch=cashier.branch)
    assert not second_factor.is_missing(promoted)
    with time_machine.travel(clock.now() + dt.timedelta(days=8), tick=False):
        assert second_factor.is_missing(promoted)


def test_one_sees_where_one_is_signed_in_and_ends_it(business: Any, owner: Staff, client_for: Any) -> None:
    here, there = client_for(business, owner.user), client_for(business, owner.user)
    page = here.get("/account/sign-in/")
    assert page.status_code == 200
    assert len(page.context["sessions"]) == 1
    here.post("/account/sign-in/end/0/")
    assert there.get("/office/")["Location"].startswith("/account/login/")
    assert here.get("/account/sign-in/").status_code == 200
    assert here.post("/account/sign-in/end/7/").status_code == 404


PAGES = (
    "/office/team/",
    "/office/team/invite/",
    "/office/team/roles/",
    "/office/team/roles/new/",
    "/office/team/people/{cashier}/",
    "/office/settings/places/",
    "/office/settings/places/new-branch/",
    "/office/settings/places/new-region/",
    "/office/settings/places/branches/{branch}/",
    "/account/sign-in/",
)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_owner_sees_every_page_of_the_team(
    business: Any, owner: Staff, cashier: Staff, branch: Branch, client_for: Any, language: str
) -> None:
    browser = client_for(business, owner.user, language=language)
    for page in PAGES:
        answer = browser.get(page.format(cashier=cashier.public_id, branch=branch.public_id))
        assert answer.status_code == 200, page


def test_the_forms_of_the_team_call_the_services(
    business: Any, owner: Staff, cashier: Staff, branch: Branch, lake: Branch, client_for: Any
) -> None:
    browser = client_for(business, owner.user)
    where = f"branch:{lake.public_id}"
    sent = browser.post(
        "/office/team/invite/",
        {"name": "Bo", "email": "bo@tea.example", "role": "marketer", "where": where, "language": "en"},
    )
    assert sent.status_code == 302
    bo = Staff.objects.get(user__email="bo@tea.example")
    assert (bo.role, bo.branch) == ("marketer", lake)
    browser.post(f"/office/team/people/{bo.public_id}/", {"name": "Bo", "role": "reader", "where": ""})
    bo.refresh_from_db()
    assert (bo.role, bo.branch) == ("reader", None)
    browser.post(f"/office/team/people/{bo.public_id}/dismiss/")
    bo.refresh_from_db()
    assert not bo.is_active
    browser.post("/office/team/roles/new/", {"name": "Shift leader", "permissions": ["counter.sell"]})
    assert CustomRole.objects.get().permissions == ["counter.sell"]
    browser.post("/office/settings/places/new-region/", {"name": "East"})
    browser.post(f"/office/settings/places/{lake.public_id}/close/")
    lake.refresh_from_db()
    assert not lake.is_open


def test_a_branch_manager_sees_only_the_own_people_and_places(
    business: Any, manager: Staff, owner: Staff, cashier: Staff, branch: Branch, lake: Branch, client_for: Any
) -> None:
    stranger = appoint(name="Stranger", email="s@tea.example", role="cashier", branch=lake, appointed_by=owner)
    browser = client_for(business, manager.user)
    people = browser.get("/office/team/").content.decode()
    assert ("Xiao Cashier" in people, "Stranger" in people, "Lin Owner" in people) == (True, False, False)
    assert "Lake Road" not in browser.get("/office/settings/places/").content.decode()
    assert browser.get(f"/office/team/people/{stranger.public_id}/").status_code == 404
    assert browser.post(f"/office/team/people/{stranger.public_id}/dismiss/").status_code == 404
    assert browser.get(f"/office/settings/places/branches/{lake.public_id}/").status_code == 404
    assert browser.post(f"/office/settings/places/{lake.public_id}/close/").status_code == 404
    assert browser.get("/office/settings/places/new-region/").status_code == 404


def test_every_permission_has_words_and_a_heading() -> None:
    assert all(str(permission.label) and str(permission.group) for permission in PERMISSIONS)
    assert len({permission.code for permission in PERMISSIONS}) == len(PERMISSIONS)
