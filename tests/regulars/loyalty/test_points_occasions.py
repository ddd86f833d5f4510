"""Points for what is no purchase: joining, birthdays, tasks, events of other systems; once for each occasion."""

from __future__ import annotations

import datetime as dt
import secrets

import pytest
from django.core.cache import cache

from regulars import clock
from regulars.errors import InvalidInput, NotAllowed, NotEnough
from regulars.ledger.selectors import balance, history, unbalanced
from regulars.loyalty.models import Award, PointsRule, Task
from regulars.loyalty.points import gifts, tasks
from regulars.loyalty.points.earning import give
from regulars.loyalty.points.forms import PointsRuleForm
from regulars.loyalty.points.occasions import day_in, nearest_day
from regulars.loyalty.points.services import save_points_rule
from regulars.operations.services import run_due_work
from tests.conftest import new_member

pytestmark = pytest.mark.clause("4.3")


@pytest.fixture
def no_rules(business):
    PointsRule.objects.all().delete()
    cache.clear()


def gift(trigger, points=10, **over):
    return save_points_rule(name=f"For {trigger}", trigger=trigger, kind="fixed", points=points, **over)


@pytest.mark.capability(68)
def test_joining_earns_once_however_often_the_fact_is_heard(no_rules, branch):
    gift("joined", 50)
    member = new_member(branch=branch)
    for _ in range(3):
        run_due_work(clock.now())
    give(trigger="joined", member=member, occasion="joined", on=clock.today())
    assert balance(member.wallet) == 50
    assert [(award.occasion, award.points) for award in Award.objects.all()] == [("joined", 50)]
    assert history(member.wallet)[0].reason == "For joined"


@pytest.mark.capability(89)
def test_a_birthday_edited_after_the_award_gives_nothing_twice_in_a_year(no_rules, member):
    gift("birthday", 100)
    first = dt.date(2026, 12, 20)
    given = give(trigger="birthday", member=member, occasion=f"birthday:{first.year}", on=first)
    assert [award.points for award in given] == [100]
    for later in (dt.date(2026, 12, 30), dt.date(2027, 1, 9)):  # moved, even over the turn of the year
        give(trigger="birthday", member=member, occasion=f"birthday:{later.year}", on=later)
    assert balance(member.wallet) == 100
    next_year = dt.date(2027, 12, 20)
    give(trigger="birthday", member=member, occasion=f"birthday:{next_year.year}", on=next_year)
    assert balance(member.wallet) == 200


@pytest.mark.capability(89)
def test_a_birthday_on_29_february_falls_on_the_28th_in_common_years():
    born = dt.date(2000, 2, 29)
    assert day_in(2027, born) == dt.date(2027, 2, 28)
    assert day_in(2028, born) == dt.date(2028, 2, 29)
    assert nearest_day(dt.date(1990, 1, 1), dt.date(2026, 12, 30)) == dt.date(2027, 1, 1)


@pytest.mark.capability(19)
def test_filling_in_the_profile_earns_once(no_rules, member):
    from regulars.people.services import change_profile

    gift("profile_completed", 20)
    change_profile(member=member, name="Li Hua")
    assert balance(member.wallet) == 0
    change_profile(member=member, birthday=dt.date(1990, 5, 4))
    change_profile(member=member, birthday=dt.date(1990, 5, 5))
    assert balance(member.wallet) == 20


@pytest.mark.capability(64)
def test_a_task_earns_once_in_its_period_and_knows_who_said_so(no_rules, member):
    task = tasks.save_task(code="weekly-photo", words={"en": "Photo of the week"}, points=5, period="week", by="test")
    day = dt.date(2026, 11, 24)
    assert tasks.mark_done(task=task, member=member, by="stf_x", on=day).points == 5
    assert tasks.mark_done(task=task, member=member, by="stf_x", on=day + dt.timedelta(days=2)).points == 0
    assert tasks.mark_done(task=task, member=member, by="stf_x", on=day + dt.timedelta(days=7)).points == 5
    tasks.save_task(task=task, words={"en": "Photo"}, points=8, period="once", is_active=False, by="test")
    assert Task.objects.get().rule.points == 8
    with pytest.raises(InvalidInput) as refusal:
        tasks.mark_done(task=task, member=member, by="stf_x")
    assert refusal.value.field == "task"


@pytest.mark.capability(64)
def test_any_task_may_have_a_rule_of_its_own(no_rules, member):
    gift("task_done", 1)
    task = tasks.save_task(code="review", words={"zh-hans": "写评价"}, points=5)
    assert tasks.mark_done(task=task, member=member, by="stf_x").points == 6


