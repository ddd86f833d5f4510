"""The back office: who comes in, what an owner sees there, and that its forms never write past the services."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from regulars.ledger.models import Posting
from regulars.loyalty.models import PointsRule, Tier
from regulars.operations.models import TrailEntry
from regulars.organisation.models import Branch, Staff
from regulars.organisation.selectors import organisation
from regulars.outreach.delivery import deliver_waiting
from regulars.people.contacts import normal_contact
from regulars.people.models import Member
from regulars.people.services import join, user_for
from regulars.sales import services as sales
from regulars.sales.models import Sale
from regulars.sales.quoting import LineRequest

pytestmark = pytest.mark.clause("2.6")
Browser = Callable[..., Client]


@pytest.fixture
def office(business: Any, owner: Staff, client_for: Browser) -> Client:
    """The owner's browser."""
    return client_for(business, owner.user)


@pytest.fixture
def sale(branch: Branch, member: Member, cashier: Staff) -> Sale:
    """A purchase of 250 yuan by the member."""
    quote = sales.quote(branch=branch, member=member, lines=[LineRequest(description="Longjing", unit_price=25_000)])
    return sales.confirm(quote=quote, key="sale-of-the-test", cashier=cashier, received=25_000)


def _text(response: Any) -> str:
    return response.content.decode()


PAGES = (
    "/office/",
    "/office/members/",
    "/office/members/{member}/",
    "/office/sales/",
    "/office/sales/{sale}/",
    "/office/loyalty/",
    "/office/loyalty/tiers/new/",
    "/office/loyalty/tiers/{tier}/",
    "/office/loyalty/rules/new/",
    "/office/loyalty/rules/{rule}/",
    "/office/settings/business/",
    "/office/settings/places/",
    "/office/settings/places/new-branch/",
    "/office/settings/places/new-till/",
    "/office/team/invite/",
    "/office/site/",
    "/office/brand.css",
    "/office/pages/",
    "/office/images/",
    "/office/documents/",
    "/office/account/",
)


def _addresses(member: Member, sale: Sale) -> list[str]:
    rule, tier = PointsRule.objects.order_by("id")[0], Tier.objects.order_by("threshold")[1]
    return [
        page.format(member=member.public_id, sale=sale.public_id, rule=rule.public_id, tier=tier.code) for page in PAGES
    ]


@pytest.mark.capability(16)
@pytest.mark.capability(9)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_owner_sees_every_page(
    business: Any, owner: Staff, client_for: Browser, member: Member, sale: Sale, language: str
) -> None:
    browser = client_for(business, owner.user, language=language)
    answers = {page: browser.get(page).status_code for page in _addresses(member, sale)}
    assert answers == dict.fromkeys(answers, 200)
    assert sale.number in _text(browser.get(f"/office/members/{member.public_id}/"))


@pytest.mark.capability(145)
def test_a_cashier_is_sent_to_the_counter_and_a_member_to_the_card(
    business: Any, cashier: Staff, client_for: Browser, member: Member, sale: Sale
) -> None:
    doors = {"/counter/": client_for(business, cashier.user), "/me/": client_for(business, user_for(member=member))}
    for door, browser in doors.items():
        assert browser.get("/office/")["Location"] == door
        for page in _addresses(member, sale):
            if page == "/office/brand.css":
                continue
            response = browser.get(page, follow=True)
            assert response.redirect_chain[-1][0] == door, page


def test_a_stranger_is_asked_to_sign_in_where_staff_do(business: Any, client_for: Browser) -> None:
    browser = client_for(business)
    assert browser.get("/office/")["Location"] == "/account/login/?next=/office/"
    assert browser.get("/office/login/?next=/office/sales/")["Location"] == "/account/login/?next=/office/sales/"
    assert browser.get("/office/login/?next=https://evil.example/")["Location"] == "/account/login/?next=/office/"
    assert browser.get("/office/password_reset/")["Location"] == "/account/password/reset/"
    assert browser.get("/account/login/").status_code == 200


