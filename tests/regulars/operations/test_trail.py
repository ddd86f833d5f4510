"""The trail: who did what from where, before and after; written once, and read only by those who may."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction

from regulars import clock
from regulars.ledger.services import adjust
from regulars.operations import origin, trail
from regulars.operations.models import Seal, TrailEntry
from regulars.operations.sealing.append_only import NeverChanged
from regulars.operations.sealing.canonical import canonical, hash_of
from regulars.operations.sealing.chains import TRAIL
from regulars.operations.sealing.sealer import seal
from regulars.people.keys import destroy_key
from regulars.people.services import change_profile

if TYPE_CHECKING:
    from regulars.organisation.models import Branch, Staff
    from regulars.people.models import Member

pytestmark = [pytest.mark.clause("3.5"), pytest.mark.usefixtures("business")]


def last() -> TrailEntry:
    return TrailEntry.objects.order_by("-pk")[0]


def test_an_entry_says_where_an_act_came_from(branch: Branch, owner: Staff) -> None:
    with origin.coming_from(
        origin.Origin(door="counter", address="203.0.113.7", terminal="ter_1", branch_id=branch.pk)
    ):
        trail.record(act="organisation.changed", actor=owner.public_id, before={"name": "A"}, after={"name": "B"})
    entry = last()
    assert (entry.door, entry.address, entry.terminal, entry.branch) == ("counter", "203.0.113.7", "ter_1", branch)
    assert (entry.before, entry.after) == ({"name": "A"}, {"name": "B"})


def test_an_entry_is_written_with_the_hash_of_all_that_stands_in_it(owner: Staff) -> None:
    trail.record(act="organisation.changed", actor=owner.public_id, detail={"rate": 1.5, "big": 1e20, "words": "茶"})
    (row,) = TRAIL.rows(after=last().pk - 1)
    assert row.hash == hash_of(row.values)
    assert len(row.hash) == 64


def test_numbers_are_hashed_by_their_value() -> None:
    assert canonical([1, 1.0, 1e20, 0.5]) == canonical([1.0, 1, 10**20, 5e-1])
    assert canonical("1") != canonical(1)


def test_a_sale_and_its_refund_are_hashed_as_the_database_writes_them(
    branch: Branch, owner: Staff, member: Member
) -> None:
    from regulars.sales.quoting import LineRequest
    from regulars.sales.services import confirm, quote, refund

    lines = [LineRequest(description="Tea", unit_price=2500)]
    offer = quote(branch=branch, lines=lines, member=member)
    sale = confirm(quote=offer, key="key-of-the-sale", cashier=owner, payment_source="cash", received=2500)
    refund(sale=sale, key="key-of-the-refund", reason="cold", cashier=owner)
    written = [(row.hash, hash_of(row.values)) for row in TRAIL.rows(after=0)]
    assert [kept for kept, _ in written] == [fresh for _, fresh in written]
    entry = last()
    assert (entry.act, entry.subject, entry.branch) == ("sale.refunded", sale.public_id, branch)
    assert (entry.before, entry.after) == ({"refunded_total": 0}, {"refunded_total": 2500})


@pytest.mark.parametrize(
    "change",
    [
        lambda: TrailEntry.objects.update(actor="somebody"),
        lambda: TrailEntry.objects.all().delete(),
        lambda: TrailEntry.objects.filter(pk__gt=0)._raw_delete("default"),
        lambda: TrailEntry.objects.bulk_update([last()], ["actor"]),
        lambda: TrailEntry.objects.update_or_create(act="x", defaults={"actor": "y"}),
        lambda: TrailEntry.objects.bulk_create([last()], update_conflicts=True, update_fields=["act"]),
        lambda: last().delete(),
        lambda: last().save(),
        lambda: last().save(update_fields=["actor"]),
        lambda: TrailEntry._base_manager.update(actor="somebody"),
        lambda: Seal.objects.all().delete(),
    ],
)
def test_nothing_changes_or_deletes_an_entry(owner: Staff, change: Callable[[], object]) -> None:
    trail.record(act="organisation.changed", actor=owner.public_id)
    with pytest.raises(NeverChanged):
        change()
    assert last().actor == owner.public_id


# What is personal -----------------------------------------------------------------------------------------------------


def test_what_changed_about_a_member_is_kept_for_who_holds_the_key(member: Member, owner: Staff) -> None:
    change_profile(member=member, by=owner.public_id, name="Li Xiaohua", birthday=dt.date(1990, 2, 28))
    entry = last()
    assert entry.act == "member.changed"
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM operations_trailentry t WHERE id = %s", [entry.pk])
        raw = cursor.fetchone()[0]
    plain = ("Li Hua", "Xiaohua", "1990-02-28")  # whole, for any two letters may stand in sealed text
    assert [word for word in plain if word in raw] == []
    (line,) = [each for each in trail.history(member.public_id, reader=owner) if each.act == "member.changed"]
    assert [(str(change.before), str(change.after)) for change in line.changes] == [
        ("—", "1990-02-28"),
        ("Li Hua", "Li Xiaohua"),
    ]


def test_once_the_key_is_destroyed_nobody_reads_it_and_the_hashes_still_hold(member: Member, owner: Staff) -> None:
    change_profile(member=member, by=owner.public_id, name="Li Xiaohua")
    destroy_key(member=member)
    (line,) = [each for each in trail.history(member.public_id, reader=owner) if each.act == "member.changed"]
    assert [(str(change.before), str(change.after)) for change in line.changes] == [("(erased)", "(erased)")]
    assert [row.hash for row in TRAIL.rows(after=0)] == [hash_of(row.values) for row in TRAIL.rows(after=0)]
    change_profile(member=member, by=owner.public_id, name="Li Three")
    assert "Li Three" not in str(last().after)
    assert last().after == {"name": {"~": member.public_id, "text": ""}}


def test_the_address_a_member_came_from_is_the_members_secret(member: Member, owner: Staff) -> None:
    with origin.coming_from(origin.Origin(door="portal", address="203.0.113.7")):
        change_profile(member=member, name="Li Two")
    assert "203.0.113.7" not in last().address
    (line,) = [each for each in trail.history(member.public_id, reader=owner) if each.act == "member.changed"]
    assert line.address == "203.0.113.7"
    with origin.coming_from(origin.Origin(door="office", address="203.0.113.8")):
        change_profile(member=member, by=owner.public_id, name="Li Four")
    assert last().address == "203.0.113.8"


def test_a_key_of_another_business_reads_nothing(member: Member, owner: Staff, settings: object) -> None:
    change_profile(member=member, by=owner.public_id, name="Li Xiaohua")
    settings.SECRET_KEY = "another secret of another installation"  # type: ignore[attr-defined]
    (line,) = [each for each in trail.history(member.public_id, reader=owner) if each.act == "member.changed"]
    assert [str(change.after) for change in line.changes] == ["(erased)"]
    settings.SECRET_KEY_FALLBACKS = ["only-for-this-machine-and-never-in-production"]  # type: ignore[attr-defined]
    (line,) = [each for each in trail.history(member.public_id, reader=owner) if each.act == "member.changed"]
    assert [str(change.after) for change in line.changes] == ["Li Xiaohua"]


def test_points_given_by_hand_are_in_the_trail_once(member: Member, owner: Staff) -> None:
    for _ in range(2):
        adjust(wallet=member.wallet, asset="points", amount=50, key="k", reason="sorry", actor=owner.public_id)
    (entry,) = TrailEntry.objects.filter(act="points.adjusted")
    assert (entry.subject, entry.before, entry.after) == (member.public_id, {"balance": 0}, {"balance": 50})


# Who looked -----------------------------------------------------------------------------------------------------------


def test_looking_again_soon_is_the_same_look_and_a_download_always_counts(owner: Staff, member: Member) -> None:
    begin = clock.now()
    with clock.turned_to(begin):
        trail.seen(by=owner, subject=member.public_id, what="page")
        trail.seen(by=owner, subject=member.public_id, what="page")
        trail.seen(by=owner, subject="members", what="export", detail={"rows": 3})
        trail.seen(by=owner, subject="members", what="export", detail={"rows": 3})
    with clock.turned_to(begin + trail.SEEN_AGAIN + dt.timedelta(seconds=1)):
        trail.seen(by=owner, subject=member.public_id, what="page")
    looks = TrailEntry.objects.filter(act__startswith="seen.").order_by("pk").values_list("act", flat=True)
    assert list(looks) == ["seen.page", "seen.export", "seen.export", "seen.page"]


# Sealing in the background --------------------------------------------------------------------------------------------


def test_entries_are_sealed_as_due_work_once_they_have_waited(owner: Staff) -> None:
    now = clock.now()
    seal(TRAIL, now=now)
    with clock.turned_to(now):
        trail.record(act="organisation.changed", actor=owner.public_id)
    assert trail.seal_due(now=now, limit=100) == now + trail.SEAL_AFTER
    assert trail.seal_due(now=now + trail.SEAL_AFTER, limit=100) is None
    newest = Seal.objects.order_by("-number")[0]
    assert (newest.last_id, newest.count) == (last().pk, 1)
    assert trail.seal_next(now=now) is None


def test_what_a_template_is_made_of_is_nobodys_act(owner: Staff) -> None:
    count = TrailEntry.objects.count()
    with trail.paused():
        trail.record(act="tier.saved", actor=owner.public_id)
    assert TrailEntry.objects.count() == count


def test_an_act_that_is_undone_leaves_no_entry(owner: Staff) -> None:
    count = TrailEntry.objects.count()
    with transaction.atomic():
        trail.record(act="tier.saved", actor=owner.public_id)
        transaction.set_rollback(True)
    assert TrailEntry.objects.count() == count
