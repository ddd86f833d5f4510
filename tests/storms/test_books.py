"""S5: whatever is given, spent, held, bought, undone in parts and let expire, whichever tier is reached, set by hand or
lost on the way, after each act the books balance and each move of tier explains itself."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
import pytest
from dateutil.relativedelta import relativedelta
from django.core.cache import cache
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from regulars import clock
from regulars.errors import HoldEnded, NotEnough, UndoneBefore
from regulars.ledger.assets import assets
from regulars.ledger.books import CHECKS, faults
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
from regulars.loyalty.models import PointsRule, Tier, Track
from regulars.loyalty.points.gifts import change_points_settings
from regulars.loyalty.tiers.decision import At, as_stored, decide, inputs_of
from regulars.loyalty.tiers.overriding import end_override, set_by_hand
from regulars.loyalty.tiers.packs import post_waiting
from regulars.loyalty.tiers.selectors import counted
from regulars.loyalty.tiers.standing import evaluate, evaluate_due
from regulars.operations.sealing.verifier import verify
from regulars.organisation.models import Branch
from regulars.people.models import Member
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote, refund
from tests.conftest import new_member
from tests.crowd import sized, switched_off

if TYPE_CHECKING:
    from regulars.sales.models import Sale
    from tenants.models import Business

pytestmark = [pytest.mark.storm, pytest.mark.clause("4.1"), pytest.mark.capability(72)]
PARTS = sized(1, 8)
SEQUENCES = sized(12, 2000) // PARTS
"""In each part: the parts share the work among whatever cores there are."""
STEPS = sized(20, 50)
REFUSED = (NotEnough, HoldEnded, UndoneBefore)
POINTS = st.integers(1, 60)
ANY = st.integers(0, 10**6)
WHERE = st.sampled_from([None, {"branch": "bra_1"}, {"branch": "bra_2", "category": "tea"}, {"anywhere": True}])

GROSS = ("SUM(CASE WHEN is_net THEN total - refunded_total ELSE total END)", "SUM(total)")
PACK_AGAIN = ("ON CONFLICT DO NOTHING RETURNING days", "RETURNING days")
DEBT_FIRST = ("part := GREATEST(0, LEAST(moved, balance_now - held_now));", "part := moved;")


FAULTS = " + ".join(f"(SELECT count(*) FROM ({question}) AS fault)" for _table, _words, question in CHECKS)
BALANCE = "(SELECT balance FROM ledger_account WHERE wallet_id = %(wallet)s AND asset = 'points')"
DEEP = [each.code for each in assets().values() if each.floor != 0]


def faults_and_balance(wallet: int) -> tuple[int, int]:
    """How many answers all the questions of `faults` have, and the balance: one statement, planned once for all."""
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(f"SELECT {FAULTS}, {BALANCE}", {"deep": DEEP, "wallet": wallet}, prepare=True)
        found = cursor.fetchone()
    assert found is not None
    return int(found[0]), int(found[1] or 0)


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
        wrong, held = faults_and_balance(self.member.wallet_id)
        if wrong:
            assert [fault.words for fault in faults()] == []
        assert (wrong, held) == (0, self.expected)


LADDER = {"base": 0, "silver": 5_000, "gold": 20_000}
PACK = 7
AMOUNT = st.sampled_from([99, 1_000, 2_500, 5_000, 12_000, 20_000])


SEEN = """
    SELECT tier.id, tier.code, tier.threshold, is_overridden, is_floor, override_until, review_on,
        (SELECT count(*) FROM loyalty_tierpack pack WHERE pack.member_id = standing.member_id),
        (SELECT count(DISTINCT tier_id) FROM loyalty_tierpack pack WHERE pack.member_id = standing.member_id),
        (SELECT count(*) FROM loyalty_tierpack pack WHERE pack.member_id = standing.member_id AND NOT pack.is_posted),
        (SELECT COALESCE(sum(posting.amount), 0)::bigint FROM ledger_account account
            JOIN ledger_posting posting ON posting.account_id = account.id
            JOIN ledger_transaction act ON act.id = posting.transaction_id
            WHERE account.wallet_id = %(wallet)s AND act.kind = 'tier.pack'),
        (SELECT COALESCE(jsonb_agg(explanation ORDER BY id), '[]') FROM (
            SELECT id, explanation FROM loyalty_tiermove move WHERE move.member_id = standing.member_id
            ORDER BY id DESC LIMIT 2) AS newest),
        (SELECT last.code FROM loyalty_tiermove move JOIN loyalty_tier last ON last.id = move.current_id
            WHERE move.member_id = standing.member_id ORDER BY move.id DESC LIMIT 1)
    FROM loyalty_standing standing JOIN loyalty_tier tier ON tier.id = standing.tier_id
    WHERE standing.member_id = %(member)s
