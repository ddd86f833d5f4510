"""The practice place: like the business, apart from it, entered in one's own role; and nothing leaves it."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client

from regulars import clock, hooks, plugins
from regulars.errors import RegularsError
from regulars.ledger.selectors import balance
from regulars.loyalty.models import PointsRule, Tier
from regulars.operations.models import OutboxEvent
from regulars.organisation.models import ApprovalLimit, Branch, Organisation, Role, Staff, Terminal
from regulars.organisation.places.services import add_terminal
from regulars.organisation.places.services import open_branch as new_branch
from regulars.organisation.selectors import organisation
from regulars.outreach.models import Message
from regulars.outreach.services import deliver_waiting
from regulars.people.contacts import Contact
from regulars.people.models import Member
from regulars.people.services import request_code
from regulars.sales.models import Sale
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote
from tenants import addresses, handover, provisioning, selectors, services, tasks
from tenants.context import business_context
from tenants.models import Business, BusinessState, Domain, PoolSchema, WorkHint
from tenants.services import practising

pytestmark = [pytest.mark.clause("3.9"), pytest.mark.capability(160)]


@pytest.fixture
def place(business: Business) -> Business:
    """The practice place of the tea house."""
    return services.open_practice(business=business)


def settled() -> None:
    """Check now what a commit would check: a schema with open checks is not dropped."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def path_of(address: str) -> str:
    """The path of a whole address."""
    return "/" + address.partition("://")[2].partition("/")[2]


def entered(business: Business, staff: Staff, door: str) -> tuple[Client, Any]:
    """A browser that followed the way in, and the first answer there."""
    where = services.enter_practice(business=business, staff=staff, door=door)
    browser = Client(headers={"host": f"practice-{business.slug}.regulars.test", "accept-language": "en"})
    return browser, browser.get(path_of(where))


# What it is like


def test_it_is_a_business_of_its_own_at_an_address_beside_the_real_one(business: Business, place: Business) -> None:
    assert place.schema_name != business.schema_name
    assert place.practice_of == business
    assert selectors.primary_host(place) == "practice-teahouse.regulars.test"
    assert services.open_practice(business=business).pk == place.pk


def test_it_looks_and_counts_like_the_business(business: Business, branch: Branch) -> None:
    Tier.objects.filter(threshold=0).update(words={"en": "Leaf", "zh-hans": "茶叶"})
    PointsRule.objects.update(points=7)
    Organisation.objects.update(accent="#123456", contact_email="hello@teahouse.example")
    add_terminal(branch=branch, name="Front till")
    branch.name = "Jing'an"
    branch.save(update_fields=["name"])
    new_branch(name="West Lake", address="1 Lake Road")
    ApprovalLimit.objects.create(act="points.adjust", role="manager", branch=branch, limit=77)
    with business_context(services.open_practice(business=business)):
        settings = Organisation.objects.get()
        assert (settings.name, settings.accent, settings.currency, settings.zone) == (
            business.name,
            "#123456",
            "CNY",
            "Asia/Shanghai",
        )
        assert (settings.is_practice, settings.contact_email) == (True, "")
        assert [each.name for each in Branch.objects.order_by("pk")] == ["Jing'an", "West Lake"]
        tills = Terminal.objects.filter(name="Front till")
        assert [(till.name, till.branch.name) for till in tills] == [("Front till", "Jing'an")]
        assert [(each.limit, str(each.branch)) for each in ApprovalLimit.objects.filter(limit=77)] == [(77, "Jing'an")]
        assert Tier.objects.get(threshold=0).words["en"] == "Leaf"
        assert set(PointsRule.objects.values_list("points", flat=True)) == {7}


def test_it_has_made_up_members_who_have_bought_and_none_of_the_real_ones(business: Business, member: Member) -> None:
    with business_context(services.open_practice(business=business)):
        assert Member.objects.count() == 8
        assert not Member.objects.filter(phone=member.phone).exists()
        assert Sale.objects.count() == 24
        assert sum(balance(each) for each in Member.objects.all()) > 0
        assert not OutboxEvent.objects.filter(dispatched_at=None).exists()
        assert [staff.user.has_usable_password() for staff in Staff.objects.select_related("user")] == [False]


