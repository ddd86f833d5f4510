"""On at the tea house, off at the gym: nothing of it at the gym. Closing: nobody else, and nobody is let down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from plugins.referral import services
from plugins.referral.models import Invitation, Referral
from regulars import clock, hooks, plugins
from regulars.operations.models import Delivery
from regulars.organisation.models import Role, Staff
from regulars.outreach.models import Message
from regulars.people.models import Member
from regulars.people.services import user_for
from regulars.plugins import switch
from tests.conftest import new_member
from tests.plugins.referral.conftest import deliver, join, referral_points, row_of

pytestmark = [pytest.mark.clause("3.7"), pytest.mark.capability(154), pytest.mark.capability(99)]
ADDRESSES = ("", "office/", "office/review/", "r/abcdefgh/")


@pytest.fixture
def gym_member(on: Any, gym: Any) -> Member:
    """A member of the gym, where referral is off."""
    from tenants.context import business_context

    with business_context(gym):
        return new_member(contact="+447400000001", name="Gym Goer")


def page(client: Client, path: str) -> str:
    """A page as its reader gets it."""
    return client.get(path, follow=True).content.decode()


# At the gym -----------------------------------------------------------------------------------------------------------


def test_no_address_of_it_exists_at_the_gym(
    on: Any, gym: Any, gym_member: Member, client_for: Callable[..., Client]
) -> None:
    from tenants.context import business_context

    with business_context(gym):
        visitors = [client_for(gym), client_for(gym, user_for(member=gym_member))]
        visitors.append(client_for(gym, Staff.objects.get(role=Role.OWNER).user))
    for visitor in visitors:
        for path in ADDRESSES:
            assert visitor.get(f"/modules/referral/{path}", follow=True).status_code == 404, path


def test_no_page_of_the_gym_speaks_of_it(
    on: Any, gym: Any, gym_member: Member, client_for: Callable[..., Client]
) -> None:
    from tenants.context import business_context

    with business_context(gym):
        member = client_for(gym, user_for(member=gym_member))
        owner = client_for(gym, Staff.objects.get(role=Role.OWNER).user)
        stranger = client_for(gym)
    for client, path in [(member, "/me/"), (member, "/me/profile/"), (stranger, "/me/join/?ref=abcdefgh")]:
        assert "referral" not in page(client, path).lower(), path
        assert "invit" not in page(client, path).lower(), path
    for path in ("/office/", "/office/members/"):
        assert "/modules/referral/" not in page(owner, path), path


def test_no_task_mail_or_row_of_it_comes_up_at_the_gym(on: Any, gym: Any, gym_member: Member) -> None:
    from tenants.context import business_context

    with business_context(gym):
        assert "referral" not in plugins.listeners("member_joined")
        friend = join("+447400000002", "Friend", word="abcdefgh", branch=None)
        assert plugins.ask(hooks.due_work, now=clock.now() + dt.timedelta(days=99), limit=10) == []
        assert plugins.ask(hooks.introduction_fields) == []
        assert plugins.ask(hooks.introductions, word="abcdefgh") == []
        assert not Delivery.objects.filter(listener="referral").exists()
        assert not Message.objects.filter(kind__startswith="referral").exists()
        assert not Referral.objects.filter(friend=friend).exists()
        assert not Invitation.objects.exists()


def test_it_adds_nothing_to_the_api(on: Any, gym: Any, business: Any, client_for: Callable[..., Client]) -> None:
    assert client_for(gym).get("/api/v1/modules/referral/").status_code == 404
    assert client_for(business).get("/api/v1/modules/referral/").status_code == 404


def test_its_rights_exist_only_where_it_is_on(on: Any, gym: Any, owner: Staff) -> None:
    from regulars.organisation.permissions import granted
    from tenants.context import business_context

    assert {"referral.view", "referral.review"} <= granted(owner)
    with business_context(gym):
        assert not {"referral.view", "referral.review"} & granted(Staff.objects.get(role=Role.OWNER))


# At the tea house -----------------------------------------------------------------------------------------------------


def test_the_tea_house_has_it_in_every_door(
    on: Any, business: Any, member: Member, owner: Staff, client_for: Any
) -> None:
    phone, office = client_for(business, user_for(member=member)), client_for(business, owner.user)
    assert "Invite a friend" in page(phone, "/me/profile/")
    assert "/modules/referral/office/" in page(office, "/office/")
    for client, path in [(phone, ""), (office, "office/"), (office, "office/review/")]:
        assert client.get(f"/modules/referral/{path}").status_code == 200, path


# Closing --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def closing(friend: Member, sell: Any) -> Member:
    """Ben has joined and bought; then referral is closed."""
    sell(friend)
    switch.close(name="referral", by="Lin Owner")
    return friend


def test_a_closing_module_invites_nobody_else(closing: Member, code: str, branch: Any) -> None:
    with pytest.raises(plugins.ModuleIsOff):
        services.accept(code=code)
    with pytest.raises(plugins.ModuleIsOff):
        services.invitation_of(member=new_member(contact="cleo@example.com", branch=branch))
    assert plugins.ask(hooks.introductions, word=code) == []
    assert plugins.ask(hooks.introduction_fields) == []


def test_a_closing_module_gives_what_was_promised(closing: Member, anna: Member, after: Any) -> None:
    with after(14):
        assert (referral_points(anna), referral_points(closing)) == (200, 100)


def test_it_goes_off_only_when_nothing_is_promised(closing: Member, after: Any) -> None:
    (owed,) = plugins.ask(hooks.what_is_owed)
    assert (str(owed.label), owed.amount) == ("Promised for friends who joined", "1 invitation · at most 300 points")
    assert "by itself" in str(owed.settled)
    with pytest.raises(switch.CannotSwitch, match="Members can still claim"):
        switch.switch_off(name="referral", by="Lin Owner")
    with after(14):
        assert switch.switch_off(name="referral", by="Lin Owner").state == "off"


def test_off_keeps_its_data_and_on_again_goes_on(closing: Member, anna: Member, after: Any) -> None:
    with after(14):
        switch.switch_off(name="referral", by="Lin Owner")
        assert plugins.ask(hooks.wallet_tiles, member=anna) == []
        assert any(part.get("kind") == "code" for part in plugins.ask(hooks.member_export, member=anna))
        switch.switch_on(name="referral", by="Lin Owner")
        assert row_of(closing).state == "rewarded"
        (tile,) = plugins.ask(hooks.wallet_tiles, member=anna)
        assert tile.value == "1"


# A member's own data --------------------------------------------------------------------------------------------------


def test_a_member_gets_their_part_without_the_other(anna: Member, friend: Member, code: str) -> None:
    (of_anna, invited) = [
        part for part in plugins.ask(hooks.member_export, member=anna) if part["module"] == "referral"
    ]
    assert (of_anna["kind"], of_anna["code"], invited["kind"], invited["state"]) == ("code", code, "invited", "joined")
    (came,) = [part for part in plugins.ask(hooks.member_export, member=friend) if part["module"] == "referral"]
    assert came["kind"] == "was_invited"
    assert "ben" not in str(invited).lower()
    assert "anna" not in str(came).lower()


def test_erasing_keeps_only_what_points_were_given_for(anna: Member, friend: Member, sell: Any, after: Any) -> None:
    services.accept(code=services.invitation_of(member=anna).code)
    sell(friend)
    with after(14):
        (said,) = plugins.ask(hooks.member_erase, member=anna)
        assert "three years" in said
        assert not Invitation.objects.filter(member=anna).exists()
        assert [row.friend for row in Referral.objects.filter(referrer=anna)] == [friend]


def test_erasing_a_friend_who_has_not_bought_leaves_nothing(anna: Member, friend: Member) -> None:
    assert plugins.ask(hooks.member_erase, member=friend) == []
    assert not Referral.objects.filter(friend=friend).exists()
    deliver()