"""


class Seen(NamedTuple):
    """Where the member stands, which packs they had, and why they moved, as one statement reads it."""

    tier: int
    code: str
    threshold: int
    is_overridden: bool
    is_floor: bool
    override_until: dt.date | None
    review_on: dt.date | None
    packs: int
    tiers_with_packs: int
    packs_waiting: int
    points_of_packs: int
    newest_moves: list[dict[str, Any]]
    moved_to: str | None


class Programme(Books):
    """The same member buys, has things refunded, rises, is put on tiers by hand, and falls: all of it in one wallet."""

    def __init__(self) -> None:
        super().__init__()
        self.sales: list[Sale] = []
        self.has_looked = True
        self.is_set = False
        self.track = Track.objects.get(is_default=True)

    @initialize(
        refunds=st.sampled_from(["none", "next", "at_once"]),
        timing=st.sampled_from(["at_once", "at_once", "at_evaluation"]),
        keep_months=st.integers(0, 1),
        grace_days=st.sampled_from([0, 5]),
        downgrade=st.sampled_from(["step", "requalify", "base"]),
        if_spent=st.sampled_from(["negative", "clamp", "charge"]),
    )
    def open_the_programme(self, if_spent: str, **rules: Any) -> None:
        """Each sequence under rules of its own."""
        self.begin(if_spent, **rules)

    def begin(self, if_spent: str, **rules: Any) -> None:
        """One point per 1.00; what a tier takes and brings, and how it is kept and lost."""
        PointsRule.objects.all().delete()
        PointsRule.objects.create(name="1 per 1", points=1, per_amount=100)
        self.if_spent = if_spent
        change_points_settings(by="", if_spent=if_spent, hundred_worth=150)
        Tier.objects.exclude(threshold=0).delete()
        Tier.objects.filter(threshold=0).update(code="base", discount=0)
        for code in ("silver", "gold"):
            entry = LADDER[code]
            pack = {"points": PACK, "cycle": "once"}
            Tier.objects.create(
                track=self.track, code=code, words={"en": code}, threshold=entry, retain_threshold=entry // 2, pack=pack
            )
        Track.objects.filter(pk=self.track.pk).update(window="rolling", window_months=1, **rules)
        self.track.refresh_from_db()
        cache.clear()

    def teardown(self) -> None:
        """The next sequence has rules of its own."""
        super().teardown()
        cache.clear()

    @property
    def place(self) -> Seen:
        """Where the member stands now."""
        with psycopg.Cursor(connection.connection) as cursor:
            asked = {"member": self.member.pk, "wallet": self.member.wallet_id}
            found = cursor.execute(SEEN, asked, prepare=True).fetchone()
        assert found is not None
        return Seen(*found)

    def spent(self) -> int:
        """What counts today, added up here: everything, or what was not refunded, of one month."""
        today = clock.day_of(self.now)
        after = today - relativedelta(months=1)
        counted = [sale for sale in self.sales if sale.business_date > after]
        given_back = 0 if self.track.refunds == "none" else sum(sale.refunded_total for sale in counted)
        return sum(sale.total for sale in counted) - given_back

    def takes_its_packs(self) -> None:
        """The points of new packs are posted, as the fact of a rise leads to it, and belong to what is expected."""
        seen = self.place
        if seen.packs_waiting:
            self.expected += PACK * post_waiting(member=self.member)
        self.is_set = seen.is_overridden
        self.has_looked = False

    @rule(amount=AMOUNT)
    def buy(self, amount: int) -> None:
        with clock.turned_to(self.now):
            buyer = Member.objects.select_related("standing__tier").get(pk=self.member.pk)
            branch = Branch.objects.order_by("pk")[0]
            made = quote(branch=branch, member=buyer, lines=[LineRequest("Tea", amount)])
            sale = confirm(quote=made, key=self.key().replace("step", "sale"), cashier=None)
            self.sales.append(sale)
            self.expected += sale.points_earned
            place = self.place
            self.takes_its_packs()
        until = place.override_until or dt.date.max
        is_held = place.is_overridden and not place.is_floor and until >= clock.day_of(self.now)
        if self.track.timing == "at_once" and not is_held:
            assert place.threshold >= reached(self.spent()), "a sale lifts to what it reaches"

    @precondition(lambda self: any(sale.refunded_total < sale.total for sale in self.sales))
    @rule(which=ANY, part=st.integers(1, 4))
    def bring_back(self, which: int, part: int) -> None:
        open_ones = [sale for sale in self.sales if sale.refunded_total < sale.total]
        sale = open_ones[which % len(open_ones)]
        before, held = self.place.threshold, balance(self.member.wallet)
        amount = max(1, (sale.total - sale.refunded_total) * part // 4)
        with clock.turned_to(self.now):
            done = refund(
                sale=sale, key=self.key().replace("step", "back"), amount=amount, reason="returned", cashier=None
            )
            self.takes_its_packs()
        sale.refresh_from_db()
        self.expected -= done.points_taken_back
        if self.if_spent != "negative":
            assert balance(self.member.wallet) >= min(0, held), "nobody comes to owe points here"
        if self.track.refunds != "at_once":
            assert self.place.threshold == before, "a refund moves nobody at once here"

    @rule(code=st.sampled_from(sorted(LADDER)), days=st.integers(1, 40))
    def set_a_tier(self, code: str, days: int) -> None:
        tier = Tier.objects.select_related("track").get(code=code)
        with clock.turned_to(self.now):
            until = clock.today() + dt.timedelta(days=days)
            set_by_hand(member=self.member, tier=tier, until=until, reason="Guest of honour", by="storm")
            self.takes_its_packs()
        assert self.place.tier == tier.pk

    @precondition(lambda self: self.is_set)
    @rule()
    def let_the_figures_decide(self) -> None:
        with clock.turned_to(self.now):
            end_override(member=self.member, tier=Tier.objects.select_related("track").get(pk=self.place.tier), by="")
            self.takes_its_packs()
        assert self.place.threshold == reached(self.spent()), "the figures decide again"

    @rule(at=st.sampled_from(["change", "night", "sale"]))
    def look_again(self, at: At) -> None:
        with clock.turned_to(self.now):
            evaluate(member=self.member, at=at)
            evaluate(member=self.member, at=at)
            self.takes_its_packs()

    @rule(days=st.integers(1, 25))
    def nights_look_at_tiers(self, days: int) -> None:
        self.nights_pass(days, 5)
        with clock.turned_to(self.now):
            while (due := evaluate_due(now=self.now, limit=5)) is not None and due <= self.now:
                pass
            self.takes_its_packs()
        review = self.place.review_on
        assert review is None or review > clock.day_of(self.now), "nobody is due after the night"

    @precondition(lambda self: not self.has_looked)
    @invariant()
    def each_move_explains_itself_and_no_pack_comes_twice(self) -> None:
        self.has_looked, seen = True, self.place
        for explanation in seen.newest_moves:
            if "inputs" in explanation:
                told = {name: value for name, value in explanation["result"].items() if name != "days_given"}
                assert as_stored(decide(inputs_of(explanation["inputs"]))) == told, "a move recomputes"
        assert seen.code == (seen.moved_to or "base"), "the last move led here"
        assert seen.packs == seen.tiers_with_packs, "packs come once"
        assert seen.points_of_packs == PACK * seen.packs, "packs are posted once"
        with clock.turned_to(self.now):
            assert counted(self.member, self.track, None) == {"spend": self.spent()}, "what was counted is what counts"


class Strict(Programme):
    """A programme in which every refund counts at once and nothing is kept; the member has risen and fallen already."""

    @initialize(
        refunds=st.just("at_once"),
        timing=st.just("at_once"),
        keep_months=st.just(0),
        grace_days=st.just(0),
        downgrade=st.just("base"),
        if_spent=st.just("negative"),
    )
    def open_the_programme(self, if_spent: str, **rules: Any) -> None:
        """As above."""
        self.begin(if_spent, **rules)
        self.buy(LADDER["gold"])
        self.bring_back(0, 4)


class Indebted(Books):
    """A member who owes points from the first step on: what was given was spent, and is taken back."""

    @initialize(points=POINTS)
    def owe(self, points: int) -> None:
        """Whatever comes in from here on pays the debt first."""
        self.act(lambda: post(key=self.key(), kind="gift", legs=[self.leg(points)]))
        given = self.done[0]
        self.act(lambda: post(key=self.key(), kind="spending", legs=[self.leg(-points)]))
        self.undo(given, None, 0)
        assert balance(self.member.wallet) == -points


def reached(spent: int) -> int:
    """Where the ladder's highest rung begins that so much reaches."""
    return max(entry for entry in LADDER.values() if spent >= entry)


