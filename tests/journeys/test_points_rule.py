"""An owner builds “double points on Tuesdays for gold at branch 2, at most 500 a day”, and sees what it does."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import Screen, every_screen, screen
from tests.running import House
from tests.shop import SHOPS, Words, fill, opened_as, session_of

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.clause("4.7"), pytest.mark.clause("4.Shows")]
Inside = Callable[..., Any]
EVERY_SCREEN = every_screen(("zh-hans", 390))


def prepared(words: Words) -> dict[str, str]:
    """Sessions of the team and of a member with points; gifts are allowed, with a task and a cause."""
    from regulars.loyalty.models import Cause
    from regulars.loyalty.points import gifts, tasks
    from regulars.people.models import Member
    from regulars.people.services import user_for

    sessions = fill(words)
    if not Cause.objects.exists():
        gifts.change_points_settings(by="test", gifts=True)
        gifts.save_cause(words={words.language: words.tag})
        tasks.save_task(code="review", words={words.language: words.reason}, points=5)
    member = Member.objects.order_by("pk")[1]
    return {**sessions, "member": session_of(SimpleNamespace(user=user_for(member=member)))}  # type: ignore[arg-type]


def saved_rule() -> dict[str, Any]:
    """What was saved last."""
    from regulars.loyalty.models import PointsRule, Tier
    from regulars.organisation.models import Branch

    rule = PointsRule.objects.order_by("-pk")[0]
    found = {name: getattr(rule, name) for name in ("kind", "factor", "weekdays", "cap_day", "tiers", "branches")}
    highest = Tier.objects.order_by("-threshold")[0].code
    rule.delete()
    return {**found, "gold": highest, "second": Branch.objects.order_by("-pk")[0].public_id}


def comes_in(person: Screen, at: str, session: str) -> None:
    """The browser carries the session of somebody who is signed in."""
    person.context.clear_cookies()
    person.context.add_cookies([{"name": "session", "value": session, "url": at}])


@pytest.mark.parametrize(("language", "width"), EVERY_SCREEN)
def test_an_owner_builds_double_points_on_tuesdays_without_help(
    chromium: Browser, house: House, inside: Inside, language: str, width: int
) -> None:
    words = SHOPS[language]
    sessions = inside(lambda: prepared(words), words.slug, opened_as(words))
    at = house.of(words.slug)
    with screen(chromium, house, language=language, width=width) as person:
        page = person.page
        comes_in(person, at, sessions["owner"])
        person.open(f"{at}/office/loyalty/rules/new/")
        person.judged("points-rule-new")
        page.locator('a[href="?begin=double-day"]').click()
        page.fill("#id_name", person.words("Double Tuesday", "周二双倍"))
        page.locator('label:has(input[name="tiers"])').last.click()
        page.locator(f'label:has(input[name="branches"]):has-text("{words.branch}")').click()
        expect(page.locator('input[name="weekdays"][value="1"]')).to_be_checked()
        expect(page.locator("#id_cap_day")).to_have_value("500")
        page.locator("button[name=try]").click()
        expect(page.locator(".rule-trial .rule-said")).to_contain_text(person.words("2 times", "2 倍"))
        person.judged("points-rule-tried")
        page.locator(".rule-form button[type=submit]:not([name])").click()
        page.wait_for_url(f"{at}/office/loyalty/")
        person.judged("points-programme")
        person.open(f"{at}/office/loyalty/points/")
        person.judged("points-beside")
        comes_in(person, at, sessions["member"])
        person.open(f"{at}/me/activity/points/")
        person.judged("points-by-date")
    rule = inside(saved_rule, words.slug, opened_as(words))
    assert (rule["kind"], rule["factor"], rule["weekdays"], rule["cap_day"]) == ("multiplier", 200, [1], 500)
    assert rule["tiers"] == [rule["gold"]]
    assert rule["branches"] == [rule["second"]]
