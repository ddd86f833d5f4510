"""A whole sale in money without decimals and with three: priced, paid, and given back by thirds to the last unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache

from regulars.ledger.selectors import balance
from regulars.organisation.models import Organisation
from regulars.people.selectors import member_by_public_id
from regulars.sales.models import Sale
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote, refund

if TYPE_CHECKING:
    from regulars.organisation.models import Branch
    from regulars.people.models import Member

pytestmark = [pytest.mark.clause("5.Bad input"), pytest.mark.clause("5.4"), pytest.mark.capability(167)]


@pytest.mark.parametrize(("currency", "price"), [("JPY", 1_000), ("KWD", 12_345), ("CNY", 10_001)])
def test_a_sale_comes_back_by_thirds_in_any_currency(branch: Branch, member: Member, currency: str, price: int) -> None:
    Organisation.objects.update(currency=currency)
    cache.clear()
    buyer = member_by_public_id(member.public_id)
    before = balance(member.wallet)
    priced = quote(branch=branch, member=buyer, lines=[LineRequest("Tea", price)])
    sale = confirm(quote=priced, key="a-sale-abroad", cashier=None)
    assert (sale.currency, sale.total) == (currency, price)
    third = price // 3
    for number, amount in enumerate((third, third, price - 2 * third)):
        refund(sale=Sale.objects.get(), key=f"third-part-{number}", amount=amount, reason="Cold", cashier=None)
    again = Sale.objects.get()
    assert (again.refunded_total, again.points_taken_back) == (price, again.points_earned)
    assert balance(member.wallet) == before
