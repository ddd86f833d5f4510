"""S5: whatever is given, spent, held, undone in parts and let expire, the books balance after each act."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from regulars import clock
from regulars.errors import HoldEnded, NotEnough, UndoneBefore
from regulars.ledger.books import faults
from regulars.ledger.models import Hold, Lot, Transaction
from regulars.ledger.sealed import LEDGER
from regulars.ledger.selectors import balance, spendable
from regulars.ledger.services import (
    Leg,
    Posted,
    capture,
    expire_holds,
    expire_lots,
    post,
    release,
    reserve,
    reverse,
)
from regulars.operations.sealing.verifier import verify
from tests.conftest import new_member
from tests.crowd import sized, switched_off

if TYPE_CHECKING:
    from regulars.people.models import Member
    from tenants.models import Business

pytestmark = [pytest.mark.storm, pytest.mark.clause("4.1"), pytest.mark.capability(72)]
SEQUENCES = sized(12, 2000)
STEPS = sized(20, 50)
REFUSED = (NotEnough, HoldEnded, UndoneBefore)
POINTS = st.integers(1, 60)
ANY = st.integers(0, 10**6)
WHERE = st.sampled_from([None, {"branch": "bra_1"}, {"branch": "bra_2", "category": "tea"}, {"anywhere": True}])

DEBT_FIRST = ("part := GREATEST(0, LEAST(moved, balance_now - held_now));", "part := moved;")


class Books(RuleBasedStateMachine):
    """One member's points among all that can happen to them, with the balance kept beside it in Python."""

    member: Member

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.now = clock.now()
        self.number = 0
        self.expected = 0
        self.done: list[Transaction] = []
        self.parts: dict[int, int] = {}

    def teardown(self) -> None:
        """What was done to one sequence is no part of the next."""
        try:
            with clock.turned_to(self.now):
                assert verify(LEDGER).findings == []
        finally:
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)

    def key(self) -> str:
        self.number += 1
        return f"step-{self.number:06d}"

    def act(self, change: Any) -> Posted | None:
        """Do it at the present moment of this sequence; a refusal changes nothing."""
        try:
            with clock.turned_to(self.now), transaction.atomic():
                answer = change()
        except REFUSED:
            return None
        if isinstance(answer, Posted) and not answer.is_repeated:
            made = Transaction.objects.get(pk=answer.transaction)
            self.done.append(made)
            moved = made.postings.filter(account__wallet=self.member.wallet).values_list("amount", flat=True)
            self.expected += sum(moved)
        return answer if isinstance(answer, Posted) else None

    def leg(self, amount: int, **more: Any) -> Leg:
        return Leg(wallet=self.member.wallet_id, asset="points", amount=amount, house="points.moved", **more)

    @rule(points=POINTS, days=st.integers(0, 40), wait=st.sampled_from([0, 0, 0, 3]), where=WHERE)
    def give(self, points: int, days: int, wait: int, where: dict[str, Any] | None) -> None:
        restrictions = {"branches": [where["branch"]]} if where and "branch" in where else None
        leg = self.leg(
            points,
            expires_at=self.now + dt.timedelta(days=days) if days else None,
            available_from=self.now + dt.timedelta(days=wait),
            restrictions=restrictions,
        )
        self.act(lambda: post(key=self.key(), kind="gift", legs=[leg]))

    @rule(points=POINTS, where=WHERE)
    def spend(self, points: int, where: dict[str, Any] | None) -> None:
        with clock.turned_to(self.now):
            enough = spendable(self.member.wallet, where=where) >= points
        posted = self.act(lambda: post(key=self.key(), kind="spending", legs=[self.leg(-points, where=where)]))
        assert (posted is not None) == enough

    @precondition(lambda self: self.done)
    @rule(which=ANY, part=st.integers(1, 4), grace=st.integers(0, 9))
    def undo_a_part(self, which: int, part: int, grace: int) -> None:
        original = self.done[which % len(self.done)]
        self.undo(original, (part, 4), grace)

    @precondition(lambda self: self.done)
    @rule(which=ANY, grace=st.integers(0, 9))
    def undo_all(self, which: int, grace: int) -> None:
        self.undo(self.done[which % len(self.done)], None, grace)

    def undo(self, original: Transaction, part: tuple[int, int] | None, grace: int) -> None:
        days = dt.timedelta(days=grace) if grace else None
        self.act(lambda: reverse(original=original, key=self.key(), reason="", part=part, grace=days))

    @rule(points=POINTS, days=st.integers(1, 20), where=WHERE)
    def hold(self, points: int, days: int, where: dict[str, Any] | None) -> None:
        self.act(
            lambda: reserve(
                wallet=self.member.wallet,
                asset="points",
                amount=points,
                key=self.key(),
                expires_at=self.now + dt.timedelta(days=days),
                reason="",
                actor="",
                where=where,
            )
        )

    @rule(which=ANY, points=st.one_of(st.none(), POINTS))
    def spend_what_is_held(self, which: int, points: int | None) -> None:
        if one := self.one_hold(which):
            self.act(
                lambda: capture(
                    hold=one, key=self.key(), amount=points, house="points.moved", kind="taken", reason="", actor=""
                )
            )

    @rule(which=ANY)
    def give_up_a_hold(self, which: int) -> None:
        if one := self.one_hold(which):
            self.act(lambda: release(hold=one, reason="", actor=""))

    def one_hold(self, which: int) -> Hold | None:
        holds = list(Hold.objects.order_by("pk"))
        return holds[which % len(holds)] if holds else None

    @rule(days=st.integers(1, 15), limit=st.integers(1, 5))
    def nights_pass(self, days: int, limit: int) -> None:
        self.now += dt.timedelta(days=days)
        with clock.turned_to(self.now):
            while (due := expire_holds(now=self.now, limit=limit)) is not None and due <= self.now:
                pass
            before = balance(self.member.wallet)
            while (due := expire_lots(now=self.now, limit=limit)) is not None and due <= self.now:
                pass
            self.expected -= before - balance(self.member.wallet)
            ended = Lot.objects.filter(expires_at__lte=self.now, remaining__gt=0)
            assert all(lot.remaining == lot.held for lot in ended)

    @invariant()
    def the_books_balance(self) -> None:
        assert [fault.words for fault in faults()] == []
        assert balance(self.member.wallet) == self.expected


def play(member: Member, sequences: int) -> None:
    """So many random sequences on this member."""

    class Here(Books):
        pass

    Here.member = member
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=STEPS,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


@pytest.mark.usefixtures("business")
def test_after_any_sequence_of_acts_the_books_balance() -> None:
    play(new_member(), SEQUENCES)
    assert faults() == []
    print(f"S5 ledger: {SEQUENCES} sequences of {STEPS} steps, 0 broken invariants")


def test_with_debts_no_longer_paid_first_a_sequence_is_found_that_breaks_them(business: Business) -> None:
    with (
        switched_off(business, "ledger/sql/post.sql", DEBT_FIRST),
        pytest.raises(AssertionError, match="holds"),
    ):
        play(new_member(), 300)
