"""The team at a screen: people, roles, places, an invitation accepted, a passkey that opens one business only."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.browser import Screen, every_screen, screen
from tests.conftest import PASSWORD
from tests.running import House

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.clause("3.3")]
Inside = Callable[[Callable[[], Any]], Any]
EVERY_SCREEN = every_screen(("zh-hans", 390))
FINGER = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
"""A device with a lock of its own, whose owner always holds a finger to it."""


def staff_up() -> dict[str, str]:
    """Two regions, three branches and five people, one of them invited; there once however often it is asked for."""
    from regulars.organisation.models import Branch, Region, Role, Staff
    from regulars.organisation.places import services as places
    from regulars.organisation.team import invitations, pins, services

    owner = Staff.objects.get(role=Role.OWNER)
    first = Branch.objects.order_by("id")[0]
    if not Region.objects.exists():
        country = places.save_region(by=owner, name="East China")
        city = places.save_region(by=owner, name="Hangzhou", parent=country)
        lake = places.open_branch(name="West Lake", address="1 Lake Road", region=city, by=owner)
        places.add_terminal(branch=lake, name="Till 1", by=owner)
        places.change_branch(branch=first, by=owner, name=first.name, address=first.address, region=country)
        leader = services.save_custom_role(by=owner, name="Shift leader", codes=["counter.sell", "members.view"])
        for name, place in (
            ("Mei", {"role": "manager", "region": country}),
            ("Bo", {"role": "marketer"}),
            ("Da", {"role": "custom", "custom_role": leader, "branch": lake}),
        ):
            mail = f"{name.lower()}@teahouse.example"
            services.appoint(name=name, email=mail, password=PASSWORD, appointed_by=owner, **place)
        for name in ("Xiao", "Ling"):
            mail = f"{name.lower()}@teahouse.example"
            cashier = services.appoint(name=name, email=mail, password=PASSWORD, role="cashier", branch=first)
            pins.set_pin(staff=cashier, pin="4711")
        invitations.invite(by=owner, name="Han", email="han@teahouse.example", role="accountant", language="en")
    found = {staff.name: staff.public_id for staff in Staff.objects.all()}
    return {**found, "branch": first.public_id, "region": Region.objects.earliest("id").public_id}


def newcomer() -> dict[str, str]:
    """Somebody who runs the whole business and has a password, and somebody who was invited, with the link."""
    from regulars.organisation.models import Role, Staff
    from regulars.organisation.team import invitations, services
    from regulars.outreach.models import Message

    owner, mark = Staff.objects.filter(role=Role.OWNER).earliest("id"), secrets.token_hex(3)
    mail = f"manager-{mark}@teahouse.example"
    services.appoint(name=f"Manager {mark}", email=mail, password=PASSWORD, role="manager", appointed_by=owner)
    invitations.invite(by=owner, name="Newcomer", email=f"new-{mark}@teahouse.example", role="marketer", language="en")
    body = Message.objects.filter(kind="staff_invitation").latest("pk").body
    return {"email": mail, "link": str(body.split("/account/invitation/")[1].split("/")[0])}


def sign_in(person: Screen, email: str) -> Page:
    """By e-mail and password, as far as the page after that."""
    page = person.open(f"{person.house.of('teahouse')}/account/login/")
    page.fill('input[name="login"]', email)
    page.fill('input[name="password"]', PASSWORD)
    page.click('form[action="/account/login/"] button[type="submit"]')
    page.wait_for_url(lambda address: "/account/login/" not in address)
    return page


def sign_out(person: Screen) -> None:
    """Out of this browser."""
    person.open(f"{person.house.of('teahouse')}/account/logout/").click("main form button[type='submit']")
    person.page.wait_for_url(lambda address: "/account/logout/" not in address)


def with_finger(person: Screen) -> tuple[CDPSession, str]:
    """Give the browser a device with a lock; returns how to speak to it."""
    cdp = person.context.new_cdp_session(person.page)
    cdp.send("WebAuthn.enable")
    return cdp, cdp.send("WebAuthn.addVirtualAuthenticator", {"options": FINGER})["authenticatorId"]


def passkeys(cdp: CDPSession, device: str) -> list[dict[str, Any]]:
    """What the device keeps."""
    found: list[dict[str, Any]] = cdp.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    return found


@pytest.mark.capability(144)
@pytest.mark.capability(145)
@pytest.mark.parametrize(("language", "width"), EVERY_SCREEN)
def test_the_owner_walks_through_team_and_places(
    house: House, chromium: Browser, inside: Inside, language: str, width: int
) -> None:
    known = inside(staff_up)
    with screen(chromium, house, language=language, width=width) as owner:
        office = f"{house.of('teahouse')}/office"
        page = sign_in(owner, "owner@teahouse.example")
        for name, address in (
            ("60-people", "/team/"),
            ("61-invite", "/team/invite/"),
            ("62-person", f"/team/people/{known['Mei']}/"),
            ("63-invited-person", f"/team/people/{known['Han']}/"),
            ("64-roles", "/team/roles/"),
            ("65-new-role", "/team/roles/new/"),
            ("66-places", "/settings/places/"),
            ("67-branch", f"/settings/places/branches/{known['branch']}/"),
            ("68-region", f"/settings/places/regions/{known['region']}/"),
            ("69-new-till", "/settings/places/new-till/"),
        ):
            owner.open(office + address)
            owner.judged(name)
        owner.open(f"{office}/team/people/{known['Bo']}/")
        page.locator("details.office-sure summary").last.click()
        owner.judged("70-dismissal-asked-about")
        page.locator("details.office-sure[open] button").click()
        expect(page.locator(".messages")).to_contain_text("Bo")
        page.click('form[action$="/take-back/"] button')
        expect(page.locator('form[action$="/dismiss/"]')).to_have_count(1)


@pytest.mark.capability(146)
@pytest.mark.parametrize(("language", "width"), EVERY_SCREEN)
def test_a_colleague_takes_over_the_till(
    house: House, chromium: Browser, inside: Inside, language: str, width: int
) -> None:
    known = inside(staff_up)
    with screen(chromium, house, language=language, width=width) as cashier:
        page = sign_in(cashier, "xiao@teahouse.example")
        cashier.open(f"{house.of('teahouse')}/counter/switch/")
        cashier.judged("71-who-is-at-the-till")
        page.check(f'input[value="{known["Ling"]}"]')
        page.fill("#pin", "4711")
        page.click(".panel button[type='submit']")
        page.wait_for_url(re.compile(r"/counter/$"))
        page.goto(f"{house.of('teahouse')}/account/sign-in/")
        expect(page).to_have_url(re.compile(r"/counter/full-sign-in/$"))
        cashier.troubles.clear()  # the browser notes that this page answers 403
        cashier.judged("72-this-takes-the-password")


@pytest.mark.capability(146)
@pytest.mark.parametrize(("language", "width"), EVERY_SCREEN)
def test_a_passkey_is_added_and_opens_this_business(
    house: House, chromium: Browser, inside: Inside, language: str, width: int
) -> None:
    known = inside(newcomer)
    home = house.of("teahouse")
    with screen(chromium, house, language=language, width=width) as manager:
        cdp, device = with_finger(manager)
        manager.open(f"{home}/account/login/")
        manager.judged("73-sign-in-to-work")
        page = sign_in(manager, known["email"])
        manager.open(f"{home}/account/sign-in/")
        manager.judged("74-your-sign-in")
        page.click('a[href="/account/2fa/"]')
        manager.judged("75-second-factor-to-set-up")
        page.click('a[href="/account/2fa/webauthn/add/"]')
        expect(page).to_have_url(re.compile(r"/account/reauthenticate/"))
        page.fill('input[name="password"]', PASSWORD)
        page.click("main form button[type='submit']")
        page.wait_for_url(re.compile(r"/account/2fa/webauthn/add/$"))
        manager.judged("76-add-a-passkey")
        page.click("#mfa_webauthn_add")
        page.wait_for_url(re.compile(r"/account/2fa/recovery-codes/$"))
        manager.judged("77-recovery-codes")
        kept = passkeys(cdp, device)
        assert [(one["rpId"], one["isResidentCredential"]) for one in kept] == [("teahouse.localhost", True)]
        manager.open(f"{home}/account/2fa/")
        manager.judged("78-second-factor-set-up")
        manager.open(f"{home}/account/2fa/webauthn/")
        page.click('a[href$="/edit/"]')
        page.fill('input[name="name"]', "Phone of the shop")
        page.click("main form button[type='submit']")
        expect(page.locator("main .row-title")).to_have_text("Phone of the shop")
        manager.judged("79-passkeys")

        sign_out(manager)
        manager.open(f"{home}/account/login/").click("#passkey_login")
        page.wait_for_url(re.compile(r"/office/$"))
        sign_out(manager)
        sign_in(manager, known["email"])
        expect(page).to_have_url(re.compile(r"/account/2fa/authenticate/$"))
        manager.judged("80-second-step")
        page.click("#mfa_webauthn_authenticate")
        page.wait_for_url(re.compile(r"/office/$"))

        manager.open(f"{home}/account/2fa/webauthn/")
        page.click('a[href$="/remove/"]')
        page.click('a[href*="/2fa/webauthn/reauthenticate/"]')
        manager.judged("81-is-it-you")
        page.click("#mfa_webauthn_reauthenticate")
        page.wait_for_url(re.compile(r"/remove/$"))
        manager.judged("82-take-the-passkey-away")
        page.click("main .btn-danger")
        expect(page.locator("main .row-title")).to_have_count(0)
        sign_out(manager)
        manager.open(f"{home}/account/login/").click("#passkey_login")
        page.wait_for_load_state("networkidle")
        expect(page).to_have_url(re.compile(r"/account/login/"))
        expect(page.locator("main [role='alert'], main .notice").locator("visible=true").first).to_be_visible()


@pytest.mark.capability(145)
@pytest.mark.parametrize(("language", "width"), EVERY_SCREEN)
def test_an_invitation_is_accepted_once(
    house: House, chromium: Browser, inside: Inside, language: str, width: int
) -> None:
    link = f"{house.of('teahouse')}/account/invitation/{inside(newcomer)['link']}/"
    with screen(chromium, house, language=language, width=width) as newcomer_:
        page = newcomer_.open(link)
        newcomer_.judged("84-invitation")
        page.fill('input[name="password"]', "a tea leaf in the wind")
        page.click("main form button[type='submit']")
        page.wait_for_url(re.compile(r"/office/$"))
        answer = page.goto(link)
        assert answer is not None
        assert answer.status == 410
        newcomer_.troubles.clear()  # the browser notes that this page answers 410
        newcomer_.judged("85-invitation-over")
