"""From the invitation to the points, and back: once, for both, after the hold, and never one step further (CN-RF-1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from plugins.referral import selectors, services
from plugins.referral.models import Referral
from regulars import clock, events, plugins
from regulars.ledger import selectors as ledger
from regulars.operations.services import run_due_work
from regulars.outreach.models import Message
from regulars.people.models import Member
from tests.plugins.referral.conftest import deliver, join, referral_points, row_of

pytestmark = [pytest.mark.clause("3.7"), pytest.mark.capability(99)]


def settings(**values: Any) -> None:
    """The business sets something about referral."""
    plugins.change_settings(name="referral", values=values, by="Lin Owner")


# The way --------------------------------------------------------------------------------------------------------------


def test_both_get_their_points_when_the_first_purchase_has_outlived_its_hold(
    anna: Member, friend: Member, sell: Any, after: Any
) -> None:
    assert row_of(friend).state == "joined"
    sell(friend)
    assert row_of(friend).state == "qualified"
    with after(13.9):
        assert (row_of(friend).state, referral_points(anna)) == ("qualified", 0)
    with after(14):
        row = row_of(friend)
        assert (row.state, row.referrer_points, row.friend_points) == ("rewarded", 200, 100)
        assert (referral_points(anna), referral_points(friend)) == (200, 100)
    assert ledger.unbalanced() == []


def test_the_points_say_why_they_came_and_expire(anna: Member, friend: Member, sell: Any, after: Any) -> None:
    sell(friend)
    with after(14):
        (entry,) = ledger.history(anna.wallet)
        assert (entry.kind, entry.reason, entry.amount) == ("referral", "You invited a friend", 200)
        (lot,) = ledger.lots(anna.wallet)
        assert lot.expires_at is not None
        assert (lot.expires_at - clock.now()).days == 365


def test_the_days_are_counted_to_the_hour(anna: Member, friend: Member, sell: Any) -> None:
    sale = sell(friend)
    due = run_due_work(clock.now())
    assert due is not None
    assert abs((row_of(friend).due_at - sale.confirmed_at).total_seconds() - 14 * 86400) < 1


def test_both_are_told_and_neither_reads_more_than_a_first_name(
    anna: Member, friend: Member, sell: Any, after: Any
) -> None:
    (joined,) = Message.objects.filter(kind="referral_joined", channel="inbox")
    assert (joined.member, joined.subject) == (anna, "Ben has joined")
    sell(friend)
    with after(14):
        told = {each.member_id: each for each in Message.objects.filter(kind="referral_rewarded", channel="inbox")}
    assert told[anna.pk].subject == "200 points for the invitation"
    assert told[friend.pk].subject == "100 points for the invitation"
    assert "Carter" not in joined.body + told[anna.pk].body
    assert "Bell" not in told[friend.pk].body


def test_a_purchase_below_the_smallest_waits_for_a_larger_one(anna: Member, code: str, branch: Any, sell: Any) -> None:
    settings(smallest_sale=5_000)
    friend = join("ben@example.com", "Ben", word=code, branch=branch)
    sell(friend, 4_999)
    assert row_of(friend).state == "joined"
    sell(friend, 5_000)
    assert row_of(friend).state == "qualified"


def test_what_was_promised_on_joining_holds_whatever_is_set_later(
    anna: Member, friend: Member, sell: Any, after: Any
) -> None:
    settings(referrer_points=1, friend_points=1, smallest_sale=10**6, hold_days=90)
    sell(friend)
    with after(14):
        assert (referral_points(anna), referral_points(friend)) == (200, 100)


def test_a_purchase_heard_of_before_the_joining_counts(anna: Member, code: str, branch: Any, sell: Any) -> None:
    from regulars.operations.models import Delivery, OutboxEvent
    from regulars.people.contacts import normal_contact
    from regulars.people.services import join as join_quietly

    friend = join_quietly(
        contact=normal_contact("ben@example.com"), language="en", source="counter", branch=branch, introduction=code
    )
    joined = OutboxEvent.objects.get(name="member_joined", payload__member=friend.public_id)
    OutboxEvent.objects.filter(pk=joined.pk).update(dispatched_at=clock.now())
    sell(friend)
    assert not Referral.objects.filter(friend=friend).exists()
    OutboxEvent.objects.filter(pk=joined.pk).update(dispatched_at=None)
    Delivery.objects.filter(event=joined).delete()
    deliver()
    assert row_of(friend).state == "qualified"


# Once -----------------------------------------------------------------------------------------------------------------


def test_facts_heard_again_reward_once(anna: Member, friend: Member, sell: Any, after: Any) -> None:
    sale = sell(friend)
    joined = events.MemberJoined(
        event_id="evt_again", occurred_at=clock.now(), member=friend.public_id, source="site", introduction="any"
    )
    posted = events.SalePosted(
        event_id="evt_again",
        occurred_at=clock.now(),
        sale=sale.public_id,
        member=friend.public_id,
        branch="brn_1",
        total=sale.total,
        currency="CNY",
        points_earned=0,
        business_date=clock.today(),
    )
    with after(14):
        for _again in range(3):
            services.join(event=joined)
            services.buy(event=posted)
            run_due_work(clock.now())
        assert (referral_points(anna), referral_points(friend)) == (200, 100)
        assert Referral.objects.filter(friend=friend).count() == 1
        assert Message.objects.filter(kind="referral_rewarded", channel="inbox").count() == 2


def test_the_second_purchase_gives_nothing_more(anna: Member, friend: Member, sell: Any, after: Any) -> None:
    sell(friend)
    sell(friend)
    with after(14):
        sell(friend)
    with after(40):
        assert (referral_points(anna), referral_points(friend)) == (200, 100)


def test_a_friend_has_one_referrer_and_it_is_set_once(anna: Member, friend: Member, branch: Any) -> None:
    other = join("cleo@example.com", "Cleo", word=None, branch=branch)
    second = services.invitation_of(member=other).code
    again = events.MemberJoined(
        event_id="evt_2", occurred_at=clock.now(), member=friend.public_id, source="site", introduction=second
    )
    assert services.join(event=again) is None
    assert row_of(friend).referrer == anna
    with pytest.raises(IntegrityError, match="referral_one_per_friend"), transaction.atomic():
        Referral.objects.create(referrer=other, friend=friend, state="joined", invited_at=clock.now())


def test_nobody_invites_themselves(anna: Member, code: str) -> None:
    own = events.MemberJoined(
        event_id="evt_3", occurred_at=clock.now(), member=anna.public_id, source="site", introduction=code
    )
    assert services.join(event=own) is None
    with pytest.raises(IntegrityError, match="referral_not_oneself"), transaction.atomic():
        Referral.objects.create(referrer=anna, friend=anna, state="joined", invited_at=clock.now())


def test_an_import_never_counts(anna: Member, code: str, branch: Any) -> None:
    imported = join("ben@example.com", "Ben", word=code, branch=branch, source="import")
    assert not Referral.objects.filter(friend=imported).exists()


def test_staff_neither_invite_nor_are_invited(
    anna: Member, code: str, owner: Any, branch: Any, sell: Any, after: Any
) -> None:
    staff = join(owner.user.email, "Lin Owner", word=code, branch=branch)
    row = row_of(staff)
    assert (row.state, row.ended_because) == ("rejected", "staff")
    with pytest.raises(services.NotYours):
        services.invitation_of(member=staff)
    sell(staff)
    with after(30):
        assert (referral_points(anna), referral_points(staff)) == (0, 0)


# Depth one ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def grandchild(anna: Member, friend: Member, branch: Any) -> Member:
    """Cleo, whom Ben brought, whom Anna brought."""
    return join("cleo@example.com", "Cleo", word=services.invitation_of(member=friend).code, branch=branch)


def test_a_friends_friend_gives_the_first_nothing(
    anna: Member, friend: Member, grandchild: Member, sell: Any, after: Any
) -> None:
    sell(grandchild)
    with after(14):
        assert referral_points(friend) == 200
        assert referral_points(grandchild) == 100
        assert referral_points(anna) == 0


def test_the_database_has_no_place_for_a_reward_further_up(anna: Member, friend: Member, grandchild: Member) -> None:
    with pytest.raises(IntegrityError, match="referral_one_per_friend"), transaction.atomic():
        Referral.objects.create(
            referrer=anna, friend=grandchild, state="rewarded", invited_at=clock.now(), rewarded_at=clock.now()
        )
    people = {field.name for field in Referral._meta.fields if field.is_relation}
    assert people == {"referrer", "friend"}


def test_no_points_are_written_before_the_reward(anna: Member, friend: Member) -> None:
    with pytest.raises(IntegrityError, match="referral_given_when_rewarded"), transaction.atomic():
        Referral.objects.filter(friend=friend).update(referrer_points=200)


# Refunds --------------------------------------------------------------------------------------------------------------


def test_a_refund_before_the_end_of_the_hold_gives_nothing_and_another_purchase_may_count(
    anna: Member, friend: Member, sell: Any, refund: Any, after: Any
) -> None:
    refund(sell(friend))
    assert row_of(friend).state == "joined"
    with after(14):
        assert (referral_points(anna), referral_points(friend)) == (0, 0)
        sell(friend)
        assert row_of(friend).state == "qualified"


def test_a_refund_after_the_reward_takes_it_back_from_both(
    anna: Member, friend: Member, sell: Any, refund: Any, after: Any
) -> None:
    sale = sell(friend)
    with after(14):
        refund(sale)
        row = row_of(friend)
        assert (row.state, row.ended_because) == ("rejected", "refunded")
        assert (referral_points(anna), referral_points(friend)) == (0, 0)
        assert ledger.lots(anna.wallet) == []
        assert ledger.unbalanced() == []


def test_a_reward_that_was_spent_is_taken_back_as_a_debt(
    anna: Member, friend: Member, sell: Any, refund: Any, after: Any
) -> None:
    from regulars.ledger.services import adjust

    sale = sell(friend)
    with after(14):
        adjust(wallet=anna.wallet, asset="points", amount=-200, key="spent-it-all", reason="gift", actor="")
        refund(sale)
        assert ledger.balance(anna.wallet) == -200
        assert ledger.unbalanced() == []


def test_parts_of_a_refund_take_back_once_and_only_when_too_little_is_left(
    anna: Member, code: str, branch: Any, sell: Any, refund: Any, after: Any
) -> None:
    settings(smallest_sale=5_000)
    friend = join("ben@example.com", "Ben", word=code, branch=branch)
    sale = sell(friend, 10_000)
    with after(14):
        refund(sale, 5_000)
        assert referral_points(anna) == 200
        refund(sale, 1)
        assert (referral_points(anna), referral_points(friend)) == (0, 0)
        refund(sale)
        assert (referral_points(anna), referral_points(friend)) == (0, 0)


def test_a_refund_nobody_has_heard_of_yet_is_seen_all_the_same(
    anna: Member, friend: Member, sell: Any, after: Any
) -> None:
    from regulars.sales.models import Sale

    sale = sell(friend)
    Sale.objects.filter(pk=sale.pk).update(refunded_total=sale.total)
    with after(14):
        assert (row_of(friend).state, referral_points(anna)) == ("joined", 0)


# Caps and time --------------------------------------------------------------------------------------------------------


@pytest.fixture
def three_friends(anna: Member, code: str, branch: Any, sell: Callable[..., Any]) -> list[Member]:
    """Three friends of Anna who have bought."""
    found = []
    for number in range(3):
        found.append(join(f"friend{number}@example.com", f"Friend{number}", word=code, branch=branch))
        sell(found[-1])
    return found


@pytest.mark.parametrize(
    ("cap", "because"), [({"rewards_a_month": 2}, "monthly_cap"), ({"rewards_in_all": 2}, "total_cap")]
)
def test_a_cap_stops_the_referrer_and_not_the_friend(
    anna: Member, three_friends: list[Member], after: Any, cap: dict[str, int], because: str
) -> None:
    settings(**cap)
    with after(14):
        assert referral_points(anna) == 400
        assert [referral_points(each) for each in three_friends] == [100, 100, 100]
        assert [row_of(each).ended_because for each in three_friends] == ["", "", because]


def test_the_month_begins_anew(
    anna: Member, three_friends: list[Member], code: str, branch: Any, sell: Any, after: Any
) -> None:
    settings(rewards_a_month=1)
    with after(14):
        assert referral_points(anna) == 200
    with after(46):
        late = join("late@example.com", "Late", word=code, branch=branch)
        sell(late)
    with after(61):
        assert referral_points(anna) == 400


def test_who_does_not_buy_in_time_expires(anna: Member, friend: Member, sell: Any, after: Any) -> None:
    with after(90):
        row = row_of(friend)
        assert (row.state, row.ended_because) == ("expired", "too_late")
        sell(friend)
        assert row_of(friend).state == "expired"


def test_an_accepted_invitation_is_bound_to_whoever_joins_and_expires_otherwise(
    anna: Member, code: str, branch: Any, after: Any
) -> None:
    word, unused = services.accept(code=code), services.accept(code=code)
    friend = join("ben@example.com", "Ben", word=word, branch=branch)
    assert row_of(friend).public_id == word
    with after(30):
        assert Referral.objects.get(public_id=unused).state == "expired"


def test_invitations_that_nobody_uses_do_not_pile_up(anna: Member, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_OPEN", 2)
    words = [services.accept(code=code) for _each in range(4)]
    assert words[2:] == [code, code]
    assert Referral.objects.filter(referrer=anna).count() == 2


def test_a_step_that_fails_holds_up_no_other(
    anna: Member, three_friends: list[Member], after: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, broken = services._reward, row_of(three_friends[0]).pk

    def failing(row: Referral, now: Any) -> None:
        if row.pk == broken:
            raise RuntimeError("the ledger is asleep")
        whole(row, now)

    monkeypatch.setattr(services, "_reward", failing)
    with after(14):
        assert [row_of(each).state for each in three_friends] == ["qualified", "rewarded", "rewarded"]
        monkeypatch.undo()
    with after(14.1):
        assert row_of(three_friends[0]).state == "rewarded"


def test_the_work_is_limited_and_says_that_more_is_due(anna: Member, three_friends: list[Member], after: Any) -> None:
    now = max(row_of(each).due_at for each in three_friends)
    assert services.settle_due(now=now, limit=2) == now
    assert services.settle_due(now=now, limit=2) is None


def test_a_member_who_left_gets_nothing(anna: Member, friend: Member, sell: Any, after: Any) -> None:
    sell(friend)
    Member.objects.filter(pk=anna.pk).update(is_active=False)
    with after(14):
        row = row_of(friend)
        assert (row.referrer_points, row.friend_points, row.ended_because) == (0, 100, "left")


# What others may read -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Anna Bell", "Anna"), ("李华", "李＊"), ("欧阳 修", "欧＊"), ("Zoë", "Zoë"), ("", ""), ("X" * 60, "X" * 20)],
)
def test_a_friend_is_known_by_a_first_name_only(name: str, shown: str) -> None:
    assert selectors.called(Member(name=name)) == shown


def test_what_has_ended_is_never_taken_up_again(anna: Member, friend: Member, sell: Any, after: Any) -> None:
    sell(friend)
    with after(14):
        Referral.objects.filter(friend=friend).update(due_at=clock.now())
        services.settle_due(now=clock.now(), limit=10)
        assert row_of(friend).state == "rewarded"
