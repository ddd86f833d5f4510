"""A member's points by date: each lot with its reason and its last day, tasks, gifts and causes."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache

from regulars import clock
from regulars.ledger.selectors import balance
from regulars.loyalty.models import PointsRule
from regulars.loyalty.points import gifts, tasks
from regulars.loyalty.points.earning import give
from regulars.loyalty.points.services import save_points_rule
from tests.conftest import new_member

pytestmark = [pytest.mark.clause("4.7")]

PAGE = "/me/activity/points/"


@pytest.fixture
def welcome(business):
    """30 points for joining, usable after five days, good until the end of the year."""
    PointsRule.objects.all().delete()
    cache.clear()
    return save_points_rule(
        name="Welcome", trigger="joined", kind="fixed", points=30, expiry={"kind": "year_end", "count": 0}
    )


@pytest.mark.capability(72, 74)
def test_each_lot_has_its_reason_its_day_and_its_last_day(phone, member, welcome):
    first = phone.get(PAGE)
    assert "No points yet" in first.content.decode()
    give(trigger="joined", member=member, occasion="joined", on=clock.today())
    save_points_rule(rule=welcome, name="Later", points=7, pending_days=5, expiry={"kind": "never"})
    cache.clear()
    give(trigger="joined", member=member, occasion="joined-again", on=clock.today())
    shown = phone.get(PAGE)
    batches = shown.context["batches"]
    assert [(each.left, each.reason, each.title) for each in batches] == [
        (30, "Welcome", "Bonus points"),
        (7, "Later", "Bonus points"),
    ]
    assert batches[0].last_day == dt.date(clock.today().year, 12, 31)
    assert (batches[1].last_day, batches[1].usable_from) == (None, clock.today() + dt.timedelta(days=5))
    assert shown.context["points"] == 30
    history = phone.get("/me/activity/").content.decode()
    assert "Bonus points" in history
    assert "Later" in history


@pytest.mark.capability(64)
def test_a_member_sees_what_tasks_bring_and_which_are_done(phone, member, welcome):
    done = tasks.save_task(code="review", words={"en": "Write a review"}, points=5)
    tasks.save_task(code="photo", words={"en": "Send a photo"}, points=3, period="week")
    tasks.mark_done(task=done, member=member, by="stf_x")
    shown = phone.get(PAGE)
    assert [(str(each.task), each.is_done) for each in shown.context["tasks"]] == [
        ("Write a review", True),
        ("Send a photo", False),
    ]


@pytest.mark.capability(163)
def test_points_go_to_another_member_or_a_cause_and_a_refusal_keeps_what_was_typed(phone, branch, member, welcome):
    give(trigger="joined", member=member, occasion="joined", on=clock.today())
    friend = new_member(contact="+8613800138077", name="Wang", branch=branch)
    number = friend.cards.get().number
    assert 'id="gift"' not in phone.get(PAGE).content.decode()
    gifts.change_points_settings(by="test", gifts=True, gift_least=5, gift_cap_day=20)
    sent = {"receiver": f"{number[:4]} {number[4:]}", "points": "12", "key": "a1b2c3d4e5", "words": "Tea is on me"}
    for _twice in range(2):
        assert phone.post(f"{PAGE}gift/", sent).status_code == 302
    assert (balance(member.wallet), balance(friend.wallet)) == (18, 12)
    refused = phone.post(f"{PAGE}gift/", {**sent, "points": "19", "key": "another-key".replace("-", "")})
    assert refused.status_code == 422
    assert 'value="19"' in refused.content.decode()
    for wrong in ({"receiver": "123"}, {"points": "-1"}, {"points": "9" * 30}, {"key": ""}):
        assert phone.post(f"{PAGE}gift/", {**sent, "key": "k" * 12, **wrong}).status_code == 422
    cause = gifts.save_cause(words={"en": "Trees"})
    assert phone.post(f"{PAGE}donation/", {"cause": cause.public_id, "points": "8", "key": "d" * 12}).status_code == 302
    assert phone.post(f"{PAGE}donation/", {"cause": "none", "points": "8", "key": "e" * 12}).status_code == 422
    assert (balance(member.wallet), gifts.donated(cause)) == (10, 8)
