"""S13, the trail's side: whoever changes, deletes, inserts or exchanges an entry is found, every time.

The forger is no fool: a changed row bears a fresh hash that fits it, and forged seals are chained anew.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction

from regulars import clock
from regulars.operations import trail
from regulars.operations.models import Seal, TrailEntry
from regulars.operations.sealing import verifier
from regulars.operations.sealing.canonical import hash_of
from regulars.operations.sealing.chains import TRAIL, Row
from regulars.operations.sealing.sealer import Sealing, leaf, seal, seal_hash
from regulars.operations.sealing.verifier import Verdict, verify
from tenants.context import business_context
from tests.crowd import sized

if TYPE_CHECKING:
    from tenants.models import Business

pytestmark = [pytest.mark.storm, pytest.mark.clause("3.5")]
FORGERIES = sized(60, 1000)
ENTRIES = sized(240, 4000)


@pytest.fixture
def sealed(business: Business) -> Business:
    """The tea house with many entries under several seals."""
    return under_seals(business)


@pytest.fixture
def shop(open_business: Callable[..., Business]) -> Iterator[Business]:
    """The same in a business where what is written is committed."""
    business = open_business()
    with business_context(business):
        yield under_seals(business)


def under_seals(business: Business) -> Business:
    TrailEntry.objects.bulk_create([TrailEntry(**entry(number)) for number in range(ENTRIES)])
    seal(TRAIL, now=clock.now())
    for number in range(5):
        trail.record(act="organisation.changed", actor=f"late {number}")
        seal(TRAIL, now=clock.now())
    assert verify(TRAIL).is_intact
    return business


def entry(number: int) -> dict[str, Any]:
    return trail.entry(act="organisation.changed", actor=f"stf_{number}", before={"total": number}, after={"total": 7})


def run(statement: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def row_of(pk: int) -> Row:
    (found,) = TRAIL.rows(after=pk - 1, upto=pk)
    return found


def hashed_anew(pk: int) -> None:
    run("UPDATE operations_trailentry SET hash = %s WHERE id = %s", hash_of(row_of(pk).values), pk)


def edit(pk: int, chance: random.Random) -> None:
    column, value = chance.choice(
        [
            ("actor", "'somebody else'"),
            ("act", "'tier.saved'"),
            ("subject", "'mem_other'"),
            ("before", "'{\"total\": 1}'"),
            ("after", "NULL"),
            ("detail", "'{\"total\": 99}'"),
            ("address", "'198.51.100.1'"),
            ("door", "'api'"),
            ("terminal", "'ter_other'"),
            ("branch_id", "12345"),
            ("occurred_at", "occurred_at - interval '1 microsecond'"),
        ]
    )
    assert run(f"UPDATE operations_trailentry SET {column} = {value} WHERE id = %s", pk) == 1
    if chance.random() < 0.7:
        hashed_anew(pk)


def delete(pk: int, chance: random.Random) -> None:
    assert run("DELETE FROM operations_trailentry WHERE id = %s", pk) == 1


def rehash(pk: int, chance: random.Random) -> None:
    assert run("UPDATE operations_trailentry SET hash = %s WHERE id = %s", "0" * 64, pk) == 1


def forge(pks: list[int], seed: int) -> dict[int, str]:
    """Change or delete each of these rows by chance; returns what was done to which."""
    chance = random.Random(seed)
    done = {}
    for pk in pks:
        act = chance.choice([edit, edit, delete, rehash])
        act(pk, chance)
        done[pk] = act.__name__
    return done


def named(verdict: Verdict) -> set[int]:
    return {each.id for each in verdict.findings if each.kind in ("changed", "deleted", "inserted", "exchanged")}


def make_room() -> list[int]:
    """Ids below the newest seal that nobody has, as an aborted act leaves them."""
    last = TrailEntry.objects.order_by("-pk")[0].pk
    run("SELECT setval(pg_get_serial_sequence('operations_trailentry', 'id'), %s)", last + FORGERIES)
    trail.record(act="organisation.changed", actor="after the gap")
    seal(TRAIL, now=clock.now())
    return list(range(last + 1, last + FORGERIES + 1))


def insert_at(pk: int) -> None:
    TrailEntry.objects.bulk_create([TrailEntry(pk=pk, **entry(pk))])


def test_every_changed_or_deleted_entry_is_found_and_named(sealed: Business) -> None:
    pks = list(TrailEntry.objects.values_list("pk", flat=True))
    chosen = random.Random(13).sample(pks[:-1], FORGERIES)
    done = forge(chosen, seed=13)
    verdict = verify(TRAIL)
    assert named(verdict) == set(chosen)
    assert {each.kind for each in verdict.findings if done.get(each.id) == "delete"} == {"deleted"}
    print(f"S13 trail: {len(chosen)} changed or deleted entries, {len(named(verdict))} detected")


def test_every_inserted_entry_is_found_and_named(sealed: Business) -> None:
    gaps = make_room()
    assert verify(TRAIL).is_intact
    for pk in gaps:
        insert_at(pk)
    verdict = verify(TRAIL)
    assert {each.id for each in verdict.findings if each.kind == "inserted"} == set(gaps)
    print(f"S13 trail: {len(gaps)} inserted entries, {len(named(verdict))} detected")


def test_an_entry_beyond_what_the_sequence_gave_is_found(sealed: Business) -> None:
    insert_at(10**12)
    assert seal(TRAIL, now=clock.now()) == Sealing()
    (finding,) = verify(TRAIL).findings
    assert (finding.kind, finding.id) == ("inserted", 10**12)


def test_exchanged_entries_are_found_and_named(sealed: Business) -> None:
    first, second = TrailEntry.objects.values_list("pk", flat=True).order_by("pk")[10:12]
    for here, there in ((first, -1), (second, first), (-1, second)):
        run("UPDATE operations_trailentry SET id = %s WHERE id = %s", there, here)
    assert {(each.kind, each.id) for each in verify(TRAIL).findings} == {("exchanged", first), ("exchanged", second)}


# The negative controls ------------------------------------------------------------------------------------------------


def test_without_seals_the_same_forgeries_are_missed(sealed: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    pks = list(TrailEntry.objects.values_list("pk", flat=True))
    for pk in pks[:10]:
        run("UPDATE operations_trailentry SET actor = 'somebody else' WHERE id = %s", pk)
        hashed_anew(pk)
    run("DELETE FROM operations_trailentry WHERE id = ANY(%s)", pks[10:20])
    assert len(named(verify(TRAIL))) == 20
    monkeypatch.setattr(verifier, "links", lambda chain: iter(()))
    monkeypatch.setattr(verifier, "_wrong_with_head", lambda chain, **_: iter(()))
    assert verify(TRAIL).is_intact


def test_without_the_head_outside_a_chain_forged_as_a_whole_is_missed(
    sealed: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("UPDATE operations_trailentry SET actor = 'somebody else' WHERE id = %s", TrailEntry.objects.first().pk)
    chain_anew()
    assert {each.kind for each in verify(TRAIL).findings} == {"replaced"}
    monkeypatch.setattr(verifier, "_wrong_with_head", lambda chain, **_: iter(()))
    assert verify(TRAIL).is_intact


def chain_anew() -> None:
    """Forge everything inside the business: every hash, every seal."""
    previous = ""
    for link in list(Seal.objects.order_by("number")):
        begin = Seal.objects.filter(number=link.number - 1).values_list("last_id", flat=True).first() or 0
        rows = list(TRAIL.rows(after=begin, upto=link.last_id))
        for row in rows:
            hashed_anew(row.id)
        link.leaves = b"".join(leaf(row_of(row.id)) for row in rows)
        link.previous = previous
        link.hash = previous = seal_hash(link)
        run(
            "UPDATE operations_seal SET leaves = %s, previous = %s, hash = %s WHERE id = %s",
            link.leaves,
            link.previous,
            link.hash,
            link.pk,
        )


# The seals themselves -------------------------------------------------------------------------------------------------


def test_a_seal_that_was_changed_is_named(sealed: Business) -> None:
    run("UPDATE operations_seal SET sealed_at = sealed_at - interval '1 day' WHERE number = 3")
    assert [(each.kind, each.id) for each in verify(TRAIL).findings] == [("seal", 3)]


def test_a_seal_cut_out_of_the_middle_is_named(sealed: Business) -> None:
    run("DELETE FROM operations_seal WHERE number = 3")
    assert ("seal", 3) in {(each.kind, each.id) for each in verify(TRAIL).findings}


def test_a_tail_cut_off_with_its_seals_is_found(sealed: Business) -> None:
    newest = Seal.objects.order_by("-number")[0]
    run("DELETE FROM operations_trailentry WHERE id >= %s", newest.last_id)
    run("DELETE FROM operations_seal WHERE id = %s", newest.pk)
    (finding,) = verify(TRAIL).findings
    assert finding.kind == "cut"
    assert f"seal {newest.number} was noted outside" in finding.words


def test_a_trail_emptied_as_a_whole_is_found(sealed: Business) -> None:
    run("DELETE FROM operations_trailentry")
    run("DELETE FROM operations_seal")
    assert [each.kind for each in verify(TRAIL).findings] == ["cut"]


def test_what_is_not_sealed_yet_is_told_and_a_clumsy_change_of_it_found(sealed: Business) -> None:
    trail.record(act="organisation.changed", actor="late")
    verdict = verify(TRAIL)
    assert (verdict.is_intact, verdict.unsealed) == (True, 1)
    run("UPDATE operations_trailentry SET actor = 'nobody' WHERE actor = 'late'")
    assert [each.kind for each in verify(TRAIL).findings] == ["changed"]


# Sealing while others write -------------------------------------------------------------------------------------------


def test_nothing_is_sealed_over_an_entry_still_in_the_making(shop: Business) -> None:
    """An id drawn early and committed late must not come to lie below a seal."""
    drawn, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with business_context(shop), transaction.atomic():
            trail.record(act="organisation.changed", actor="slow")
            drawn.set()
            may_commit.wait(20)
        connection.close()

    writer = threading.Thread(target=slow)
    writer.start()
    assert drawn.wait(20)
    trail.record(act="organisation.changed", actor="quick")
    assert seal(TRAIL, now=clock.now(), patience=0.1) == Sealing(is_held_up=True)
    may_commit.set()
    writer.join()
    assert seal(TRAIL, now=clock.now()).count == 2
    verdict = verify(TRAIL)
    assert (verdict.is_intact, verdict.unsealed) == (True, 0)


def test_without_waiting_for_writers_an_honest_entry_would_look_forged(
    shop: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("regulars.operations.sealing.sealer._are_finished", lambda chain, patience: True)
    drawn, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with business_context(shop), transaction.atomic():
            trail.record(act="organisation.changed", actor="slow")
            drawn.set()
            may_commit.wait(20)
        connection.close()

    writer = threading.Thread(target=slow)
    writer.start()
    assert drawn.wait(20)
    trail.record(act="organisation.changed", actor="quick")
    seal(TRAIL, now=clock.now())
    may_commit.set()
    writer.join()
    assert [each.kind for each in verify(TRAIL).findings] == ["inserted"]


def test_many_write_while_it_is_sealed_and_all_is_well_in_the_end(shop: Business) -> None:
    stop = threading.Event()

    def write(name: str) -> None:
        with business_context(shop):
            for number in range(sized(30, 300)):
                with transaction.atomic():
                    trail.record(act="organisation.changed", actor=f"{name} {number}")
                    if number % 7 == 0:
                        transaction.set_rollback(True)
        connection.close()

    def keep_sealing() -> None:
        with business_context(shop):
            while not stop.is_set():
                seal(TRAIL, now=clock.now())
        connection.close()

    writers = [threading.Thread(target=write, args=(f"writer {number}",)) for number in range(6)]
    sealers = [threading.Thread(target=keep_sealing) for _ in range(2)]
    for thread in [*writers, *sealers]:
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in sealers:
        thread.join()
    seal(TRAIL, now=clock.now())
    verdict = verify(TRAIL)
    assert (verdict.findings, verdict.unsealed) == ([], 0)
    assert verdict.sealed == TrailEntry.objects.count()