def test_it_opens_at_once_from_the_pool(business: Business) -> None:
    provisioning.fill_pool(1)
    begun = time.perf_counter()
    place = services.open_practice(business=business)
    assert time.perf_counter() - begun < 5  # a second on a quiet machine
    assert not PoolSchema.objects.filter(schema_name=place.schema_name).exists()


def test_a_failure_half_way_leaves_nothing(business: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("the power is out")

    provisioning.fill_pool(1)
    claimed = PoolSchema.objects.get().schema_name
    monkeypatch.setattr(practising, "let_them_buy", fail)
    with pytest.raises(RuntimeError, match="power"):
        services.open_practice(business=business)
    assert not Business.objects.filter(practice_of=business).exists()
    assert not Domain.objects.filter(domain__startswith="practice-").exists()
    assert not provisioning.schema_exists(claimed)


def test_a_practice_place_has_no_practice_place_and_a_business_one_at_most(business: Business, place: Business) -> None:
    with pytest.raises(ValueError, match="none of its own"):
        services.open_practice(business=place)
    with pytest.raises(IntegrityError), transaction.atomic():
        Business.objects.filter(slug="gym").update(practice_of=business, practised_at=clock.now())


# Apart


def test_a_practice_sale_changes_nothing_real(business: Business, place: Business, member: Member) -> None:
    before = (Sale.objects.count(), Member.objects.count(), balance(member), OutboxEvent.objects.count())
    with business_context(place):
        made = quote(
            branch=Branch.objects.order_by("pk")[0],
            member=Member.objects.select_related("standing__tier").order_by("pk")[0],
            lines=[LineRequest("tea", 10_000, 3)],
        )
        confirm(quote=made, key="practised-sale", cashier=None)
        assert Sale.objects.count() == 25
    assert (Sale.objects.count(), Member.objects.count(), balance(member), OutboxEvent.objects.count()) == before


def test_nobody_is_written_to(place: Business) -> None:
    with business_context(place):
        request_code(contact=Contact("email", "somebody@real.example"), language="en")
        deliver_waiting()
        written = Message.objects.get(recipient="somebody@real.example")
        assert written.state == "sent"
        assert re.search(r"[0-9]{6}", written.body)  # to try the card with
    assert mail.outbox == []


def test_the_log_says_what_would_have_been_sent(business: Business, owner: Staff) -> None:
    browser, _landed = entered(business, owner, "office")
    with business_context(Business.objects.get(practice_of=business)):
        request_code(contact=Contact("email", "somebody@real.example"), language="en")
        deliver_waiting()
    assert "Would have been sent" in browser.get("/office/messages/log/").content.decode()


def test_the_library_writes_to_nobody_either(business: Business, place: Business, owner: Staff) -> None:
    browser, _landed = entered(business, owner, "office")
    browser.post("/account/password/reset/", {"email": f"{owner.public_id}@practice.invalid"})
    assert mail.outbox == []


def test_it_is_in_no_figure_of_the_operator(business: Business, place: Business, site: Client) -> None:
    assert place.pk not in [each.pk for each in services.list_businesses()]
    with business_context(place):
        assert plugins.first(hooks.trial_days_left) is None
    answer = site.get("/en/find/", {"address": place.slug})
    assert answer.status_code == 404


def test_no_search_engine_reads_it(place: Business, client_for: Callable[..., Client]) -> None:
    assert client_for(place).get("/robots.txt").content.decode() == "User-agent: *\nDisallow: /\n"
    assert client_for(place).get("/en/", follow=True)["X-Robots-Tag"] == "noindex, nofollow"


def test_no_business_may_take_an_address_of_that_kind(db: None) -> None:
    for address in ("practice-teahouse", "practice-mine", "practice"):
        with pytest.raises(addresses.AddressReserved) as refusal:
            addresses.check_address(address)
        assert not [each for each in refusal.value.suggestions if each.startswith("practice")]


# The way in


def test_an_owner_lands_in_the_back_office_there(business: Business, owner: Staff) -> None:
    browser, landed = entered(business, owner, "office")
    assert (landed.status_code, landed["Location"]) == (302, "/office/")
    page = browser.get("/office/").content.decode()
    assert "Nothing here is real." in page
    assert 'href="/practice/"' in page


def test_a_cashier_is_a_cashier_there(business: Business, cashier: Staff) -> None:
    browser, landed = entered(business, cashier, "counter")
    assert landed["Location"] == "/counter/"
    page = browser.get("/counter/")
    assert page.status_code == 200
    assert "Nothing here is real." in page.content.decode()
    assert browser.get("/office/")["Location"] == "/counter/"
    with business_context(Business.objects.get(practice_of=business)):
        there = Staff.objects.select_related("branch").get(user__email=f"{cashier.public_id}@practice.invalid")
        assert (there.role, there.name, str(there.branch), there.pin_hash) == (
            Role.CASHIER,
            cashier.name,
            str(cashier.branch),
            "",
        )
        assert there.public_id != cashier.public_id


def test_who_was_given_another_role_has_it_there_too(business: Business, owner: Staff, cashier: Staff) -> None:
    entered(business, cashier, "counter")
    west = new_branch(name="West Lake")
    cashier.role, cashier.branch = Role.MARKETER, west
    cashier.save()
    entered(business, cashier, "office")
    with business_context(Business.objects.get(practice_of=business)):
        there = Staff.objects.select_related("branch").get(user__email=f"{cashier.public_id}@practice.invalid")
        assert (there.role, str(there.branch)) == (Role.MARKETER, "West Lake")


def test_the_way_in_works_once_for_a_minute_and_there_alone(
    business: Business, gym: Business, owner: Staff, client_for: Callable[..., Client]
) -> None:
    way = path_of(services.enter_practice(business=business, staff=owner, door="office"))
    place = Business.objects.get(practice_of=business)
    for elsewhere in (business, gym, services.open_practice(business=gym)):
        browser = client_for(elsewhere)
        assert browser.get(way).status_code == 403
        assert "_auth_user_id" not in browser.session
    with clock.turned_to(clock.now() + dt.timedelta(seconds=61)):
        assert client_for(place).get(way).status_code == 403
    first = client_for(place)
    assert first.get(way).status_code == 302
    with business_context(place):
        assert first.session.get_expiry_age() <= 12 * 3600
    assert client_for(place).get(way).status_code == 403


def test_a_token_leads_nowhere_but_to_a_door(business: Business, owner: Staff) -> None:
    token = handover.make_token(business=business, email=owner.user.email, door="https://evil.example/", language="xx")
    assert handover.leads_to(token) == ("/office/", "xx")
    assert handover.leads_to("forged") == ("/office/", "")


def test_the_language_goes_along(business: Business, owner: Staff, client_for: Callable[..., Client]) -> None:
    way = services.enter_practice(business=business, staff=owner, door="office", language="zh-hans")
    answer = client_for(Business.objects.get(practice_of=business)).get(path_of(way))
    assert answer.cookies["language"].value == "zh-hans"


def test_staff_enter_by_a_button_and_nobody_else(
    business: Business, cashier: Staff, member: Member, client_for: Callable[..., Client]
) -> None:
    browser = client_for(business, cashier.user)
    assert "/practice/?door=counter" in browser.get("/counter/").content.decode()
    page = browser.get("/practice/?door=counter").content.decode()
    assert "Start practising" in page
    assert "Throw away and start over" not in page
    answer = browser.post("/practice/enter/", {"door": "office"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("http://practice-teahouse.regulars.test/welcome/")
    assert client_for(business).get("/practice/")["Location"].startswith("/account/login/")
    assert client_for(business).post("/practice/enter/")["Location"].startswith("/account/login/")
    assert browser.get("/practice/enter/").status_code == 405


def test_nobody_is_shut_out_there_for_want_of_a_second_factor(business: Business, owner: Staff) -> None:
    with clock.turned_to(clock.now() - dt.timedelta(days=9)):
        services.enter_practice(business=business, staff=owner, door="office")
    browser, _landed = entered(business, owner, "office")
    assert browser.get("/office/loyalty/").status_code == 200


def test_a_place_shows_the_way_back(business: Business, owner: Staff) -> None:
    browser, _landed = entered(business, owner, "office")
    page = browser.get("/practice/").content.decode()
    assert 'href="http://teahouse.regulars.test/office/"' in page
    assert browser.post("/practice/enter/")["Location"] == "/practice/"
    assert browser.post("/practice/start-over/")["Location"] == "/practice/"
    with business_context(Business.objects.get(practice_of=business)):
        assert plugins.first(hooks.practice_page) == "/practice/"
    assert plugins.first(hooks.practice_page) is None


# Anew and away


def test_starting_over_throws_away_what_was_practised(business: Business, owner: Staff) -> None:
    entered(business, owner, "office")
    place = Business.objects.get(practice_of=business)
    with business_context(place):
        Member.objects.update(name="Somebody Else")
        Organisation.objects.update(name="Scribbled over")
        assert organisation().is_practice
    PointsRule.objects.update(points=9)
    settled()
    services.start_over(business=business)
    again = Business.objects.get(practice_of=business)
    assert (again.pk, again.schema_name) == (place.pk, place.schema_name)
    with business_context(again):
        assert organisation().name == business.name
        assert not Member.objects.filter(name="Somebody Else").exists()
        assert set(PointsRule.objects.values_list("points", flat=True)) == {9}
        assert not Staff.objects.filter(user__email=f"{owner.public_id}@practice.invalid").exists()
    _browser, landed = entered(business, owner, "office")
    assert landed.status_code == 302


def test_only_who_manages_the_team_starts_over(
    business: Business, owner: Staff, cashier: Staff, client_for: Callable[..., Client]
) -> None:
    place = services.open_practice(business=business)
    with business_context(place):
        Member.objects.update(name="Kept")
    assert client_for(business, cashier.user).post("/practice/start-over/").status_code == 403
    with business_context(place):
        assert Member.objects.filter(name="Kept").count() == 8
    settled()
    answer = client_for(business, owner.user).post("/practice/start-over/", {"door": "office"})
    assert answer["Location"].startswith("http://practice-teahouse.regulars.test/welcome/")
    with business_context(place):
        assert not Member.objects.filter(name="Kept").exists()


def test_it_is_dropped_after_thirty_days_without_use(business: Business, place: Business) -> None:
    settled()
    with clock.turned_to(clock.now() + dt.timedelta(days=29)):
        assert services.drop_unused() == 0
        Business.objects.filter(pk=place.pk).update(practised_at=clock.now())
    with clock.turned_to(clock.now() + dt.timedelta(days=58)):
        tasks.sweep.apply(throw=True)
        assert Business.objects.filter(pk=place.pk).exists()
    with clock.turned_to(clock.now() + dt.timedelta(days=60)):
        tasks.sweep.apply(throw=True)
    assert not Business.objects.filter(pk=place.pk).exists()
    assert not Domain.objects.filter(domain="practice-teahouse.regulars.test").exists()
    assert not WorkHint.objects.filter(schema_name=place.schema_name).exists()
    assert not provisioning.schema_exists(place.schema_name)
    assert Business.objects.filter(pk=business.pk, state=BusinessState.OPEN).exists()


def test_closing_and_deleting_take_it_along(business: Business, place: Business) -> None:
    settled()
    closed = services.close_business(business=business, by="owner")
    assert not provisioning.schema_exists(place.schema_name)
    services.reopen_business(business=closed, by="owner")
    again = services.open_practice(business=business)
    settled()
    services.close_business(business=business, by="owner")
    settled()
    services.delete_business(business=business, is_requested_by_owner=True)
    assert not provisioning.schema_exists(again.schema_name)
    assert not Business.objects.filter(slug__contains="teahouse").exists()


def test_it_is_not_closed_by_itself(place: Business) -> None:
    with pytest.raises(services.IsForPractice) as refusal:
        services.close_business(business=place, by="operator")
    assert isinstance(refusal.value, RegularsError)
    assert Business.objects.get(pk=place.pk).state == BusinessState.OPEN
