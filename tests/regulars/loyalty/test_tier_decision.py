"""The rule of tiers itself: monotone, the same in Python and in SQL, and recomputed from what a move stored."""

from __future__ import annotations

import datetime as dt
import json
import random
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.loyalty.tiers import measures
from regulars.loyalty.tiers.decision import (
    OWN,
    Decision,
    Inputs,
    Override,
    Rung,
    as_stored,
    decide,
    inputs_of,
    next_evaluation,
)
from regulars.sql_functions import call

pytestmark = [pytest.mark.clause("4.4"), pytest.mark.capability(44)]

TODAY = dt.date(2026, 6, 15)
BASE, SILVER, GOLD = "base", "silver", "gold"
LADDER = (
    Rung(code=BASE, entry={"spend": 0}, retain={"spend": 0}),
    Rung(code=SILVER, entry={"spend": 500}, retain={"spend": 300}),
    Rung(code=GOLD, entry={"spend": 2000}, retain={"spend": 1500}),
)


def standing(current: str = BASE, spend: int | None = 0, **over: object) -> Inputs:
    """Somebody on a tier with so much spent, looked at by the night unless the test says otherwise."""
    known: dict[str, object] = {"at": "night", "today": TODAY, "rungs": LADDER, "current": current}
    return Inputs(**{**known, "values": {"spend": spend}, **over})  # type: ignore[arg-type]


def days() -> st.SearchStrategy[dt.date]:
    return st.dates(dt.date(2026, 1, 1), dt.date(2027, 3, 31))


@st.composite
def cases(draw: st.DrawFn) -> Inputs:
    """Any ladder of one or two measures with any settings."""
    measures = draw(st.sampled_from([["spend"], ["spend", "visits"], ["points_earned"], ["paid_plan"]]))
    count = draw(st.integers(1, 5))
    entries = {m: sorted(draw(st.lists(st.integers(1, 50), min_size=count, max_size=count))) for m in measures}
    rungs = [Rung(code="t0", entry={measures[0]: 0}, retain={measures[0]: 0})]
    for number in range(count):
        entry = {m: entries[m][number] for m in measures}
        rungs.append(
            Rung(code=f"t{number + 1}", entry=entry, retain={m: draw(st.integers(0, entry[m])) for m in measures})
        )
    return Inputs(
        at=draw(st.sampled_from(["sale", "night", "refund", "change"])),
        today=draw(days()),
        rungs=tuple(rungs),
        values={
            m: draw(st.none() | st.integers(0, 60)) if len(measures) > 1 else draw(st.integers(0, 60)) for m in measures
        },
        current=draw(st.sampled_from([rung.code for rung in rungs])),
        combine=draw(st.sampled_from(["any", "all"])),
        kept_until=draw(st.none() | days()),
        grace_until=draw(st.none() | days()),
        review_on=draw(st.none() | days()),
        override=draw(st.none() | st.builds(Override, until=st.none() | days(), is_floor=st.booleans())),
        window=draw(st.sampled_from(["rolling", "year", "tier", "lifetime"])),
        timing=draw(st.sampled_from(["at_once", "at_evaluation"])),
        evaluated=draw(st.sampled_from(["month", "quarter", "year"])),
        keep_months=draw(st.sampled_from([0, 1, 6, 12, 25])),
        downgrade=draw(st.sampled_from(["step", "requalify", "base"])),
        grace_days=draw(st.sampled_from([0, 1, 30])),
        refunds=draw(st.sampled_from(["none", "next", "at_once"])),
    )


def stored(inputs: Inputs) -> dict[str, object]:
    """The inputs as the database writes them."""
    plain = json.loads(
        json.dumps(vars(inputs), default=lambda each: vars(each) if not isinstance(each, dt.date) else each.isoformat())
    )
    assert inputs_of(plain) == inputs
    return plain


def index_of(inputs: Inputs, decision: Decision) -> int:
    return [rung.code for rung in inputs.rungs].index(decision.tier)


@settings(max_examples=1000, deadline=None)
@given(inputs=cases(), more=st.integers(0, 40))
def test_more_never_lowers(inputs: Inputs, more: int) -> None:
    richer = replace(inputs, values={m: None if v is None else v + more for m, v in inputs.values.items()})
    assert index_of(inputs, decide(richer)) >= index_of(inputs, decide(inputs))


