"""Tiers from the first sale to the last night: tracks, packs, overrides, changes for a time, and what is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.cache import cache

from regulars import clock, hooks, plugins
from regulars.errors import InvalidInput
from regulars.ledger.selectors import balance
from regulars.loyalty.listeners import tier_changed
from regulars.loyalty.models import PointsRule, Standing, Tier, TierMove, TierPack, Track, TrackStanding
from regulars.loyalty.tiers.decision import as_stored, decide, inputs_of
from regulars.loyalty.tiers.lifting import lift
from regulars.loyalty.tiers.overriding import bring_along, end_override, set_by_hand
from regulars.loyalty.tiers.packs import post_waiting
from regulars.loyalty.tiers.preview import preview, risen, with_change
from regulars.loyalty.tiers.selectors import progress_of, progress_on
from regulars.loyalty.tiers.services import change_for_a_time, end_change, save_tier, save_track
from regulars.loyalty.tiers.standing import evaluate, evaluate_due
from regulars.operations.models import OutboxEvent, TrailEntry
from regulars.outreach.models import Message
from regulars.people.models import Member
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote, refund
from regulars.sql_functions import call

pytestmark = pytest.mark.clause("4.4")

DAY = dt.timedelta(days=1)


@pytest.fixture
def track(business: Any) -> Track:
    """Silver from 500.00 (300.00 keep it), gold from 2,000.00; one point per 10.00."""
    PointsRule.objects.all().delete()
    PointsRule.objects.create(name="1 per 10", points=1, per_amount=1000)
    Tier.objects.exclude(threshold=0).delete()
    Tier.objects.filter(threshold=0).update(code="base", words={"en": "Member"}, discount=0)
    Tier.objects.create(code="silver", words={"en": "Silver"}, threshold=50_000, retain_threshold=30_000, discount=500)
    Tier.objects.create(code="gold", words={"en": "Gold"}, threshold=200_000, discount=1000)
    cache.clear()
    return Track.objects.get(is_default=True)


def bought(branch: Any, member: Member, amount: int, *, key: str, **over: Any) -> Any:
    made = quote(branch=branch, member=again(member), lines=[LineRequest("Tea", amount)])
    return confirm(quote=made, key=f"sale-{key}", cashier=None, **over)


def again(member: Member) -> Member:
    return Member.objects.select_related("standing__tier").get(pk=member.pk)


def tier_of(member: Member) -> str:
    return str(again(member).standing.tier.code)


def tier(code: str) -> Tier:
    return Tier.objects.select_related("track").get(code=code)


def saved(one: Tier, **over: Any) -> Tier:
    known: dict[str, Any] = {
        "tier": one,
        "code": one.code,
        "words": one.words,
        "benefits": {},
        "threshold": one.threshold,
        "discount": one.discount,
        "colour": one.colour,
        "retain_threshold": one.retain_threshold,
    }
    return save_tier(**{**known, **over})


def set_track(track: Track, **over: Any) -> Track:
    for name, value in over.items():
        setattr(track, name, value)
    track.save()
    cache.clear()
    return track


def lifted(track: Track, **over: Any) -> int:
    return lift(track=track, members=risen(track), **over)


def night(instant: dt.datetime) -> dt.datetime | None:
    with clock.turned_to(instant):
        return evaluate_due(now=instant, limit=100)


# At the till ----------------------------------------------------------------------------------------------------------


@pytest.mark.capability(48)
def test_a_sale_lifts_promises_the_tier_and_stores_all_that_decided(track, branch, member, noon):
    with clock.turned_to(noon):
        bought(branch, member, 60_000, key="one")
    standing = again(member).standing
    assert (standing.tier.code, standing.kept_until, standing.review_on) == (
        "silver",
        dt.date(2027, 6, 30),
        dt.date(2027, 7, 1),
    )
    explanation = TierMove.objects.get(member=member).explanation
    assert explanation["inputs"]["values"] == {"spend": 60_000}
    assert [rung["entry"] for rung in explanation["inputs"]["rungs"]] == [
        {"spend": 0},
        {"spend": 50_000},
        {"spend": 200_000},
    ]
    assert as_stored(decide(inputs_of(explanation["inputs"]))) == explanation["result"]


@pytest.mark.capability(41)
def test_visits_and_spend_may_both_be_needed(track, branch, member):
    set_track(track, basis={"combine": "all", "measures": ["spend", "visits"]})
    Tier.objects.filter(code="silver").update(further={"visits": {"entry": 2, "retain": 1}})
    bought(branch, member, 60_000, key="one")
    assert tier_of(member) == "base"
    bought(branch, member, 1_000, key="two")
    assert tier_of(member) == "silver"


def test_activity_counts_days_and_not_receipts(track, branch, member, noon):
    set_track(track, basis={"combine": "any", "measures": ["activity"]})
    Tier.objects.filter(code="silver").update(threshold=2, retain_threshold=None)
    for number, instant in enumerate((noon, noon, noon + DAY)):
        with clock.turned_to(instant):
            assert tier_of(member) == "base"
            bought(branch, member, 1_000, key=f"one-{number}")
    assert tier_of(member) == "silver"


@pytest.mark.capability(75)
def test_more_points_bring_a_bigger_discount_and_spending_them_loses_none(track, branch, member):
    from regulars.ledger.services import adjust

    set_track(track, basis={"combine": "any", "measures": ["points_earned"]})
    Tier.objects.filter(code="silver").update(threshold=50, retain_threshold=None)
    Tier.objects.filter(code="gold").update(threshold=100)
    cache.clear()
    adjust(wallet=member.wallet, asset="points", amount=90, key="by-hand-1", reason="sorry", actor="")
    bought(branch, member, 40_000, key="one")
    assert (balance(member.wallet), tier_of(member)) == (130, "base")  # given by hand is not earned
    bought(branch, member, 20_000, key="two")
    assert tier_of(member) == "silver"
    adjust(wallet=member.wallet, asset="points", amount=-140, key="by-hand-2", reason="cup", actor="")
    sale = bought(branch, member, 50_000, key="three")
    assert (sale.discount_total, tier_of(member)) == (2_500, "gold")
    refund(sale=sale, key="refund-one", reason="", cashier=None)
    assert progress_of(again(member)).spent == 60  # what a refund took back was not earned


def test_an_upgrade_may_wait_for_the_evaluation_day(track, branch, member, noon):
    set_track(track, timing="at_evaluation")
    with clock.turned_to(noon):
        bought(branch, member, 60_000, key="one")
    assert (tier_of(member), again(member).standing.review_on) == ("base", dt.date(2026, 7, 1))
    assert night(noon) == dt.datetime(2026, 6, 30, 16, 0, tzinfo=dt.UTC)  # midnight in Shanghai
    assert night(dt.datetime(2026, 6, 30, 16, 0, tzinfo=dt.UTC)) == dt.datetime(2027, 7, 31, 16, 0, tzinfo=dt.UTC)
    assert tier_of(member) == "silver"


def test_since_the_tier_began_everything_is_counted_anew(track, branch, member, noon):
    set_track(track, window="tier")
    Standing.objects.filter(member=member).update(since=noon - DAY)
    for number, (amount, expected) in enumerate(((60_000, "silver"), (190_000, "silver"), (30_000, "gold"))):
        with clock.turned_to(noon + number * DAY):
            bought(branch, member, amount, key=f"one-{number}")
        assert tier_of(member) == expected


# The night ------------------------------------------------------------------------------------------------------------


@pytest.mark.capability(45)
def test_a_tier_is_kept_with_less_than_it_took_to_reach_it(track, branch, member, noon):
    with clock.turned_to(noon):
        bought(branch, member, 60_000, key="one")
    with clock.turned_to(noon + 300 * DAY):
        bought(branch, member, 35_000, key="two")
    night(dt.datetime(2027, 7, 1, 4, 0, tzinfo=dt.UTC))
    assert (tier_of(member), again(member).standing.kept_until) == ("silver", dt.date(2028, 7, 31))


@pytest.mark.capability(45)
def test_who_does_not_keep_a_tier_is_told_has_grace_and_falls_one_step(track, branch, member, noon):
    with clock.turned_to(noon):
        bought(branch, member, 250_000, key="one")
    assert night(dt.datetime(2027, 6, 30, 4, 0, tzinfo=dt.UTC)) == dt.datetime(2027, 6, 30, 16, 0, tzinfo=dt.UTC)
    for _twice in range(2):
        night(dt.datetime(2027, 7, 1, 4, 0, tzinfo=dt.UTC))
    standing = again(member).standing
    assert (standing.tier.code, standing.grace_until) == ("gold", dt.date(2027, 7, 30))
    assert Message.objects.filter(member=member, kind="tier_grace", channel="inbox").count() == 1
    for _twice in range(2):
        night(dt.datetime(2027, 7, 31, 4, 0, tzinfo=dt.UTC))
    assert (tier_of(member), again(member).standing.review_on) == ("silver", dt.date(2028, 8, 1))
    assert [move.current.code for move in TierMove.objects.order_by("id")] == ["gold", "silver"]


def test_nobody_is_due_where_nothing_can_change(track, branch, member, noon):
    assert night(noon) is None
    assert Standing.objects.filter(review_on__isnull=False).count() == 0


@pytest.mark.parametrize(("effect", "expected"), [("none", "silver"), ("next", "silver"), ("at_once", "base")])
def test_a_refund_touches_a_tier_as_the_business_says(track, branch, member, effect, expected):
    set_track(track, refunds=effect, grace_days=0)
    sale = bought(branch, member, 60_000, key="one")
    refund(sale=sale, key="refund-one", reason="", cashier=None)
    assert tier_of(member) == expected
    with clock.turned_to(clock.now() + 1 * DAY):
        assert progress_of(again(member)).spent == (60_000 if effect == "none" else 0)


# Packs ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def packed(track: Track) -> Track:
    """Silver brings 200 points, gold 500 points and 30 days more."""
    saved(tier("silver"), pack={"points": 200, "days": 0, "cycle": "once"})
    saved(tier("gold"), pack={"points": 500, "days": 30, "cycle": "once"})
    return track


@pytest.mark.capability(47)
def test_a_new_tier_brings_its_pack_once_and_a_fall_takes_none_back(packed, branch, member, noon):
    with clock.turned_to(noon):
        bought(branch, member, 60_000, key="one")
        heard = next(fact for fact in OutboxEvent.objects.filter(name="tier_changed"))
        from regulars import events

        for _twice in range(2):
            tier_changed(events.from_payload("tier_changed", heard.payload))  # type: ignore[arg-type]
        assert balance(member.wallet) == 260
    Standing.objects.filter(member=member).update(kept_until=None)
    set_track(packed, grace_days=0)
    Tier.objects.filter(code="silver").update(threshold=90_000, retain_threshold=None)
    with clock.turned_to(noon + DAY):
        evaluate(member=again(member), at="change")
        assert (tier_of(member), balance(member.wallet)) == ("base", 260)
        bought(branch, member, 40_000, key="two")
        assert (tier_of(member), post_waiting(member=member)) == ("silver", 0)
    assert TierPack.objects.filter(member=member).count() == 1


def test_a_sale_that_passes_a_tier_brings_both_packs_and_more_days(packed, branch, member, noon):
    with clock.turned_to(noon):
        bought(branch, member, 250_000, key="one")
        assert post_waiting(member=member) == 2
    assert balance(member.wallet) == 250 + 700
    assert again(member).standing.kept_until == dt.date(2027, 7, 30)
    assert again(member).standing.review_on == dt.date(2027, 7, 31)


def test_an_import_or_a_recalculation_gives_no_pack_unless_asked(packed, branch, member, noon):
    with clock.turned_to(noon):
        bring_along(member=member, tier=tier("gold"), kept_until=dt.date(2026, 12, 31))
        assert (tier_of(member), TierPack.objects.count()) == ("gold", 0)
        assert not OutboxEvent.objects.filter(name="tier_changed").exists()
        other = _another(branch)
        set_track(packed, timing="at_evaluation")
        bought(branch, other, 60_000, key="one")
        assert lifted(packed) == 1
        assert (tier_of(other), TierPack.objects.count(), lifted(packed)) == ("silver", 0, 0)
        third = _another(branch, "+8613800138002")
        bought(branch, third, 60_000, key="two")
        assert (lifted(packed, gives_packs=True), TierPack.objects.count()) == (1, 1)


def test_points_of_a_pack_are_not_earned_so_that_no_pack_leads_to_the_next(packed, branch, member):
    set_track(packed, basis={"combine": "any", "measures": ["points_earned"]})
    Tier.objects.filter(code="silver").update(threshold=50, retain_threshold=None)
    Tier.objects.filter(code="gold").update(threshold=100)
    bought(branch, member, 60_000, key="one")
    post_waiting(member=member)
    evaluate(member=again(member), at="change")
    assert (tier_of(member), balance(member.wallet)) == ("silver", 260)


def _another(branch: Any, phone: str = "+8613800138001") -> Member:
    from regulars.people.contacts import normal_contact
    from regulars.people.services import join

    return join(contact=normal_contact(phone), name="Wang", language="en", source="counter", branch=branch)


# By hand --------------------------------------------------------------------------------------------------------------


def test_a_tier_set_by_hand_holds_with_its_reason_and_ends_on_its_day(track, branch, member, noon):
    with clock.turned_to(noon):
        set_by_hand(member=member, tier=tier("gold"), until=dt.date(2026, 8, 31), reason="A partner", by="stf_1")
        bought(branch, member, 10_000, key="one")
    assert tier_of(member) == "gold"
    entry = TrailEntry.objects.get(act="tier.set_by_hand")
    assert (entry.actor, entry.subject) == ("stf_1", member.public_id)
    assert again(member).standing.override_reason == "A partner"
    night(dt.datetime(2026, 8, 31, 4, 0, tzinfo=dt.UTC))
    assert tier_of(member) == "gold"
    night(dt.datetime(2026, 9, 1, 4, 0, tzinfo=dt.UTC))
    assert (tier_of(member), again(member).standing.is_overridden) == ("base", False)


def test_the_figures_decide_again_when_a_person_ends_it(track, branch, member, noon):
    with clock.turned_to(noon):
        bought(branch, member, 60_000, key="one")
        set_by_hand(member=member, tier=tier("base"), until=dt.date(2026, 8, 31), reason="Abuse", by="stf_1")
        bought(branch, member, 60_000, key="two")
        assert tier_of(member) == "base"
        end_override(member=member, tier=tier("base"), by="stf_1")
    assert tier_of(member) == "silver"


@pytest.mark.parametrize(
    ("over", "field"),
    [({"until": dt.date(2026, 6, 15)}, "until"), ({"until": None}, "until"), ({"reason": "  "}, "reason")],
)
def test_an_override_without_an_end_ahead_or_a_reason_is_refused(track, member, noon, over, field):
    known: dict[str, Any] = {"until": dt.date(2026, 8, 31), "reason": "A partner", "by": "stf_1"}
    with clock.turned_to(noon), pytest.raises(InvalidInput) as refusal:
        set_by_hand(member=member, tier=tier("gold"), **{**known, **over})
    assert (refusal.value.field, tier_of(member)) == (field, "base")


# Other tracks ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def plans(member, monkeypatch):
    """The plans of a module by member, its answer as a measure, and whether it answers at all."""
    paid_for = {member.pk: 1}
    measure = hooks.TierMeasure(
        code="paid_plan",
        label="Paid plan",
        value=lambda one, after: paid_for.get(one.pk, 0),
        values=lambda many, after: {pk: paid_for.get(pk, 0) for pk in many},
    )
    asked = plugins.ask
    answering = [measure]
    monkeypatch.setattr(
        plugins, "ask", lambda spec, **n: [*answering] if spec is hooks.tier_measures else asked(spec, **n)
    )
    return paid_for, measure, answering


def paid_track(**over: Any) -> Track:
    """Plus for whoever has a plan, whatever was bought."""
    known: dict[str, Any] = {"window": "lifetime", "keep_months": 0, "grace_days": 0}
    paid = save_track(code="paid", words={"en": "Plus"}, measures=["paid_plan"], **{**known, **over})
    for code, threshold, discount in (("guest", 0, 0), ("plus", 1, 1500)):
        save_tier(
            code=code,
            words={"en": code.title()},
            benefits={},
            threshold=threshold,
            discount=discount,
            colour="#123456",
            track=paid,
        )
    return paid


@pytest.mark.capability(42)
@pytest.mark.parametrize("effect", ["none", "next", "at_once"])
def test_the_night_sees_that_a_plan_has_ended_whatever_refunds_do(track, plans, branch, member, noon, effect):
    paid_for, _measure, _answering = plans
    paid = paid_track(refunds=effect)
    with clock.turned_to(noon):
        evaluate(member=again(member), at="change")
    place = TrackStanding.objects.get(member=member)
    assert (place.tier.code, place.review_on) == ("plus", dt.date(2026, 7, 1))
    TrackStanding.objects.update(review_on=None)  # as it was written before the night looked at such tiers
    with clock.turned_to(noon):
        assert call("loyalty_plan_reviews", {"today": "2026-06-15"}) == 1
    paid_for.clear()
    night(dt.datetime(2026, 7, 1, 4, 0, tzinfo=dt.UTC))
    assert (TrackStanding.objects.get(member=member, track=paid).tier.code, tier_of(member)) == ("guest", "base")


@pytest.mark.capability(42)
def test_a_paid_track_follows_the_plan_of_a_module_and_ends_with_it(track, plans, branch, member, noon):
    paid_for, measure, answering = plans
    paid = paid_track()
    with clock.turned_to(noon):
        evaluate(member=again(member), at="change")
        place = TrackStanding.objects.get(member=member)
        assert (place.tier.code, tier_of(member)) == ("plus", "base")
        assert bought(branch, member, 10_000, key="one").discount_total == 1_500  # the larger of the two
        answering.clear()
        evaluate(member=again(member), at="change")
        assert TrackStanding.objects.get(member=member).tier.code == "plus"  # silence lowers nobody
        answering.append(measure)
        paid_for.clear()
        evaluate(member=again(member), at="change")
    assert TrackStanding.objects.get(member=member).tier.code == "guest"
    shown = progress_on(member, paid)
    assert shown is not None
    assert (shown.next.code if shown.next else "", shown.missing) == ("plus", 1)


def test_a_track_by_hand_moves_nobody_by_itself(track, branch, member):
    dealers = save_track(code="dealer", words={"en": "Dealers"}, measures=[], is_manual=True)
    for code, threshold in (("shop", 0), ("dealer-a", 1)):
        save_tier(
            code=code,
            words={"en": code},
            benefits={},
            threshold=threshold,
            discount=0,
            colour="#123456",
            track=dealers,
        )
    bought(branch, member, 900_000, key="one")
    assert TrackStanding.objects.count() == 0
    set_by_hand(member=member, tier=tier("dealer-a"), until=None, reason="Contract", by="stf_1")
    evaluate(member=again(member), at="change")
    assert TrackStanding.objects.get(member=member).tier.code == "dealer-a"


# For a time and before saving -----------------------------------------------------------------------------------------


@pytest.mark.capability(46)
def test_other_figures_hold_for_a_time(track, branch, member, noon):
    with clock.turned_to(noon):
        change_for_a_time(
            tier=tier("silver"),
            first=dt.date(2026, 6, 18),
            last=dt.date(2026, 6, 20),
            threshold=10_000,
            discount=2_000,
        )
        bought(branch, member, 15_000, key="one")
        assert tier_of(member) == "base"
    cache.clear()
    with clock.turned_to(noon + 3 * DAY):
        bought(branch, member, 1_000, key="two")
        assert tier_of(member) == "silver"
        assert bought(branch, member, 10_000, key="three").discount_total == 2_000
    with clock.turned_to(noon + 6 * DAY):
        assert (tier_of(member), bought(branch, member, 10_000, key="four").discount_total) == ("silver", 500)


def test_a_change_for_a_time_can_be_ended(track, branch, member, noon):
    with clock.turned_to(noon):
        change_for_a_time(tier=tier("silver"), first=noon.date(), last=noon.date() + DAY, threshold=10_000)
        end_change(tier=tier("silver"))
        bought(branch, member, 15_000, key="one")
    assert tier_of(member) == "base"


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"last": dt.date(2026, 6, 14), "first": dt.date(2026, 6, 1)}, "last"),
        ({"last": dt.date(2026, 6, 16)}, "last"),
        ({"threshold": None}, "threshold"),
        ({"threshold": 200_000}, "threshold"),
        ({"threshold": 0}, "threshold"),
        ({"discount": 10_001}, "discount"),
        ({"retain_threshold": 40_001}, "retain_threshold"),
    ],
)
def test_a_change_for_a_time_that_cannot_be_is_refused(track, noon, over, field):
    known: dict[str, Any] = {"first": dt.date(2026, 6, 20), "last": dt.date(2026, 6, 30), "threshold": 40_000}
    with clock.turned_to(noon), pytest.raises(InvalidInput) as refusal:
        change_for_a_time(tier=tier("silver"), **{**known, **over})
    assert (refusal.value.field, tier("silver").changed_from) == (field, None)


@pytest.mark.capability(62)
def test_how_many_would_move_is_known_before_saving(track, branch, member, noon):
    with clock.turned_to(noon):
        spent = {"+8613800138001": 60_000, "+8613800138002": 45_000, "+8613800138003": 250_000}
        for phone, amount in spent.items():
            bought(branch, _another(branch, phone), amount, key=phone)
        proposed = with_change(tier("silver"), threshold=40_000, retain_threshold=None)
        seen = preview(track=track, tiers=proposed)
        assert (seen.up, seen.down, seen.same) == (1, 0, 3)
        assert [(row.tier.code, row.now, row.then) for row in seen.rows] == [
            ("base", 2, 1),
            ("silver", 1, 2),
            ("gold", 1, 1),
        ]
        higher = preview(track=track, tiers=with_change(tier("gold"), threshold=300_000))
        assert (higher.up, higher.down) == (0, 1)
        assert preview(track=track).up == 0
        assert tier("silver").threshold == 50_000
        saved(tier("silver"), threshold=40_000)
        assert lifted(track) == 1


def test_the_preview_counts_as_an_evaluation_does(track, branch, member, noon):
    for basis in (["spend"], ["visits"], ["activity"], ["points_earned"]):
        set_track(track, basis={"combine": "any", "measures": basis})
        with clock.turned_to(noon):
            bought(branch, member, 60_000, key=f"one-{basis[0]}")
            assert preview(track=track).up == 0
            assert lifted(track) == 0


# Refusals -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"retain_threshold": 50_001}, "retain_threshold"),
        ({"threshold": 200_000}, "threshold"),
        ({"threshold": -1}, "threshold"),
        ({"further": {"visits": {"entry": 3}}}, "further"),
        ({"pack": {"points": -5}}, "pack_points"),
        ({"pack": {"points": 5, "cycle": "hourly"}}, "pack_cycle"),
        ({"pack": {"days": 99_999}}, "pack_days"),
    ],
)
def test_a_tier_that_contradicts_itself_is_refused(track, over, field):
    with pytest.raises(InvalidInput) as refusal:
        saved(tier("silver"), **over)
    assert (refusal.value.field, tier("silver").threshold) == (field, 50_000)


def test_thresholds_of_every_measure_ascend(track):
    set_track(track, basis={"combine": "any", "measures": ["spend", "visits"]})
    saved(tier("silver"), further={"visits": {"entry": 10}})
    with pytest.raises(InvalidInput) as refusal:
        saved(tier("gold"), further={"visits": {"entry": 9}})
    assert refusal.value.field == "further"


@pytest.mark.capability(40)
@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"measures": []}, "measures"),
        ({"measures": ["spend", "spend"]}, "measures"),
        ({"measures": ["luck"]}, "measures"),
        ({"is_manual": True}, "measures"),
        ({"combine": "some"}, "combine"),
        ({"window": "forever"}, "window"),
        ({"window_months": 0}, "window_months"),
        ({"keep_months": 121}, "keep_months"),
        ({"grace_days": 400}, "grace_days"),
        ({"code": "Main!"}, "code"),
        ({"words": {}}, "words"),
        ({"is_active": False}, "is_active"),
    ],
)
def test_a_track_that_cannot_be_is_refused(track, over, field):
    known: dict[str, Any] = {"track": track, "code": "main", "words": {"en": "Main"}, "measures": ["spend"]}
    with pytest.raises(InvalidInput) as refusal:
        save_track(**{**known, **over})
    assert refusal.value.field == field