def test_the_rule_of_a_task_says_in_its_form_which_task_it_waits_for(no_rules):
    task = tasks.save_task(code="review", words={"zh-hans": "写评价"}, points=5)
    offered = dict(PointsRuleForm(rule=task.rule, currency="CNY").fields["trigger"].choices)
    assert offered["task:review"] == "the task “写评价”"


def test_caps_hold_for_what_is_no_purchase_and_the_total_is_never_passed(no_rules, branch):
    gift("event:quiz", 40, cap_total=100, cap_day=40)
    members = [new_member(contact=f"+861380013{number:04d}", branch=branch) for number in range(4)]
    for number, member in enumerate(members):
        tasks.event_happened(code="quiz", key=f"answer-{number}", member=member)
        tasks.event_happened(code="quiz", key=f"another-{number}", member=member)
    assert [balance(member.wallet) for member in members] == [40, 40, 20, 0]


def test_another_system_reports_an_event_once_and_a_task(no_rules, business, branch, member, owner, client_for):
    from regulars.api.services import make_token
    from regulars.organisation.places.services import add_terminal
    from tenants.context import business_context

    gift("event:signed-book", 15)
    tasks.save_task(code="review", words={"en": "Review"}, points=5)
    till = add_terminal(branch=branch, name="Reading room")
    _token, secret = make_token(terminal=till, staff=owner, name="Library", scopes=["events.report"], by=owner)
    caller = client_for(business)

    def send(path, body):
        headers = {"authorization": f"Bearer {secret}", "idempotency-key": secrets.token_hex(8)}
        answer = caller.post(path, body, content_type="application/json", headers=headers)
        with business_context(business):
            return answer.status_code, answer.json()

    event = {"member": member.public_id, "code": "signed-book", "key": "page-7"}
    assert send("/api/v1/events", event) == (200, {"member": member.public_id, "earned": 15, "points": 15})
    assert send("/api/v1/events", event)[1]["points"] == 15
    assert send("/api/v1/events", {**event, "code": "Book!"})[0] == 422
    assert send("/api/v1/events", {**event, "member": "mem_nobody"})[0] == 404
    assert send("/api/v1/events", {"code": "x"})[0] == 422
    assert send("/api/v1/tasks/done", {"member": member.public_id, "task": "review"})[1]["earned"] == 5
    assert send("/api/v1/tasks/done", {"member": member.public_id, "task": "none"})[0] == 404
    with business_context(business):
        assert balance(member.wallet) == 20


def test_members_give_points_to_each_other_only_where_it_is_allowed_and_only_so_many(no_rules, branch, member):
    gift("joined", 600)
    friend = new_member(contact="+8613800138009", name="Wang", branch=branch)
    give(trigger="joined", member=member, occasion="joined", on=clock.today())
    with pytest.raises(NotAllowed):
        gifts.give_points(giver=member, receiver=friend, points=50, key="gift-one")
    gifts.change_points_settings(by="test", gifts=True, gift_least=10, gift_cap_day=100)
    gifts.give_points(giver=member, receiver=friend, points=60, key="gift-two", words="For tea")
    gifts.give_points(giver=member, receiver=friend, points=60, key="gift-two", words="For tea")
    with pytest.raises(InvalidInput) as refusal:
        gifts.give_points(giver=member, receiver=friend, points=50, key="gift-three")
    assert refusal.value.field == "points"
    for points, field in ((5, "points"), (-50, "points"), (101, "points")):
        with pytest.raises(InvalidInput) as refusal:
            gifts.give_points(giver=member, receiver=friend, points=points, key="gift-four")
        assert refusal.value.field == field
    with pytest.raises(InvalidInput):
        gifts.give_points(giver=member, receiver=member, points=20, key="gift-five")
    assert (balance(member.wallet), balance(friend.wallet)) == (540, 60)
    assert unbalanced() == []


@pytest.mark.capability(163)
def test_points_are_given_to_a_cause_and_are_gone(no_rules, member):
    gift("joined", 30)
    give(trigger="joined", member=member, occasion="joined", on=clock.today())
    cause = gifts.save_cause(words={"en": "Trees", "zh-hans": "种树"}, by="test")
    gifts.donate(member=member, cause=cause, points=20, key="donation-1")
    gifts.donate(member=member, cause=cause, points=20, key="donation-1")
    assert (balance(member.wallet), gifts.donated(cause)) == (10, 20)
    with pytest.raises(NotEnough):
        gifts.donate(member=member, cause=cause, points=20, key="donation-2")
    assert unbalanced() == []