@pytest.mark.usefixtures("business")
def test_the_database_decides_exactly_as_the_function_does() -> None:
    differing: list[object] = []

    @settings(max_examples=400, deadline=None, database=None)
    @given(inputs=cases())
    def same(inputs: Inputs) -> None:
        answer = call("loyalty_decide", stored(inputs))
        if answer != as_stored(decide(inputs)):
            differing.append((inputs, answer))
            raise AssertionError((inputs, answer, as_stored(decide(inputs))))

    same()
    assert differing == []


def test_one_step_that_passes_two_tiers_ends_on_the_highest() -> None:
    decision = decide(standing(BASE, 5000, at="sale"))
    assert (decision.tier, decision.why, decision.kept_until) == (GOLD, "risen", dt.date(2027, 6, 30))
    assert decision.review_on == dt.date(2027, 7, 1)


def test_a_sale_never_lowers() -> None:
    assert decide(standing(GOLD, 0, at="sale", kept_until=dt.date(2026, 1, 1))).tier == GOLD


@pytest.mark.capability(45)
def test_what_is_promised_is_held_then_grace_then_one_step() -> None:
    kept = dt.date(2026, 6, 30)
    assert decide(standing(GOLD, 100, kept_until=kept)).why == "guaranteed"
    grace = decide(standing(GOLD, 100, kept_until=kept, today=dt.date(2026, 7, 1)))
    assert (grace.tier, grace.why, grace.grace_until, grace.review_on) == (
        GOLD,
        "grace",
        dt.date(2026, 7, 30),
        dt.date(2026, 7, 31),
    )
    last = standing(GOLD, 100, kept_until=kept, grace_until=grace.grace_until, today=dt.date(2026, 7, 31))
    assert (decide(last).tier, decide(last).why) == (SILVER, "fallen")
    assert decide(last).kept_until == dt.date(2027, 7, 31)
    assert decide(replace(last, downgrade="requalify")).tier == BASE
    assert decide(replace(last, downgrade="base")).review_on is None


def test_less_is_needed_to_keep_a_tier_than_to_reach_it() -> None:
    over = standing(GOLD, 1500, kept_until=dt.date(2026, 6, 14))
    assert (decide(over).tier, decide(over).why, decide(over).kept_until) == (GOLD, "kept", dt.date(2027, 6, 30))
    assert decide(replace(over, values={"spend": 1499})).why == "grace"


def test_upgrades_may_wait_for_the_evaluation_day() -> None:
    waiting = decide(standing(BASE, 500, at="sale", timing="at_evaluation"))
    assert (waiting.tier, waiting.why, waiting.review_on) == (BASE, "waits", dt.date(2026, 7, 1))
    assert decide(standing(BASE, 500, at="night", timing="at_evaluation")).tier == SILVER


@pytest.mark.parametrize(
    ("evaluated", "day"),
    [("month", dt.date(2026, 7, 1)), ("quarter", dt.date(2026, 7, 1)), ("year", dt.date(2027, 1, 1))],
)
def test_evaluation_days_are_the_first_of_their_period(evaluated: str, day: dt.date) -> None:
    assert next_evaluation(TODAY, evaluated) == day


def test_a_refund_counts_at_once_only_where_that_is_wanted() -> None:
    back = standing(GOLD, 100, at="refund", kept_until=dt.date(2027, 1, 31))
    assert decide(back).tier == GOLD
    assert decide(replace(back, refunds="at_once", downgrade="requalify")).tier == BASE


def test_a_module_that_does_not_answer_lowers_nobody() -> None:
    silent = standing(GOLD, None, kept_until=dt.date(2026, 6, 1), grace_days=0)
    assert (decide(silent).tier, decide(silent).why) == (GOLD, "unknown")


FOR_EVER: dict[str, Any] = {"window": "lifetime", "refunds": "at_once", "keep_months": 0}


def test_nothing_is_due_of_a_tier_that_only_a_refund_could_end_and_that_counts_at_once() -> None:
    assert decide(standing(BASE, 2000, **FOR_EVER)).review_on is None
    assert decide(standing(GOLD, 1600, **FOR_EVER)).review_on is None  # enough to keep it
    assert measures.CORE.keys() == OWN


