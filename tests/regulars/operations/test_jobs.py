"""Jobs: done piece by piece, once each, stopped and undone, and nobody's business but whoever asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.test import Client

from regulars import clock
from regulars.errors import NotAllowed
from regulars.ledger.models import Transaction
from regulars.ledger.selectors import balance, unbalanced
from regulars.ledger.services import adjust
from regulars.operations import jobs
from regulars.operations.jobs.running import ATTEMPTS, FILE_LIFE, run_waiting, tidy
from regulars.operations.jobs.selectors import progress_of
from regulars.operations.models import ChunkState, Job, JobChunk, JobState
from regulars.organisation.models import Branch, Staff
from regulars.organisation.team.services import appoint
from regulars.people import tags
from regulars.people.models import Member, MemberTag
from tests.conftest import PASSWORD
from tests.multitude import many_members

pytestmark = [pytest.mark.clause("3.1")]


@pytest.fixture
def crowd(branch: Branch) -> list[Member]:
    """Twelve members of the first branch."""
    many_members(12, branch=branch)
    return list(Member.objects.order_by("pk"))


@pytest.fixture(autouse=True)
def _small_pieces() -> Any:
    """Five records in a piece, so that twelve make three."""
    with patch("regulars.operations.jobs.kinds.JobKind.size", 5):
        yield


def selected(members: list[Member]) -> dict[str, Any]:
    """A choice of members by their public ids."""
    return {"list": "office_members", "held": [], "ids": [member.public_id for member in members]}


def run(times: int = 500) -> dt.datetime | None:
    """The workers get on with it."""
    return run_waiting(now=clock.now(), limit=times)


def balances(members: list[Member]) -> list[int]:
    """What each has."""
    return [balance(member.wallet_id) for member in members]


def test_points_are_given_once_each_and_taken_back_whole(owner: Staff, crowd: list[Member]) -> None:
    adjust(wallet=crowd[0].wallet, asset="points", amount=70, key="before-all-this", reason="gift", actor="x")
    params = {"selection": selected(crowd), "points": 50, "reason": "Jubilee"}
    job = jobs.start(kind="members.points", by=owner, params=params)
    assert (job.total, job.state, JobChunk.objects.filter(job=job).count()) == (12, JobState.WAITING, 3)

    run(1)
    job.refresh_from_db()
    assert (job.state, job.done, progress_of(job).percent) == (JobState.RUNNING, 5, 41)
    run()
    job.refresh_from_db()
    assert (job.state, job.done, job.failed) == (JobState.DONE, 12, 0)
    assert balances(crowd) == [120] + [50] * 11
    assert Transaction.objects.filter(kind="adjustment", reason="Jubilee", actor=owner.public_id).count() == 12

    jobs.undo(job=job, by=owner)
    run()
    job.refresh_from_db()
    assert (job.state, job.undone, job.left_alone) == (JobState.UNDONE, 12, 0)
    assert balances(crowd) == [70] + [0] * 11
    assert unbalanced() == []
    with pytest.raises(jobs.CannotUndo):
        jobs.undo(job=job, by=owner)


def test_whoever_has_too_few_points_keeps_them_and_is_counted(owner: Staff, crowd: list[Member]) -> None:
    for member in crowd[:7]:
        adjust(wallet=member.wallet, asset="points", amount=30, key=f"rich-{member.pk}", reason="gift", actor="x")
    job = jobs.start(
        kind="members.points", by=owner, params={"selection": selected(crowd), "points": -20, "reason": "Mistake"}
    )
    run()
    job.refresh_from_db()
    assert (job.state, job.done, job.failed) == (JobState.DONE, 7, 5)
    assert balances(crowd) == [10] * 7 + [0] * 5
    assert "fewer points" in job.error

    jobs.undo(job=job, by=owner)
    run()
    assert balances(crowd) == [30] * 7 + [0] * 5
    assert unbalanced() == []


@pytest.mark.capability(164)
def test_a_tag_is_undone_for_those_who_got_it_and_nobody_else(owner: Staff, crowd: list[Member]) -> None:
    vip = tags.tag_named(name="VIP", by="x")
    tags.tag_member(member=crowd[0], tag=vip, by="somebody")
    job = jobs.start(kind="members.tag", by=owner, params={"selection": selected(crowd), "name": "vip"})
    run()
    assert MemberTag.objects.filter(tag=vip).count() == 12
    tags.untag_member(member=crowd[1], tag=vip, by="somebody")  # changed since: it is left alone

    jobs.undo(job=job, by=owner)
    run()
    job.refresh_from_db()
    assert (job.state, job.undone, job.left_alone) == (JobState.UNDONE, 11, 1)
    assert [one.member_id for one in MemberTag.objects.filter(tag=vip)] == [crowd[0].pk]
    assert MemberTag.objects.get(tag=vip).tagged_by == "somebody"


def test_a_tag_taken_off_comes_back_with_its_day_and_hand(owner: Staff, crowd: list[Member], noon: Any) -> None:
    vip = tags.tag_named(name="VIP", by="x")
    with clock.turned_to(noon):
        tags.tag_member(member=crowd[3], tag=vip, by="somebody")
    job = jobs.start(kind="members.untag", by=owner, params={"selection": selected(crowd), "tag": vip.public_id})
    run()
    assert not MemberTag.objects.exists()
    jobs.undo(job=job, by=owner)
    run()
    there = MemberTag.objects.get()
    assert (there.member_id, there.tagged_at, there.tagged_by) == (crowd[3].pk, noon, "somebody")


def test_members_go_back_to_their_branch_but_for_those_moved_on(owner: Staff, crowd: list[Member]) -> None:
    first = crowd[0].branch
    second, third = Branch.objects.create(name="Second"), Branch.objects.create(name="Third")
    Member.objects.filter(pk=crowd[2].pk).update(branch=None)
    job = jobs.start(kind="members.move", by=owner, params={"selection": selected(crowd), "branch": second.public_id})
    run()
    assert Member.objects.filter(branch=second).count() == 12
    Member.objects.filter(pk=crowd[5].pk).update(branch=third)

    jobs.undo(job=job, by=owner)
    run()
    job.refresh_from_db()
    assert (job.undone, job.left_alone) == (11, 1)
    homes = list(Member.objects.order_by("pk").values_list("branch", flat=True))
    assert homes == [first.pk if place not in {2, 5} else (None if place == 2 else third.pk) for place in range(12)]


def test_a_stopped_job_begins_nothing_more_and_is_undone(owner: Staff, crowd: list[Member]) -> None:
    params = {"selection": selected(crowd), "points": 5, "reason": "Jubilee"}
    job = jobs.start(kind="members.points", by=owner, params=params)
    run(1)
    job = jobs.stop(job=job, by=owner)
    run()
    job.refresh_from_db()
    assert (job.state, job.done) == (JobState.STOPPED, 5)
    jobs.undo(job=job, by=owner)
    run()
    job.refresh_from_db()
    assert (job.state, job.undone, balances(crowd)) == (JobState.UNDONE, 5, [0] * 12)


def test_a_piece_that_fails_is_taken_back_tried_again_and_then_counted(owner: Staff, crowd: list[Member]) -> None:
    params = {"selection": selected(crowd), "points": 5, "reason": "Jubilee"}
    job = jobs.start(kind="members.points", by=owner, params=params)
    with patch("regulars.people.job_kinds.adjust_many", side_effect=OperationalError("gone")):
        for turn in range(ATTEMPTS):
            run_waiting(now=clock.now() + dt.timedelta(minutes=turn), limit=500)
    job.refresh_from_db()
    assert (job.state, job.done, job.failed, job.error) == (JobState.FAILED, 0, 12, "OperationalError")
    assert balances(crowd) == [0] * 12
    assert set(JobChunk.objects.values_list("state", flat=True)) == {ChunkState.FAILED}


def test_the_same_key_starts_one_job(owner: Staff, crowd: list[Member]) -> None:
    params = {"selection": selected(crowd), "points": 5, "reason": "Jubilee"}
    started = [jobs.start(kind="members.points", by=owner, params=params, key="one-click-of-two") for _ in range(2)]
    assert started[0] == started[1]
    assert Job.objects.count() == 1


def test_nobody_starts_what_their_role_does_not_do_nor_touches_other_branches(
    owner: Staff, branch: Branch, cashier: Staff, crowd: list[Member]
) -> None:
    other = Branch.objects.create(name="Second")
    Member.objects.filter(pk__in=[member.pk for member in crowd[:9]]).update(branch=other)
    manager = appoint(name="Mei", email="mei@teahouse.example", password=PASSWORD, role="manager", branch=branch)
    params = {"selection": selected(crowd), "name": "VIP"}
    with pytest.raises(NotAllowed):
        jobs.start(kind="members.tag", by=cashier, params=params)
    job = jobs.start(kind="members.tag", by=manager, params=params)
    assert (job.total, job.scope) == (3, [branch.pk])
    with pytest.raises(jobs.Nothing):
        jobs.start(kind="members.tag", by=manager, params={"selection": selected(crowd[:9]), "name": "VIP"})
    assert Job.objects.count() == 1


def test_a_job_is_seen_by_whoever_asked_for_it_alone(
    business: Any, owner: Staff, branch: Branch, crowd: list[Member], client_for: Callable[..., Client]
) -> None:
    manager = appoint(name="Mei", email="mei@teahouse.example", password=PASSWORD, role="manager", branch=branch)
    job = jobs.start(kind="members.tag", by=owner, params={"selection": selected(crowd), "name": "VIP"})
    mine, theirs = client_for(business, owner.user), client_for(business, manager.user)
    for path in ("", "progress/"):
        assert mine.get(f"/office/jobs/{job.public_id}/{path}").status_code == 200
        assert theirs.get(f"/office/jobs/{job.public_id}/{path}").status_code == 404
    for act in ("stop", "undo", "explode"):
        assert theirs.post(f"/office/jobs/{job.public_id}/do/{act}/").status_code == 404
    assert mine.post(f"/office/jobs/{job.public_id}/do/explode/").status_code == 404
    assert mine.post(f"/office/jobs/{job.public_id}/do/stop/").status_code == 302
    job.refresh_from_db()
    assert job.state == JobState.STOPPED
    assert "VIP" in mine.get("/office/jobs/").content.decode()


@pytest.mark.capability(15)
def test_a_long_list_becomes_a_file_for_whoever_asked_until_its_time_is_over(
    business: Any, owner: Staff, crowd: list[Member], client_for: Callable[..., Client]
) -> None:
    params = {
        "list": "office_members",
        "query": "ordering=name",
        "columns": ["phone", "birthday"],
        "format": "csv",
        "held": ["members.view", "members.contacts"],
    }
    job = jobs.start(kind="records.export", by=owner, params=params)
    run()
    job.refresh_from_db()
    assert (job.state, job.done, job.result_name) == (JobState.DONE, 12, "members.csv")
    browser = client_for(business, owner.user)
    path = f"/office/jobs/{job.public_id}/file/"
    lines = browser.get(path).content.decode("utf-8-sig").splitlines()
    by_name = sorted(crowd, key=lambda member: member.name)
    assert [line.split(",")[:2] for line in lines[1:]] == [[one.public_id, one.name] for one in by_name]
    assert lines[0] == "Public id,Name,Phone,Birthday"

    tidy(now=clock.now() + FILE_LIFE + dt.timedelta(seconds=1))
    assert browser.get(path).status_code == 404
    assert Job.objects.get(pk=job.pk).result is None


def test_two_workers_never_do_the_same_piece(open_business: Callable[..., Any], django_db_blocker: Any) -> None:
    """One holds its piece, the other goes past it; one that is killed leaves its piece to the next."""
    import threading

    from django.db import connections, transaction

    from tenants.context import business_context

    shop = open_business()
    with business_context(shop):
        owner = Staff.objects.select_related("user").get(role="owner")
        many_members(12, branch=Branch.objects.order_by("pk")[0])
        crowd = list(Member.objects.order_by("pk"))
        job = jobs.start(
            kind="members.points", by=owner, params={"selection": selected(crowd), "points": 3, "reason": "Storm"}
        )
        with transaction.atomic():  # a worker in the middle of its piece
            held = JobChunk.objects.select_for_update().filter(job=job).order_by("number")[0]

            def others() -> None:
                with business_context(shop):
                    run()
                connections.close_all()

            workers = [threading.Thread(target=others) for _ in range(3)]
            [worker.start() for worker in workers]
            [worker.join() for worker in workers]
            assert JobChunk.objects.get(pk=held.pk).state == ChunkState.WAITING
            assert Job.objects.get(pk=job.pk).done == 7
            transaction.set_rollback(True)  # … and killed
        run()
        assert Job.objects.get(pk=job.pk).done == 12
        assert balances(crowd) == [3] * 12
        assert Transaction.objects.filter(reason="Storm").count() == 12
    connection.set_schema_to_public()
