"""What a practice place takes over of coupons: those in use with their shared codes, and one of each in some wallets.

Coupons of members and the codes of batches stay with the business: they are worth something there. What is used in
practice is another coupon with another code, so nothing that is practised counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Model

from regulars import clock
from regulars.catalogue.models import Product
from regulars.loyalty.coupons.giving import give_many
from regulars.loyalty.coupons.models import CouponBatch, CouponTemplate
from regulars.organisation.models import Branch, Terminal
from regulars.people.models import Member

Row = dict[str, Any]
NOT_TAKEN = frozenset({"id", "public_id", "issued", "claimed", "job", "made_by"})
MOST = 6
"""Coupons in one wallet."""


def coupons_of_this_business() -> list[Row]:
    """The coupons in use of the business this thread is in as plain values; branches, tills and products by name."""
    branches = {branch.public_id: branch.name for branch in Branch.objects.all()}
    tills = {till.public_id: [till.branch.name, till.name] for till in Terminal.objects.select_related("branch")}
    found = list(CouponTemplate.objects.filter(is_active=True).order_by("pk"))
    named = {public_id for template in found for public_id in template.products}
    skus = dict(Product.objects.filter(public_id__in=named).values_list("public_id", "sku"))
    return [
        {
            **_values(template),
            "branches": [branches[each] for each in template.branches if each in branches],
            "terminals": [tills[each] for each in template.terminals if each in tills],
            "products": [skus[each] for each in template.products if each in skus],
            "codes": [_values(batch) for batch in template.batches.exclude(code="").filter(voided_at=None)],
        }
        for template in found
    ]


def print_coupons(rows: Sequence[Row]) -> None:
    """Give a fresh practice place, whose branches and products are there already, those coupons."""
    branches = {branch.name: branch.public_id for branch in Branch.objects.all()}
    tills = {(till.branch.name, till.name): till.public_id for till in Terminal.objects.select_related("branch")}
    products = dict(Product.objects.values_list("sku", "public_id"))
    for row in rows:
        here = {
            "branches": [branches[name] for name in row["branches"] if name in branches],
            "terminals": [tills[branch, till] for branch, till in row["terminals"] if (branch, till) in tills],
            "products": [products[sku] for sku in row["products"] if sku in products],
        }
        values = {name: value for name, value in row.items() if name != "codes"}
        template = CouponTemplate.objects.create(**{**values, **here})
        CouponBatch.objects.bulk_create(CouponBatch(template=template, **codes) for codes in row["codes"])


def put_in_wallets(members: Sequence[Member]) -> None:
    """Give these members of a practice place a coupon each of the newest that can be used; nobody is told."""
    today = clock.today()
    usable = [
        template
        for template in CouponTemplate.objects.filter(is_active=True).order_by("-pk")
        if template.ends_on is None or template.ends_on >= today
    ]
    for template in usable[:MOST]:
        give_many(template=template, members=[member.pk for member in members], key=f"practice:{template.pk}", by="")


def _values(row: Model) -> Row:
    """The columns of a row that may be taken over; what it refers to goes its own way."""
    return {
        column.name: getattr(row, column.name)
        for column in row._meta.concrete_fields
        if column.name not in NOT_TAKEN and not column.is_relation
    }
