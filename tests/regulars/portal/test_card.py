"""The first screen: the card that a scanner reads, the path, what expires, in a fixed number of queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from regulars import clock, hooks
from regulars.portal import codes

if TYPE_CHECKING:
    from regulars.people.models import Member
    from regulars.sales.models import Sale

DOMAIN_QUERIES = 7
"""Card, balance, spending of twelve months, lots, unread messages, and the member: whoever it is."""
SESSION_QUERIES = 3
"""The business's search path, the session and its user."""


@pytest.mark.capability(20)
@pytest.mark.capability(152)
@pytest.mark.clause("2.5")
def test_the_card_shows_number_qr_and_bar_code(phone: Client, member: Member) -> None:
    from regulars.people.selectors import card_of

    page = phone.get("/me/").content.decode()
    card = card_of(member)
    groups = " ".join(f"<span>{card.number[at : at + 4]}</span>" for at in range(0, 16, 4))
    assert groups in page
    assert codes.qr_code(card.code) in page
    assert codes.bar_code(card.number) in page


def test_pages_of_a_member_are_kept_by_no_cache(phone: Client) -> None:
    for address in ("/me/", "/me/activity/", "/me/rewards/", "/me/inbox/", "/me/profile/", "/me/profile/data.json"):
        answer = phone.get(address)
        assert answer.status_code == 200, address
        assert "no-store" in answer["cache-control"]
        assert "private" in answer["cache-control"]


@pytest.mark.parametrize(
    "address", ["/me/", "/me/activity/", "/me/activity/purchases/", "/me/rewards/", "/me/inbox/", "/me/profile/"]
)
def test_a_stranger_is_asked_to_sign_in(visitor: Client, address: str) -> None:
    answer = visitor.get(address)
    assert answer.status_code == 302
    assert answer["location"].startswith("/me/sign-in/?next=%2Fme%2F")


@pytest.mark.clause("2.5")
def test_the_path_says_what_is_missing_until_when_and_for_which_tier(
    chinese_phone: Client, member: Member, sell: Callable[..., Sale], noon: dt.datetime
) -> None:
    from regulars.loyalty.tiers.selectors import ladder

    following = ladder()[1]
    with clock.turned_to(noon):
        sell(member, 1_000)
        page = chinese_phone.get("/me/").content.decode()
    missing = (following.threshold - 1_000) / 100
    amount = f"{missing:,.0f}" if missing == int(missing) else f"{missing:,.2f}"
    assert f"2027年6月14日前再消费 <strong>¥{amount}</strong> 即可升级为<strong>{following}</strong>。" in page


@pytest.mark.capability(73)
def test_points_stand_on_the_card_the_moment_a_sale_is_confirmed(
    phone: Client, member: Member, sell: Callable[..., Sale]
) -> None:
    assert '<span class="tile-figure">0</span>' in phone.get("/me/").content.decode()
    sale = sell(member, 128_000)
    assert sale.points_earned > 0
    assert f'<span class="tile-figure">{sale.points_earned:,}</span>' in phone.get("/me/").content.decode()


def test_what_expires_next_is_added_up_by_day(member: Member, sell: Callable[..., Sale], noon: dt.datetime) -> None:
    from regulars.ledger.selectors import lots
    from regulars.portal.selectors import Expiring, expiring

    with clock.turned_to(noon):
        first, second = sell(member, 5_000, "key-number-1"), sell(member, 7_000, "key-number-2")
        assert expiring(lots(member.wallet)) == [
            Expiring(amount=first.points_earned + second.points_earned, last_day=dt.date(2027, 6, 30))
        ]


def test_the_first_screen_asks_the_same_few_questions_however_much_happened(
    phone: Client, member: Member, sell: Callable[..., Sale], django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        sell(member, 9_900, f"key-number-{number}")
    phone.get("/me/")
    with django_assert_max_num_queries(DOMAIN_QUERIES + SESSION_QUERIES):
        phone.get("/me/")


def test_modules_add_tiles_in_their_order(phone: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from regulars import plugins

    tiles = [hooks.Tile(label="Stamps", value="2", order=20), hooks.Tile(label="Balance", value="7", order=10)]
    monkeypatch.setattr(plugins, "ask", lambda spec, **named: tiles if spec is hooks.wallet_tiles else [])
    page = phone.get("/me/").content.decode()
    assert page.index("Balance") < page.index("Stamps")


def test_a_card_that_does_not_work_says_so(phone: Client, member: Member) -> None:
    from regulars.people.models import CardState

    member.cards.update(state=CardState.LOST)
    assert "This card does not work at the moment" in phone.get("/me/").content.decode()


@pytest.mark.clause("2.5")
def test_the_ladder_shows_where_the_member_stands(phone: Client, member: Member) -> None:
    from regulars.loyalty.tiers.selectors import ladder
    from regulars.portal.selectors import ladder_for

    rungs = ladder_for(member)
    assert [rung.tier.code for rung in rungs] == [tier.code for tier in ladder()]
    assert [rung.is_here for rung in rungs] == [True] + [False] * (len(rungs) - 1)
    assert "You are here" in phone.get("/me/rewards/").content.decode()


def test_a_business_without_tiers_still_has_a_card(phone: Client, member: Member) -> None:
    from django.core.cache import cache

    from regulars.loyalty.models import Standing, Tier

    Standing.objects.all().delete()
    Tier.objects.all().delete()
    cache.clear()
    assert phone.get("/me/").status_code == 200
    assert phone.get("/me/rewards/").status_code == 200
    assert phone.get("/me/profile/data.json").json()["profile"]["tier"] is None


def test_a_name_of_markup_is_shown_as_text(phone: Client, member: Member) -> None:
    from regulars.people.services import change_profile

    change_profile(member=member, name="<script>alert(1)</script>")
    page = phone.get("/me/").content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_bar_code_has_bars_and_quiet_zones_of_the_right_width() -> None:
    from barcode import Code128

    number = "6184419245376410"
    modules = Code128(number).build()[0]
    drawing = codes.bar_code(number)
    assert f'viewBox="0 0 {len(modules) + 20} 40"' in drawing
    bars = [bar.split("h")[1].split("v")[0] for bar in drawing.split('d="')[-1].split("M")[1:]]
    assert sum(int(width) for width in bars) == modules.count("1")
