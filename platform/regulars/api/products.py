"""Products: what somebody may buy here and what it costs them, by a few characters, by a scan, or page by page."""

from __future__ import annotations

from ninja import Router, Schema
from ninja.params.functions import Query
from pydantic import Field

from regulars.api.callers import Asking, MayCall
from regulars.api.members import member_here
from regulars.api.paging import LONGEST, MOST, USUAL, cursor_after, place_of
from regulars.catalogue import selectors
from regulars.catalogue.pricing import Priced
from regulars.catalogue.selectors import LONGEST_SEARCH
from regulars.organisation.selectors import organisation

router = Router(tags=["products"])


class ProductOut(Schema):
    """A product at the price of one piece for this person, minor units; `reason` says why it is not the list price."""

    product: str
    sku: str
    name: str
    category: str
    list_price: int
    price: int
    reason: str
    tax_rate: int = Field(description="Hundredths of a percent.")
    tax_included: bool
    why_not: str = Field(description="Why it cannot be bought now, in words; empty if it can.")


class Products(Schema):
    """Products of this branch; `next` is the cursor of the page after this one, null for none."""

    currency: str
    products: list[ProductOut]
    next: str | None


@router.get("/products", response=Products, summary="Products and prices", auth=MayCall("products.read"))
def find_product(
    request: Asking,
    text: str = Query("", max_length=LONGEST_SEARCH, description="Bar code, SKU or a part of the name; empty for all."),
    member: str = Query("", max_length=40, description="Whose price; empty for a guest's."),
    cursor: str = Query("", max_length=LONGEST),
    limit: int = Query(USUAL, ge=1, le=MOST),
) -> Products:
    """What this person may see at this branch, at their price. A page may hold fewer than `limit`; go on by `next`."""
    buyer = member_here(member) if member else None
    branch, following = request.auth.branch, ""
    if text.strip():
        found = selectors.find(text, branch=branch, member=buyer, limit=limit)
    else:
        place = place_of(cursor, str) or ("",)
        found, following = selectors.page(
            branch=branch, member=buyer, after=str(place[0]).replace("\0", ""), limit=limit
        )
    return Products(
        currency=organisation().currency,
        products=[_told(priced) for priced in found],
        next=cursor_after(following) if following else None,
    )


def _told(priced: Priced) -> ProductOut:
    return ProductOut(**{name: getattr(priced, name) for name in ProductOut.model_fields})
