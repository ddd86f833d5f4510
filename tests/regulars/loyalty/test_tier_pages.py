"""Tiers in the back office and on the portal: seen before it is saved, explained, and set by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.cache import cache

from regulars import clock
from regulars.loyalty.models import Standing, Tier, TierMove, Track, TrackStanding
from regulars.loyalty.tiers.distribution import distribution
from regulars.loyalty.tiers.overriding import set_by_hand
from regulars.operations.jobs.running import run_waiting
from regulars.operations.models import Job
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote

pytestmark = [pytest.mark.clause("4.7"), pytest.mark.clause("4.4")]


@pytest.fixture
def office(business: Any, owner: Any, client_for: Any) -> Any:
    return client_for(business, owner.user)


@pytest.fixture
def silver(business: Any, branch: Any, member: Any) -> Tier:
    """Silver from 500.00; the member has just spent 600.00 and stands on it."""
    Tier.objects.exclude(threshold=0).delete()
    tier = Tier.objects.create(code="silver", words={"en": "Silver", "zh-hans": "银卡"}, threshold=50_000)
    cache.clear()
    made = quote(branch=branch, member=member, lines=[LineRequest("Tea", 60_000)])
    confirm(quote=made, key="first-sale", cashier=None)
    return tier


def typed(**over: Any) -> dict[str, Any]:
    return {
        "name_en": "Silver",
        "name_zh": "银卡",
        "threshold": "500",
        "discount": "5",
        "colour": "#123456",
        "pack_cycle": "once",
        **over,
    }


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.mark.capability(40)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_of_tiers_opens(
    business: Any, owner: Any, client_for: Any, silver: Tier, member: Any, language: str
) -> None:
    browser = client_for(business, owner.user, language=language)
    for page in (
        "/office/loyalty/",
        "/office/loyalty/tracks/",
        "/office/loyalty/tracks/new/?preset=points",
        "/office/loyalty/tracks/main/",
        "/office/loyalty/tracks/main/lift/",
        "/office/loyalty/tiers/new/?track=main",
        "/office/loyalty/tiers/silver/",
        "/office/loyalty/tiers/silver/change/",
        f"/office/loyalty/members/{member.public_id}/",
    ):
        assert browser.get(page).status_code == 200, page


@pytest.mark.capability(62)
def test_who_would_move_is_said_before_it_is_saved_and_nothing_typed_is_lost(office: Any, silver: Tier) -> None:
    answer = office.post("/office/loyalty/tiers/silver/", typed(threshold="700", preview="yes"))
    assert (answer.status_code, Tier.objects.get(code="silver").threshold) == (200, 50_000)
    assert "1 member would fall once what is promised has ended." in text(answer)
    assert 'value="700"' in text(answer)
    assert office.post("/office/loyalty/tiers/silver/", typed(threshold="700")).status_code == 302
    assert Tier.objects.get(code="silver").threshold == 70_000


@pytest.mark.capability(44)
def test_the_rules_of_a_track_are_changed_and_seen_before(office: Any, silver: Tier) -> None:
    rules = {
        "name_en": "Main",
        "leading": "visits",
        "combine": "any",
        "window": "rolling",
        "window_months": "12",
        "timing": "at_once",
        "evaluated": "month",
        "keep_months": "6",
        "grace_days": "10",
        "downgrade": "requalify",
        "refunds": "at_once",
    }
    answer = office.post("/office/loyalty/tracks/main/", {**rules, "preview": "yes"})
    assert "1 member would fall" in text(answer)
    assert Track.objects.get().measures == ["spend"]
    assert office.post("/office/loyalty/tracks/main/", rules).status_code == 302
    track = Track.objects.get()
    assert (track.measures, track.keep_months, track.refunds) == (["visits"], 6, "at_once")
    refused = office.post("/office/loyalty/tracks/main/", {**rules, "window_months": "0"})
    assert refused.status_code == 422


@pytest.mark.capability(75)
def test_a_track_for_points_is_made_from_its_preset(office: Any, silver: Tier) -> None:
    page = office.get("/office/loyalty/tracks/new/?preset=points")
    assert 'value="points_earned" selected' in text(page)


@pytest.mark.capability(46)
def test_a_tier_is_changed_for_a_time_and_back(office: Any, silver: Tier) -> None:
    first, last = clock.today(), clock.today() + dt.timedelta(days=7)
    answer = office.post(
        "/office/loyalty/tiers/silver/change/", {"first": first, "last": last, "threshold": "300", "discount": "8"}
    )
    assert answer.status_code == 302
    tier = Tier.objects.get(code="silver")
    assert (tier.on(first, "threshold"), tier.on(first, "discount"), tier.threshold) == (30_000, 800, 50_000)
    assert "Changed for a time" in text(office.get("/office/loyalty/tracks/"))
    past = office.post("/office/loyalty/tiers/silver/change/", {"first": "2020-01-01", "last": "2020-01-02"})
    assert past.status_code == 422
    office.post("/office/loyalty/tiers/silver/change/", {"end": "yes"})
    assert Tier.objects.get(code="silver").changed_from is None


def test_members_are_lifted_after_a_change_when_the_owner_says_so(office: Any, silver: Tier, member: Any) -> None:
    Tier.objects.create(code="gold", words={"en": "Gold"}, threshold=55_000)
    cache.clear()
    assert "1 member would rise." in text(office.get("/office/loyalty/tracks/main/lift/"))
    begun = office.post("/office/loyalty/tracks/main/lift/", {"key": "lift-them-once"})
    again = office.post("/office/loyalty/tracks/main/lift/", {"key": "lift-them-once"})
    job = Job.objects.get()
    assert begun["Location"] == again["Location"] == f"/office/jobs/{job.public_id}/"
    assert Standing.objects.select_related("tier").get(member=member).tier.code == "silver"
    assert "Lift members on" in text(office.get(begun["Location"]))
    run_waiting(now=clock.now(), limit=10)
    assert Standing.objects.select_related("tier").get(member=member).tier.code == "gold"


def test_a_tier_is_set_by_hand_with_a_reason_and_staff_can_answer_why(office: Any, silver: Tier, member: Any) -> None:
    address = f"/office/loyalty/members/{member.public_id}/"
    assert "Had ¥600.00; ¥500.00 reaches it." in text(office.get(address))
    base = Tier.objects.get(threshold=0)
    until = clock.today() + dt.timedelta(days=30)
    refused = office.post(address, {"tier": base.code, "until": clock.today(), "reason": "Abuse"})
    assert (refused.status_code, "Choose a day from tomorrow on." in text(refused)) == (422, True)
    assert office.post(address, {"tier": base.code, "until": until, "reason": "Abuse"}).status_code == 302
    assert Standing.objects.get(member=member).tier == base
    assert "Abuse" in text(office.get(address))
    office.post(address, {"end": base.code})
    assert Standing.objects.get(member=member).tier == silver
    assert TierMove.objects.count() == 3


@pytest.mark.capability(48)
def test_the_portal_says_what_is_missing_until_when_and_why(
    business: Any, silver: Tier, member: Any, client_for: Any
) -> None:
    from regulars.people.services import user_for

    Tier.objects.create(code="gold", words={"en": "Gold"}, threshold=200_000)
    Track.objects.update(basis={"combine": "all", "measures": ["spend", "visits"]})
    Tier.objects.filter(code="gold").update(further={"visits": {"entry": 4, "retain": 4}})
    cache.clear()
    home = text(client_for(business, user_for(member=member)).get("/me/"))
    assert "¥1,400.00 and 3 purchases" in home
    assert "Silver is yours until" in home


def test_the_distribution_of_tiers_goes_back_through_the_moves(silver: Tier, member: Any) -> None:
    later = clock.now() + dt.timedelta(days=62)
    with clock.turned_to(later):
        months = distribution(Track.objects.get())
    assert [month.members for month in months[-2:]] == [(0, 1), (0, 1)]
    assert months[0].members == (0, 0)


def test_the_tiers_of_every_track_go_back_through_their_moves(business: Any, branch: Any, member: Any) -> None:
    from tests.conftest import new_member

    partners = Track.objects.create(code="partners", words={"en": "Partners"}, basis={"combine": "any", "measures": []})
    rungs = [
        Tier.objects.create(track=partners, code=code, words={"en": code}, threshold=place)
        for place, code in enumerate(("none", "partner", "house"))
    ]
    begun, other = clock.now(), new_member(contact="+8613900139000", branch=branch)
    for days, who, tier in ((31, member, 2), (62, other, 1), (93, member, 1)):
        with clock.turned_to(begun + dt.timedelta(days=days)):
            set_by_hand(member=who, tier=rungs[tier], until=None, reason="a friend of the house", by="")
    with clock.turned_to(begun + dt.timedelta(days=93)):
        months = [month.members for month in distribution(partners)]
    assert months[-4:] == [(2, 0, 0), (1, 0, 1), (0, 1, 1), (0, 2, 0)]
    assert all(count >= 0 for month in months for count in month)
    assert sum(months[0]) == 0  # nobody was a member yet


def test_each_track_has_its_chart(office: Any, silver: Tier, member: Any) -> None:
    visits = Track.objects.create(
        code="visits", words={"en": "Visits"}, basis={"combine": "any", "measures": ["visits"]}
    )
    Tier.objects.create(track=visits, code="new", words={"en": "Newcomer"}, threshold=0)
    often = Tier.objects.create(track=visits, code="often", words={"en": "Often here"}, threshold=3)
    TrackStanding.objects.create(member=member, track=visits, tier=often, since=clock.now())
    shown = text(office.get("/office/loyalty/tracks/"))
    assert "Newcomer 0, Often here 1" in shown
    assert "Silver 1" in shown


def test_lifting_changes_nobody_who_no_longer_reaches_more_and_comes_twice_without_harm(
    office: Any, silver: Tier, member: Any
) -> None:
    from regulars.loyalty.tiers.lifting import lift
    from regulars.sales.models import Sale
    from regulars.sales.services import refund

    Tier.objects.create(code="gold", words={"en": "Gold"}, threshold=55_000)
    cache.clear()
    office.post("/office/loyalty/tracks/main/lift/", {"key": "lift-them-once"})
    refund(sale=Sale.objects.get(), key="refund-first", amount=20_000, reason="", cashier=None)
    run_waiting(now=clock.now(), limit=10)
    assert Standing.objects.select_related("tier").get(member=member).tier.code == "silver"
    track = Track.objects.get(is_default=True)
    Tier.objects.filter(code="gold").update(threshold=35_000)
    Tier.objects.filter(code="silver").update(threshold=30_000)
    cache.clear()
    assert [lift(track=track, members=[member.pk]) for _time in (1, 2)] == [1, 0]
    assert TierMove.objects.filter(member=member, current__code="gold").count() == 1


def test_where_nobody_would_rise_no_job_begins(office: Any, silver: Tier) -> None:
    refused = office.post("/office/loyalty/tracks/main/lift/", {"key": "lift-nobody-1"})
    assert (refused.status_code, Job.objects.count()) == (422, 0)
    assert "Nobody has reached a higher tier by now." in text(refused)
