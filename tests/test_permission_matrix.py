"""Storm S17: who may open what, and where, written by hand in `tests/matrix/` and observed over HTTP, cell by cell.

`roles.csv` says what each role may do and whether it holds for a branch too; `doors.csv` names an address for each view
of staff, what it needs, and what a role for a branch makes of it: `record` (of the own branches only), `list` (says
nothing of others), `whole` (not there), `nowhere` (there for nobody). A view without an entry fails.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import resolve

from regulars.api.services import make_token
from regulars.backoffice.doors import EVERYBODY, permission_of
from regulars.catalogue.models import DealerLevel
from regulars.catalogue.services.dealers import accept, apply_as_dealer, save_level
from regulars.catalogue.services.price_books import save_book, save_holiday
from regulars.catalogue.services.products import save_category, save_product
from regulars.counter.shifts.selectors import figures_of
from regulars.counter.shifts.services import Count, close_shift, open_shift
from regulars.ledger.approvals import adjust_or_ask
from regulars.ledger.services import adjust
from regulars.loyalty.benefits.services import save_benefit
from regulars.loyalty.coupons.batches import share_code
from regulars.loyalty.coupons.services import give
from regulars.loyalty.coupons.templating import TemplateTerms, save_template
from regulars.loyalty.models import CouponTemplate, PointsRule, Tier, Track
from regulars.loyalty.points.gifts import save_cause
from regulars.loyalty.points.tasks import save_task
from regulars.loyalty.rewards.models import Reward
from regulars.loyalty.rewards.services import redeem
from regulars.loyalty.rewards.shelving import save_reward
from regulars.organisation.approvals import Asked
from regulars.organisation.models import Branch, Region, Role, Staff
from regulars.organisation.permissions import HELD, permissions
from regulars.organisation.places.services import add_terminal, open_branch, save_region
from regulars.organisation.services import change
from regulars.organisation.team.services import appoint, save_custom_role
from regulars.outreach.services import send
from regulars.people.profile import save_field
from regulars.sales import services as sales
from regulars.sales.holding import hold
from regulars.sales.paying import Payment
from regulars.sales.quoting import LineRequest
from tests.conftest import new_member
from tests.routes import routes

pytestmark = [pytest.mark.clause("3.3"), pytest.mark.capability(145), pytest.mark.storm]
URLCONF = "regulars.config.urls_business"
FOLDER = Path(__file__).parent / "matrix"
FARAWAY = "Faraway"
"""In the name of everything that a role for the first branch must not see."""
SCOPES = ("whole", "region", "branch")
ROLES = [role.value for role in Role if role != Role.CUSTOM]

OF_EACH_PERSON = {
    "office_jobs:job",
    "office_jobs:progress",
    "office_jobs:file",
    "office_jobs:act",
    "office_members:view",
    "office_sales:view",
    "office_shifts:view",
}
"""Pages of what one has made oneself, whoever one is; their own tests hold that nobody else comes in."""
BY_THE_ACT = {"counter:pay", "counter:join", "counter:asked", "counter:withdraw", "counter:full_sign_in"}
"""Steps of an act that begins behind a door in the table, behind the same check."""


@dataclass(frozen=True)
class Door:
    """One line of `doors.csv`."""

    method: str
    address: str
    permission: str
    where: str


def _lines(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


DOORS = [Door(**line) for line in _lines("doors.csv")]
MAY = {line["permission"]: line for line in _lines("roles.csv")}


def _is_expected_open(door: Door, role: str, scope: str) -> bool:
    """What the tables say."""
    if door.where == "nowhere" or MAY[door.permission][role] != "yes":
        return False
    return scope == "whole" or (door.where != "whole" and MAY[door.permission]["for"] == "anywhere")


@dataclass
class Spread:
    """A business with two branches in two regions, and the same records at both: here, and faraway."""

    branch: Branch
    region: Region
    here: dict[str, str] = field(default_factory=dict)
    faraway: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def spread(business: Any, owner: Staff, branch: Branch) -> Spread:
    """Everything that the doors lead to, twice."""
    region, other = save_region(by=owner, name="East"), save_region(by=owner, name=f"{FARAWAY} region")
    Branch.objects.filter(pk=branch.pk).update(region=region)
    far = open_branch(name=f"{FARAWAY} branch", region=other, by=owner)
    shared = {
        "tier": Tier.objects.order_by("threshold")[1].code,
        "track": Track.objects.get(is_default=True).code,
        "rule": PointsRule.objects.order_by("id")[0].public_id,
        "task": save_task(code="review", words={"en": "Review"}, points=5).public_id,
        "cause": save_cause(words={"en": "Trees"}).public_id,
        "question": save_field(code="city", words={"en": "City"}, kind="text").code,
        "benefit": save_benefit(
            code="late", kind="late_checkout", words={"en": "Late checkout"}, details={}, grants={}
        ).code,
        "reward": save_reward(kind="goods", words={"en": "Tea"}, details={}, points=1).public_id,
        **_wares(),
        **_coupons(owner),
        "role": save_custom_role(by=owner, name="Shift leader", codes=["counter.sell"]).public_id,
        "region": region.public_id,
        "token": _token(branch, owner),
    }
    found = Spread(branch=Branch.objects.get(pk=branch.pk), region=region)
    found.here = {**shared, **_records(found.branch, owner, "Here", "+8613800138001")}
    found.faraway = {**shared, **_records(far, owner, FARAWAY, "+8613800138002")}
    return found


def _token(branch: Branch, owner: Staff) -> str:
    till = add_terminal(branch=branch, name="Shop system", by=owner)
    token, _secret = make_token(terminal=till, staff=owner, name="Shop system", scopes=["sales.read"], by=owner)
    return token.public_id


def _coupons(owner: Staff) -> dict[str, str]:
    """A coupon, with a code that many share."""
    template = save_template(terms=TemplateTerms(kind="amount", value=500, words={"en": "Five off"}))
    batch = share_code(template=template, name="Flyer", code="FIVEOFF", by=owner)
    return {"coupon": template.public_id, "batch": batch.public_id}


def _wares() -> dict[str, str]:
    """What the catalogue has for all branches."""
    return {
        "category": save_category(kind="Tea", words={"en": "Tea"}).public_id,
        "product": save_product(sku="TEA", words={"en": "Longjing"}, price=6_800).public_id,
        "holiday": save_holiday(words={"en": "New Year"}, starts_on=dt.date(2099, 1, 1)).public_id,
        "level": save_level(words={"en": "Dealer"}, rank=10).public_id,
    }


def _records(branch: Branch, owner: Staff, name: str, phone: str) -> dict[str, str]:
    member = new_member(contact=phone, name=f"{name} member", branch=branch)
    quote = sales.quote(branch=branch, member=member, lines=[LineRequest(description=name, unit_price=5_000)])
    cashier = appoint(
        name=f"{name} cashier", email=f"{name.lower()}@tea.example", role="cashier", branch=branch, appointed_by=owner
    )
    asking = appoint(
        name=f"{name} asking", email=f"asking-{name.lower()}@tea.example", role="service", branch=branch,
        appointed_by=owner,
    )  # fmt: skip
    adjust(wallet=member.wallet, asset="points", amount=9, key=f"gift-{name}", reason=name, actor=owner.public_id)
    reward = Reward.objects.get()
    asked = adjust_or_ask(member=member, points=900_000, reason=name, by=asking, key=f"ask-{name}")
    assert isinstance(asked, Asked)
    book = save_book(kind="member", words={"en": f"{name} price"}, member=member)
    save_book(kind="branch", words={"en": f"{name} at the branch"}, branch=branch)
    selling = new_member(contact=f"{phone[:-2]}77" if name == FARAWAY else f"{phone[:-2]}78", branch=branch)
    wish = apply_as_dealer(member=selling, company=f"{name} traders")
    dealer = accept(application=wish, level=DealerLevel.objects.get(), by=owner)
    waiting = apply_as_dealer(member=member, company=f"{name} tea shop")
    told = send(kind="welcome", member=member, variables={"address": "/"}, key=f"welcome-{name}")
    return {
        "branch": branch.public_id,
        "member": member.public_id,
        "sale": sales.confirm(quote=quote, key=f"sale-{name}", cashier=cashier, received=5_000).public_id,
        "cashier": cashier.public_id,
        "till": add_terminal(branch=branch, name=f"{name} till", by=owner).public_id,
        "message": told[0].public_id,
        "redemption": redeem(member=member, reward=reward, key=f"redeem-{name}", branch=branch).public_id,
        "own_coupon": give(
            member=member, template=CouponTemplate.objects.get(), key=f"coupon-{name}", by=owner
        ).public_id,
        "approval": asked.approval.public_id,
        "shift": _shift(branch, owner),
        "hold": _hold(branch, owner, name),
        "book": book.public_id,
        "dealer": dealer.public_id,
        "application": waiting.public_id,
    }


def _hold(branch: Branch, owner: Staff, name: str) -> str:
    """A sale on hold, whose line bears the name of somebody of that branch."""
    change(by="", payment_code="https://qr.example/1")
    made = sales.quote(branch=branch, lines=[LineRequest(name, 1_000)])
    payments = [Payment(source="own_code", amount=1_000)]
    return hold(quote=made, key=f"hold-{branch.public_id}", payments=payments, cashier=owner).public_id


def _shift(branch: Branch, owner: Staff) -> str:
    at = {"branch": branch, "terminal": None}
    opened = open_shift(**at, opening_float=0, by=owner, key=f"open-{branch.public_id}")
    held = figures_of(opened).expected
    nothing = Count(pieces={}, loose=held)
    return close_shift(shift=opened, count=nothing, expected=held, kept=0, by=owner, key="close-the-shift").public_id


def _is_open(answer: Any, door: Door) -> bool:
    """Whether a door opened: not refused, not missing, not shown to one's own door."""
    leads_away = answer.get("Location", "").startswith(("/office/login/", "/account/", "/counter/", "/me/"))
    is_shown_out = door.address.startswith(("/office/", "/modules/")) and leads_away
    return answer.status_code not in (403, 404) and not is_shown_out