def test_the_menu_is_a_shops_and_not_an_editors(office: Client) -> None:
    words = _text(office.get("/office/"))
    for kept in ('"members"', '"loyalty"', '"sales"', '"explorer"', '"shop-settings"'):
        assert kept in words
    for gone in ('"reports"', '"help"', '"snippets"', '"settings"', '"groups"', "whats-new"):
        assert f'"name": {gone}' not in words
        assert f"[{gone}, " not in words
    assert office.get("/office/users/").status_code == 404
    assert office.get("/office/groups/").status_code == 404


@pytest.mark.capability(46)
def test_a_tier_is_changed_by_the_service(office: Client) -> None:
    tier = Tier.objects.order_by("threshold")[1]
    form = {
        "name_en": "Companion",
        "name_zh": "知己",
        "threshold": "1,280.50",
        "discount": "7.5",
        "benefits_en": "A cup on the house\n\nA quiet table",
        "benefits_zh": "送茶一杯",
        "colour": "#123456",
    }
    response = office.post(f"/office/loyalty/tiers/{tier.code}/", form)

    assert (response.status_code, response["Location"]) == (302, "/office/loyalty/")
    saved = Tier.objects.get(pk=tier.pk)
    assert saved.words == {"en": "Companion", "zh-hans": "知己"}
    assert (saved.threshold, saved.discount, saved.code) == (128_050, 750, tier.code)
    assert saved.benefits == {"en": ["A cup on the house", "A quiet table"], "zh-hans": ["送茶一杯"]}
    entry = TrailEntry.objects.filter(act="tier.saved").latest("id")
    assert entry.actor == Staff.objects.get(role="owner").public_id


def test_what_the_service_refuses_is_said_beside_the_field_and_nothing_typed_is_lost(office: Client) -> None:
    first, second = Tier.objects.order_by("threshold")[:2]
    form = {"name_en": "Twin", "name_zh": "", "threshold": "0", "discount": "0", "colour": "#123456"}
    response = office.post(f"/office/loyalty/tiers/{second.code}/", form)

    assert response.status_code == 422
    assert "Another tier begins at this amount already. Choose another amount." in _text(response)
    assert 'value="Twin"' in _text(response)
    assert Tier.objects.get(pk=second.pk).threshold == second.threshold

    for field, bad in (("threshold", "a lot"), ("discount", "120"), ("colour", "red")):
        response = office.post(f"/office/loyalty/tiers/{second.code}/", {**form, "threshold": "900", field: bad})
        assert response.status_code in {200, 422}
        assert response.context["form"].errors.keys() == {field}
    assert Tier.objects.get(pk=second.pk).words == second.words
    assert office.get("/office/loyalty/tiers/none/").status_code == 404
    assert first.threshold == 0


def test_no_form_of_the_office_writes_past_the_service(office: Client) -> None:
    rule = PointsRule.objects.order_by("id")[0]
    form = {"name": "Double", "points": 2, "per_amount": "10", "is_active": "on"}
    form |= {"pending_days": 0, "expires_after_months": 6}
    with patch("regulars.loyalty.points.services.save_points_rule", return_value=rule) as service:
        assert office.post(f"/office/loyalty/rules/{rule.public_id}/", form).status_code == 302
    assert service.call_args.kwargs["per_amount"] == 1000
    assert PointsRule.objects.get(pk=rule.pk).points == rule.points

    assert office.post(f"/office/loyalty/rules/{rule.public_id}/", form).status_code == 302
    assert PointsRule.objects.get(pk=rule.pk).points == 2


