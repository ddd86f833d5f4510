"""Lists: filters as a sentence, views that people keep, columns, downloads, acts on many; all within one's scope."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from regulars import clock
from regulars.backoffice.models import SavedView
from regulars.insights.selectors import sales_so_far
from regulars.operations.jobs.running import run_waiting
from regulars.operations.models import Job
from regulars.organisation.models import Approval, Branch, Region, Staff
from regulars.organisation.scope import WHOLE
from regulars.organisation.team.services import appoint
from regulars.people import tags
from regulars.people.models import Member, MemberTag
from regulars.sales import services as sales
from regulars.sales.models import Sale
from regulars.sales.quoting import LineRequest
from tests.conftest import PASSWORD, new_member
from tests.multitude import many_members

pytestmark = pytest.mark.clause("3.1")
Browser = Callable[..., Client]


@pytest.fixture
def office(business: Any, owner: Staff, client_for: Browser) -> Client:
    """The owner's browser."""
    return client_for(business, owner.user)


@pytest.fixture
def second(branch: Branch) -> Branch:
    """Another branch, in a region of its own."""
    return Branch.objects.create(name="Harbour", region=Region.objects.create(name="South"))


@pytest.fixture
def wang(second: Branch) -> Member:
    """A member of the other branch."""
    return new_member(contact="+8613900139000", name="Wang Wei", branch=second)


@pytest.fixture
def manager(business: Any, branch: Branch, client_for: Browser) -> Client:
    """The browser of the manager of the first branch."""
    staff = appoint(name="Mei", email="mei@teahouse.example", password=PASSWORD, role="manager", branch=branch)
    return client_for(business, staff.user)


@pytest.fixture
def marketer(business: Any, branch: Branch, client_for: Browser) -> Client:
    """The browser of a marketer, who may not see contacts."""
    return client_for(
        business, appoint(name="Mark", email="mark@teahouse.example", password=PASSWORD, role="marketer").user
    )


def _text(response: Any) -> str:
    return response.content.decode()


def _names(response: Any) -> list[str]:
    return [str(member) for member in response.context["object_list"]]


def _rows(response: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


@pytest.mark.capability(16)
def test_the_filters_read_as_a_sentence(office: Client, member: Member, wang: Member, cashier: Staff) -> None:
    quote = sales.quote(branch=cashier.branch, member=wang, lines=[LineRequest(description="Tea", unit_price=2_000)])
    sales.confirm(quote=quote, key="a-sale-of-today", cashier=cashier, received=2_000)
    tier = member.standing.tier  # type: ignore[attr-defined]
    response = office.get("/office/members/", {"tier": tier.code, "quiet_for": "60"})
    said = [phrase.words for phrase in response.context["phrases"]]
    assert said == [f"of the tier {tier}", "who have not bought for 60 days"]
    assert all(words in _text(response) for words in said)
    left = office.get(response.context["phrases"][0].url)
    assert [phrase.words for phrase in left.context["phrases"]] == ["who have not bought for 60 days"]
    assert _names(response) == ["Li Hua"]
    assert response.context["counted"] == "1 member"

    chinese = office.get("/office/members/", {"quiet_for": "60"}, headers={"accept-language": "zh-hans"})
    assert "1 位会员" in _text(chinese)
    assert "60 天未消费" in _text(chinese)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"tag": "TAG"}, ["Li Hua"]),
        ({"branch": "SECOND"}, ["Wang Wei"]),
        ({"region": "REGION"}, ["Wang Wei"]),
        ({"birthday_month": "5"}, ["Wang Wei"]),
        ({"points_from": "1"}, ["Li Hua"]),
        ({"source": "counter"}, ["Li Hua", "Wang Wei"]),
        ({"source": "site"}, []),
        ({"joined_from": "2099-01-01"}, []),
        ({"joined_until": "2099-01-01"}, ["Li Hua", "Wang Wei"]),
    ],
)
def test_each_filter_finds_what_it_says(
    office: Client, member: Member, wang: Member, second: Branch, query: dict[str, str], found: list[str]
) -> None:
    from regulars.ledger.services import adjust

    tag = tags.tag_named(name="VIP", by="x")
    tags.tag_member(member=member, tag=tag, by="x")
    Member.objects.filter(pk=wang.pk).update(birthday=dt.date(1990, 5, 3))
    adjust(wallet=member.wallet, asset="points", amount=5, key="five-points", reason="gift", actor="x")
    assert second.region is not None
    known = {"TAG": tag.public_id, "SECOND": second.public_id, "REGION": second.region.public_id}
    response = office.get("/office/members/", {name: known.get(value, value) for name, value in query.items()})
    assert sorted(_names(response)) == found
    assert len(response.context["phrases"]) == 1