def _knock(browser: Client, door: Door, records: dict[str, str]) -> Any:
    """Ask, and undo whatever the asking did."""
    with transaction.atomic():
        answer = browser.generic(door.method, door.address.format(**records), HTTP_X_REQUESTED_WITH="")
        transaction.set_rollback(True)
    if door.method != "GET":
        cache.clear()  # what was remembered of what is undone
    return answer


def _body(answer: Any) -> str:
    raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(raw.decode("utf-8", "replace"))


def _cells() -> Iterator[tuple[str, str]]:
    for role in ROLES:
        for scope in SCOPES if role != Role.OWNER else ("whole",):
            yield role, scope


@pytest.mark.parametrize(("role", "scope"), list(_cells()))
def test_every_door_opens_to_whom_the_table_says_and_shows_nothing_of_other_branches(
    business: Any, owner: Staff, spread: Spread, client_for: Callable[..., Client], role: str, scope: str
) -> None:
    place = {"region": {"region": spread.region}, "branch": {"branch": spread.branch}}.get(scope, {})
    person = appoint(name="Somebody", email="somebody@tea.example", role=role, appointed_by=owner, **place)
    browser = client_for(business, person.user)
    wrong: list[str] = []
    met = 0
    for door in DOORS:
        expected = _is_expected_open(door, role, scope)
        answer = _knock(browser, door, spread.here)
        if _is_open(answer, door) != expected:
            wrong.append(
                f"{door.method} {door.address}: {answer.status_code}, {'open' if expected else 'shut'} expected"
            )
        says = FARAWAY in _body(answer)
        met += says
        if says and scope != "whole":
            wrong.append(f"{door.method} {door.address}: speaks of another branch")
        if door.where == "record" and scope != "whole" and _is_open(_knock(browser, door, spread.faraway), door):
            wrong.append(f"{door.method} {door.address}: opens for a record of another branch")
    assert wrong == []
    assert scope != "whole" or role != Role.OWNER or met >= 8, "the owner meets what is far away, or this is blind"


