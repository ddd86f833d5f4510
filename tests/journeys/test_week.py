"""A week's work: a manager is invited, asks for what is beyond them, gets it, is written down, and is let go."""

from __future__ import annotations

import quopri
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import Screen, screen
from tests.running import House
from tests.shop import SHOPS, fill, opened_as

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.sample]
WORDS = SHOPS["en"]
NAME = "Wanda Week"
REASON = "For the whole wedding party"
POINTS = 6_000
"""More than a manager gives alone, and nothing that a member has by chance."""


def link_in_the_mail(house: House, email: str, patience: float = 20.0) -> str:
    """The path in the invitation that the worker has sent to somebody: mail goes to the log there."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        said = quopri.decodestring(house.said().partition(f"To: {email}")[2].encode()).decode(errors="replace")
        if found := re.search(r"/account/invitation/[\w-]+/", said):
            return found[0]
        time.sleep(0.2)
    raise AssertionError(f"no invitation for {email}; the log ends:\n{house.said()[-3000:]}")


def grace() -> dict[str, Any]:
    """A member, and how many points she has."""
    from regulars.ledger.selectors import balance
    from regulars.people.models import Member

    member = Member.objects.select_related("wallet").get(name=WORDS.members[-1])
    return {"public_id": member.public_id, "points": balance(member.wallet)}


class Week:
    """The steps, each by whoever takes it."""

    def __init__(self, owner: Screen, manager: Screen, inside: Callable[[Callable[[], Any]], Any]) -> None:
        self.owner = owner
        self.manager = manager
        self.inside = inside
        self.home = owner.house.of(WORDS.slug)
        self.email = f"wanda-{secrets.token_hex(3)}@week.example"
        self.before = inside(grace)
        self.member = f"{self.home}/office/members/{self.before['public_id']}/"

    def invite(self) -> None:
        """The owner invites a manager of the whole business."""
        page = self.owner.open(f"{self.home}/office/team/invite/")
        page.fill('input[name="name"]', NAME)
        page.fill('input[name="email"]', self.email)
        page.select_option('select[name="role"]', "manager")
        page.click("main form.office-form button[type='submit']")
        page.wait_for_url(re.compile(r"/office/team/"))
        expect(page.locator("main")).to_contain_text(NAME)

    def accept(self) -> None:
        """The manager chooses a password and is inside."""
        link = link_in_the_mail(self.owner.house, self.email)
        page = self.manager.open(self.home + link)
        page.fill('input[name="password"]', "a tea leaf in the wind")
        page.click("main form button[type='submit']")
        page.wait_for_url(re.compile(r"/office/$"))

    def ask(self) -> None:
        """Points beyond the limit become a request, and the member has none of them."""
        page = self.manager.open(self.member)
        page.click('main a[href$="/points/"]')
        page.fill('input[name="points"]', str(POINTS))
        page.fill('input[name="reason"]', REASON)
        page.click('main form.office-form button[type="submit"]')
        page.wait_for_url(re.compile(r"/office/approvals/apv_\w+/$"))
        expect(page.locator("main .approvals-head")).to_contain_text("6,000")
        expect(page.locator('main button[value="approve"]')).to_have_count(0)
        assert self.inside(grace)["points"] == self.before["points"]

    def approve(self) -> None:
        """The owner finds it on the first page and does it."""
        page = self.owner.open(f"{self.home}/office/")
        page.click('.insights-waits a[href="/office/approvals/"]')
        page.click(f'#approvals-waiting ~ ul li:has-text("{NAME}") h3 a')
        with page.expect_navigation():
            page.click('button[value="approve"]')
        assert self.inside(grace)["points"] == self.before["points"] + POINTS

    def arrived(self) -> None:
        """The manager sees the points with the member, and the reason."""
        page = self.manager.open(self.member)
        row = page.locator("#office-points ~ div tbody tr").first
        expect(row).to_contain_text(REASON)
        expect(row).to_contain_text("+6,000")

    def read_the_trail(self) -> None:
        """Both acts stand there, each under the name of whoever did it."""
        page = self.owner.open(f"{self.home}/office/trail/")
        said = page.locator(".trail-sentence")
        expect(said.filter(has_text=re.compile(f"{NAME}.*asked for an approval")).first).to_be_visible()
        expect(said.filter(has_text=re.compile(f"{WORDS.people[0]}.*approved a request")).first).to_be_visible()

    def dismiss(self) -> None:
        """Let go, the manager is out with the next click and does not come in again."""
        page = self.owner.open(f"{self.home}/office/team/")
        page.click(f'main a:has-text("{NAME}")')
        page.locator("details.office-sure summary").last.click()
        page.locator("details.office-sure[open] button").click()
        expect(page.locator(".messages")).to_contain_text(NAME)
        out = self.manager.open(f"{self.home}/office/members/")
        expect(out).to_have_url(re.compile(r"/account/login/"))
        self.may_not_come_in(out)

    def may_not_come_in(self, page: Page) -> None:
        """The password opens nothing any more."""
        page.fill('input[name="login"]', self.email)
        page.fill('input[name="password"]', "a tea leaf in the wind")
        with page.expect_navigation():
            page.click('form[action="/account/login/"] button[type="submit"]')
        expect(page).to_have_url(re.compile(r"/account/(login|inactive)/"))
        self.manager.troubles.clear()  # the browser notes that the refusal is no 200


@pytest.mark.clause("3.3")
@pytest.mark.clause("3.4")
@pytest.mark.clause("3.5")
@pytest.mark.capability(145)
@pytest.mark.capability(146)
@pytest.mark.capability(16)
def test_work_of_a_week(house: House, chromium: Browser, inside: Callable[..., Any]) -> None:
    def here(act: Callable[[], Any]) -> Any:
        return inside(act, WORDS.slug, opened_as(WORDS))

    sessions = here(lambda: fill(WORDS))
    with (
        screen(chromium, house, language="en", width=1280) as owner,
        screen(chromium, house, language="en", width=1280) as manager,
    ):
        home = house.of(WORDS.slug)
        owner.context.add_cookies([{"name": "session", "value": sessions["owner"], "url": home}])
        week = Week(owner, manager, here)
        steps: list[Callable[[], None]] = [
            week.invite,
            week.accept,
            week.ask,
            week.approve,
            week.arrived,
            week.read_the_trail,
            week.dismiss,
        ]
        for step in steps:
            step()
