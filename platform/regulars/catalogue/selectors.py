"""Questions about the catalogue: what somebody may see of it, what one types to find it, and who is a dealer."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.cache import cache
from django.db.models import Case, Count, IntegerField, Model, Q, QuerySet, Value, When

from regulars import clock
from regulars.catalogue import editions
from regulars.catalogue.identity import Identity, identity_of
from regulars.catalogue.models import (
    ApplicationState,
    Audience,
    Category,
    Dealer,
    DealerApplication,
    DealerLevel,
    Holiday,
    PriceBook,
    Product,
)
from regulars.catalogue.pictures import picture_of, with_pictures
from regulars.catalogue.pricing import Priced, resolve
from regulars.errors import NotFound
from regulars.loyalty.rewards.pictures import Picture
from regulars.organisation.models import Branch, Language
from regulars.organisation.selectors import organisation
from regulars.people.models import Member

Record = TypeVar("Record", bound=Model)
LONGEST_SEARCH = 60
WINDOW_KEY = "catalogue.window"
WINDOW_SECONDS = 60
MOST_IN_WINDOW = 300


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A product in the shop window, at the price of whoever looks; `why_not` says why it cannot be had just now.

    `others_from` is the day on which those may buy it who have no early access, None where nobody is before others.
    """

    product: Product
    priced: Priced
    picture: Picture | None
    why_not: str
    others_from: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """A category (None for what is in none) and what stands on it."""

    category: Category | None
    shown: tuple[Shown, ...]


def visible_to(identity: Identity, *, branch: Branch | None = None) -> QuerySet[Product]:
    """What somebody may see, on sale somewhere or at this branch; tiers are looked at afterwards (`may_see`)."""
    found = Product.objects.select_related("category", "tier").filter(is_active=True, currency=organisation().currency)
    audiences = ["everybody", *(["members", "tier"] if identity.member is not None else [])]
    if identity.rank is not None:
        audiences.append("dealers")
    found = found.filter(audience__in=audiences)
    if branch is not None:
        found = found.filter(Q(branches=[]) | Q(branches__contains=[branch.public_id]))
    return found


def has_window(*, for_guests: bool = False) -> bool:
    """Whether there is something in the window for any member, or for guests; kept a while, as every page asks."""
    known: dict[str, bool] | None = cache.get(WINDOW_KEY)
    if known is None:
        found = Product.objects.filter(is_active=True, currency=organisation().currency)
        audiences = set(found.order_by().values_list("audience", flat=True).distinct())
        known = {
            "guests": Audience.EVERYBODY in audiences,
            "members": bool(audiences & {Audience.EVERYBODY, Audience.MEMBERS}),
        }
        cache.set(WINDOW_KEY, known, WINDOW_SECONDS)
    return known["guests" if for_guests else "members"]