def test_the_settings_of_the_business_are_changed_by_the_service(office: Client) -> None:
    form = {
        "name": "山茶",
        "language": "en",
        "zone": "Asia/Tokyo",
        "contact_email": "hello@teahouse.example",
    }
    assert office.post("/office/settings/business/", form).status_code == 302
    assert (organisation().name, organisation().zone) == ("山茶", "Asia/Tokyo")
    response = office.post("/office/settings/business/", {**form, "zone": "UTC/Nowhere"})
    assert response.context["form"].errors.keys() == {"zone"}
    response = office.post("/office/settings/business/", {**form, "name": "!!!"})
    assert response.context["form"].errors.keys() == {"name"}
    assert organisation().zone == "Asia/Tokyo"


@pytest.mark.capability(145)
def test_a_cashier_is_invited_and_gets_a_link(office: Client, branch: Branch, mailoutbox: Any) -> None:
    where = {"role": "cashier", "where": f"branch:{branch.public_id}", "language": "en"}
    form = {"name": "Xiao Mei", "email": "mei@teahouse.example", **where}
    assert office.post("/office/team/invite/", form).status_code == 302
    invited = Staff.objects.get(name="Xiao Mei")
    assert (invited.role, invited.branch_id, invited.user.has_usable_password()) == ("cashier", branch.pk, False)
    deliver_waiting()
    assert [mail.to for mail in mailoutbox] == [["mei@teahouse.example"]]
    assert "/account/invitation/" in mailoutbox[0].body

    response = office.post("/office/team/invite/", {**form, "name": "Twin"})
    assert response.status_code == 422
    assert "email" in response.context["form"].errors


def test_the_checklist_follows_the_data(office: Client, branch: Branch, cashier: Staff) -> None:
    from regulars.backoffice.selectors import checklist

    done = {step.code: step.done for step in checklist()}
    assert (done["site"], done["brand"], done["member"], done["sale"]) == (False, False, False, False)
    assert done["team"] is True

    assert office.post("/office/site/").status_code == 302
    member = join(contact=normal_contact("+8613800138000"), language="en", source="counter", branch=branch)
    quote = sales.quote(branch=branch, member=member, lines=[LineRequest(description="Tea", unit_price=9_900)])
    sales.confirm(quote=quote, key="first-sale-of-all", cashier=cashier, received=10_000)

    done = {step.code: step.done for step in checklist()}
    assert (done["site"], done["brand"], done["member"], done["sale"]) == (True, False, True, True)


def test_the_link_in_the_owners_mail_ticks_the_first_step(
    business: Any, office: Client, mailoutbox: Any, django_capture_on_commit_callbacks: Any
) -> None:
    import re

    from regulars.backoffice.selectors import checklist
    from tenants.services import confirm_email, send_confirmation

    assert [step.done for step in checklist() if step.code == "email"] == [False]
    with django_capture_on_commit_callbacks(execute=True):
        send_confirmation(business=business)
    found = re.search(r"/confirm/([^/]+)/", mailoutbox[-1].body)
    assert found is not None
    for _ in range(2):
        confirm_email(found[1])
    assert [step.done for step in checklist() if step.code == "email"] == [True]


def test_the_first_page_counts_today(office: Client, sale: Sale) -> None:
    from regulars.backoffice.selectors import figures
    from regulars.organisation.scope import WHOLE

    seen = figures(WHOLE)
    assert (seen.today.total, seen.today.sales, seen.today.joined) == (25_000, 1, 1)
    assert seen.today.points_issued == sale.points_earned
    assert seen.same_day.total == 0
    assert "¥250.00" in _text(office.get("/office/", headers={"accept-language": "zh-hans"}))


def test_the_day_is_the_businesss_and_not_the_servers(office: Client) -> None:
    """Wagtail alone would put its admin into the zone of the server."""
    import datetime as dt

    from regulars import clock
    from regulars.backoffice import selectors

    seen = []
    counted = selectors.figures

    def figures_seen(scope: Any) -> selectors.Figures:
        seen.append(clock.today())
        return counted(scope)

    with (
        clock.turned_to(dt.datetime(2026, 6, 14, 17, 0, tzinfo=dt.UTC)),
        patch("regulars.backoffice.panels.selectors.figures", figures_seen),
    ):
        office.get("/office/")
    assert seen == [dt.date(2026, 6, 15)]


