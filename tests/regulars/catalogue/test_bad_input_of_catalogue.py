"""No form of the catalogue fails, whatever is typed into it: those of records that are there, and the portal's."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from regulars.catalogue.models import Product
from regulars.catalogue.services.dealers import apply_as_dealer
from regulars.people.services import user_for
from tests.conftest import new_member
from tests.test_bad_input import Visit

if TYPE_CHECKING:
    from regulars.catalogue.models import DealerLevel
    from regulars.organisation.models import Staff
    from regulars.people.models import Member
    from tests.regulars.catalogue.conftest import Make, Open, Sell

pytestmark = [pytest.mark.clause("5.Bad input"), pytest.mark.django_db]
OFFICE = "/office/catalogue/"


@pytest.fixture(autouse=True)
def _without_a_log() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_no_form_of_a_record_fails(
    business: Any,
    owner: Staff,
    client_for: Callable[..., Client],
    monkeypatch: pytest.MonkeyPatch,
    tea: Product,
    book: Open,
    member: Member,
    made_dealer: Make,
) -> None:
    monkeypatch.setattr("tests.test_bad_input.OURS", (OFFICE,))
    made = book("tier", {tea: {1: 9_000, 10: 8_000}}, tier=_lowest())
    dealer = made_dealer(member)
    waiting = apply_as_dealer(member=new_member(contact="+8613800138061"), company="Tea shop")
    visits = Visit(client_for(business, owner.user))
    pages = [
        f"{OFFICE}products/{tea.public_id}/stock/",
        f"{OFFICE}prices/{made.public_id}/grid/",
        f"{OFFICE}dealers/{dealer.public_id}/",
        f"{OFFICE}dealers/applications/{waiting.public_id}/",
        f"{OFFICE}products/many/",
    ]
    forms = visits.forms(pages)
    assert {form.action for form in forms} >= set(pages)
    for form in forms:
        visits.send(form)
    for query in ("try=1&who=%00&quantity=-1&day=soon", "try=1&branch=x&quantity=" + "9" * 40, "q=%00", "p=-1"):
        assert visits.browser.get(f"{OFFICE}prices/?{query}").status_code == 200
        assert visits.browser.get(f"{OFFICE}prices/{made.public_id}/grid/?{query}").status_code == 200
    assert visits.faults[:8] == []
    tea.refresh_from_db()
    assert tea.price == 10_000


def test_no_form_of_the_portal_fails(
    business: Any,
    member: Member,
    level: DealerLevel,
    selling: Sell,
    client_for: Callable[..., Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tests.test_bad_input.OURS", ("/me/dealer/",))
    selling()
    visits = Visit(client_for(business, user_for(member=member)))
    for form in visits.forms(["/me/dealer/"]):
        visits.send(form)
    for query in ("branch=%00", "branch=brn_none", "branch=" + "9" * 500):
        assert visits.browser.get(f"/me/shop/?{query}").status_code == 200
    assert visits.faults[:8] == []


def _lowest() -> Any:
    from regulars.loyalty.models import Tier

    return Tier.objects.order_by("threshold")[0]
