"""The whole way, on a screen: a business signs up, sells to somebody who joined by phone, and takes a sale back."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import Screen, every_screen, screen
from tests.running import House

pytestmark = [pytest.mark.browser, pytest.mark.journey]
PASSWORD = "kettle-on-the-third-shelf"
EVERY_SCREEN = every_screen(("zh-hans", 390))


class Way:
    """What happens on it, step by step; each step is judged where it ends."""

    def __init__(self, owner: Screen, member: Screen) -> None:
        self.owner = owner
        self.member = member
        self.slug = f"kettle-{secrets.token_hex(4)}"
        self.phone = owner.words(f"07400{secrets.randbelow(10**6):06d}", f"138{secrets.randbelow(10**8):08d}")
        self.number = owner.words(f"+44{self.phone[1:]}", f"+86{self.phone}")
        self.at = owner.house.of(self.slug)

    def sign_up(self) -> None:
        """From the first page of the public site into the back office, signed in."""
        owner, page = self.owner, self.owner.page
        owner.open(owner.house.site + "/")
        owner.judged("01-public-home")
        page.locator('main a[href*="/sign-up/"]').first.click()
        page.wait_for_url("**/sign-up/**")
        owner.judged("02-sign-up")
        page.fill("#name", owner.words("Kettle & Leaf", "山茶茶馆"))
        page.check('input[name="trade"][value="restaurant"]')
        page.fill("#address", self.slug)
        page.fill("#email", f"owner@{self.slug}.example")
        page.fill("#password", PASSWORD)
        page.check("#agrees")
        expect(page.locator("#address-state")).not_to_be_empty()
        owner.judged("03-sign-up-filled")
        page.click('#sign-up button[type="submit"]:visible >> nth=-1')
        page.wait_for_url(re.compile(rf"^{re.escape(self.at)}/office/"), timeout=60_000)

    def look_round(self) -> None:
        """The first page says what to do next and how long the trial lasts."""
        owner, page = self.owner, self.owner.page
        expect(page.locator("main")).to_contain_text(re.compile(owner.words(r"\b(29|30)\b.*days?", r"(29|30)\s*天")))
        expect(page.locator("main")).to_contain_text(owner.words("Ring up your first sale", "第一笔"))
        owner.judged("04-back-office")

    def join(self) -> None:
        """Somebody joins on their own phone: a number, a code, a name."""
        member, page = self.member, self.member.page
        member.open(f"{self.at}/")
        member.judged("05-business-site")
        page.locator('main a[href*="/me/join/"]').first.click()
        page.wait_for_url("**/me/join/")
        member.judged("06-join")
        page.fill('input[name="contact"]', self.phone)
        page.click('main form .form-actions button[type="submit"]')
        page.wait_for_url("**/me/join/code/")
        page.fill('input[name="code"]', member.house.code_for(self.number))
        page.fill('input[name="name"]', member.words("Mei Lin", "林梅"))
        page.check('input[name="terms"]')
        member.judged("07-join-code")
        page.click('main form .form-actions button[type="submit"]')
        page.wait_for_url(f"{self.at}/me/")
        expect(page.locator("main")).to_contain_text(member.words("Mei Lin", "林梅"))
        member.judged("08-card-at-first")

    def sell(self) -> None:
        """At the till: the member by the end of the phone, two amounts, the price, the receipt."""
        owner, page = self.owner, self.owner.page
        owner.open(f"{self.at}/counter/")
        if "/place/" in page.url:
            page.locator('button[name="place"]').first.click()
        owner.judged("09-till")
        expect(page.locator("dialog.tour")).to_be_visible()
        page.keyboard.press("Escape")  # whoever knows the till leaves the first look round, and it does not come back
        self._enter(self.phone)
        expect(page.locator("#counter-member")).to_contain_text(owner.words("Mei", "林"))
        self._enter("1288")
        self._enter("2*156.5")
        expect(page.locator("#counter-sale .sale-line")).to_have_count(2)
        owner.judged("10-till-priced")
        page.click('#pay button[name="payment_source"] >> nth=0')
        page.wait_for_url("**/counter/receipt/**")
        owner.judged("11-receipt")

    def _enter(self, text: str) -> None:
        page = self.owner.page
        field = page.locator("#counter-field")
        field.fill(text)
        with page.expect_response(lambda answer: "/counter/" in answer.url and answer.request.method == "POST"):
            field.press("Enter")
        expect(page.locator("#counter-field")).to_have_value("")

    def see_points(self) -> None:
        """The member looks: points, tier, where they came from."""
        member, page = self.member, self.member.page
        member.open(f"{self.at}/me/")
        expect(page.locator(".tiles")).to_contain_text(re.compile(r"[1-9]"))
        member.judged("12-card-with-points")
        member.open(f"{self.at}/me/activity/")
        expect(page.locator("#history .gain")).to_have_count(1)
        member.judged("13-activity")
        page.locator("#history a").first.click()
        page.wait_for_url("**/me/activity/sal_*/")
        member.judged("14-member-receipt")
        for name, path in (("15-rewards", "rewards/"), ("16-inbox", "inbox/"), ("17-profile", "profile/")):
            member.open(f"{self.at}/me/{path}")
            member.judged(name)

    def give_back(self) -> None:
        """The sale is undone at the till: first what would happen, then it does."""
        owner, page = self.owner, self.owner.page
        owner.open(f"{self.at}/counter/sales/")
        owner.judged("18-newest-sales")
        page.locator('a[href*="/counter/sales/sal_"]').first.click()
        page.wait_for_url("**/counter/sales/sal_*/")
        owner.judged("19-sale")
        page.locator('input[name="reason"], select[name="reason"]').first.fill(owner.words("Goods returned", "退货"))
        page.click('form[action*="/refund/"] .form-actions button[type="submit"] >> nth=0')
        sure = page.locator('form:has(input[name="confirm"]) button[data-key="Enter"]')
        expect(sure).to_be_visible()
        owner.judged("20-refund-preview")
        sure.click()
        page.wait_for_url("**done=ref_*")
        owner.judged("21-refunded")

    def see_it_taken_back(self) -> None:
        """The member sees the points go, with the reason, and nothing is left."""
        member, page = self.member, self.member.page
        member.open(f"{self.at}/me/activity/")
        expect(page.locator("#history .spend")).to_have_count(1)
        expect(page.locator("#history li").first).to_contain_text(re.compile(r"[−-]\s?[1-9]"))
        member.judged("22-taken-back")

    def back_office(self) -> None:
        """What the owner finds there afterwards."""
        for name, path in (
            ("23-office-after", ""),
            ("24-office-members", "members/"),
            ("25-office-sales", "sales/"),
            ("26-office-loyalty", "loyalty/"),
            ("27-office-business", "settings/business/"),
            ("28-office-places", "settings/places/"),
            ("29-office-site", "site/"),
        ):
            self.owner.open(f"{self.at}/office/{path}")
            self.owner.judged(name)


@pytest.mark.clause("2.Shows")
@pytest.mark.parametrize(("language", "width"), EVERY_SCREEN)
def test_from_sign_up_to_points_and_back(house: House, chromium: Browser, language: str, width: int) -> None:
    with (
        screen(chromium, house, language=language, width=width) as owner,
        screen(chromium, house, language=language, width=width) as member,
    ):
        way = Way(owner, member)
        steps: list[Callable[[], None]] = [
            way.sign_up,
            way.look_round,
            way.join,
            way.sell,
            way.see_points,
            way.give_back,
            way.see_it_taken_back,
            way.back_office,
        ]
        for step in steps:
            step()
    assert house.faults() == []


@pytest.mark.sample
@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("<main><h1>Tea</h1><p style='color:#ccc;background:#fff'>Longjing</p></main>", "color-contrast"),
        ("<main><h1>Tea</h1><input type='text'></main>", "label"),
        ("<main style='overflow:hidden'><h1>Tea</h1><button style='width:900px'>Pay</button></main>", "cut off"),
    ],
    ids=["pale words", "no label", "too wide"],
)
def test_the_judge_sees_what_is_wrong(house: House, chromium: Browser, body: str, why: str) -> None:
    with screen(chromium, house, language="en", width=390) as person:
        head = "<meta name='viewport' content='width=device-width'><title>Tea</title>"
        person.page.set_content(f"<!doctype html><html lang='en'><head>{head}</head><body>{body}</body></html>")
        with pytest.raises(AssertionError, match=why):
            person.judged("00-wrong-on-purpose")
