"""Tasks, gifts and causes in the back office."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from regulars.ledger.selectors import balance
from regulars.loyalty.models import Cause, PointsRule, Task
from regulars.loyalty.points.gifts import points_settings

pytestmark = [pytest.mark.clause("4.3"), pytest.mark.clause("4.7")]

PAGE = "/office/loyalty/points/"


@pytest.fixture
def office(business, owner, client_for):
    """The owner's browser."""
    PointsRule.objects.all().delete()
    cache.clear()
    return client_for(business, owner.user)


@pytest.mark.capability(64)
def test_a_task_is_made_and_done_and_brings_its_points_once(office, member):
    assert "No task yet" in office.get(PAGE).content.decode()
    form = {"code": "first-review", "name_en": "First review", "points": "15", "period": "once", "is_active": "on"}
    assert office.post(f"{PAGE}tasks/new/", form).status_code == 302
    assert office.post(f"{PAGE}tasks/new/", form).status_code == 422  # the code is taken
    assert office.post(f"{PAGE}tasks/new/", {**form, "code": "Ü x", "name_en": ""}).status_code == 422
    task = Task.objects.get()
    done = f"{PAGE}tasks/{task.public_id}/done/"
    assert office.post(done, {"member": "nobody@example.com"}).status_code == 422
    for _twice in range(2):
        assert office.post(done, {"member": member.phone}).status_code == 302
    assert balance(member.wallet) == 15
    changed = {**form, "points": "20", "name_zh": "首次评价"}
    assert office.post(f"{PAGE}tasks/{task.public_id}/", changed).status_code == 302
    task.refresh_from_db()
    assert (task.code, task.rule.points, task.words["zh-hans"]) == ("first-review", 20, "首次评价")
    assert office.get(f"/office/loyalty/rules/{task.rule.public_id}/").status_code == 200


def test_gifts_are_off_until_they_are_allowed_and_causes_are_kept(office):
    assert not points_settings().gifts
    form = {
        "gifts": "on",
        "gift_least": "5",
        "gift_cap_day": "50",
        "idle_months": "0",
        "reinstate_days": "30",
        "if_spent": "negative",
        "hundred_worth": "0",
        "offset_share": "50",
        "offset_least": "100",
    }
    assert office.post(f"{PAGE}settings/", {**form, "gift_least": "60"}).status_code == 422
    assert office.post(f"{PAGE}settings/", form).status_code == 302
    assert (points_settings().gifts, points_settings().gift_cap_day) == (True, 50)
    assert office.post(f"{PAGE}causes/new/", {"name_en": "", "name_zh": ""}).status_code == 422
    assert office.post(f"{PAGE}causes/new/", {"name_en": "Trees", "is_active": "on"}).status_code == 302
    cause = Cause.objects.get()
    assert office.post(f"{PAGE}causes/{cause.public_id}/", {"name_en": "Forest"}).status_code == 302
    cause.refresh_from_db()
    assert (str(cause), cause.is_active) == ("Forest", False)
    page = office.get(PAGE).content.decode()
    assert "at least 5 at a time, at most 50 a day" in page


@pytest.mark.clause("4.3")
def test_what_a_refund_does_with_spent_points_is_set_with_what_they_are_worth(office):
    form = {"gift_least": "5", "gift_cap_day": "50", "idle_months": "0", "reinstate_days": "30", "if_spent": "charge"}
    form |= {"offset_share": "50", "offset_least": "100"}
    assert points_settings().if_spent == "negative"
    refused = office.post(f"{PAGE}settings/", {**form, "hundred_worth": "0"})
    assert refused.status_code == 422
    assert "Say what 100 points are worth, so that they can be charged." in refused.content.decode()
    assert office.post(f"{PAGE}settings/", {**form, "hundred_worth": "2.50"}).status_code == 302
    assert (points_settings().if_spent, points_settings().hundred_worth) == ("charge", 250)


@pytest.mark.clause("5.3")
@pytest.mark.capability(71)
def test_how_much_points_pay_is_set_and_more_than_all_of_it_is_refused(office):
    form = {"gift_least": "5", "gift_cap_day": "50", "idle_months": "0", "reinstate_days": "30", "if_spent": "negative"}
    form |= {"hundred_worth": "1.00", "offset_least": "200"}
    assert office.post(f"{PAGE}settings/", {**form, "offset_share": "101"}).status_code == 422
    assert office.post(f"{PAGE}settings/", {**form, "offset_share": "30"}).status_code == 302
    assert (points_settings().offset_share, points_settings().offset_least) == (30, 200)
