"""The page of a points rule: begin, fill in, see what would happen, save; what is wrong stands beside its field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client

from regulars import clock
from regulars.loyalty.models import PointsRule, Standing, Tier
from regulars.organisation.places.services import open_branch
from regulars.people.models import Member
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote

pytestmark = [pytest.mark.clause("4.3"), pytest.mark.clause("4.7")]

NEW = "/office/loyalty/rules/new/"
TUESDAY = dt.datetime(2026, 11, 24, 4, 0, tzinfo=dt.UTC)  # noon in Shanghai


@pytest.fixture
def office(business, owner, client_for: Callable[..., Client]) -> Client:
    """The owner's browser; one rule and tiers without discount."""
    PointsRule.objects.all().delete()
    PointsRule.objects.create(name="1 per 10", points=1, per_amount=1000)
    Tier.objects.update(discount=0)
    cache.clear()
    return client_for(business, owner.user)


@pytest.fixture
def double_tuesday(business):
    """What an owner types for it."""
    second = open_branch(name="Branch 2")
    gold = Tier.objects.order_by("-threshold")[0]
    return {
        "name": "Double Tuesday",
        "kind": "multiplier",
        "factor": "2",
        "trigger": "sale",
        "weekdays": ["1"],
        "tiers": [gold.code],
        "branches": [second.public_id],
        "cap_day": "500",
        "is_active": "on",
    }


def sell(branch, member, amount, key):
    buyer = Member.objects.select_related("standing__tier").get(pk=member.pk)
    return confirm(quote=quote(branch=branch, member=buyer, lines=[LineRequest("Tea", amount)]), key=key, cashier=None)


@pytest.mark.capability(59, 65)
def test_an_owner_builds_double_points_on_tuesdays_for_gold_at_branch_2_and_the_sale_obeys(
    office, branch, member, double_tuesday
):
    from regulars.organisation.models import Branch

    Standing.objects.filter(member=member).update(tier=Tier.objects.order_by("-threshold")[0])
    assert office.post(NEW, double_tuesday).status_code == 302
    second = Branch.objects.get(name="Branch 2")
    with clock.turned_to(TUESDAY):
        assert sell(second, member, 300_000, "tuesday-one").points_earned == 600
        assert sell(second, member, 300_000, "tuesday-two").points_earned == 500
        assert sell(branch, member, 10_000, "elsewhere").points_earned == 10
    with clock.turned_to(TUESDAY + dt.timedelta(days=1)):
        assert sell(second, member, 10_000, "wednesday").points_earned == 10
    page = office.get("/office/loyalty/").content.decode()
    assert "2 times the points for what is spent." in page
    assert "Only on Tuesday." in page
    assert "At most 500 points per member and day." in page


def test_what_would_happen_is_shown_and_nothing_is_saved_nor_lost(office, branch, member):
    with clock.turned_to(TUESDAY):
        sell(branch, member, 100_000, "a-sale-before")
        tried = office.post(
            NEW,
            {"name": "Triple", "kind": "multiplier", "factor": "3", "is_active": "on", "try": "1", "cap_day": "150"},
        )
    trial = tried.context["trial"]
    assert tried.status_code == 200
    assert (trial.sales, trial.touched, trial.members, trial.by_rule) == (1, 1, 1, 150)
    assert (trial.before, trial.after) == (100, 250)
    assert 'value="Triple"' in tried.content.decode()
    assert PointsRule.objects.count() == 1


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(office):
    answer = office.post(
        NEW, {"name": "Summer", "kind": "fixed", "points": "50", "cap_day": "20", "month_days": "8, x", "priority": "1"}
    )
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"month_days"}
    again = office.post(NEW, {"name": "Summer", "kind": "fixed", "points": "50", "cap_day": "20", "month_days": "8"})
    assert set(again.context["form"].errors) == {"cap_day"}
    assert 'value="Summer"' in again.content.decode()
    assert PointsRule.objects.count() == 1


def test_a_rule_opens_as_it_was_saved_and_says_what_to_know_about_it(office):
    form = {
        "name": "Tea days",
        "kind": "fixed",
        "points": "5",
        "month_days": "8，18",
        "categories": "Tea, 茶",
        "stacking_group": "spring",
        "expires_after_months": "2",
        "expiry_kind": "quarter_end",
        "is_active": "on",
    }
    assert office.post(NEW, form).status_code == 302
    rule = PointsRule.objects.get(name="Tea days")
    assert (rule.month_days, rule.categories) == ([8, 18], ["Tea", "茶"])
    assert rule.expiry == {"kind": "quarter_end", "count": 2}
    page = office.get(f"/office/loyalty/rules/{rule.public_id}/")
    assert page.context["form"]["month_days"].value() == "8, 18"
    assert page.context["form"]["expiry_kind"].value() == "quarter_end"
    form["points"] = "6"
    assert office.post(f"/office/loyalty/rules/{rule.public_id}/", form).status_code == 302
    rule.refresh_from_db()
    assert (rule.points, rule.expiry) == (6, {"kind": "quarter_end", "count": 2})


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_beginning_fills_in_the_form(office, business, owner, client_for, language):
    from regulars.loyalty.points.presets import BEGINNINGS

    browser = client_for(business, owner.user, language=language)
    first = browser.get(NEW)
    assert len(first.context["beginnings"]) == len(BEGINNINGS)
    for each in BEGINNINGS:
        page = browser.get(f"{NEW}?begin={each.code}")
        assert page.status_code == 200
        assert page.context["form"]["kind"].value() == each.values["kind"]
    assert browser.get(f"{NEW}?begin=nonsense").status_code == 200


def test_a_multiple_with_nothing_to_multiply_is_pointed_out(office):
    PointsRule.objects.update(is_active=False)
    cache.clear()
    tried = office.post(NEW, {"name": "Triple", "kind": "multiplier", "factor": "3", "is_active": "on", "try": "1"})
    assert any("nothing to multiply" in words for words in tried.context["warnings"])