def test_members_are_found_by_name_phone_and_card(office: Client, member: Member) -> None:
    card = member.cards.get().number
    for typed in ("Li Hua", "8000", "+8613800138000", card, f"{card[:4]} {card[4:8]}"):
        assert "Li Hua" in _text(office.get("/office/members/results/", {"q": typed})), typed
    assert "Li Hua" not in _text(office.get("/office/members/results/", {"q": "Wang"}))


@pytest.mark.capability(15)
@pytest.mark.capability(136)
def test_lists_are_downloaded_without_formulas(office: Client, member: Member, sale: Sale) -> None:
    Member.objects.filter(pk=member.pk).update(name='=HYPERLINK("http://evil.example")')
    download = office.get("/office/members/", {"export": "csv"})
    rows = list(csv.reader(io.StringIO(download.content.decode("utf-8-sig"))))
    assert rows[0][0] == "Public id"
    assert rows[1][1] == '\'=HYPERLINK("http://evil.example")'
    assert rows[1][2] == "+8613800138000"
    assert office.get("/office/members/", {"export": "xlsx"}).status_code == 200

    rows = list(csv.reader(io.StringIO(office.get("/office/sales/", {"export": "csv"}).content.decode("utf-8-sig"))))
    assert rows[1][rows[0].index("Total")] == "250.00"


@pytest.mark.parametrize("path", ["/office/members/", "/office/sales/"])
def test_a_longer_list_asks_no_more_often(
    office: Client, branch: Branch, cashier: Staff, path: str, django_assert_max_num_queries: Any
) -> None:
    def grow(start: int, end: int) -> None:
        for number in range(start, end):
            member = join(
                contact=normal_contact(f"+861380013{number:04}"), language="en", source="counter", branch=branch
            )
            quote = sales.quote(branch=branch, member=member, lines=[LineRequest(description="Tea", unit_price=2_000)])
            sales.confirm(quote=quote, key=f"sale-number-{number}", cashier=cashier, received=2_000)

    grow(0, 10)
    office.get(path)
    with CaptureQueriesContext(connection) as ten:
        assert len(office.get(path).context["object_list"]) == 10
    asked = len(ten)
    grow(10, 60)
    office.get(path)
    with django_assert_max_num_queries(asked):
        assert len(office.get(path).context["object_list"]) == 50


def test_a_record_is_neither_added_nor_changed_nor_deleted_by_a_generic_form(
    office: Client, member: Member, sale: Sale
) -> None:
    postings = Posting.objects.count()
    for path in (
        f"/office/members/edit/{member.pk}/",
        f"/office/members/delete/{member.pk}/",
        "/office/members/add/",
        f"/office/sales/delete/{sale.pk}/",
        "/office/snippets/choose/people/member/",
        f"/office/bulk/people/member/delete/?id={member.pk}",
    ):
        assert office.post(path).status_code in {302, 404, 405}, path
    assert Member.objects.count() == 1
    assert (Sale.objects.count(), Posting.objects.count()) == (1, postings)
    for foreign in ("mem_doesnotexist", str(member.pk), "x" * 300):
        assert office.get(f"/office/members/{foreign}/").status_code == 404


def test_no_page_of_the_office_carries_a_script_of_its_own(office: Client, member: Member, sale: Sale) -> None:
    """The policy allows none; what Wagtail would write into pages is carried as data instead."""
    import re

    from wagtail.models import Site

    home = Site.objects.get().root_page
    pages = [*_addresses(member, sale), f"/office/pages/{home.pk}/edit/", "/office/sales/?business_date=2026-06-15"]
    for path in pages:
        scripts = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", _text(office.get(path)))
        assert [kind for kind in scripts if "application/json" not in kind] == [], path
