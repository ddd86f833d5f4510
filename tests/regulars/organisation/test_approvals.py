"""Acts beyond a limit: who needs approval, who may decide, and that what was approved is done once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from regulars import clock
from regulars.errors import InvalidInput, KeyUsedBefore, NotAllowed, NotEnough
from regulars.ledger.adjusting import adjusted_today
from regulars.ledger.approvals import adjust_or_ask, words_of_parts
from regulars.ledger.models import Transaction
from regulars.ledger.selectors import balance
from regulars.ledger.services import adjust
from regulars.operations import jobs
from regulars.operations.jobs.running import run_waiting
from regulars.operations.models import TrailEntry
from regulars.organisation import approvals
from regulars.organisation.approvals import Asked, Done, selectors
from regulars.organisation.models import Approval, ApprovalState, Branch, Staff
from regulars.organisation.places.services import open_branch
from regulars.organisation.team.services import appoint
from regulars.outreach.models import Message
from regulars.people.models import Member
from tests.conftest import new_member

pytestmark = [pytest.mark.clause("3.4"), pytest.mark.capability(146)]
Hire = Callable[..., Staff]
LIMIT = "INSERT INTO organisation_approvallimit (act, role, \"limit\") VALUES ('points.adjust', '%s', 5)"


@pytest.fixture
def hire(business: Any) -> Hire:
    """`hire("manager", branch)`: somebody of a role, at a branch or in the whole business."""

    def hiring(role: str, branch: Branch | None = None, name: str = "") -> Staff:
        name = name or f"{role} {branch or 'everywhere'}"
        address = f"{abs(hash(name))}@teahouse.example"
        return appoint(name=name, email=address, password="a-long-enough-pass-phrase", role=role, branch=branch)

    return hiring


@pytest.fixture
def lake_road(business: Any) -> Branch:
    """A second branch."""
    return open_branch(name="Lake Road")


@pytest.fixture
def agent(hire: Hire, branch: Branch) -> Staff:
    """A service agent of the first branch, who gives up to 500 points alone."""
    return hire("service", branch)


@pytest.fixture
def manager(hire: Hire, branch: Branch) -> Staff:
    """A manager of the first branch, who gives up to 5,000 points alone."""
    return hire("manager", branch)


def ask(agent: Staff, member: Member, points: int = 800, key: str = "key-of-a-request") -> Approval:
    """The agent wants to give points beyond the limit."""
    answer = adjust_or_ask(member=member, points=points, reason="Spilled tea", by=agent, key=key)
    assert isinstance(answer, Asked)
    return answer.approval


# Limits ---------------------------------------------------------------------------------------------------------------


def test_within_the_limit_it_is_done_at_once(agent: Staff, member: Member) -> None:
    answer = adjust_or_ask(member=member, points=500, reason="Spilled tea", by=agent, key="key-of-500")
    assert isinstance(answer, Done)
    assert balance(member.wallet) == 500
    assert Approval.objects.count() == 0
    entry = TrailEntry.objects.get(act="points.adjusted")
    assert (entry.actor, entry.subject) == (agent.public_id, member.public_id)


def test_one_point_beyond_the_limit_waits(agent: Staff, member: Member) -> None:
    approval = ask(agent, member, 501)
    assert (approval.state, approval.amount, approval.reason) == ("requested", 501, "Spilled tea")
    assert approval.expires_at - approval.requested_at == dt.timedelta(days=7)
    assert balance(member.wallet) == 0


def test_taking_is_measured_like_giving(agent: Staff, owner: Staff, member: Member) -> None:
    adjust_or_ask(member=member, points=2_000, reason="Gift", by=owner, key="key-of-the-gift")
    assert ask(agent, member, -501).amount == 501
    with pytest.raises(NotEnough):
        adjust_or_ask(member=member, points=-2_001, reason="Mistake", by=owner, key="key-of-too-much")
    assert balance(member.wallet) == 2_000


MATRIX = [
    ("service", "main", 500),
    ("manager", "main", 5_000),
    ("manager", "lake", 300),
    ("owner", "main", None),
    ("owner", "lake", None),
    ("service", "lake", 50),
    ("accountant", "main", 70),
    ("accountant", "lake", 60),
]


@pytest.mark.parametrize(("role", "place", "limit"), MATRIX)
def test_the_closest_limit_holds(
    hire: Hire, owner: Staff, branch: Branch, lake_road: Branch, role: str, place: str, limit: int | None
) -> None:
    act, places = "points.adjust", {"main": branch, "lake": lake_road}
    approvals.set_limit(act=act, role="manager", branch=lake_road, limit=300, by=owner)
    approvals.set_limit(act=act, role="service", branch=lake_road, limit=50, by=owner)
    approvals.set_limit(act=act, branch=lake_road, limit=60, by=owner)
    approvals.set_limit(act=act, limit=70, by=owner)
    somebody = owner if role == "owner" else hire(role)
    assert approvals.limit_for(somebody, act, branch=places[place]) == limit
    if limit is not None:
        assert not approvals.exceeds(somebody, act, limit, branch=places[place])
        assert approvals.exceeds(somebody, act, limit + 1, branch=places[place])


def test_defaults_of_money_are_in_the_currency_of_the_business(cashier: Staff, manager: Staff, branch: Branch) -> None:
    assert approvals.limit_for(cashier, "counter.refund", branch=branch) == 50_000
    assert approvals.limit_for(manager, "counter.refund", branch=branch) is None
    assert approvals.limit_for(manager, "members.export") == 1_000


def test_a_limit_can_be_set_lifted_and_left_to_the_default(owner: Staff, agent: Staff) -> None:
    for limit in (20, None, 0):
        approvals.set_limit(act="points.adjust", role="service", limit=limit, by=owner)
        assert approvals.limit_for(agent, "points.adjust") == limit
    approvals.use_default(act="points.adjust", role="service", by=owner)
    assert approvals.limit_for(agent, "points.adjust") == 500
    assert TrailEntry.objects.filter(act="limit.changed").count() == 4


def test_nobody_limits_an_owner(owner: Staff) -> None:
    with pytest.raises(InvalidInput):
        approvals.set_limit(act="points.adjust", role="owner", limit=5, by=owner)
    with pytest.raises(IntegrityError, match="organisation_limit_not_owner"):
        _write(LIMIT % "owner")


def test_a_limit_stands_once_for_each_place(owner: Staff) -> None:
    _write(LIMIT % "")
    with pytest.raises(IntegrityError, match="organisation_limit_one"):
        _write(LIMIT % "")


# Asking ---------------------------------------------------------------------------------------------------------------


def test_the_same_key_asks_once(agent: Staff, member: Member) -> None:
    assert ask(agent, member) == ask(agent, member)
    with pytest.raises(KeyUsedBefore):
        ask(agent, member, 900)
    assert Approval.objects.count() == 1


def test_the_same_act_on_the_same_record_waits_once(agent: Staff, member: Member) -> None:
    ask(agent, member)
    with pytest.raises(approvals.AlreadyWaiting):
        ask(agent, member, key="another-key")
    assert Approval.objects.count() == 1


@pytest.mark.parametrize("amount", [0, -1, 10**13 + 1, 10**30])
def test_an_absurd_amount_is_not_asked_for(owner: Staff, amount: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        approvals.do_or_ask(act="points.adjust", by=owner, amount=amount, payload={}, reason="Because")
    assert refused.value.field == "amount"


def test_an_act_that_nobody_knows_is_refused(owner: Staff) -> None:
    with pytest.raises(approvals.UnknownAct):
        approvals.do_or_ask(act="moon.sell", by=owner, amount=1, payload={}, reason="Because")
    with pytest.raises(approvals.UnknownAct):
        approvals.set_limit(act="moon.sell", limit=1, by=owner)


def test_what_cannot_be_done_is_not_asked_for(agent: Staff, member: Member) -> None:
    with pytest.raises(NotEnough):
        ask(agent, member, -800)
    assert Approval.objects.count() == 0


def test_a_request_has_a_reason(agent: Staff, member: Member) -> None:
    with pytest.raises(InvalidInput) as refused:
        adjust_or_ask(member=member, points=800, reason=" ", by=agent, key="key-of-nothing")
    assert refused.value.field == "reason"


def test_nobody_asks_for_what_they_may_not_do_or_not_there(
    cashier: Staff, hire: Hire, lake_road: Branch, member: Member
) -> None:
    for somebody in (cashier, hire("service", lake_road)):
        with pytest.raises(NotAllowed):
            adjust_or_ask(member=member, points=1, reason="A point", by=somebody, key="key-of-nobody")
    assert balance(member.wallet) == 0


def test_those_who_can_decide_get_a_mail_in_their_language(
    agent: Staff, manager: Staff, owner: Staff, member: Member, hire: Hire, lake_road: Branch
) -> None:
    hire("manager", lake_road)
    hire("service")
    manager.user.language = "en"
    manager.user.save()
    approval = ask(agent, member)
    mails = {mail.recipient: mail for mail in Message.objects.filter(kind="approval_requested")}
    assert set(mails) == {manager.user.email, owner.user.email}
    assert f"/office/approvals/{approval.public_id}/" in mails[manager.user.email].body
    assert "800 points" in mails[manager.user.email].subject
    assert "800 分" in mails[owner.user.email].subject


# Deciding -------------------------------------------------------------------------------------------------------------


def test_what_is_approved_is_done_in_the_name_of_who_asked(agent: Staff, manager: Staff, member: Member) -> None:
    approval = approvals.approve(approval=ask(agent, member), by=manager, note="Fine")
    assert (approval.state, approval.decided_by, approval.note) == ("approved", manager, "Fine")
    assert balance(member.wallet) == 800
    made = Transaction.objects.get(key=f"approval:{approval.public_id}")
    assert (made.public_id, made.actor) == (approval.result, agent.public_id)
    assert Message.objects.get(kind="approval_decided").recipient == agent.user.email
    entry = TrailEntry.objects.get(act="approval.approved")
    assert (entry.actor, entry.subject) == (manager.public_id, approval.public_id)


@pytest.mark.clause("3.Bad input")
def test_two_windows_approve_once(agent: Staff, manager: Staff, member: Member) -> None:
    approval = ask(agent, member)
    in_another_window = Approval.objects.get(pk=approval.pk)
    approvals.approve(approval=approval, by=manager)
    with pytest.raises(approvals.AlreadyDecided):
        approvals.approve(approval=in_another_window, by=manager)
    with pytest.raises(approvals.AlreadyDecided):
        approvals.refuse(approval=in_another_window, by=manager, note="No")
    assert balance(member.wallet) == 800


@pytest.mark.clause("3.Bad input")
def test_nobody_approves_what_they_asked_for_not_even_twice(manager: Staff, member: Member) -> None:
    approval = ask(manager, member, 6_000)
    windows = [Approval.objects.get(pk=approval.pk) for _window in range(2)]
    for window in windows:
        with pytest.raises(approvals.OwnRequest):
            approvals.approve(approval=window, by=manager)
        with pytest.raises(approvals.OwnRequest):
            approvals.refuse(approval=window, by=manager, note="No")
    assert Approval.objects.get().state == ApprovalState.REQUESTED
    assert balance(member.wallet) == 0


def test_the_database_holds_that_nobody_approves_their_own(manager: Staff, member: Member) -> None:
    approval = ask(manager, member, 6_000)
    own = "UPDATE organisation_approval SET state = 'approved', decided_at = now(), decided_by_id = requested_by_id"
    with pytest.raises(IntegrityError, match="organisation_approval_not_own"):
        _write(own)
    assert Approval.objects.get(pk=approval.pk).state == ApprovalState.REQUESTED


@pytest.mark.parametrize(
    "state",
    [
        "state = 'approved'",
        "state = 'refused', decided_at = now()",
        "decided_at = now()",
        "state = 'expired'",
        "state = 'withdrawn', decided_at = now(), decided_by_id = (SELECT max(id) FROM organisation_staff)",
        "state = 'nonsense', decided_at = now()",
    ],
)
def test_the_database_holds_that_a_decision_is_whole(agent: Staff, manager: Staff, member: Member, state: str) -> None:
    ask(agent, member)
    with pytest.raises(IntegrityError, match="organisation_approval_decided"):
        _write(f"UPDATE organisation_approval SET {state}")


def _write(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_what_is_refused_is_not_done_and_says_why(agent: Staff, manager: Staff, member: Member) -> None:
    approval = ask(agent, member)
    with pytest.raises(InvalidInput) as refused:
        approvals.refuse(approval=approval, by=manager, note="")
    assert refused.value.field == "note"
    assert approvals.refuse(approval=approval, by=manager, note="Too much").state == "refused"
    assert balance(member.wallet) == 0
    with pytest.raises(approvals.AlreadyDecided):
        approvals.approve(approval=approval, by=manager)


def test_who_asked_can_take_it_back(agent: Staff, manager: Staff, member: Member) -> None:
    approval = ask(agent, member)
    with pytest.raises(NotAllowed):
        approvals.withdraw(approval=approval, by=manager)
    assert approvals.withdraw(approval=approval, by=agent).state == "withdrawn"
    with pytest.raises(approvals.AlreadyDecided):
        approvals.withdraw(approval=approval, by=agent)
    with pytest.raises(approvals.AlreadyDecided):
        approvals.approve(approval=approval, by=manager)
    assert isinstance(ask(agent, member, key="asked-once-more"), Approval)


def test_a_manager_decides_at_the_own_branch_only(
    agent: Staff, hire: Hire, lake_road: Branch, manager: Staff, member: Member
) -> None:
    approval, stranger = ask(agent, member), hire("manager", lake_road)
    for decide in (approvals.approve, approvals.refuse):
        with pytest.raises(NotAllowed):
            decide(approval=approval, by=stranger, note="Not mine")
    assert selectors.waiting_for(stranger) == []
    assert not selectors.seen_by(stranger, approval)
    assert selectors.waiting_for(manager) == [approval]


@pytest.mark.parametrize("role", ["service", "cashier", "accountant", "marketer", "reader"])
def test_only_those_with_the_right_decide(agent: Staff, hire: Hire, member: Member, role: str) -> None:
    somebody = hire(role)
    approval = ask(agent, member)
    with pytest.raises(NotAllowed):
        approvals.approve(approval=approval, by=somebody)
    assert selectors.waiting_for(somebody) == []
    assert somebody not in selectors.deciders(approval)


def test_nobody_approves_beyond_the_own_limit(agent: Staff, manager: Staff, owner: Staff, member: Member) -> None:
    approval = ask(agent, member, 5_001)
    with pytest.raises(approvals.BeyondYourLimit):
        approvals.approve(approval=approval, by=manager)
    assert selectors.waiting_for(manager) == []
    assert selectors.deciders(approval) == [owner]
    approvals.approve(approval=approval, by=owner)
    assert balance(member.wallet) == 5_001


def test_an_owner_alone_never_has_to_ask(owner: Staff, member: Member) -> None:
    assert isinstance(
        adjust_or_ask(member=member, points=9_000_000, reason="A gift", by=owner, key="key-of-the-owner"), Done
    )


def test_what_can_no_longer_be_done_stays_undecided(agent: Staff, manager: Staff, owner: Staff, member: Member) -> None:
    adjust_or_ask(member=member, points=900, reason="Gift", by=owner, key="key-of-the-gift")
    approval = ask(agent, member, -800)
    adjust_or_ask(member=member, points=-300, reason="Spent", by=owner, key="key-of-spending")
    with pytest.raises(approvals.ActRefused, match="fewer points"):
        approvals.approve(approval=approval, by=manager)
    approval.refresh_from_db()
    assert (approval.state, approval.decided_by_id) == ("requested", None)
    assert balance(member.wallet) == 600
    assert not TrailEntry.objects.filter(act="approval.approved").exists()
    approvals.refuse(approval=approval, by=manager, note="Spent meanwhile")


def test_what_somebody_asked_for_who_left_is_not_done(agent: Staff, manager: Staff, member: Member) -> None:
    approval = ask(agent, member)
    Staff.objects.filter(pk=agent.pk).update(is_active=False)
    approval = selectors.approval_by_public_id(approval.public_id)
    with pytest.raises(approvals.ActRefused):
        approvals.approve(approval=approval, by=manager)
    assert balance(member.wallet) == 0
    assert approvals.refuse(approval=approval, by=manager, note="Left").state == "refused"


def test_somebody_dismissed_decides_nothing(agent: Staff, manager: Staff, member: Member) -> None:
    approval = ask(agent, member)
    manager.is_active = False
    manager.save()
    with pytest.raises(NotAllowed):
        approvals.approve(approval=approval, by=manager)


# Time -----------------------------------------------------------------------------------------------------------------


@pytest.mark.clause("3.Bad input")
def test_what_is_over_cannot_be_decided_whether_or_not_the_workers_came_by(
    agent: Staff, manager: Staff, member: Member
) -> None:
    approval = ask(agent, member)
    with clock.turned_to(approval.expires_at):
        with pytest.raises(approvals.TooLate):
            approvals.approve(approval=approval, by=manager)
        assert selectors.waiting_for(manager) == []
        assert approvals.expire_due(clock.now()) is None
        with pytest.raises(approvals.TooLate):
            approvals.approve(approval=approval, by=manager)
    approval.refresh_from_db()
    assert (approval.state, approval.decided_by_id) == ("expired", None)
    assert "未在期限内处理" in Message.objects.get(kind="approval_decided").subject
    assert balance(member.wallet) == 0


def test_only_what_is_due_expires_and_the_next_is_named(agent: Staff, member: Member, branch: Branch) -> None:
    from tests.conftest import new_member

    first = ask(agent, member)
    with clock.turned_to(clock.now() + dt.timedelta(days=1)):
        second = ask(agent, new_member(contact="+8613900139000", branch=branch), key="key-of-the-second")
    assert approvals.expire_due(first.requested_at) == first.expires_at
    assert approvals.expire_due(first.expires_at) == second.expires_at
    states = dict(Approval.objects.values_list("public_id", "state"))
    assert states == {first.public_id: "expired", second.public_id: "requested"}


def test_the_workers_let_it_expire(agent: Staff, member: Member) -> None:
    from regulars.operations.services import run_due_work

    approval = ask(agent, member)
    with clock.turned_to(approval.expires_at + dt.timedelta(seconds=1)):
        run_due_work(clock.now())
    approval.refresh_from_db()
    assert approval.state == ApprovalState.EXPIRED


# In parts -------------------------------------------------------------------------------------------------------------


def part(agent: Staff, member: Member, points: int, number: int = 1) -> Done | Asked:
    """One of several adjustments of a day."""
    return adjust_or_ask(member=member, points=points, reason="Spilled tea", by=agent, key=f"key-of-part-{number}")


def test_a_limit_is_not_passed_in_parts(agent: Staff, member: Member) -> None:
    assert isinstance(part(agent, member, 300, 1), Done)
    asked = part(agent, member, 201, 2)
    assert isinstance(asked, Asked)
    assert words_of_parts(asked) == (
        "Together with today’s 300 points for this member this is beyond your limit, so it was asked for."
    )
    with translation.override("zh-hans"):
        assert words_of_parts(asked).startswith("加上您今天已为这位会员增减的 300 分，这次超过了您的上限，")
    assert isinstance(part(agent, member, 200, 3), Done)
    assert balance(member.wallet) == 500


def test_what_is_taken_counts_like_what_is_given(agent: Staff, owner: Staff, member: Member) -> None:
    part(owner, member, 2_000, 1)
    part(agent, member, 300, 2)
    assert isinstance(part(agent, member, -300, 3), Asked)
    assert balance(member.wallet) == 2_300


def test_whoever_decides_sees_what_went_before(agent: Staff, manager: Staff, member: Member) -> None:
    part(agent, member, 300, 1)
    asked = part(agent, member, 300, 2)
    assert isinstance(asked, Asked)
    assert [change.after for change in selectors.changes_of(asked.approval)] == [str(member), "600", "300 points"]
    approvals.approve(approval=asked.approval, by=manager)
    assert balance(member.wallet) == 600


def test_parts_count_for_one_person_one_member_and_one_day(agent: Staff, manager: Staff, member: Member) -> None:
    part(agent, member, 500, 1)
    other = new_member(contact="+8613800138001", branch=member.branch)
    assert isinstance(part(agent, other, 500, 2), Done)
    assert isinstance(part(manager, member, 5_000, 3), Done)
    with clock.turned_to(clock.now() + dt.timedelta(days=1)):
        assert isinstance(part(agent, member, 500, 4), Done)
    assert isinstance(part(agent, member, 1, 5), Asked)


def test_the_day_of_parts_is_that_of_the_business(agent: Staff, member: Member) -> None:
    before_midnight = dt.datetime(2026, 3, 9, 15, 59, tzinfo=dt.UTC)  # 23:59 in Shanghai
    with clock.turned_to(before_midnight):
        assert isinstance(part(agent, member, 500, 1), Done)
        assert isinstance(part(agent, member, 1, 2), Asked)
    Approval.objects.all().update(state=ApprovalState.WITHDRAWN, decided_at=before_midnight)
    with clock.turned_to(before_midnight + dt.timedelta(minutes=1)):
        assert isinstance(part(agent, member, 500, 3), Done)
    with clock.turned_to(before_midnight + dt.timedelta(hours=8, minutes=2)):  # past midnight in UTC: the same day here
        assert isinstance(part(agent, member, 1, 4), Asked)


def test_what_was_approved_does_not_count(agent: Staff, manager: Staff, member: Member) -> None:
    approvals.approve(approval=ask(agent, member, 800), by=manager)
    assert isinstance(part(agent, member, 500, 1), Done)
    assert isinstance(part(agent, member, 1, 2), Asked)
    assert balance(member.wallet) == 1_300


def test_what_was_given_to_many_counts_unless_somebody_approved_it(agent: Staff, owner: Staff, member: Member) -> None:
    approvals.set_limit(act="points.adjust_many", role="service", limit=400, by=owner)

    def many(points: int, key: str) -> Done | Asked:
        chosen = {"list": "office_members", "held": [], "ids": [member.public_id]}
        params = {"selection": chosen, "points": points, "reason": "Anniversary"}
        return approvals.do_or_ask(
            act="points.adjust_many",
            by=agent,
            amount=points,
            payload={"kind": "members.points", "params": params, "count": 1},
            reason="Anniversary",
            branch=member.branch,
            key=key,
        )

    asked = many(450, "key-of-many-more")
    assert isinstance(asked, Asked)
    approvals.approve(approval=asked.approval, by=owner)
    job = many(300, "key-of-many").result
    run_waiting(now=clock.now(), limit=500)
    assert balance(member.wallet) == 750
    assert isinstance(part(agent, member, 201, 1), Asked)
    jobs.undo(job=job, by=agent)
    run_waiting(now=clock.now(), limit=500)
    assert isinstance(part(agent, member, 500, 2), Done)


def test_a_part_that_is_repeated_is_answered_and_weighed_no_second_time(agent: Staff, member: Member) -> None:
    first = part(agent, member, 400, 1)
    assert part(agent, member, 400, 1) == first
    asked = part(agent, member, 101, 2)
    part(agent, member, 50, 3)
    assert part(agent, member, 101, 2) == asked
    with pytest.raises(KeyUsedBefore):
        part(agent, member, 401, 1)
    assert balance(member.wallet) == 450


def test_a_key_that_looks_like_one_of_an_approval_counts_all_the_same(agent: Staff, member: Member) -> None:
    adjust_or_ask(member=member, points=500, reason="Tea", by=agent, key="approval:apv_made_up")
    assert isinstance(part(agent, member, 1, 1), Asked)


def test_parts_cost_one_question_however_much_was_moved_before(agent: Staff, member: Member) -> None:
    def asked_after(movements: int) -> tuple[int, int]:
        with clock.turned_to(clock.now() - dt.timedelta(days=30)):
            for number in range(movements):
                adjust(
                    wallet=member.wallet,
                    asset="points",
                    amount=1,
                    key=f"old-{movements}-{number}",
                    reason="",
                    actor=agent.public_id,
                )
        with CaptureQueriesContext(connection) as asked:
            assert adjusted_today(wallet=member.wallet_id, asset="points", actor=agent.public_id) == 0
        with connection.cursor() as cursor:
            for way in ("seqscan", "bitmapscan", "sort"):  # which pay in a table of so few rows
                cursor.execute(f"SET LOCAL enable_{way} = off")
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {asked[0]['sql']}")
            (plan,) = cursor.fetchone()
        return len(asked), _rows(plan[0]["Plan"], "ledger_posting")

    (asked, read), (asked_later, read_later) = asked_after(5), asked_after(50)
    assert (asked, asked_later) == (1, 1)
    assert max(read, read_later) <= 2


def _rows(node: dict[str, Any], table: str) -> int:
    """How many rows of a table a plan read."""
    own = node["Actual Rows"] * node["Actual Loops"] if node.get("Relation Name") == table else 0
    return int(own) + sum(_rows(part, table) for part in node.get("Plans", []))
