"""An owner puts a condition together at a screen: lines, groups and a live count, with script and without."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import Screen, every_screen, screen
from tests.conftest import PASSWORD
from tests.running import House

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.clause("4.2")]
EVERY_SCREEN = every_screen(("zh-hans", 390))


def fill() -> int:
    """Five members of the first tier, two of whom were born in June; gives how many members there are."""
    import datetime as dt

    from regulars.organisation.models import Branch
    from regulars.people.models import Member
    from tests.conftest import new_member

    branch = Branch.objects.order_by("id")[0]
    for number in range(5):
        phone = f"+861370013700{number}"
        if not Member.objects.filter(phone=phone).exists():
            made = new_member(contact=phone, name=f"June {number}", branch=branch)
            Member.objects.filter(pk=made.pk).update(birthday=dt.date(1990, 6 if number < 2 else 7, 1))
    return Member.objects.filter(is_active=True).count()


def sign_in(person: Screen) -> str:
    """The owner comes in; gives the address of the back office."""
    office = f"{person.house.of('teahouse')}/office"
    page = person.open(f"{person.house.of('teahouse')}/account/login/")
    page.fill('input[name="login"]', "owner@teahouse.example")
    page.fill('input[name="password"]', PASSWORD)
    page.click('main form button[type="submit"]')
    page.wait_for_url(re.compile(rf"^{re.escape(office)}/"))
    return office


def line(page: Page, number: int) -> Any:
    """One line of the builder, without the one that is kept to copy from."""
    return page.locator("[data-groups] [data-row]").nth(number)


@pytest.mark.parametrize(("language", "width"), EVERY_SCREEN)
def test_an_owner_finds_members_by_a_condition_and_sees_how_many(
    house: House, chromium: Browser, inside: Callable[..., Any], language: str, width: int
) -> None:
    members = inside(fill)
    with screen(chromium, house, language=language, width=width) as owner:
        office = sign_in(owner)
        page = owner.open(f"{office}/conditions/members/")
        expect(page.locator("[data-empty]")).to_be_visible()
        page.click("[data-add-row]")
        first = line(page, 0)
        first.locator("[data-part=field]").select_option("people.birthday_month")
        june = first.locator("[data-part=values] input[type=checkbox][value='6']")
        june.check()
        count = page.locator("[data-count]")
        expect(count).to_have_text(owner.words("Now it means: 2 members.", "目前符合的有 2 位会员。"))
        june.uncheck()
        first.locator("input[value='7']").check()
        expect(count).to_contain_text("3")

        page.click("[data-add-row]")
        second = line(page, 1)
        second.locator("[data-part=field]").select_option("sales.spent")
        second.locator("[data-part=is]").select_option("number:less_than")
        second.locator("[data-part=values] input").fill("10")
        second.locator("[data-part=window] select").select_option("days")
        second.locator("[data-part=window] input").fill("90")
        expect(page.locator("[data-sentence]")).to_have_text(
            owner.words(
                "month of the birthday is July and amount spent in the last 90 days is less than ¥10.00",
                "生日月份为七月，并且最近 90 天的消费金额低于 ¥10.00",
            )
        )
        owner.judged("41-condition")

        page.click("[data-add-row]")
        third = line(page, 2)
        third.locator("[data-part=field]").select_option("people.has_phone")
        third.locator("[data-part=is]").select_option("yes_no:no")
        expect(count).to_contain_text(owner.words("0 members", "0 位会员"))
        third.locator("[data-remove]").click()
        page.click("[data-add-group]")
        other = line(page, 2)
        other.locator("[data-part=field]").select_option("people.member_days")
        other.locator("[data-part=values] input").fill("many")
        expect(count).to_contain_text(owner.words("Not every statement could be read", "有的条件未能识别"))
        page.click("main form button[type=submit]")
        expect(page.locator(".conditions-problem")).to_be_visible()
        expect(line(page, 2).locator("[data-part=values] input")).to_have_value("many")
        expect(line(page, 0).locator("input[value='7']")).to_be_checked()
        owner.judged("42-condition-wrong")
        owner.troubles.clear()  # the browser notes that this page answers 422

        line(page, 2).locator("[data-part=values] input").fill("0")
        page.locator("[data-between] select").select_option("any")
        expect(count).to_contain_text(f"{members:,}")
        page.click("main form button[type=submit]")
        page.wait_for_url(re.compile(r"/office/members/\?who="))
        expect(page.locator(".office-count")).to_contain_text(f"{members:,}")
        expect(page.locator(".office-sentence")).to_contain_text(owner.words("amount spent", "消费金额"))
        owner.judged("43-members-by-condition")


def test_without_script_lines_are_filled_in_by_hand(
    house: House, chromium: Browser, inside: Callable[..., Any]
) -> None:
    inside(fill)
    with screen(chromium, house, language="en", width=1280) as owner:
        office = sign_in(owner)
        plain = chromium.new_context(java_script_enabled=False, locale="en-GB")
        try:
            plain.add_cookies(owner.context.cookies())  # type: ignore[arg-type]
            page = plain.new_page()
            page.goto(f"{office}/conditions/members/")
            line(page, 0).locator("[data-part=field]").select_option("people.birthday_month")
            line(page, 0).locator("[data-part=is]").select_option("choice:any_of")
            line(page, 0).locator("[data-part=values] input").fill("july, June")
            page.click("main form button[type=submit]")
            page.wait_for_url(re.compile(r"/office/members/\?who="))
            expect(page.locator(".office-count")).to_have_text("5 members")
        finally:
            plain.close()