def test_views_are_kept_shared_thrown_away_and_had_back(
    business: Any, office: Client, marketer: Client, member: Member
) -> None:
    form = {"name": "Quiet ones", "query": "quiet_for=60&p=3&export=csv&ordering=name", "is_shared": "on"}
    response = office.post("/office/members/views/", form)
    view = SavedView.objects.exclude(name="").get()
    assert response["Location"] == f"/office/members/?quiet_for=60&ordering=name&view={view.public_id}"
    assert "Quiet ones" in _text(office.get(response["Location"]))
    assert "Quiet ones" in _text(marketer.get("/office/members/"))
    assert marketer.post(f"/office/members/views/{view.public_id}/delete/").status_code == 404

    assert office.post(f"/office/members/views/{view.public_id}/delete/").status_code == 302
    gone = office.get("/office/members/")
    assert gone.context["views"] == []
    assert f"/office/members/views/{view.public_id}/restore/" in _text(gone)
    assert office.post(f"/office/members/views/{view.public_id}/restore/").status_code == 302
    assert [one.name for one in office.get("/office/members/").context["views"]] == ["Quiet ones"]

    for wrong in ("", "x" * 61):
        office.post("/office/members/views/", {"name": wrong, "query": ""})
    assert SavedView.objects.exclude(name="").count() == 1


def test_somebody_elses_own_view_is_nobodys_business(office: Client, marketer: Client, member: Member) -> None:
    office.post("/office/members/views/", {"name": "Mine", "query": "quiet_for=60"})
    view = SavedView.objects.exclude(name="").get()
    assert "Mine" not in _text(marketer.get("/office/members/", {"view": view.public_id}))


@pytest.mark.capability(15)
def test_a_download_holds_exactly_what_the_list_shows(office: Client, member: Member) -> None:
    office.post("/office/members/columns/", {"column": ["branch", "birthday", "nonsense"], "query": ""})
    Member.objects.filter(pk=member.pk).update(name="=1+1", birthday=dt.date(1990, 5, 3))
    assert [column.name for column in office.get("/office/members/").context["view"].shown_columns] == [
        "name",
        "branch",
        "birthday",
    ]
    rows = _rows(office.get("/office/members/", {"export": "csv"}))
    assert rows[0] == ["Public id", "Name", "Branch", "Birthday"]
    assert rows[1] == [member.public_id, "'=1+1", str(member.branch), "1990-05-03"]
    book = openpyxl.load_workbook(io.BytesIO(office.get("/office/members/", {"export": "xlsx"}).content))
    cells = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert cells[1][:2] == [member.public_id, "'=1+1"]
    assert cells[1][3] in {dt.date(1990, 5, 3), dt.datetime(1990, 5, 3)}  # noqa: DTZ001 - a day has no zone


@pytest.mark.capability(15)
def test_a_long_list_is_asked_about_and_becomes_a_job(office: Client, branch: Branch) -> None:
    many_members(1001, branch=branch)
    response = office.get("/office/members/", {"export": "xlsx", "q": "Guest"})
    assert response["Location"] == "/office/members/export/?export=xlsx&q=Guest&format=xlsx"
    assert "1,001 members" in _text(office.get(response["Location"]))
    response = office.post("/office/members/export/", {"q": "Guest", "format": "xlsx", "key": "one-download-only"})
    job = Job.objects.get()
    assert response["Location"] == f"/office/jobs/{job.public_id}/"
    run_waiting(now=clock.now(), limit=500)
    file = office.get(f"/office/jobs/{job.public_id}/file/")
    book = openpyxl.load_workbook(io.BytesIO(file.content))
    assert book.active.max_row == 1002


