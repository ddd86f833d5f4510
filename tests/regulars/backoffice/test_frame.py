"""What is kept of a page, its menu and the head of its list, is never older than what it follows from."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from regulars.ledger.approvals import adjust_or_ask
from regulars.loyalty.models import Tier
from regulars.organisation.approvals.selectors import count_waiting_for, waiting_for
from regulars.organisation.models import Branch, Staff
from regulars.organisation.team.services import appoint, change_staff, save_custom_role
from regulars.people import tags
from regulars.plugins import switch
from tests.conftest import PASSWORD, new_member

pytestmark = pytest.mark.clause("3.1")
Browser = Callable[..., Client]
PROPS = re.compile(r'<script id="wagtail-sidebar-props" type="application/json">(.*?)</script>', re.DOTALL)


@pytest.fixture
def office(business: Any, owner: Staff, client_for: Browser) -> Client:
    """The owner's browser."""
    return client_for(business, owner.user)


@pytest.fixture
def manager(branch: Branch) -> Staff:
    """The manager of the first branch."""
    return appoint(name="Mei", email="mei@teahouse.example", password=PASSWORD, role="manager", branch=branch)


def _page(browser: Client, address: str = "/office/members/") -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def _menu(browser: Client, address: str = "/office/") -> str:
    found = PROPS.search(_page(browser, address))
    assert found is not None
    return json.dumps(json.loads(found[1]), ensure_ascii=False)


def test_a_second_page_is_drawn_with_few_questions(office: Client) -> None:
    with CaptureQueriesContext(connection) as first:
        _page(office)
    with CaptureQueriesContext(connection) as second:
        _page(office)
    assert len(second) < len(first)
    assert not [each for each in second.captured_queries if "wagtailcore_" in each["sql"] or "auth_" in each["sql"]]


def test_the_frame_is_the_same_kept_and_drawn(office: Client) -> None:
    pages = [re.sub(r'name="csrfmiddlewaretoken" value="\w+"|"CSRF_TOKEN": "\w+"', "", _page(office)) for _ in "ab"]
    assert pages[0] == pages[1]
    assert '"KEYBOARD_SHORTCUTS_ENABLED": true' in pages[1]
    assert 'id="keyboard-shortcuts-dialog"' in pages[1]


def test_a_permission_taken_away_is_out_of_the_menu_at_once(
    business: Any, owner: Staff, branch: Branch, client_for: Browser
) -> None:
    role = save_custom_role(by=owner, name="Host", codes=["today.view", "members.view", "sales.view"])
    host = appoint(name="Hu", email="hu@teahouse.example", password=PASSWORD, role="custom", custom_role=role)
    browser = client_for(business, host.user)
    assert "/office/members/" in _menu(browser)
    assert "/office/sales/" in _menu(browser)
    save_custom_role(by=owner, name="Host", codes=["today.view", "sales.view"], role=role)
    assert "/office/members/" not in _menu(browser)
    assert "/office/sales/" in _menu(browser)


def test_another_role_has_another_menu_at_once(
    business: Any, owner: Staff, manager: Staff, branch: Branch, client_for: Browser
) -> None:
    browser = client_for(business, manager.user)
    assert '"people"' in _menu(browser)
    change_staff(staff=manager, by=owner, name="Mei", role="service", branch=branch)
    assert '"people"' not in _menu(browser)
    change_staff(staff=manager, by=owner, name="Mei", role="manager")
    assert '"explorer"' in _menu(browser)  # who holds for the whole business changes the site


def test_a_module_is_in_the_menu_from_its_switch_to_its_switch(office: Client, owner: Staff) -> None:
    assert "Invitations" not in _menu(office)
    switch.switch_on(name="referral", by=owner.public_id)
    assert "Invitations" in _menu(office)
    switch.close(name="referral", by=owner.public_id)
    switch.switch_off(name="referral", by=owner.public_id)
    assert "Invitations" not in _menu(office)


def test_each_reader_has_their_own_frame(business: Any, owner: Staff, manager: Staff, client_for: Browser) -> None:
    english, chinese = (client_for(business, owner.user, language) for language in ("en", "zh-hans"))
    for _again in range(2):
        assert '"Members"' in _menu(english)
        assert '"会员"' in _menu(chinese)
        assert "/office/settings/business/" not in _menu(client_for(business, manager.user))
    tokens = {re.search(r'"CSRF_TOKEN": "(\w+)"', _page(browser))[1] for browser in (english, chinese)}  # type: ignore[index]
    assert len(tokens) == 2


def test_what_waits_is_counted_on_the_next_page(
    business: Any, owner: Staff, manager: Staff, branch: Branch, client_for: Browser
) -> None:
    agent = appoint(name="Ann", email="ann@teahouse.example", password=PASSWORD, role="service", branch=branch)
    browser = client_for(business, manager.user)
    for number in range(1, 4):
        member = new_member(contact=f"+861390013900{number}", branch=branch)
        adjust_or_ask(member=member, points=800, reason="Spilled", by=agent, key=f"key-of-{number:04d}")
        assert f"Approvals ({number})" in _menu(browser)
    for staff in (owner, manager, agent):
        assert count_waiting_for(staff) == len(waiting_for(staff))
    browser.post(f"/office/approvals/{waiting_for(manager)[0].public_id}/", {"decision": "refuse", "note": "No"})
    assert "Approvals (2)" in _menu(browser)


def test_what_can_be_chosen_is_in_the_filters_at_once(office: Client, branch: Branch) -> None:
    new_member(branch=branch)
    assert "Regular guest" not in _page(office)
    tag = tags.tag_named(name="Regular guest", by="Lin")
    assert "Regular guest" in _page(office)
    tag.delete()
    assert "Regular guest" not in _page(office)
    Branch.objects.filter(pk=branch.pk).update(name="By the old bridge")
    Tier.objects.filter(threshold=0).update(words={"en": "Newcomer"})
    page = _page(office)
    assert "By the old bridge" in page
    assert "Newcomer" in page
    Branch.objects.create(name="At the harbour")
    assert "At the harbour" in _page(office)


def test_nobody_is_shown_the_choices_of_another(
    office: Client, business: Any, manager: Staff, branch: Branch, client_for: Browser
) -> None:
    Branch.objects.create(name="At the harbour")
    new_member(branch=branch)
    browser = client_for(business, manager.user)
    for _again in range(2):
        assert "At the harbour" in _page(office)
        assert "At the harbour" not in _page(browser)
        assert "export=xlsx" in _page(office)


def test_a_search_is_in_its_field_and_in_no_other_page(office: Client, branch: Branch) -> None:
    new_member(branch=branch)
    assert 'value="Li Hua"' in _page(office, "/office/members/?q=Li+Hua")
    assert 'value="Li Hua"' not in _page(office)


def test_what_a_cell_says_is_escaped(office: Client, branch: Branch) -> None:
    new_member(name="<b>Li & Hua</b>", branch=branch)
    page = _page(office)
    assert "<b>Li" not in page
    assert "&lt;b&gt;Li &amp; Hua&lt;/b&gt;" in page