def play(member: Member, sequences: int, machine: type[Books] = Books) -> None:
    """So many random sequences on this member."""

    class Here(machine):  # type: ignore[misc,valid-type]
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
@pytest.mark.clause("4.3")
@pytest.mark.clause("4.4")
@pytest.mark.parametrize("part", range(PARTS))
def test_after_any_sequence_of_acts_the_books_balance_and_each_tier_is_explained(branch: Branch, part: int) -> None:
    play(new_member(branch=branch), SEQUENCES, Programme)
    assert faults() == []
    print(f"S5 ledger, points and tiers, part {part}: {SEQUENCES} sequences of {STEPS} steps, 0 broken invariants")


def test_with_refunds_no_longer_counted_a_sequence_is_found_whose_tier_is_wrong(
    business: Business, branch: Branch
) -> None:
    with (
        switched_off(business, "loyalty/sql/evaluate.sql", GROSS),
        pytest.raises(AssertionError, match="counted"),
    ):
        play(new_member(branch=branch), 300, Programme)


def test_with_packs_given_again_a_sequence_is_found_that_gives_one_twice(business: Business, branch: Branch) -> None:
    with (
        switched_off(
            business, "loyalty/sql/evaluate.sql", PACK_AGAIN, constraints=["loyalty_tierpack.loyalty_tierpack_once"]
        ),
        pytest.raises(AssertionError, match="packs"),
    ):
        play(new_member(branch=branch), 300, Strict)


def test_with_debts_no_longer_paid_first_a_sequence_is_found_that_breaks_them(business: Business) -> None:
    with (
        switched_off(business, "ledger/sql/post.sql", DEBT_FIRST),
        pytest.raises(AssertionError, match="holds"),
    ):
        play(new_member(), 300, Indebted)


@pytest.mark.usefixtures("business")
def test_whatever_comes_to_a_member_who_owes_pays_the_debt_first() -> None:
    play(new_member(), 5, Indebted)
    assert faults() == []