@pytest.mark.capability(16)
@pytest.mark.capability(145)
def test_a_branch_manager_has_no_trace_of_other_branches(
    manager: Client, member: Member, wang: Member, second: Branch, cashier: Staff
) -> None:
    quote = sales.quote(branch=second, member=wang, lines=[LineRequest(description="Tea", unit_price=2_000)])
    there = sales.confirm(quote=quote, key="a-sale-elsewhere", cashier=cashier, received=2_000)
    listed = manager.get("/office/members/")
    assert (_names(listed), listed.context["items_count"]) == (["Li Hua"], 1)
    assert "Harbour" not in _text(listed)
    assert "South" not in _text(listed)
    assert _names(manager.get("/office/members/", {"q": "Wang"})) == []
    assert _names(manager.get("/office/members/", {"branch": second.public_id})) == ["Li Hua"]  # no such choice
    assert [row[1] for row in _rows(manager.get("/office/members/", {"export": "csv"}))[1:]] == ["Li Hua"]
    assert manager.get(f"/office/members/{wang.public_id}/").status_code == 404
    assert manager.post(f"/office/members/{wang.public_id}/tags/add/", {"name": "VIP"}).status_code == 404
    assert manager.get("/office/sales/").context["items_count"] == 0
    assert manager.get(f"/office/sales/{there.public_id}/").status_code == 404

    both = {"id": [member.public_id, wang.public_id]}
    assert manager.get("/office/members/many-tag/", both).context["count"] == 1
    manager.post("/office/members/many-tag/", {**both, "name": "VIP", "confirm": "1"})
    manager.post("/office/members/many-tag/", {"all": "1", "query": "q=Wang", "name": "VIP", "confirm": "1"})
    assert [job.total for job in Job.objects.all()] == [1]
    assert (
        manager.post("/office/members/many-move/", {**both, "branch": second.public_id, "confirm": "1"}).status_code
        == 422
    )


def test_contacts_are_masked_for_whoever_may_not_see_them(marketer: Client, member: Member) -> None:
    for response in (marketer.get("/office/members/"), marketer.get(f"/office/members/{member.public_id}/")):
        assert "13800138000" not in _text(response)
        assert "+86 ••••• 8000" in _text(response)
    assert _names(marketer.get("/office/members/", {"q": "138001"})) == []
    assert _names(marketer.get("/office/members/", {"q": "+8613800138000"})) == ["Li Hua"]
    assert marketer.get("/office/members/", {"export": "csv"}).status_code in {302, 403}
    assert "Download CSV" not in _text(marketer.get("/office/members/"))


@pytest.mark.capability(164)
def test_an_act_on_many_is_counted_shown_and_only_then_done(office: Client, member: Member, wang: Member) -> None:
    path, chosen = "/office/members/many-points/", {"all": "1", "query": "source=counter"}
    first = office.get(path, chosen)
    assert first.context["counted"] == "2 members"
    form = {**chosen, "direction": "give", "points": "50", "reason": "Jubilee"}
    shown = office.post(path, form)
    assert [(row.label, row.before, row.after) for row in shown.context["preview"]] == [
        ("Li Hua", "0", "50"),
        ("Wang Wei", "0", "50"),
    ]
    assert Job.objects.count() == 0
    wrong = office.post(path, {**form, "points": "0", "confirm": "1"})
    assert (wrong.status_code, Job.objects.count()) == (422, 0)
    assert 'value="Jubilee"' in _text(wrong)

    key = shown.context["key"]
    for _click in range(2):
        done = office.post(path, {**form, "key": key, "confirm": "1"})
    job = Job.objects.get()
    assert done["Location"] == f"/office/jobs/{job.public_id}/"
    run_waiting(now=clock.now(), limit=500)
    page = _text(office.get(done["Location"]))
    assert "Give members 50 points each" in page
    assert "2 / 2 · 100 %" in page


