"""What a product costs for somebody: the one resolver, which every door asks.

Books are asked in the order member > dealer level > tier > segment > branch > list; the first kind that has a price
decides, within a kind the lowest price. A quantity break counts the pieces of a product over the whole basket. The
number of questions to the database does not grow with the basket.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Q
from django.utils.translation import gettext as _

from regulars import clock, conditions
from regulars.catalogue import editions, windows
from regulars.catalogue.identity import Identity, identity_of
from regulars.catalogue.models import MOST_PIECES, BookKind, PriceBook, PriceEntry, Product
from regulars.errors import InvalidInput
from regulars.organisation.models import Branch
from regulars.organisation.selectors import organisation
from regulars.people.models import Member
from regulars.words import in_language

RANKS: dict[str, int] = {kind: place for place, kind in enumerate(BookKind.values)}
"""The order in which kinds of books are asked."""


@dataclass(frozen=True)
class Wanted:
    """So many pieces of a product (its public id)."""

    product: str
    quantity: int = 1


@dataclass(frozen=True)
class Priced:
    """What a piece costs, minor units: `list_price` for anybody, `price` here and now, and why it is another one.

    `category` is the kind of goods, `tax_rate` hundredths of a percent, `version` changes when the price may have.
    `why_not` says why it cannot be bought now, where it is only looked at; `breaks` are the lower prices of more
    pieces, each with the quantity from which on it holds.
    """

    product: str
    name: str
    category: str
    list_price: int
    price: int
    reason: str
    tax_rate: int
    tax_included: bool
    version: str
    sku: str = ""
    why_not: str = ""
    breaks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Candidate:
    """A price that holds for somebody today: `rank` is that of the kind of its book, `book` decides between equals."""

    rank: int
    book: int
    quantity_from: int
    price: int


def decide(candidates: Iterable[Candidate], pieces: int) -> Candidate | None:
    """Which of the prices of one product is the one for so many pieces; None for the list price."""
    by_book: dict[int, Candidate] = {}
    for one in candidates:
        known = by_book.get(one.book)
        if one.quantity_from <= pieces and (known is None or known.quantity_from < one.quantity_from):
            by_book[one.book] = one
    return min(by_book.values(), key=lambda one: (one.rank, one.price, one.book), default=None)


def breaks_of(candidates: Sequence[Candidate], pieces: int, price: int) -> tuple[tuple[int, int], ...]:
    """From which larger quantities on a piece costs less than `price`, and how much."""
    found: list[tuple[int, int]] = []
    for quantity in sorted({one.quantity_from for one in candidates if one.quantity_from > pieces}):
        chosen = decide(candidates, quantity)
        if chosen is not None and chosen.price < (found[-1][1] if found else price):
            found.append((quantity, chosen.price))
    return tuple(found)


def prices_of(wanted: Sequence[Wanted], *, branch: Branch, member: Member | None, at: dt.datetime) -> list[Priced]:
    """What each costs this person here and then, in the same order.

    Raises `InvalidInput` (field `lines`) for a product that is not known, not on sale here, not for this person, or not
    to be had in this quantity now, and for a quantity that is none.
    """
    if any(not 0 < each.quantity <= MOST_PIECES for each in wanted):
        raise InvalidInput(_("Enter a quantity of 1 or more."), field="lines")
    pieces = Counter[str]()
    for each in wanted:
        pieces[each.product] += each.quantity
    found = {product.public_id: product for product in _known(pieces)}
    identity = identity_of(member)
    for public_id in pieces:
        if public_id not in found or not identity.may_see(found[public_id]):
            raise InvalidInput(_("This product is not on sale for this customer."), field="lines")
    products = [found[public_id] for public_id in pieces]
    for product in products:
        if refusal := why_not_here(product, branch):
            raise InvalidInput(refusal, field="lines")
    day = clock.day_of(at, branch.zone)
    tiers, had = editions.tiers_of(products), editions.had_of(identity, products)
    earlier = editions.earlier_of(identity, member, products, day=day)
    for product in products:
        much, before = pieces[product.public_id], had.get(product.pk, 0)
        if refusal := editions.why_not(product, much, identity, day=day, tiers=tiers, had=before, earlier=earlier):
            raise InvalidInput(refusal, field="lines")
    priced = resolve(products, pieces, branch=branch, member=member, identity=identity, day=day)
    return [priced[each.product] for each in wanted]


def _known(public_ids: Iterable[str]) -> Iterable[Product]:
    named = [public_id[:40] for public_id in public_ids]
    return Product.objects.select_related("category", "tier").filter(public_id__in=named)


def why_not_here(product: Product, branch: Branch | None) -> str:
    """Why a product is on sale nowhere, or not at this branch; empty where it is."""
    if not product.is_active:
        return _("%(product)s is no longer on sale.") % {"product": product}
    if branch is not None and product.branches and branch.public_id not in product.branches:
        return _("%(product)s is not sold at %(branch)s.") % {"product": product, "branch": branch}
    if product.currency != organisation().currency:
        return _("The price of %(product)s is in %(currency)s. Enter it anew in the currency of the business.") % {
            "product": product,
            "currency": product.currency,
        }
    return ""


def resolve(
    products: Sequence[Product],
    pieces: Mapping[str, int],
    *,
    branch: Branch | None,
    member: Member | None,
    identity: Identity,
    day: dt.date,
) -> dict[str, Priced]:
    """The prices of products that somebody may buy, by public id; `branch` None asks no branch's book."""
    candidates: dict[int, list[Candidate]] = defaultdict(list)
    books: dict[int, PriceBook] = {}
    entries = list(_entries(products, branch=branch, identity=identity, day=day))
    holding = _holding({entry.book_id: entry.book for entry in entries}, member=member, identity=identity, day=day)
    for entry in entries:
        if entry.book_id in holding:
            books[entry.book_id] = entry.book
            rank = RANKS[entry.book.kind]
            candidates[entry.product_id].append(Candidate(rank, entry.book_id, entry.quantity_from, entry.price))
    found = {}
    for product in products:
        wanted = pieces.get(product.public_id, 1)
        chosen = decide(candidates[product.pk], wanted)
        priced = _priced(product, chosen, books)
        found[product.public_id] = replace(priced, breaks=breaks_of(candidates[product.pk], wanted, priced.price))
    return found