def find(text: str, *, branch: Branch, member: Member | None, limit: int = 8) -> list[Priced]:
    """What somebody means by a few characters or a scan: bar code and SKU first, then names; only what this person may
    see here, at their price for one piece. `why_not` of each says why it cannot be had now.
    """
    typed = " ".join(str(text or "").replace("\0", "").split())[:LONGEST_SEARCH]
    if not typed:
        return []
    identity = identity_of(member)
    named = Q()
    for language in Language.values:
        named |= Q(**{f"words__{language}__icontains": typed})
    exact = Case(
        When(barcode=typed, then=Value(0)),
        When(sku__iexact=typed, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    meant = Q(barcode=typed) | Q(sku__istartswith=typed) | named
    found = visible_to(identity, branch=branch).filter(meant).order_by(exact, "sku")[: limit * 4]
    products = [product for product in found if identity.may_see(product)][:limit]
    return [
        dataclasses.replace(one.priced, why_not=one.why_not)
        for one in _shown(products, branch=branch, member=member, identity=identity)
    ]


def page(*, branch: Branch, member: Member | None, after: str = "", limit: int = 20) -> tuple[list[Priced], str]:
    """What this person may see here, by SKU from the one `after` on, at their price; and the SKU to go on after.

    Looks at `limit` products, of which some may be for other tiers; the second is empty where there are no more.
    """
    identity = identity_of(member)
    looked_at = list(visible_to(identity, branch=branch).filter(sku__gt=after).order_by("sku")[: limit + 1])
    products = [product for product in looked_at[:limit] if identity.may_see(product)]
    shown = [
        dataclasses.replace(one.priced, why_not=one.why_not)
        for one in _shown(products, branch=branch, member=member, identity=identity)
    ]
    return shown, looked_at[limit - 1].sku if len(looked_at) > limit else ""


def shop_window(member: Member | None, *, branch: Branch | None = None) -> list[Shelf]:
    """Everything somebody may see, shelf by shelf, each at their own price; a constant number of questions."""
    identity = identity_of(member)
    found = with_pictures(visible_to(identity, branch=branch).order_by("category__position", "category", "sku"))
    products = [product for product in found[:MOST_IN_WINDOW] if identity.may_see(product)]
    shelves: dict[int | None, list[Shown]] = {}
    categories: dict[int | None, Category | None] = {}
    for one in _shown(products, branch=branch, member=member, identity=identity, pictured=True):
        shelves.setdefault(one.product.category_id, []).append(one)
        categories[one.product.category_id] = one.product.category
    return [Shelf(category=categories[key], shown=tuple(shown)) for key, shown in shelves.items()]


def _shown(
    products: Sequence[Product],
    *,
    branch: Branch | None,
    member: Member | None,
    identity: Identity,
    pictured: bool = False,
) -> list[Shown]:
    day = clock.today(branch.zone if branch else "")
    priced = resolve(products, {}, branch=branch, member=member, identity=identity, day=day)
    tiers, had = editions.tiers_of(products), editions.had_of(identity, products)
    earlier = editions.earlier_of(identity, member, products, day=day)
    found = []
    for product in products:
        before = had.get(product.pk, 0)
        refusal = editions.why_not(product, 1, identity, day=day, tiers=tiers, had=before, earlier=earlier)
        others = None if refusal or not earlier else editions.others_from(product, identity, day=day, tiers=tiers)
        found.append(
            Shown(
                product=product,
                priced=priced[product.public_id],
                picture=picture_of(product) if pictured else None,
                why_not=refusal,
                others_from=others,
            )
        )
    return found


def products() -> QuerySet[Product]:
    """All products with what their pages show."""
    return Product.objects.select_related("category", "tier").order_by("-is_active", "sku")


def matching(typed: str) -> QuerySet[Product]:
    """The products that a search of staff leaves: by SKU, bar code and name; all of them for none."""
    if not typed:
        return products()
    named = Q(sku__istartswith=typed) | Q(barcode=typed)
    for language in Language.values:
        named |= Q(**{f"words__{language}__icontains": typed})
    return products().filter(named)


def product_by_public_id(public_id: str) -> Product:
    """Raises `NotFound`."""
    return _one(products(), public_id)


def category_by_public_id(public_id: str) -> Category:
    """Raises `NotFound`."""
    return _one(Category.objects.all(), public_id)


def book_by_public_id(public_id: str) -> PriceBook:
    """Raises `NotFound`."""
    return _one(PriceBook.objects.select_related("member", "level", "tier", "branch"), public_id)


def holiday_by_public_id(public_id: str) -> Holiday:
    """Raises `NotFound`."""
    return _one(Holiday.objects.all(), public_id)


def level_by_public_id(public_id: str) -> DealerLevel:
    """Raises `NotFound`."""
    return _one(DealerLevel.objects.all(), public_id)


def dealer_by_public_id(public_id: str) -> Dealer:
    """Raises `NotFound`."""
    return _one(Dealer.objects.select_related("member", "level", "parent"), public_id)


def application_by_public_id(public_id: str) -> DealerApplication:
    """Raises `NotFound`."""
    return _one(DealerApplication.objects.select_related("member", "asked_by", "decided_by"), public_id)


def _one(records: QuerySet[Record], public_id: str) -> Record:
    found = records.filter(public_id=public_id[:40]).first()
    if found is None:
        raise NotFound
    return found


def dealer_of(member: Member) -> Dealer | None:
    """What a member is as a dealer, None for none."""
    return Dealer.objects.select_related("level", "parent").filter(member=member, is_active=True).first()


def latest_application(member: Member) -> DealerApplication | None:
    """The member's newest application, None where they never asked."""
    return DealerApplication.objects.filter(member=member).order_by("-asked_at", "-pk").first()


def waiting_applications() -> QuerySet[DealerApplication]:
    """What nobody has decided, the oldest first."""
    waiting = DealerApplication.objects.filter(state=ApplicationState.REQUESTED)
    return waiting.select_related("member", "asked_by").order_by("asked_at", "pk")


def takes_dealers() -> bool:
    """Whether members can ask to become dealers: there is a level they could get."""
    return DealerLevel.objects.exists()


def books() -> QuerySet[PriceBook]:
    """All price books with how many prices each holds."""
    found = PriceBook.objects.select_related("member", "level", "tier", "branch")
    return found.annotate(products=Count("entries__product", distinct=True)).order_by("-is_active", "id")


def quantities_of(book: PriceBook, products: Iterable[Product]) -> dict[int, dict[int, int]]:
    """The prices of a book by product (database id) and by the quantity they hold from."""
    found: dict[int, dict[int, int]] = {}
    for product, quantity, price in book.entries.filter(product__in=list(products)).values_list(
        "product", "quantity_from", "price"
    ):
        found.setdefault(product, {})[quantity] = price
    return found


def held_of(member: Member) -> dict[str, Any]:
    """What the catalogue keeps of a member, as JSON values, for the member."""
    dealer = Dealer.objects.filter(member=member)
    return {
        "dealer": list(
            dealer.values("public_id", "company", "tax_number", "level__words", "parent__company", "since", "is_active")
        ),
        "dealer_applications": list(
            member.dealer_applications.order_by("pk").values(
                "public_id", "company", "tax_number", "note", "state", "asked_at", "decided_at", "answer"
            )
        ),
        "own_prices": [
            {
                "name": book.words,
                "from": book.starts_on,
                "until": book.ends_on,
                "prices": list(book.entries.order_by("pk").values("product__words", "quantity_from", "price")),
            }
            for book in member.price_books.filter(is_active=True).order_by("pk")
        ],
        "limited_editions": list(
            member.takings.order_by("pk").values("product__words", "quantity", "returned", "taken_at")
        ),
    }
