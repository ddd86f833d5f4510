"""S17: many decide one request in the same instant, and it is decided and done exactly once, never by who asked."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from regulars import clock
from regulars.ledger import approvals as ledger_approvals
from regulars.ledger.approvals import adjust_or_ask
from regulars.ledger.selectors import balance
from regulars.ledger.services import adjust
from regulars.organisation import approvals
from regulars.organisation.approvals import Asked, registry, selectors, services
from regulars.organisation.models import Approval, ApprovalState, Role, Staff
from regulars.organisation.team.services import appoint
from regulars.people.models import Member
from tenants.context import business_context
from tests.conftest import PASSWORD, new_member
from tests.crowd import Crowd, refusals, sized, successes, waiting_for_each_other

if TYPE_CHECKING:
    from tenants.models import Business

pytestmark = [pytest.mark.storm, pytest.mark.clause("3.4"), pytest.mark.clause("3.Shows"), pytest.mark.capability(146)]
PEOPLE = 16
ROUNDS = sized(3, 60)
POINTS = 800
PART = 300
"""What one adjustment of several gives: two lie within the limit of 799 together, three do not."""


class Case:
    """A request of a manager for points, in a business with an owner and another manager."""

    def __init__(self, business: Business) -> None:
        self.business = business
        with business_context(business):
            self.owner = Staff.objects.select_related("user").get(role=Role.OWNER)
            self.asker, self.manager = (
                appoint(name=name, email=f"{name}@shop.example", password=PASSWORD, role="manager")
                for name in ("asker", "manager")
            )

    def ask(self) -> tuple[Approval, Member]:
        """A new member, and a request to give them points."""
        with business_context(self.business):
            member = new_member(contact=f"+8613{secrets.randbelow(10**9):09d}")
            approvals.set_limit(act="points.adjust", role="manager", limit=POINTS - 1, by=self.owner)
            answer = adjust_or_ask(
                member=member, points=POINTS, reason="Spilled tea", by=self.asker, key=secrets.token_hex(8)
            )
            approvals.set_limit(act="points.adjust", role="manager", limit=None, by=self.owner)
            assert isinstance(answer, Asked)
            return answer.approval, member

    def decide(self, crowd: Crowd, approval: Approval, act: Callable[[int, Approval], Any]) -> list[Any]:
        """Everybody decides in a window of their own."""

        def in_window(number: int) -> Callable[[], Any]:
            return lambda: act(number, selectors.approval_by_public_id(approval.public_id))

        return crowd.at_once([in_window(number) for number in range(crowd.size)])

    def points(self, member: Member) -> int:
        """What the member has."""
        with business_context(self.business):
            return balance(member.wallet)

    def state(self, approval: Approval) -> str:
        """How the request stands."""
        with business_context(self.business):
            return str(Approval.objects.get(pk=approval.pk).state)


def test_of_sixteen_who_approve_one_does(open_business: Callable[..., Business]) -> None:
    business = open_business()
    case = Case(business)
    with Crowd(business, PEOPLE) as crowd:
        for _round in range(ROUNDS):
            approval, member = case.ask()
            answers = case.decide(
                crowd,
                approval,
                lambda number, found: services.approve(approval=found, by=(case.owner, case.manager)[number % 2]),
            )
            assert len(successes(answers)) == 1
            assert refusals(answers) == ["AlreadyDecided"] * (PEOPLE - 1)
            assert case.points(member) == POINTS


def test_approved_refused_and_taken_back_at_once_is_one_of_them(open_business: Callable[..., Business]) -> None:
    business = open_business()
    case = Case(business)

    def decide(number: int, found: Approval) -> Approval:
        if number % 3 == 0:
            return services.approve(approval=found, by=case.owner)
        if number % 3 == 1:
            return services.refuse(approval=found, by=case.manager, note="Too much")
        return services.withdraw(approval=found, by=case.asker)

    with Crowd(business, PEOPLE) as crowd:
        for _round in range(ROUNDS):
            approval, member = case.ask()
            answers = case.decide(crowd, approval, decide)
            assert len(successes(answers)) == 1
            assert set(refusals(answers)) == {"AlreadyDecided"}
            state = successes(answers)[0].state
            assert case.state(approval) == state
            assert case.points(member) == (POINTS if state == ApprovalState.APPROVED else 0)


def test_sixteen_windows_of_who_asked_approve_nothing(open_business: Callable[..., Business]) -> None:
    business = open_business()
    case = Case(business)
    with Crowd(business, PEOPLE) as crowd:
        approval, member = case.ask()
        answers = case.decide(crowd, approval, lambda _number, found: services.approve(approval=found, by=case.asker))
    assert refusals(answers) == ["OwnRequest"] * PEOPLE
    assert (case.state(approval), case.points(member)) == (ApprovalState.REQUESTED, 0)


def test_without_the_check_of_the_service_the_database_still_refuses_who_asked(
    open_business: Callable[..., Business],
) -> None:
    business = open_business()
    case = Case(business)
    with Crowd(business, PEOPLE) as crowd, patch.object(services, "require_decider"):
        approval, member = case.ask()
        answers = case.decide(crowd, approval, lambda _number, found: services.approve(approval=found, by=case.asker))
    assert refusals(answers) == ["IntegrityError"] * PEOPLE
    assert (case.state(approval), case.points(member)) == (ApprovalState.REQUESTED, 0)


def test_of_sixteen_who_ask_for_the_same_one_request_waits(open_business: Callable[..., Business]) -> None:
    business = open_business()
    case = Case(business)
    with business_context(business):
        member = new_member()
        approvals.set_limit(act="points.adjust", role="manager", limit=POINTS - 1, by=case.owner)

    def ask() -> Any:
        return adjust_or_ask(member=member, points=POINTS, reason="Tea", by=case.asker, key=secrets.token_hex(8))

    with Crowd(business, PEOPLE) as crowd:
        answers = crowd.at_once([ask] * PEOPLE)
    assert len(successes(answers)) == 1
    assert refusals(answers) == ["AlreadyWaiting"] * (PEOPLE - 1)
    with business_context(business):
        assert Approval.objects.count() == 1


def give_in_parts(case: Case, member: Member) -> Callable[[], Any]:
    """One window of whoever gives in parts."""
    return lambda: adjust_or_ask(member=member, points=PART, reason="Tea", by=case.asker, key=secrets.token_hex(8))


def limited(case: Case) -> Member:
    """A new member, of whom the manager may adjust less than three parts."""
    with business_context(case.business):
        approvals.set_limit(act="points.adjust", role="manager", limit=POINTS - 1, by=case.owner)
        return new_member(contact=f"+8613{secrets.randbelow(10**9):09d}")


def test_sixteen_windows_of_one_person_do_not_pass_the_limit_in_parts(open_business: Callable[..., Business]) -> None:
    business = open_business()
    case = Case(business)
    with Crowd(business, PEOPLE) as crowd:
        for _round in range(ROUNDS):
            member = limited(case)
            answers = crowd.at_once([give_in_parts(case, member)] * PEOPLE)
            kinds = sorted(type(answer).__name__ for answer in successes(answers))
            assert kinds == ["Asked", "Done", "Done"]
            assert refusals(answers) == ["AlreadyWaiting"] * (PEOPLE - 3)
            assert case.points(member) == 2 * PART


# Negative controls ----------------------------------------------------------------------------------------------------


def claim_without_looking(approval: Approval, *, state: ApprovalState, by: Staff, note: str) -> bool:
    """The decision as somebody would write it who never met a second window: read, then save."""
    found = Approval.objects.filter(pk=approval.pk)
    return bool(found.update(state=state, decided_by=by, decided_at=clock.now(), note=note))


def give_without_a_key(*, payload: dict[str, Any], by: Staff, key: str) -> Any:
    """The act as it would be without what makes it safe to repeat."""
    member = Member.objects.get(public_id=payload["member"])
    return adjust(
        wallet=member.wallet,
        asset="points",
        amount=payload["points"],
        key=secrets.token_hex(8),
        reason="Tea",
        actor=by.public_id,
    )


@contextmanager
def guards_off(*, claim: bool, key: bool) -> Iterator[None]:
    """Without the condition of the decision, without the key of the act, or without both."""
    act = registry.act_of("points.adjust")
    blind = waiting_for_each_other(claim_without_looking, PEOPLE)
    bare = registry.Act(**{**vars(act), "perform": give_without_a_key})
    with (
        patch.object(services, "claim", blind if claim else services.claim),
        patch.dict(registry._acts, {act.code: bare if key else act}),
    ):
        yield


@pytest.mark.parametrize(
    ("claim", "key", "times"),
    [(True, True, PEOPLE), (True, False, 1), (False, True, 1)],
    ids=["without both", "without the condition", "without the key"],
)
def test_without_its_guards_one_request_is_done_many_times(
    open_business: Callable[..., Business], claim: bool, key: bool, times: int
) -> None:
    business = open_business()
    case = Case(business)
    with Crowd(business, PEOPLE) as crowd:
        approval, member = case.ask()
        with guards_off(claim=claim, key=key):
            case.decide(crowd, approval, lambda _number, found: services.approve(approval=found, by=case.owner))
    assert case.points(member) == POINTS * times


def test_without_the_lock_of_the_wallet_sixteen_windows_pass_the_limit_in_parts(
    open_business: Callable[..., Business],
) -> None:
    business = open_business()
    case = Case(business)
    looking = waiting_for_each_other(ledger_approvals.adjusted_today, PEOPLE)
    member = limited(case)
    with (
        Crowd(business, PEOPLE) as crowd,
        patch.object(ledger_approvals, "Wallet"),
        patch.object(ledger_approvals, "adjusted_today", looking),
    ):
        answers = crowd.at_once([give_in_parts(case, member)] * PEOPLE)
    assert len(successes(answers)) == PEOPLE
    assert case.points(member) == PEOPLE * PART