def test_beyond_a_limit_somebody_else_decides(manager: Client, owner: Staff, member: Member) -> None:
    form = {"id": [member.public_id], "direction": "give", "points": "60000", "reason": "Jubilee", "confirm": "1"}
    assert manager.post("/office/members/many-points/", form)["Location"] == "/office/members/"
    assert Job.objects.count() == 0
    approval = Approval.objects.get()
    assert (approval.act, approval.amount) == ("points.adjust_many", 60_000)

    from regulars.organisation import approvals

    approvals.approve(approval=approval, by=owner)
    assert (Job.objects.get().total, Job.objects.get().requested_by) == (1, approval.requested_by.public_id)


def test_what_nobody_gives_one_member_alone_is_asked_for_among_many_too(manager: Client, member: Member) -> None:
    form = {"id": [member.public_id], "direction": "give", "reason": "Jubilee", "confirm": "1"}
    manager.post("/office/members/many-points/", {**form, "points": "5001"})
    assert (Job.objects.count(), Approval.objects.get().amount) == (0, 5_001)
    manager.post("/office/members/many-points/", {**form, "points": "5000"})
    assert Job.objects.count() == 1


def test_tags_are_put_on_one_member_and_taken_off(office: Client, marketer: Client, member: Member) -> None:
    page = f"/office/members/{member.public_id}/"
    assert marketer.post(f"{page}tags/add/", {"name": " vip "}).status_code == 302
    assert office.post(f"{page}tags/add/", {"name": "VIP"}).status_code == 302
    tag = MemberTag.objects.get().tag
    assert tag.name == "vip"
    assert "vip" in _text(office.get(page))
    office.post(f"{page}tags/add/", {"name": "x" * 41})
    assert office.post(f"{page}tags/remove/", {"tag": tag.public_id}).status_code == 302
    assert not MemberTag.objects.exists()
    assert office.post(f"{page}tags/explode/", {"tag": tag.public_id}).status_code == 404


def test_an_empty_list_teaches(office: Client) -> None:
    assert "Nobody has joined yet" in _text(office.get("/office/members/"))
    assert "Nothing sold yet" in _text(office.get("/office/sales/"))
    assert "No jobs yet" in _text(office.get("/office/jobs/"))
    assert "Nothing fits" in _text(office.get("/office/members/", {"q": "Nobody"}))


def test_a_search_is_answered_by_the_index(branch: Branch) -> None:
    """Whatever is typed, the members are found through the trigrams and not by reading them all."""
    from django.db import connection

    from regulars.people.finding import found_by

    many_members(50, branch=branch)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for typed in ("Guest 01", "李", "小明", "8000", "+8613", "guest@"):
            found = Member.objects.filter(found_by(typed)).order_by()
            cursor.execute(f"EXPLAIN {found.query.sql_with_params()[0]}", found.query.sql_with_params()[1])
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "people_member_search" in plan, (typed, plan)
            assert "Seq Scan on people_member" not in plan, (typed, plan)


@pytest.mark.clause("3.1")
def test_how_many_sales_there_are_is_read_from_the_facts_until_somebody_filters(
    business: Any, branch: Branch, member: Member, owner: Staff, client_for: Callable[..., Client]
) -> None:
    for number in range(3):
        made = sales.quote(branch=branch, member=member, lines=[LineRequest("Tea", 1_000)])
        sales.confirm(quote=made, key=f"counted-{number}", cashier=None)
    assert sales_so_far(WHOLE) == Sale.objects.count() == 3
    office = client_for(business, owner.user)
    assert "3 sales" in office.get("/office/sales/").content.decode()
    with CaptureQueriesContext(connection) as asked:
        office.get("/office/sales/?ordering=-total")
    assert not [one for one in asked.captured_queries if "COUNT(*)" in one["sql"] and "sales_sale" in one["sql"]]
    assert "3 sales" in office.get("/office/sales/?branch=" + branch.public_id).content.decode()