def test_the_table_of_roles_is_the_one_in_force() -> None:
    declared = {permission.code for permission in permissions()}
    assert {*MAY} - {"office"} == declared
    for role in ROLES:
        written = {code for code, line in MAY.items() if line[role] == "yes"} - {"office"}
        assert written == HELD[role], role
    for permission in permissions():
        assert (MAY[permission.code]["for"] == "whole") == permission.is_for_whole, permission.code


def test_every_view_of_staff_stands_in_the_table() -> None:
    known = {"record": "x"} | dict.fromkeys(
        (
            *("branch", "region", "till", "role", "cashier", "approval", "member", "tier", "rule", "message", "sale"),
            *("coupon", "batch", "own_coupon"),
            *("product", "category", "book", "holiday", "level", "dealer", "application"),
            *("track", "task", "cause", "benefit", "reward", "redemption", "question", "token", "shift", "hold"),
        ),
        "x",
    )
    listed = {resolve(door.address.partition("?")[0].format(**known), URLCONF).view_name for door in DOORS}
    missing, undeclared = [], []
    for route in routes(URLCONF):
        if not route.path.startswith(("/office/", "/counter/")) or "test404" in route.path:
            continue
        needed = permission_of(route.name, route.answers) if route.path.startswith("/office/") else "counter"
        if route.name.startswith(("wagtail", "django.")) or needed == EVERYBODY:
            continue  # Wagtail's own stand in the table of doors.py by pattern, or are there for nobody
        if needed is None:
            undeclared.append(route.name)
        elif route.name not in listed | OF_EACH_PERSON | BY_THE_ACT and not route.name.startswith(HELP):
            missing.append(route.name)
    assert undeclared == [], "pages of the back office that name no permission"
    assert sorted(set(missing)) == [], "views of staff that stand in no line of tests/matrix/doors.csv"


HELP = ("office_help:", "counter_help:", "cms_other_language")
"""Help is for everybody; the other language of a page asks Wagtail, page by page."""
