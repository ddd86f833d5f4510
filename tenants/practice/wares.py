"""What a practice place takes over of the catalogue: categories, products, holidays, and the prices for groups.

Prices of one member or of a condition are left out, and so are dealers: they speak of people. Pictures stay with the
business; names and figures are what practice needs.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from regulars.catalogue.models import Category, DealerLevel, Holiday, PriceBook, PriceEntry, Product
from regulars.loyalty.models import Tier
from regulars.organisation.models import Branch

Row = dict[str, Any]
NOT_TAKEN = frozenset({"id", "public_id"})
TAKEN_BOOKS = ("dealer", "tier", "branch", "list")


def wares_of_this_business() -> dict[str, list[Row]]:
    """The catalogue of the business this thread is in as plain values; rows refer to each other by name."""
    branches = {branch.public_id: branch.name for branch in Branch.objects.all()}
    books = list(PriceBook.objects.select_related("level", "tier", "branch").filter(kind__in=TAKEN_BOOKS))
    places = {book.pk: place for place, book in enumerate(books)}
    entries = PriceEntry.objects.select_related("product").filter(book__in=books).order_by("pk")
    return {
        "categories": [_values(each) for each in Category.objects.order_by("pk")],
        "levels": [_values(each) for each in DealerLevel.objects.order_by("pk")],
        "holidays": [_values(each) for each in Holiday.objects.order_by("pk")],
        "products": [
            {
                **_values(each),
                "category": each.category.kind if each.category else None,
                "tier": each.tier.code if each.tier else None,
                "branches": [branches[named] for named in each.branches if named in branches],
            }
            for each in Product.objects.select_related("category", "tier").order_by("pk")
        ],
        "books": [
            {
                **_values(each),
                "level": each.level.rank if each.level else None,
                "tier": each.tier.code if each.tier else None,
                "branch": each.branch.name if each.branch else None,
            }
            for each in books
        ],
        "entries": [{**_values(each), "book": places[each.book_id], "product": each.product.sku} for each in entries],
    }


def lay_out(wares: dict[str, list[Row]]) -> None:
    """Give a fresh practice place, whose branches and tiers are there already, that catalogue."""
    branches = {branch.name: branch for branch in Branch.objects.all()}
    tiers = {tier.code: tier for tier in Tier.objects.all()}
    categories = {row["kind"]: Category.objects.create(**row) for row in wares["categories"]}
    levels = {row["rank"]: DealerLevel.objects.create(**row) for row in wares["levels"]}
    for row in wares["holidays"]:
        Holiday.objects.create(**row)
    products = {}
    for row in wares["products"]:
        here = [branches[name].public_id for name in row["branches"] if name in branches]
        found = {"category": categories.get(row["category"]), "tier": tiers.get(row["tier"]), "branches": here}
        products[row["sku"]] = Product.objects.create(**{**row, **found})
    books = [
        PriceBook.objects.create(
            **{
                **row,
                "level": levels.get(row["level"]),
                "tier": tiers.get(row["tier"]),
                "branch": branches.get(row["branch"]),
            }
        )
        for row in wares["books"]
    ]
    PriceEntry.objects.bulk_create(
        PriceEntry(**{**row, "book": books[row["book"]], "product": products[row["product"]]})
        for row in wares["entries"]
    )


def _values(row: Model) -> Row:
    """The columns of a row that may be taken over; what it refers to goes its own way."""
    return {
        column.name: getattr(row, column.name)
        for column in row._meta.concrete_fields
        if column.name not in NOT_TAKEN and not column.is_relation
    }
