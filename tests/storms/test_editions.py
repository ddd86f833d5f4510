"""S2, the limited edition: many sales want the last pieces in the same instant, and exactly so many get one."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from regulars.catalogue.models import Product, Taking
from regulars.catalogue.services.products import save_product
from regulars.organisation.models import Branch
from regulars.people.models import Member
from regulars.sales.models import Sale
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote
from tenants.context import business_context
from tests.conftest import new_member
from tests.crowd import Crowd, refusals, sized, successes, switched_off

if TYPE_CHECKING:
    from tenants.models import Business

pytestmark = [pytest.mark.storm, pytest.mark.clause("5.Speed and sureness"), pytest.mark.capability(55)]
CLIENTS = sized(8, 32)
ROUNDS = sized(4, 60)
LEFT = 3
SQL = "catalogue/sql/editions.sql"
_keys = itertools.count(1)


def buying(product: Product, member: Member) -> Callable[[], Sale]:
    """One till sells one piece; it quoted while there was enough."""
    lines = [LineRequest(product=product.public_id, quantity=1, description="", unit_price=0)]
    asked = quote(branch=Branch.objects.order_by("id")[0], member=member, lines=lines)
    return lambda: confirm(quote=asked, key=f"edition-{next(_keys)}", cashier=None)


def last_ones_for_many(crowd: Crowd, *, per_member: bool) -> tuple[list[Any], int]:
    """Three are left, or one member may have three more; returns the answers and how many were taken."""
    with business_context(crowd.business):
        number = next(_keys)
        product = save_product(
            sku=f"E{number}",
            words={"en": "Edition"},
            price=100,
            stock=None if per_member else LEFT,
            per_member=LEFT if per_member else None,
        )
        buyer = new_member(contact=f"+86138{10_000_000 + number}")
        acts = [buying(product, buyer) for _ in range(crowd.size)]
    answers = crowd.at_once(acts)
    with business_context(crowd.business):
        taken = sum(Taking.objects.filter(product=product).values_list("quantity", flat=True))
        assert per_member or Product.objects.get(pk=product.pk).stock == LEFT - taken
        return answers, taken


def test_of_many_who_want_the_last_three_exactly_three_get_one(open_business: Callable[..., Business]) -> None:
    with Crowd(open_business(), CLIENTS) as crowd:
        for turn in range(ROUNDS):
            answers, taken = last_ones_for_many(crowd, per_member=bool(turn % 2))
            assert (len(successes(answers)), taken) == (LEFT, LEFT)
            assert len(refusals(answers)) == CLIENTS - LEFT


def test_without_the_lock_one_member_would_have_too_many(open_business: Callable[..., Business]) -> None:
    unlocked = ("WHERE id = wanted.id FOR NO KEY UPDATE", "WHERE id = wanted.id")
    most = 0
    with Crowd(open_business(), CLIENTS) as crowd, switched_off(crowd.business, SQL, unlocked):
        for _turn in range(30):
            _answers, taken = last_ones_for_many(crowd, per_member=True)
            most = max(most, taken)
            if most > LEFT:
                break
    assert most > LEFT, "the storm is blind"
