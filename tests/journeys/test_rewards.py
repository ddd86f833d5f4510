"""A reward on its way: redeemed on a phone with a question first, collected at the till, and read in the office."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import Screen, every_screen, screen
from tests.running import House
from tests.shop import SHOPS, Words, fill, opened_as, picture, session_of

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.clause("4.Shows"), pytest.mark.capability(70)]
Inside = Callable[..., Any]
EVERY_SCREEN = every_screen(("zh-hans", 390))


def shelved(words: Words) -> dict[str, str]:
    """A member with points before a shelf of three, with a benefit; sessions of the member and of the team."""
    from regulars.ledger.services import adjust
    from regulars.loyalty.benefits.models import Benefit
    from regulars.loyalty.benefits.services import save_benefit
    from regulars.loyalty.models import Tier
    from regulars.loyalty.rewards.models import Redemption
    from regulars.loyalty.rewards.shelving import save_reward
    from regulars.organisation.models import Branch
    from regulars.people.models import Member
    from regulars.people.services import user_for

    sessions = fill(words)
    member = Member.objects.order_by("pk")[0]
    if not Benefit.objects.exists():
        branch = Branch.objects.order_by("pk")[0]
        for number, (points, stock) in enumerate(((100, 40), (150, 0), (9_000, None))):
            name = {words.language: words.goods[number]}
            shown: dict[str, Any] = {"picture": picture(), "picture_words": name} if number == 0 else {}
            save_reward(kind="goods", words=name, details={}, points=points, stock=stock, branches=[branch], **shown)
        save_benefit(
            code="upgrade",
            kind="free_upgrade",
            words={words.language: words.reason},
            details={},
            uses=2,
            grants=dict.fromkeys(Tier.objects.all()),
        )
    number = Redemption.objects.count()
    adjust(wallet=member.wallet, asset="points", amount=200, key=f"for-tea-{number}", reason=words.tag, actor="test")
    return {**sessions, "member": session_of(SimpleNamespace(user=user_for(member=member)))}  # type: ignore[arg-type]


def comes_in(person: Screen, at: str, session: str) -> None:
    """The browser carries the session of somebody who is signed in."""
    person.context.clear_cookies()
    person.context.add_cookies([{"name": "session", "value": session, "url": at}])


@pytest.mark.parametrize(("language", "width"), EVERY_SCREEN)
def test_a_reward_from_the_phone_over_the_till_to_the_office(
    chromium: Browser, house: House, inside: Inside, language: str, width: int
) -> None:
    words = SHOPS[language]
    sessions = inside(lambda: shelved(words), words.slug, opened_as(words))
    at = house.of(words.slug)
    with screen(chromium, house, language=language, width=width) as person:
        page = person.page
        comes_in(person, at, sessions["member"])
        person.open(f"{at}/me/rewards/")
        person.judged("rewards-shelf")
        page.locator("#shelf form button[type=submit]").first.click()
        expect(page.locator("dialog[open]")).to_be_visible()
        person.judged("rewards-sure")
        page.locator("dialog[open] button").last.click()
        page.wait_for_url(re.compile(r"/me/rewards/redeemed/rdm_\w+/$"))
        code = page.locator("#reward-code").inner_text()
        assert re.fullmatch(r"RW-[0-9A-Z]{4}-[0-9A-Z]{4}", code)
        person.judged("rewards-code")

        mine = page.url
        comes_in(person, at, sessions["cashier"])
        person.open(f"{at}/counter/rewards/")
        person.judged("rewards-to-put-ready")
        page.locator("form[action$='/ready/'] button").first.click()
        expect(page.locator("form[action$='/ready/'] button")).to_have_count(0)
        comes_in(person, at, sessions["member"])
        person.open(mine)
        expect(page.get_by_text(person.words("It lies ready for you.", "已为你备好。"))).to_be_visible()
        person.judged("rewards-ready")

        comes_in(person, at, sessions["cashier"])
        person.open(f"{at}/counter/")
        page.fill("#counter-field", code)
        page.keyboard.press("Enter")
        expect(page.locator('button[name="hand_over"]')).to_be_visible()
        expect(page.locator('button[name="use"]').first).to_be_visible()
        person.judged("rewards-till")
        page.click('button[name="hand_over"]')
        expect(page.locator('button[name="hand_over"]')).to_have_count(0)
        page.locator('button[name="use"]').first.click()
        expect(page.locator('button[name="undo"]')).to_be_visible()
        person.judged("rewards-used")
        page.click('button[name="undo"]')
        expect(page.locator('button[name="undo"]')).to_have_count(0)

        comes_in(person, at, sessions["owner"])
        for name, address in (
            ("office-rewards", "rewards/"),
            ("office-new-reward", "rewards/new/"),
            ("office-benefits", "benefits/"),
            ("office-new-benefit", "benefits/new/"),
        ):
            person.open(f"{at}/office/loyalty/{address}")
            person.judged(name)
