"""Approvals as people meet them: the inbox, the page of one, the limits, points on a member's page, the till."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from regulars import clock
from regulars.ledger.approvals import adjust_or_ask
from regulars.ledger.selectors import balance
from regulars.operations.approvals import export_or_ask
from regulars.operations.models import Job
from regulars.organisation import approvals
from regulars.organisation.approvals import Asked, Done
from regulars.organisation.models import Approval, ApprovalLimit, Branch, Staff
from regulars.organisation.places.services import open_branch
from regulars.organisation.team.services import appoint
from regulars.people.models import Member
from regulars.sales.approvals import refund_or_ask
from regulars.sales.models import Sale
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote
from tenants.context import business_context
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.clause("3.4"), pytest.mark.capability(146)]
Browser = Callable[..., Client]


@pytest.fixture
def agent(branch: Branch) -> Staff:
    """A service agent of the first branch."""
    return appoint(name="Ann Agent", email="ann@teahouse.example", password=PASSWORD, role="service", branch=branch)


@pytest.fixture
def manager(branch: Branch) -> Staff:
    """A manager of the first branch."""
    return appoint(name="Max Manager", email="max@teahouse.example", password=PASSWORD, role="manager", branch=branch)


@pytest.fixture
def request_of_agent(agent: Staff, member: Member) -> Approval:
    """800 points that the agent may not give alone."""
    answer = adjust_or_ask(member=member, points=800, reason="Spilled tea", by=agent, key="key-of-a-request")
    assert isinstance(answer, Asked)
    return answer.approval


@pytest.fixture
def big_sale(branch: Branch, member: Member, cashier: Staff) -> Sale:
    """1,000.00 bought by a member."""
    priced = quote(branch=branch, member=member, lines=[LineRequest("Tea set", 100_000)])
    return confirm(quote=priced, key="key-of-a-sale", cashier=cashier)


def said(answer: Any) -> str:
    """The page as text."""
    return str(answer.content.decode())


# The office -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_opens_with_nothing_and_with_something(
    business: Any, owner: Staff, member: Member, agent: Staff, client_for: Browser, language: str
) -> None:
    office = client_for(business, owner.user, language=language)
    pages = ["", "limits/", "limits/points.adjust/", "limits/counter.refund/?role=cashier"]
    assert {office.get(f"/office/approvals/{page}").status_code for page in pages} == {200}
    asked = adjust_or_ask(member=member, points=800, reason="Spilled tea", by=agent, key="key-of-a-request")
    assert isinstance(asked, Asked)
    for page in ("", f"{asked.approval.public_id}/"):
        assert "Spilled tea" in said(office.get(f"/office/approvals/{page}"))


def test_the_page_says_what_would_happen_before_it_does(
    business: Any, manager: Staff, request_of_agent: Approval, client_for: Browser, member: Member
) -> None:
    page = said(client_for(business, manager.user).get(f"/office/approvals/{request_of_agent.public_id}/"))
    for words in ("800 points", "Ann Agent", "Spilled tea", "Li Hua", "<strong>800</strong>", "Approve and do it"):
        assert words in page
    assert balance(member.wallet) == 0


def test_approving_does_it_and_the_menu_counts_what_waits(
    business: Any, manager: Staff, request_of_agent: Approval, client_for: Browser, member: Member
) -> None:
    office, here = client_for(business, manager.user), f"/office/approvals/{request_of_agent.public_id}/"
    assert "Approvals (1)" in said(office.get("/office/approvals/"))
    answer = office.post(here, {"decision": "approve", "note": "Fine"}, follow=True)
    assert "Approved and done. Ann Agent is told." in said(answer)
    assert balance(member.wallet) == 800
    assert "Approvals (1)" not in said(office.get("/office/approvals/"))
    again = office.post(here, {"decision": "approve"})
    assert again.status_code == 422
    assert "This was decided already" in said(again)
    assert balance(member.wallet) == 800


def test_a_refusal_needs_words_beside_its_field(
    business: Any, manager: Staff, request_of_agent: Approval, client_for: Browser, member: Member
) -> None:
    office, here = client_for(business, manager.user), f"/office/approvals/{request_of_agent.public_id}/"
    answer = office.post(here, {"decision": "refuse", "note": ""})
    assert "Say why, so that whoever asked" in said(answer)
    assert answer.context["form"].errors.keys() == {"note"}
    office.post(here, {"decision": "refuse", "note": "Too much"})
    request_of_agent.refresh_from_db()
    assert (request_of_agent.state, request_of_agent.note) == ("refused", "Too much")


def test_who_asked_sees_it_takes_it_back_and_cannot_approve_it(
    business: Any, agent: Staff, request_of_agent: Approval, client_for: Browser, member: Member
) -> None:
    office, here = client_for(business, agent.user), f"/office/approvals/{request_of_agent.public_id}/"
    page = said(office.get(here))
    assert "Take it back" in page
    assert "Approve and do it" not in page
    for decision in ("approve", "refuse"):
        answer = office.post(here, {"decision": decision, "note": "Please"})
        assert answer.status_code == 422
        assert "somebody else has to decide" in said(answer)
    office.post(here, {"decision": "withdraw"})
    request_of_agent.refresh_from_db()
    assert request_of_agent.state == "withdrawn"
    assert balance(member.wallet) == 0


@pytest.mark.clause("3.Bad input")
def test_a_request_beyond_ones_scope_or_of_another_business_is_not_there(
    business: Any, gym: Any, request_of_agent: Approval, client_for: Browser
) -> None:
    there = open_branch(name="Lake Road")
    stranger = appoint(name="Lea", email="lea@teahouse.example", password=PASSWORD, role="manager", branch=there)
    here = f"/office/approvals/{request_of_agent.public_id}/"
    with business_context(gym):
        owner_of_gym = Staff.objects.select_related("user").get(role="owner")
    for browser in (client_for(business, stranger.user), client_for(gym, owner_of_gym.user)):
        assert browser.get(here).status_code == 404
        assert browser.post(here, {"decision": "approve"}).status_code == 404
    request_of_agent.refresh_from_db()
    assert request_of_agent.state == "requested"


@pytest.mark.clause("3.Bad input")
@pytest.mark.parametrize("form", [{}, {"decision": "explode"}, {"decision": "approve", "note": "x" * 500}])
def test_a_decision_that_is_none_decides_nothing(
    business: Any, manager: Staff, request_of_agent: Approval, client_for: Browser, form: dict[str, str]
) -> None:
    answer = client_for(business, manager.user).post(f"/office/approvals/{request_of_agent.public_id}/", form)
    assert answer.status_code in (200, 422)
    request_of_agent.refresh_from_db()
    assert request_of_agent.state == "requested"


def test_what_can_no_longer_be_done_says_so_and_can_only_be_refused(
    business: Any, owner: Staff, manager: Staff, agent: Staff, member: Member, client_for: Browser
) -> None:
    adjust_or_ask(member=member, points=900, reason="Gift", by=owner, key="key-of-the-gift")
    asked = adjust_or_ask(member=member, points=-800, reason="Mistake", by=agent, key="key-of-a-request")
    assert isinstance(asked, Asked)
    adjust_or_ask(member=member, points=-300, reason="Spent", by=owner, key="key-of-spending")
    office, here = client_for(business, manager.user), f"/office/approvals/{asked.approval.public_id}/"
    page = said(office.get(here))
    assert "It can no longer be done: The member has fewer points" in page
    assert "Approve and do it" not in page
    assert "Nothing was done: The member has fewer points" in said(office.post(here, {"decision": "approve"}))


def test_limits_read_as_sentences_and_are_set_for_a_role_at_a_branch(
    business: Any, owner: Staff, cashier: Staff, branch: Branch, client_for: Browser
) -> None:
    office = client_for(business, owner.user)
    page = said(office.get("/office/approvals/limits/"))
    assert "up to ¥500.00 alone, beyond it somebody else has to approve." in page
    form = {"role": "cashier", "branch": branch.public_id, "limit": "88.5"}
    assert office.post("/office/approvals/limits/counter.refund/", form)["Location"] == "/office/approvals/limits/"
    assert approvals.limit_for(cashier, "counter.refund", branch=branch) == 8_850
    assert "up to ¥88.50 alone" in said(office.get("/office/approvals/limits/"))
    shown = said(office.get(f"/office/approvals/limits/counter.refund/?role=cashier&branch={branch.public_id}"))
    assert 'value="88.50"' in shown
    office.post("/office/approvals/limits/counter.refund/", {**form, "default": "1"})
    assert ApprovalLimit.objects.count() == 0


@pytest.mark.clause("3.Bad input")
@pytest.mark.parametrize("limit", ["", "-5", "a lot", "9" * 30, "1.234"])
def test_an_absurd_limit_is_refused_beside_its_field(
    business: Any, owner: Staff, client_for: Browser, limit: str
) -> None:
    office = client_for(business, owner.user)
    for act in ("points.adjust", "counter.refund"):
        answer = office.post(f"/office/approvals/limits/{act}/", {"role": "cashier", "branch": "", "limit": limit})
        assert answer.context["form"].errors.keys() == {"limit"}
    assert ApprovalLimit.objects.count() == 0
    assert office.get("/office/approvals/limits/moon.sell/").status_code == 404


def test_only_who_may_change_settings_sees_the_limits(business: Any, manager: Staff, client_for: Browser) -> None:
    office = client_for(business, manager.user)
    for page in ("limits/", "limits/points.adjust/"):
        assert office.get(f"/office/approvals/{page}").status_code in (302, 403)


def test_the_inbox_asks_the_same_questions_however_much_waits(
    business: Any, manager: Staff, agent: Staff, branch: Branch, client_for: Browser, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.conftest import new_member

    office, counts = client_for(business, manager.user), []
    office.get("/office/approvals/")
    for number in range(7):
        member = new_member(contact=f"+86139001390{number:02d}", branch=branch)
        adjust_or_ask(member=member, points=800, reason="Spilled tea", by=agent, key=f"key-of-{number:04d}")
        if number in (1, 2, 6):
            office.get("/office/approvals/")
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert said(office.get("/office/approvals/")).count("Spilled tea") == number + 1
            counts.append(len([one for one in asked.captured_queries if "organisation_approval" in one["sql"]]))
    assert counts[0] == counts[1] == counts[2]
    assert 4 <= counts[0] <= 8


def test_a_download_beyond_the_limit_starts_once_it_is_approved(
    business: Any, owner: Staff, manager: Staff, member: Member, client_for: Browser
) -> None:
    approvals.set_limit(act="members.export", role="manager", limit=0, by=owner)
    params = {"list": "office_members", "query": "", "columns": [], "format": "csv", "held": ["members.view"]}
    asked = export_or_ask(
        act="members.export",
        kind="records.export",
        params=params,
        rows=1,
        by=manager,
        reason="A mailing",
        key="key-of-1",
    )
    assert isinstance(asked, Asked)
    assert Job.objects.count() == 0
    approvals.approve(approval=asked.approval, by=owner)
    job = Job.objects.get()
    assert (job.requested_by, job.kind) == (manager.public_id, "records.export")
    page = said(client_for(business, manager.user).get(f"/office/approvals/{asked.approval.public_id}/"))
    assert f"/office/jobs/{job.public_id}/" in page


# Points on a member's page --------------------------------------------------------------------------------------------


def test_points_within_the_limit_arrive_at_once(
    business: Any, agent: Staff, member: Member, client_for: Browser
) -> None:
    office, here = client_for(business, agent.user), f"/office/members/{member.public_id}/points/"
    assert "up to 500 points alone" in said(office.get(here))
    form = {"direction": "give", "points": "120", "reason": "Spilled tea", "key": "key-of-the-page"}
    answers = [office.post(here, form) for _click in range(2)]
    assert {answer["Location"] for answer in answers} == {f"/office/members/{member.public_id}/"}
    assert balance(member.wallet) == 120


def test_points_beyond_the_limit_lead_to_the_request(
    business: Any, agent: Staff, member: Member, client_for: Browser
) -> None:
    form = {"direction": "give", "points": "1200", "reason": "Spilled tea", "key": "key-of-the-page"}
    office = client_for(business, agent.user)
    answer = office.post(f"/office/members/{member.public_id}/points/", form, follow=True)
    asked = Approval.objects.get()
    assert answer.redirect_chain[-1][0] == f"/office/approvals/{asked.public_id}/"
    assert "Nothing is done before somebody approves." in said(answer)
    assert balance(member.wallet) == 0


@pytest.mark.clause("3.Bad input")
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"points": "0"}, "points"),
        ({"points": "-5"}, "points"),
        ({"points": "99999999999999999999"}, "points"),
        ({"points": "many"}, "points"),
        ({"direction": "take"}, "points"),
        ({"reason": " "}, "reason"),
        ({"direction": "steal"}, "direction"),
    ],
)
def test_points_that_make_no_sense_are_refused_beside_their_field(
    business: Any, owner: Staff, member: Member, client_for: Browser, wrong: dict[str, str], field: str
) -> None:
    form = {"direction": "give", "points": "5", "reason": "A gift", "key": "key-of-the-page", **wrong}
    answer = client_for(business, owner.user).post(f"/office/members/{member.public_id}/points/", form)
    assert answer.context["form"].errors.keys() == {field}
    assert balance(member.wallet) == 0


def test_a_member_of_another_branch_is_not_there(business: Any, member: Member, client_for: Browser) -> None:
    there = open_branch(name="Lake Road")
    stranger = appoint(name="Lea", email="lea@teahouse.example", password=PASSWORD, role="manager", branch=there)
    assert client_for(business, stranger.user).get(f"/office/members/{member.public_id}/points/").status_code == 404


# The counter ----------------------------------------------------------------------------------------------------------


def test_a_refund_beyond_the_limit_waits_at_the_till_and_is_done_once_approved(
    business: Any, cashier: Staff, manager: Staff, big_sale: Sale, client_for: Browser
) -> None:
    till = client_for(business, cashier.user)
    form = {"amount": "800", "reason": "Cold tea", "confirm": "1", "key": "key-of-the-till"}
    answers = [till.post(f"/counter/sales/{big_sale.public_id}/refund/", form) for _click in range(2)]
    asked = Approval.objects.get()
    here = f"/counter/sales/{big_sale.public_id}/"
    assert {answer["Location"] for answer in answers} == {f"{here}?asked={asked.public_id}"}
    page = said(till.get(answers[0]["Location"]))
    for words in ("Waiting for approval: ¥800.00", "Max Manager", "Nothing has gone back yet.", "every 4s"):
        assert words in page
    assert "Check first" not in page
    state = f"{here}asked/{asked.public_id}/"
    assert till.get(state).status_code == 204
    approvals.approve(approval=asked, by=manager)
    moved = till.get(state)["HX-Redirect"]
    asked.refresh_from_db()
    assert moved == f"{here}?done={asked.result}"
    assert "Give ¥800.00 back to the customer." in said(till.get(moved))
    big_sale.refresh_from_db()
    assert (big_sale.refunded_total, big_sale.refunds.get().cashier) == (80_000, cashier)
    again = till.post(f"/counter/sales/{big_sale.public_id}/refund/", form)
    assert again["Location"] == f"{here}?asked={asked.public_id}"
    assert big_sale.refunds.count() == 1


@pytest.mark.parametrize("how", ["refuse", "withdraw", "expire"])
def test_the_till_says_when_it_came_to_nothing(
    business: Any, cashier: Staff, manager: Staff, big_sale: Sale, client_for: Browser, how: str
) -> None:
    till = client_for(business, cashier.user)
    answer = refund_or_ask(sale=big_sale, amount=80_000, reason="Cold tea", by=cashier, key="key-of-the-till")
    assert isinstance(answer, Asked)
    asked, here = answer.approval, f"/counter/sales/{big_sale.public_id}/"
    if how == "withdraw":
        moved = till.post(f"{here}asked/{asked.public_id}/withdraw/")["Location"]
    else:
        if how == "refuse":
            approvals.refuse(approval=asked, by=manager, note="Show me the tea")
        else:
            with clock.turned_to(asked.expires_at):
                approvals.expire_due(clock.now())
        moved = till.get(f"{here}asked/{asked.public_id}/")["HX-Redirect"]
    page = said(till.get(moved))
    words = {"refuse": "Show me the tea", "withdraw": "was taken back", "expire": "Nobody decided in time"}
    assert words[how] in page
    assert "Check first" in page
    big_sale.refresh_from_db()
    assert big_sale.refunded_total == 0


def test_parts_of_a_sale_do_not_pass_under_the_limit(cashier: Staff, big_sale: Sale) -> None:
    for number, amount in enumerate((30_000, 20_000)):
        key = f"key-of-part-{number}"
        answers = [
            refund_or_ask(sale=Sale.objects.get(pk=big_sale.pk), amount=amount, reason="Cold", by=cashier, key=key)
            for _click in range(2)
        ]
        assert all(isinstance(answer, Done) for answer in answers)
    present = Sale.objects.get(pk=big_sale.pk)
    assert present.refunded_total == 50_000
    answer = refund_or_ask(sale=present, amount=1, reason="Cold", by=cashier, key="key-of-one-fen")
    assert isinstance(answer, Asked)


def test_a_refund_done_meanwhile_leaves_the_request_undecided(cashier: Staff, manager: Staff, big_sale: Sale) -> None:
    asked = refund_or_ask(sale=big_sale, amount=80_000, reason="Cold tea", by=cashier, key="key-of-the-till")
    assert isinstance(asked, Asked)
    refund_or_ask(sale=big_sale, amount=30_000, reason="Cold tea", by=manager, key="key-of-the-manager")
    with pytest.raises(approvals.ActRefused):
        approvals.approve(approval=asked.approval, by=manager)
    asked.approval.refresh_from_db()
    assert asked.approval.state == "requested"
    assert Sale.objects.get(pk=big_sale.pk).refunded_total == 30_000


@pytest.mark.clause("3.Bad input")
def test_a_request_about_another_sale_is_not_there(
    business: Any, cashier: Staff, big_sale: Sale, request_of_agent: Approval, client_for: Browser
) -> None:
    till = client_for(business, cashier.user)
    for named in (request_of_agent.public_id, "apv_none", "x" * 200, "%00"):
        assert till.get(f"/counter/sales/{big_sale.public_id}/asked/{named}/").status_code == 404
        assert till.post(f"/counter/sales/{big_sale.public_id}/asked/{named}/withdraw/").status_code == 404
