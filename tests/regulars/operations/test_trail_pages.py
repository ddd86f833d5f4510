"""The trail in the back office: found, read as sentences, downloaded, and never beyond one's scope."""

from __future__ import annotations

import ast
import datetime as dt
import io
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from regulars import clock
from regulars.operations import trail
from regulars.operations.models import TrailEntry
from regulars.operations.sealing.chains import TRAIL
from regulars.operations.sealing.sealer import newest, seal
from regulars.operations.trail.acts import ACTS, Group, acts
from regulars.operations.trail.reading import lines_for
from regulars.organisation.models import Branch, Role, Staff
from regulars.organisation.services import change
from regulars.people.services import change_profile
from tests.conftest import PASSWORD, new_member
from tests.sources import modules, tree_of

if TYPE_CHECKING:
    from regulars.people.models import Member
    from tenants.models import Business

pytestmark = pytest.mark.clause("3.5")
PAGE = "/office/trail/"


@pytest.fixture
def office(business: Business, owner: Staff, client_for: Callable[..., Client]) -> Client:
    return client_for(business, owner.user)


@pytest.fixture
def lake(business: Business) -> Branch:
    return Branch.objects.create(name="Lake Road")


def person(role: str, *, branch: Branch | None = None) -> Staff:
    from regulars.organisation.team import services

    return services.appoint(
        name=f"Ren {role.title()}", email=f"{role}@teahouse.example", password=PASSWORD, role=role, branch=branch
    )


def text_of(client: Client, address: str = PAGE) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


# Words ----------------------------------------------------------------------------------------------------------------


def recorded() -> Iterator[tuple[str, str]]:
    """Every act that some code records, with the place; a gap of a formatted name is `*`."""
    for name in modules():
        for node in ast.walk(tree_of(name)):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("record", "entry", "document"):
                for keyword in node.keywords:
                    if keyword.arg == "act":
                        yield from ((code, f"{name}:{node.lineno}") for code in codes_in(keyword.value))
            elif called == "_note" and node.args and "places" in name:
                yield from ((code, f"{name}:{node.lineno}") for code in codes_in(node.args[0]))


def codes_in(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from codes_in(node.body)
        yield from codes_in(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)


def test_every_act_that_is_recorded_anywhere_has_words() -> None:
    found = dict(recorded())
    assert {"member.changed", "sale.confirmed", "business.*", "tag.made"} <= set(found)
    known = set(acts())
    silent = [
        f"{place}: {code}"
        for code, place in found.items()
        if not any(re.fullmatch(code.replace(".", r"\.").replace("*", ".*"), each) for each in known)
    ]
    assert silent == [], "\n".join(silent)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_act_reads_as_a_sentence_in_both_languages(language: str) -> None:
    with translation.override(language):
        for act in ACTS:
            words = str(act.sentence) % {"who": "Lin", "record": "Gold"}
            assert ("Lin" in words) == ("%(who)s" in str(act.sentence))
            assert "%" not in words
            assert act.group in Group.values
            assert re.search("[一-鿿]", words) if language == "zh-hans" else words.isascii()


# The list -------------------------------------------------------------------------------------------------------------


def test_an_entry_reads_as_a_sentence_with_before_and_after(office: Client, owner: Staff, member: Member) -> None:
    change_profile(member=member, by=owner.public_id, name="Li Xiaohua")
    page = office.get(PAGE)
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))
    assert "Lin Owner changed the profile of Li Xiaohua" in re.sub(" +", " ", said)
    assert "name Li Hua → becomes Li Xiaohua" in said
    assert f"/office/members/{member.public_id}/".encode() in page.content


@pytest.mark.parametrize(
    ("act", "field", "value", "words"),
    [
        ("product.saved", "price", 58_800, "¥588.00"),
        ("coupon_template.saved", "least_spend", 5_000, "¥50.00"),
        ("product.saved", "tax_rate", 1_300, "13%"),
        ("coupon_template.saved", "made_at", "2026-03-01T04:05:06Z", "1 Mar 2026, 12:05"),
    ],
)
def test_prices_rates_and_times_are_said_as_people_write_them(
    owner: Staff, act: str, field: str, value: int | str, words: str
) -> None:
    from regulars.operations.trail.names import Names
    from regulars.operations.trail.values import worded

    assert worded(act, field, value, Names((), branches=(), members=None)) == words