def test_a_tier_held_by_what_a_module_counts_is_looked_at_though_all_time_counts() -> None:
    """A plan ends without a purchase or a refund: without a day nobody would ever see it."""
    ladder = (LADDER[0], Rung(code=GOLD, entry={"paid_plan": 1}, retain={"paid_plan": 1}))
    risen = decide(standing(BASE, rungs=ladder, values={"paid_plan": 1}, **FOR_EVER))
    assert (risen.tier, risen.review_on) == (GOLD, dt.date(2026, 7, 1))
    ended = standing(GOLD, rungs=ladder, values={"paid_plan": 0}, today=dt.date(2026, 7, 1), grace_days=0, **FOR_EVER)
    assert decide(ended).tier == BASE


def test_a_step_down_to_a_tier_that_is_not_reached_either_is_looked_at_again() -> None:
    """Gold is lost by a refund of nearly everything, and silver is a step on the way, not for ever."""
    step = decide(standing(GOLD, 10, at="refund", **FOR_EVER))
    assert (step.tier, step.why, step.review_on) == (SILVER, "fallen", dt.date(2026, 7, 1))
    after = standing(SILVER, 10, today=dt.date(2026, 7, 1), review_on=dt.date(2026, 7, 1), grace_days=0, **FOR_EVER)
    assert (decide(after).tier, decide(after).review_on) == (BASE, None)


def test_what_was_set_by_hand_holds_to_its_day_and_may_be_outgrown_only_upwards() -> None:
    until = dt.date(2026, 8, 31)
    given_gold = standing(GOLD, 0, override=Override(until=until, is_floor=True))
    assert (decide(given_gold).why, decide(given_gold).review_on) == ("held", dt.date(2026, 9, 1))
    assert decide(replace(given_gold, today=dt.date(2026, 9, 1))).tier == BASE
    outgrown = standing(SILVER, 2000, at="sale", override=Override(until=until, is_floor=True))
    assert (decide(outgrown).tier, decide(outgrown).ends_override) == (GOLD, True)
    held_low = standing(BASE, 2000, at="sale", override=Override(until=until, is_floor=False))
    assert decide(held_low).tier == BASE


def test_the_stored_explanation_of_a_thousand_members_recomputes_to_the_same_result(branch: Any) -> None:
    """A thousand members buy at random; whatever moved them is decided again from what was stored."""
    from regulars import clock
    from regulars.loyalty.models import Standing, Tier, TierMove, Track
    from tests.multitude import many_members

    track = Track.objects.get(is_default=True)
    track.grace_days, track.keep_months = 0, 1
    track.save()
    Tier.objects.exclude(threshold=0).delete()
    for code, entry in (("silver", 500), ("gold", 2000), ("black", 9000)):
        Tier.objects.create(code=code, words={"en": code}, threshold=entry, retain_threshold=entry * 3 // 4)
    many_members(1000, branch=branch)
    chance, noon = random.Random(4), dt.datetime(2026, 6, 15, 4, 0, tzinfo=dt.UTC)
    with connection.cursor() as cursor:
        for _round in range(3):
            cursor.execute("SELECT setseed(%s)", [chance.random()])
            cursor.execute(SALES, [noon - dt.timedelta(days=40), noon.date() - dt.timedelta(days=40)])
    from regulars.loyalty.tiers.lifting import lift
    from regulars.loyalty.tiers.preview import risen
    from regulars.loyalty.tiers.standing import evaluate_due

    with clock.turned_to(noon - dt.timedelta(days=30)):
        assert lift(track=track, members=risen(track)) > 300
    track.window_months = 1
    track.save()
    with clock.turned_to(noon + dt.timedelta(days=60)):
        while (due := evaluate_due(now=clock.now(), limit=200)) is not None and due <= clock.now():
            pass
    moves = list(TierMove.objects.all())
    assert len(moves) > 600
    for move in moves:
        explanation = move.explanation
        assert as_stored(decide(inputs_of(explanation["inputs"]))) == explanation["result"]
        assert explanation["result"]["tier"] == move.current.code
    assert Standing.objects.filter(review_on__lte=dt.date(2026, 8, 1)).count() == 0


SALES = """
INSERT INTO sales_sale (public_id, key, request_hash, number, member_id, branch_id, currency, list_total,
    discount_total, total, refunded_total, points_earned, points_taken_back, payment_source, received, explanation,
    contributions, confirmed_at, business_date)
SELECT 'sal_' || left(md5(random()::text || id), 20), md5(random()::text || id), '', '1', id,
    (SELECT min(id) FROM organisation_branch), 'CNY', amount, 0, amount, 0, 0, 0, 'cash', amount, '{}', '[]', %s, %s
FROM (SELECT id, (random() * 4000)::int AS amount FROM people_member) AS buying
"""
