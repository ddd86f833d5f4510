"""The catalogue of a practice place: what is sold and what it costs for groups, and nobody's own prices."""

from __future__ import annotations

import datetime as dt

import pytest

from regulars.catalogue.models import Category, Dealer, DealerLevel, Holiday, PriceBook, PriceEntry, Product
from regulars.catalogue.services.dealers import accept, apply_as_dealer, save_level
from regulars.catalogue.services.price_books import save_book, save_holiday, set_prices
from regulars.catalogue.services.products import save_category, save_product
from regulars.loyalty.models import Tier
from regulars.organisation.models import Branch, Staff
from regulars.people.models import Member
from tenants import services
from tenants.context import business_context
from tenants.models import Business

pytestmark = [pytest.mark.clause("5.1"), pytest.mark.capability(160)]


def test_products_and_prices_for_groups_are_there_and_people_are_not(
    business: Business, branch: Branch, member: Member, owner: Staff
) -> None:
    gold, level = Tier.objects.order_by("threshold")[1], save_level(words={"en": "Shop"}, rank=10)
    category = save_category(kind="茶水", words={"zh-hans": "茶水"})
    tea = save_product(
        sku="TEA", words={"zh-hans": "龙井"}, price=6_800, category=category, audience="tier", tier=gold,
        branches=[branch], stock=5,
    )  # fmt: skip
    save_holiday(words={"en": "New Year"}, starts_on=dt.date(2027, 1, 1))
    accept(application=apply_as_dealer(member=member, company="Tea Ltd"), level=level, by=owner)
    for kind, whose in (("member", {"member": member}), ("dealer", {"level": level}), ("tier", {"tier": gold})):
        set_prices(book=save_book(kind=kind, words={"en": kind}, **whose), product=tea, prices={1: 6_000, 10: 5_000})
    with business_context(services.open_practice(business=business)):
        there = Product.objects.get()
        assert (there.sku, there.price, there.stock, str(there.category)) == ("TEA", 6_800, 5, "茶水")
        assert (there.tier, there.branches) == (Tier.objects.get(code=gold.code), [Branch.objects.get().public_id])
        assert there.public_id != tea.public_id
        assert sorted(PriceBook.objects.values_list("kind", flat=True)) == ["dealer", "tier"]
        assert PriceEntry.objects.filter(product=there).count() == 4
        counted = [model.objects.count() for model in (Category, DealerLevel, Holiday, Dealer)]
        assert counted == [1, 1, 1, 0]
