"""The shelf of modules: what each adds, needs, keeps, costs and owes, and switching it in words nobody can misread."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from regulars import plugins
from regulars.organisation.models import EnabledPlugin, Staff
from regulars.plugins import loading, switch

pytestmark = [pytest.mark.clause("3.7"), pytest.mark.capability(154)]
SHELF = "/office/modules/"
PAGE = "/office/modules/referral/"


@pytest.fixture
def office(business: Any, owner: Staff, client_for: Callable[..., Client]) -> Client:
    """The owner's browser."""
    return client_for(business, owner.user)


@pytest.fixture
def chinese_office(business: Any, owner: Staff, client_for: Callable[..., Client]) -> Client:
    """The owner's browser, in Chinese."""
    return client_for(business, owner.user, "zh-hans")


def text(response: Any) -> str:
    """A page as one line of words, its tags left out."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


# The shelf ------------------------------------------------------------------------------------------------------------


def test_the_menu_leads_to_the_shelf(office: Client) -> None:
    assert SHELF in office.get("/office/").content.decode()


def test_the_shelf_tells_of_each_module_before_it_is_on(office: Client) -> None:
    page = office.get(SHELF)
    said = text(page)
    for words in (
        "Referral",
        "Members bring friends, and both get points",
        "A page “Invite a friend”",
        "A note when a friend joins",
        "Free for now",
        "Off",
        "Switch on",
        "Specimen",
        "Included",
    ):
        assert words in said, words
    assert "/static/referral/picture" in page.content.decode()


def test_the_page_of_a_module_tells_the_rest(office: Client) -> None:
    said = text(office.get(PAGE))
    for words in (
        "Nobody sees anything of it",
        "No other module",
        "Who brought whom, when",
        "invitation codes, referrals",
        "See invitations and their report",
        "Days until the points arrive",
    ):
        assert words in said, words


def test_a_module_there_is_not_is_an_unknown_address(office: Client) -> None:
    for path in ("nothing/", "nothing/on/", "nothing/off/", "REFERRAL/"):
        assert office.get(f"{SHELF}{path}").status_code == 404


def test_an_empty_shelf_teaches(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switch, "shelf", list)
    said = text(office.get(SHELF))
    assert "The shelf is empty" in said
    assert "for example referral" in said


# Switching ------------------------------------------------------------------------------------------------------------


def test_on_asks_first_and_says_what_then_happens(office: Client) -> None:
    asked = text(office.get(f"{PAGE}on/"))
    assert "Switch “Referral” on?" in asked
    assert "Everybody sees it at once" in asked
    assert plugins.state_of("referral") == "off"
    done = office.post(f"{PAGE}on/", follow=True)
    assert "“Referral” is on." in text(done)
    assert plugins.state_of("referral") == "on"


def test_closing_names_what_becomes_of_members_and_can_be_undone(office: Client, member: Any) -> None:
    switch.switch_on(name="referral", by="Lin")
    asked = text(office.get(f"{PAGE}closing/"))
    for words in ("Nothing new begins", "Links and codes stop working", "still get their points", "What is owed"):
        assert words in asked, words
    done = office.post(f"{PAGE}closing/", follow=True)
    assert "is closing" in text(done)
    assert f'<a href="{PAGE}on/">Switch it on again</a>' in done.content.decode()
    assert plugins.state_of("referral") == "closing"
    office.post(f"{PAGE}on/")
    assert plugins.state_of("referral") == "on"


def test_off_names_its_consequences_and_keeps_the_data(office: Client) -> None:
    from specimen.models import Note
    from specimen.services import remember

    for act in (switch.switch_on, switch.close):
        act(name="specimen", by="Lin")
    remember(kind="kept")
    asked = text(office.get(f"{SHELF}specimen/off/"))
    for words in ("menu entries, messages and work in the background stop", "Its data stays", "can claim nothing"):
        assert words in asked, words
    assert "is off. Its data is kept." in text(office.post(f"{SHELF}specimen/off/", follow=True))
    assert plugins.state_of("specimen") == "off"
    assert Note.objects.filter(kind="kept").exists()


def test_off_is_refused_while_something_is_owed_and_says_what(office: Client, member: Any) -> None:
    from specimen.services import promise

    switch.switch_on(name="specimen", by="Lin")
    promise(member=member.public_id)
    switch.close(name="specimen", by="Lin")
    page = office.get(f"{SHELF}specimen/off/")
    assert "Members can still claim what stands below" in text(page)
    assert "Promises 1" in text(page)
    assert 'type="submit" class="button serious"' not in page.content.decode()
    refused = office.post(f"{SHELF}specimen/off/")
    assert refused.status_code == 422
    assert "Members can still claim from “specimen”: Promises: 1" in text(refused)
    assert plugins.state_of("specimen") == "closing"


@pytest.mark.parametrize(
    ("before", "to", "said"),
    [
        ([], "closing", "It is not on, so there is nothing to close"),
        ([], "off", "It is in this state already"),
        (["switch_on"], "on", "It is in this state already"),
        (["switch_on"], "off", "Let it close first"),
    ],
)
def test_a_step_that_is_not_possible_says_why(office: Client, before: list[str], to: str, said: str) -> None:
    for act in before:
        getattr(switch, act)(name="specimen", by="Lin")
    state = plugins.state_of("specimen")
    assert said in text(office.get(f"{SHELF}specimen/{to}/"))
    assert office.post(f"{SHELF}specimen/{to}/").status_code == 422
    assert plugins.state_of("specimen") == state


@pytest.fixture
def stranded(business: Any) -> str:
    """A module that is on here although its package is gone."""
    EnabledPlugin.objects.create(name="gone", state="on", changed_at="2026-06-15T04:00:00Z")
    return "gone"


def test_a_module_that_cannot_be_loaded_is_named_and_can_be_switched_off(office: Client, stranded: str) -> None:
    assert "it could not be loaded. Its package is not installed any more." in text(office.get(SHELF))
    assert "cannot say whether it owes" in text(office.get(f"{SHELF}gone/off/"))
    assert "“gone” is off." in text(office.post(f"{SHELF}gone/off/", follow=True))
    assert EnabledPlugin.objects.get(name="gone").state == "off"
    assert office.get(f"{SHELF}gone/off/").status_code == 404


def test_a_module_refused_at_start_can_be_switched_off_and_hears_nothing_more(
    business: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from regulars import events

    switch.switch_on(name="specimen", by="Lin")
    monkeypatch.setitem(loading._refused, "specimen", loading.RefusedPlugin("specimen", "It needs Regulars 99."))
    others = {name: config for name, config in loading.installed().items() if name != "specimen"}
    monkeypatch.setattr(loading, "installed", lambda: others)
    assert [(each.name, each.reason) for each in switch.stranded()] == [("specimen", "It needs Regulars 99.")]
    fact = events.PluginStateChanged(
        event_id="evt_1", occurred_at=SimpleNamespace(), plugin="x", previous="on", current="off"
    )
    with pytest.raises(plugins.ModuleIsOff):
        plugins.tell("specimen", fact)
    assert switch.switch_off(name="specimen", by="Lin").state == "off"
    plugins.tell("specimen", fact)
    with pytest.raises(switch.CannotSwitch, match="was refused at start"):
        switch.switch_on(name="specimen", by="Lin")


# Settings -------------------------------------------------------------------------------------------------------------


def posted(**over: str) -> dict[str, str]:
    """The settings of referral as its form sends them."""
    values = {
        "referrer_points": "200",
        "friend_points": "100",
        "smallest_sale": "0",
        "hold_days": "14",
        "days_to_join": "30",
        "days_to_buy": "90",
        "points_last_days": "365",
        "rewards_a_month": "10",
        "rewards_in_all": "100",
        "friends_a_day": "5",
        "looks_at_addresses": "on",
    }
    return values | over


def test_settings_are_saved_and_what_changed_is_named(office: Client) -> None:
    done = office.post(PAGE, posted(friend_points="150", smallest_sale="12.50"), follow=True)
    assert "Saved: Points for the friend, First purchase of at least." in text(done)
    found = plugins.settings_of("referral")
    assert (found.friend_points, found.smallest_sale, found.looks_at_addresses) == (150, 1250, True)
    assert 'value="12.50"' in office.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"hold_days": "91"}, "Enter a number from 0 to 90."),
        ({"hold_days": ""}, "Enter a whole number."),
        ({"hold_days": "soon"}, "Enter a whole number."),
        ({"smallest_sale": "a lot"}, "Enter an amount in figures"),
        ({"smallest_sale": "99999999999"}, "Enter an amount from"),
    ],
)
def test_a_setting_that_does_not_fit_is_refused_beside_its_field_and_nothing_typed_is_lost(
    office: Client, over: dict[str, str], said: str
) -> None:
    refused = office.post(PAGE, posted(friend_points="77", **over))
    assert refused.status_code == 422
    assert said in text(refused)
    assert 'value="77"' in refused.content.decode()
    assert plugins.settings_of("referral").friend_points == 100


def test_a_module_without_settings_has_no_form(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(loading.installed()["specimen"]), "settings", None)
    assert "Save settings" not in text(office.get(f"{SHELF}specimen/"))
    assert office.post(f"{SHELF}specimen/", {}).status_code == 404


# Rights and languages -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "sees", "switches"), [("manager", 200, 403), ("reader", 200, 403), ("marketer", 403, 403)]
)
def test_seeing_is_not_switching(
    business: Any, owner: Staff, client_for: Callable[..., Client], role: str, sees: int, switches: int
) -> None:
    Staff.objects.filter(pk=owner.pk).update(role=role)
    client = client_for(business, owner.user)
    assert client.get(SHELF).status_code == sees
    assert client.get(PAGE).status_code == sees
    assert client.get(f"{PAGE}on/").status_code == switches
    assert client.post(f"{PAGE}on/").status_code == switches
    assert client.post(PAGE, posted(friend_points="1")).status_code in (403, 404)
    assert (plugins.state_of("referral"), plugins.settings_of("referral").friend_points) == ("off", 100)
    if sees == 200:
        assert "Switch on" not in text(client.get(PAGE)).replace("Switched", "")


def test_the_shelf_speaks_chinese(chinese_office: Client) -> None:
    said = text(chinese_office.get(SHELF))
    for words in ("推荐有礼", "会员带来朋友", "目前免费"):
        assert words in said, words
    assert "开启“推荐有礼”？" in text(chinese_office.get(f"{PAGE}on/"))