def _entries(
    products: Sequence[Product], *, branch: Branch | None, identity: Identity, day: dt.date
) -> Iterable[PriceEntry]:
    """What may hold, as far as the database can say it."""
    whose = Q(book__kind=BookKind.LIST)
    if branch is not None:
        whose |= Q(book__kind=BookKind.BRANCH, book__branch=branch)
    if identity.member is not None:
        whose |= Q(book__kind=BookKind.MEMBER, book__member=identity.member)
        whose |= Q(book__kind__in=(BookKind.TIER, BookKind.SEGMENT))
    if identity.rank is not None:
        whose |= Q(book__kind=BookKind.DEALER, book__level__rank__lte=identity.rank)
    begun = Q(book__starts_on=None) | Q(book__starts_on__lte=day)
    lasting = Q(book__ends_on=None) | Q(book__ends_on__gte=day)
    return PriceEntry.objects.select_related("book__tier").filter(
        whose, begun, lasting, product__in=products, book__is_active=True, book__currency=organisation().currency
    )


def _holding(books: Mapping[int, PriceBook], *, member: Member | None, identity: Identity, day: dt.date) -> set[int]:
    """Which of these books hold for somebody on a day; what only conditions can say is asked at once."""
    today = any(book.on_holidays for book in books.values()) and windows.is_holiday(day)
    found = {
        pk
        for pk, book in books.items()
        if windows.holds_on(book, day, is_holiday=today) and (book.tier is None or identity.stands_on(book.tier))
    }
    segments = {pk: conditions.stored(books[pk].condition) for pk in found if books[pk].kind == BookKind.SEGMENT}
    if segments:
        facts = conditions.facts_of(member, *segments.values())
        found -= {pk for pk, condition in segments.items() if not condition.holds(facts)}
    return found


def _priced(product: Product, chosen: Candidate | None, books: Mapping[int, PriceBook]) -> Priced:
    price, reason, version = product.price, "", str(product.version)
    if chosen is not None:
        book = books[chosen.book]
        price, version = chosen.price, f"{product.version}-{book.public_id}-{book.version}"
        if price != product.price:
            reason = reason_of(book, chosen.quantity_from)
    return Priced(
        product=product.public_id,
        name=str(product),
        category=product.category.kind if product.category else "",
        list_price=max(product.price, price),
        price=price,
        reason=reason,
        tax_rate=product.tax_rate,
        tax_included=product.tax_included,
        version=version,
        sku=product.sku,
    )


def reason_of(book: PriceBook, quantity_from: int) -> str:
    """What a receipt says of a price out of a book."""
    name = in_language(book.words)
    if quantity_from == 1:
        return name
    return _("%(book)s, from %(quantity)s pieces on") % {"book": name, "quantity": quantity_from}