def test_how_far_the_trail_is_sealed_is_told(office: Client, owner: Staff) -> None:
    seal(TRAIL, now=clock.now())
    trail.record(act="organisation.changed", actor=owner.public_id)
    page = text_of(office)
    assert f"(seal {newest(TRAIL).number})" in page
    assert "1 entry waits for its seal." in page
    assert page.count("not sealed yet") == 1


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ("q=Lin+Owner", 2),
        ("q=Li+Hua", 1),
        ("q=settings+of+the+business", 1),
        ("q=nobody-of-this-name", 0),
        ("q=North+gate", 1),
        ("group=settings", 1),
        ("group=members", 1),
        ("door=office", 1),
        ("door=inside", 1),
        ("since=2026-06-15&until=2026-06-15", 1),
        ("since=2026-06-17", 0),
    ],
)
def test_entries_are_found(
    office: Client, owner: Staff, branch: Branch, asked: str, count: int, noon: dt.datetime
) -> None:
    from regulars.operations.origin import Origin, coming_from

    member = new_member(branch=branch)
    begin = TrailEntry.objects.order_by("-pk")[0].pk
    with clock.turned_to(noon):
        trail.record(act="organisation.changed", actor=owner.public_id, after={"name": "North gate"})
    with clock.turned_to(noon + dt.timedelta(days=1)), coming_from(Origin(door="office")):
        trail.record(act="member.changed", actor=owner.public_id, subject=member.public_id, member=member)
    answer = office.get(f"{PAGE}?{asked}")
    assert len([line for line in answer.context["lines"] if line.id > begin]) == count


def test_a_day_that_is_none_is_refused_beside_its_field(office: Client) -> None:
    answer = office.get(f"{PAGE}?since=yesterday&q=tea")
    assert answer.status_code == 200
    assert "Enter a valid date." in answer.content.decode()
    assert 'value="tea"' in answer.content.decode()


def test_older_entries_are_reached_page_by_page_at_the_same_cost(office: Client, owner: Staff, member: Member) -> None:
    for number in range(60):
        trail.record(act="organisation.changed", actor=owner.public_id, after={"name": f"No {number}"})
    trail.record(
        act="member.changed", actor=owner.public_id, subject=member.public_id, after={"name": "x"}, member=member
    )
    trail.record(act="organisation.changed", actor="stf_2222222222222222")
    office.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        first = office.get(PAGE)
    for _number in range(200):
        trail.record(
            act="member.changed", actor=owner.public_id, subject=member.public_id, after={"name": "x"}, member=member
        )
        trail.record(act="organisation.changed", actor="stf_2222222222222222")
    office.get(PAGE)  # what is remembered for seconds may have been forgotten meanwhile
    with CaptureQueriesContext(connection) as many:
        office.get(PAGE)
    assert len(many) == len(few)
    older = first.context["older"]
    assert older
    assert {line.id for line in office.get(f"{PAGE}{older}").context["lines"]}.isdisjoint(
        {line.id for line in first.context["lines"]}
    )


# Who may see what -----------------------------------------------------------------------------------------------------


def test_entries_beyond_ones_scope_are_not_shown(
    business: Business, branch: Branch, lake: Branch, client_for: Callable[..., Client]
) -> None:
    manager = person(Role.MANAGER, branch=lake)
    trail.record(act="branch.changed", actor="stf_x", after={"name": "Here"}, branch=lake)
    trail.record(act="branch.changed", actor="stf_x", after={"name": "Elsewhere"}, branch=branch)
    trail.record(act="organisation.changed", actor="stf_x", after={"name": "Everywhere"})
    page = text_of(client_for(business, manager.user))
    assert ("Here" in page, "Elsewhere" in page, "Everywhere" in page) == (True, False, False)
    page = text_of(client_for(business, manager.user), f"{PAGE}?branch={branch.public_id}")
    assert "Elsewhere" not in page


