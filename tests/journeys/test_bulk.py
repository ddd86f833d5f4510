"""An act on ten thousand members at a screen: counted, shown, watched while it runs, and undone without a trace."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import Screen, screen
from tests.conftest import PASSWORD
from tests.multitude import many_members
from tests.running import House

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.clause("3.1"), pytest.mark.capability(164)]
MANY = 10_000
PATIENCE = 240_000
"""Milliseconds for what takes a quarter of a minute on a machine that has nothing else to do."""
EVERY_SCREEN = [
    pytest.param("en", 1280, id="en-1280"),
    pytest.param("zh-hans", 390, id="zh-hans-390", marks=pytest.mark.sample),
]


def fill() -> dict[str, Any]:
    """Ten thousand members, unless they are there from an earlier walk; gives the books."""
    from regulars.organisation.models import Branch
    from regulars.people.models import Member

    if Member.objects.count() < MANY:
        many_members(MANY, branch=Branch.objects.order_by("pk")[0])
    return books()


def books() -> dict[str, Any]:
    """What the members have, and what does not add up."""
    from django.db.models import Sum

    from regulars.ledger.models import Account, Transaction
    from regulars.ledger.selectors import unbalanced

    wallets = Account.objects.filter(wallet__isnull=False, asset="points")
    return {
        "points": wallets.aggregate(all=Sum("balance"))["all"] or 0,
        "given": Transaction.objects.filter(kind="adjustment").count(),
        "taken back": Transaction.objects.filter(kind="adjustment.reversed").count(),
        "faults": unbalanced(),
    }


def sign_in(person: Screen) -> str:
    """The owner comes in; gives the address of the back office."""
    office = f"{person.house.of('teahouse')}/office"
    page = person.open(f"{person.house.of('teahouse')}/account/login/")
    page.fill('input[name="login"]', "owner@teahouse.example")
    page.fill('input[name="password"]', PASSWORD)
    page.click('main form button[type="submit"]')
    page.wait_for_url(re.compile(rf"^{re.escape(office)}/"))
    return office


@pytest.mark.parametrize(("language", "width"), EVERY_SCREEN)
def test_ten_thousand_members_get_points_and_lose_them_again(
    house: House, chromium: Browser, inside: Callable[..., Any], language: str, width: int
) -> None:
    before = inside(fill)
    with screen(chromium, house, language=language, width=width) as owner:
        office = sign_in(owner)
        page = owner.open(f"{office}/members/?q=Guest")
        expect(page.locator(".office-count")).to_have_text(owner.words("10,000 members", "10,000 位会员"))
        owner.judged("40-members")
        page.check("[data-office-all]")
        page.click('button[formaction$="/many-points/"]')
        expect(page.locator("[data-office-total]")).to_have_attribute("data-office-total", str(MANY))

        page.fill('input[name="points"]', "25")
        page.fill('input[name="reason"]', owner.words(f"Jubilee {secrets.token_hex(3)}", "周年庆"))
        page.click('form .office-acts button[type="submit"]')
        expect(page.locator("#office-preview + div tbody tr")).to_have_count(10)
        owner.judged("41-many-preview")
        page.click('button[name="confirm"]')
        page.wait_for_url(re.compile(r"/office/jobs/job_\w+/$"))
        expect(page.locator("#office-job progress")).to_be_visible()
        expect(page.locator("#office-job")).to_have_attribute("data-state", "running", timeout=30_000)
        owner.judged("42-job-running")
        expect(page.locator("#office-job")).to_have_attribute("data-state", "done", timeout=PATIENCE)
        expect(page.locator(".office-job-state")).to_contain_text("10,000 / 10,000 · 100 %")
        owner.judged("43-job-done")
        given = inside(books)
        assert given == {
            "points": before["points"] + 25 * MANY,
            "given": before["given"] + MANY,
            "taken back": before["taken back"],
            "faults": [],
        }

        page.click('form[action$="/do/undo/"] button')
        expect(page.locator("#office-job")).to_have_attribute("data-state", "undone", timeout=PATIENCE)
        expect(page.locator(".office-job-state")).to_contain_text("10,000 / 10,000 · 100 %")
        owner.judged("44-job-undone")
        after = inside(books)
        assert after == {**given, "points": before["points"], "taken back": before["taken back"] + MANY}


@pytest.mark.parametrize(("language", "width"), EVERY_SCREEN)
def test_everything_is_found_from_the_keyboard_and_lists_read_as_sentences(
    house: House, chromium: Browser, inside: Callable[..., Any], language: str, width: int
) -> None:
    inside(fill)
    with screen(chromium, house, language=language, width=width) as owner:
        office = sign_in(owner)
        page = owner.open(f"{office}/members/?quiet_for=60&ordering=name")
        expect(page.locator(".office-sentence")).to_contain_text(
            owner.words("who have not bought for 60 days", "60 天未消费")
        )
        page.locator(".office-drop summary").last.click()
        expect(page.locator('.office-drop[open] input[name="column"]').first).to_be_visible()
        owner.judged("45-columns")
        page.keyboard.press("Escape")
        page.locator(".office-drop summary").first.click()
        page.fill("#view-name", owner.words("Quiet ones", "久未光临"))
        page.click('.office-drop[open] button[type="submit"]')
        expect(page.locator('.office-views a[aria-current="page"]')).to_contain_text(
            owner.words("Quiet ones", "久未光临")
        )
        owner.judged("46-view-kept")

        if width > 600:
            page.keyboard.press("Control+k")
        else:
            page.click(".office-palette-open")
        box = page.locator("dialog.office-palette[open] input")
        expect(box).to_be_focused()
        box.fill("Guest 0001")
        members = page.locator("#office-hits [role=group]").first
        expect(members).to_have_accessible_name(owner.words("Members", "会员"))
        expect(members.get_by_role("option")).to_have_count(6)
        expect(members.get_by_role("option", name="Guest 0001")).to_have_count(6)
        owner.judged("47-palette")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/office/members/mem_\w+/$"))
        page.fill("#new-tag", owner.words("Regular", "常客"))
        page.click('form[action$="/tags/add/"] button')
        expect(page.locator(".office-chips")).to_contain_text(owner.words("Regular", "常客"))
        owner.judged("48-member-tagged")
        page.keyboard.press("?")
        expect(page.locator("dialog.office-keys[open]")).to_be_visible()
        owner.judged("49-keys")