def test_who_may_not_see_members_reads_no_personal_value(
    business: Business, owner: Staff, member: Member, client_for: Callable[..., Client]
) -> None:
    accountant = person(Role.ACCOUNTANT)
    change_profile(member=member, by=owner.public_id, name="Li Xiaohua")
    page = text_of(client_for(business, accountant.user))
    assert "Li Xiaohua" not in page
    assert "changed the profile of a member" in re.sub(" +", " ", page)
    assert "(not shown to you)" in page


@pytest.mark.parametrize(("role", "status"), [(Role.MANAGER, 200), (Role.ACCOUNTANT, 200), (Role.MARKETER, 302)])
def test_only_who_may_see_the_trail_sees_it(
    business: Business, role: str, status: int, client_for: Callable[..., Client]
) -> None:
    client = client_for(business, person(role).user)
    assert client.get(PAGE).status_code in (status, 403 if status == 302 else status)
    assert client.get(f"{PAGE}download/").status_code in (302, 403)


# Downloads ------------------------------------------------------------------------------------------------------------


def test_a_download_is_noted_and_holds_no_formula(office: Client, owner: Staff) -> None:
    trail.record(act="organisation.changed", actor="=HYPERLINK(1)", detail={"reason": "=1+1"})
    answer = office.get(f"{PAGE}download/?format=csv&group=settings&q=")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("When,Who,What,Record,Branch")
    assert "'=HYPERLINK(1)" in lines[1]
    noted = TrailEntry.objects.order_by("-pk")[0]
    assert (noted.act, noted.subject, noted.actor) == ("seen.export", "trail", owner.public_id)
    assert noted.detail == {"records": len(lines) - 1, "filters": "group=settings"}
    book = openpyxl.load_workbook(io.BytesIO(office.get(f"{PAGE}download/?format=xlsx").content))
    assert [cell.value for cell in book.active[1]][:3] == ["When", "Who", "What"]


# On the record's own page ---------------------------------------------------------------------------------------------


def test_a_members_page_tells_its_history_and_notes_who_looked(office: Client, owner: Staff, member: Member) -> None:
    change_profile(member=member, by=owner.public_id, name="Li Xiaohua")
    office.get(f"/office/members/{member.public_id}/")
    page = re.sub(" +", " ", text_of(office, f"/office/members/{member.public_id}/"))
    assert "Lin Owner changed the profile of Li Xiaohua" in page
    assert page.count("Lin Owner looked at Li Xiaohua") == 1


def test_a_search_is_noted_without_its_words(office: Client, member: Member) -> None:
    office.get("/office/members/?q=Li+Hua")
    noted = TrailEntry.objects.get(act="seen.search")
    assert (noted.subject, noted.detail) == ("office_members", {"found": 1})


def test_what_changed_of_the_business_is_before_and_after(business: Business, owner: Staff) -> None:
    change(by=owner.public_id, name="Mountain Tea", country="CN")
    (line,) = lines_for(TrailEntry.objects.order_by("-pk")[:1], reader=owner)
    assert [(each.label, each.after) for each in line.changes] == [("name", "Mountain Tea")]
    assert line.sentence == "Lin Owner changed the settings of the business"


def test_members_who_change_their_own_profile_are_said_to(member: Member, owner: Staff) -> None:
    change_profile(member=member, language="zh-hans")
    (line,) = lines_for(TrailEntry.objects.order_by("-pk")[:1], reader=owner)
    assert line.sentence == "Li Hua changed the own profile"
    assert [(each.before, each.after) for each in line.changes] == [("English", "简体中文")]


def test_a_look_has_words_for_its_list(owner: Staff) -> None:
    trail.seen(by=owner, subject="office_members", what="export", detail={"records": 3})
    (line,) = lines_for(TrailEntry.objects.order_by("-pk")[:1], reader=owner)
    assert line.sentence == "Lin Owner downloaded the list of members"
    assert [(each.label, each.after) for each in line.notes] == [("records", "3")]
