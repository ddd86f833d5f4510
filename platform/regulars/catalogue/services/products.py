"""What the business sells: categories, products and how many there are. The next quote sees every change."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.core.cache import cache
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from regulars.catalogue.models import (
    FULL,
    MOST_PER_MEMBER,
    MOST_STOCK,
    Audience,
    Category,
    Product,
    ProductKind,
)
from regulars.catalogue.selectors import WINDOW_KEY
from regulars.errors import InvalidInput
from regulars.loyalty.models import Tier
from regulars.loyalty.rewards.pictures import keep_picture
from regulars.loyalty.saving import figures, words_by_language
from regulars.money import LARGEST_AMOUNT, parse_money
from regulars.operations.trail import record
from regulars.organisation.models import Branch, Language
from regulars.organisation.selectors import organisation
from regulars.text import plain_text

MOST_PHASES = 10
MOST_LINES = 500


@transaction.atomic
def save_category(
    *,
    category: Category | None = None,
    kind: str,
    words: Mapping[str, str],
    position: int = 0,
    by: str = "",
) -> Category:
    """Make or change a category. Raises `InvalidInput` (field `kind`, `words`) for no name or one that is taken."""
    category = Category.objects.select_for_update().get(pk=category.pk) if category is not None else Category()
    before = figures(category)
    category.kind = plain_text(kind, field="kind", longest=40)
    taken = Category.objects.filter(kind__iexact=category.kind).exclude(pk=category.pk)
    if taken.exists():
        raise InvalidInput(_("There is a category of this kind already. Choose another name."), field="kind")
    category.words, category.position = words_by_language(words), position
    category.save()
    record(act="category.saved", actor=by, subject=category.public_id, before=before, after=figures(category))
    return category


@transaction.atomic
def save_product(
    *,
    product: Product | None = None,
    sku: str,
    words: Mapping[str, str],
    price: int,
    barcode: str = "",
    kind: str = ProductKind.GOODS,
    category: Category | None = None,
    details: Mapping[str, str] | None = None,
    tax_rate: int = 0,
    tax_included: bool = True,
    branches: Collection[Branch] = (),
    audience: str = Audience.EVERYBODY,
    tier: Tier | None = None,
    stock: int | None = None,
    per_member: int | None = None,
    phases: Sequence[Mapping[str, str]] = (),
    picture: File[Any] | None = None,
    removes_picture: bool = False,
    picture_words: Mapping[str, str] | None = None,
    is_active: bool = True,
    by: str = "",
) -> Product:
    """Put a product into the catalogue or change it; what was sold before stays as it was.

    `price` is minor units, `tax_rate` hundredths of a percent. `stock` counts for a new one only (`restock` afterwards,
    so that nobody overwrites what was sold meanwhile). Raises `InvalidInput` naming the field: no name, an SKU or bar
    code that is taken, figures out of bounds, a phase without a day.
    """
    product = Product.objects.select_for_update().get(pk=product.pk) if product is not None else Product()
    before = figures(product)
    _name(product, sku=sku, barcode=barcode)
    if kind not in ProductKind.values:
        raise InvalidInput(_("Choose what kind of product it is."), field="kind")
    product.kind, product.category, product.is_active = kind, category, is_active
    product.words = words_by_language(words)
    product.details = _said(details or {}, field="details", longest=300)
    product.price = within(price, 1, LARGEST_AMOUNT, "price")
    product.currency = organisation().currency
    product.tax_rate, product.tax_included = within(tax_rate, 0, FULL, "tax_rate"), tax_included
    product.branches = sorted(branch.public_id for branch in branches)
    _for_whom(product, audience, tier)
    product.per_member = None if per_member is None else within(per_member, 1, MOST_PER_MEMBER, "per_member")
    product.phases = sound_phases(phases)
    if before is None:
        product.stock = None if stock is None else within(stock, 0, MOST_STOCK, "stock")
    else:
        product.version += 1
    if picture_words is not None:
        product.picture_words = _said(picture_words, field="picture_words", longest=120)
    if picture is not None:
        product.picture = keep_picture(picture, title=str(product))
    elif removes_picture:
        product.picture = None
    product.save()
    forget_window()
    record(act="product.saved", actor=by, subject=product.public_id, before=before, after=figures(product))
    return product


def forget_window() -> None:
    """Let every page ask anew whether there is something in the window."""
    cache.delete(WINDOW_KEY)
    transaction.on_commit(lambda: cache.delete(WINDOW_KEY))


def _name(product: Product, *, sku: str, barcode: str) -> None:
    """Its own two names. Raises `InvalidInput` (field `sku`, `barcode`) for one that another product has."""
    product.sku = plain_text(sku, field="sku", longest=40).upper()
    product.barcode = plain_text(barcode, field="barcode", longest=40, required=False).replace(" ", "")
    others = Product.objects.exclude(pk=product.pk)
    if others.filter(sku=product.sku).exists():
        raise InvalidInput(_("Another product has this SKU. Give each its own."), field="sku")
    if product.barcode and others.filter(barcode=product.barcode).exists():
        raise InvalidInput(_("Another product has this bar code. Scan it again, or leave it empty."), field="barcode")


def _for_whom(product: Product, audience: str, tier: Tier | None) -> None:
    if audience not in Audience.values:
        raise InvalidInput(_("Choose who may see it."), field="audience")
    if audience == Audience.TIER and tier is None:
        raise InvalidInput(_("Choose the tier from which on members may see it."), field="tier")
    product.audience, product.tier = audience, tier if audience == Audience.TIER else None


def sound_phases(phases: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """The phases by day: from when on who may buy. Raises `InvalidInput` (field `phases`)."""
    if len(phases) > MOST_PHASES:
        raise InvalidInput(_("At most %(most)s phases are possible.") % {"most": MOST_PHASES}, field="phases")
    known = set(Tier.objects.values_list("code", flat=True)) if any(phase.get("tier") for phase in phases) else set()
    found = []
    for phase in phases:
        code = str(phase.get("tier") or "")
        if code and code not in known:
            raise InvalidInput(_("There is no such tier here. Choose one from the list."), field="phases")
        try:
            day = dt.date.fromisoformat(str(phase.get("from") or ""))
        except ValueError as error:
            raise InvalidInput(_("Say for each phase from which day on it holds."), field="phases") from error
        found.append({"from": day.isoformat(), "tier": code})
    return sorted(found, key=lambda phase: (phase["from"], phase["tier"]))


@transaction.atomic
def restock(*, product: Product, by_how_many: int | None, actor: str) -> Product:
    """Add to what is in stock (below zero: take away), None for without end. Raises `InvalidInput` (field `stock`)."""
    product = Product.objects.select_for_update().get(pk=product.pk)
    before = {"stock": product.stock}
    if by_how_many is None:
        product.stock = None
    else:
        stock = (product.stock or 0) + by_how_many
        if not 0 <= stock <= MOST_STOCK:
            raise InvalidInput(
                _("There would be %(stock)s then. Enter a number that leaves from 0 to %(most)s.")
                % {"stock": stock, "most": MOST_STOCK},
                field="stock",
            )
        product.stock = stock
    product.save(update_fields=["stock"])
    after = {"stock": product.stock}
    record(act="product.restocked", actor=actor, subject=product.public_id, before=before, after=after)
    return product


def within(value: int | None, least: int, most: int, field: str) -> int:
    """A figure between two others. Raises `InvalidInput` naming the field."""
    if value is None or not least <= value <= most:
        raise InvalidInput(
            _("Enter a whole number from %(least)s to %(most)s.") % {"least": least, "most": most}, field=field
        )
    return value


def _said(words: Mapping[str, str], *, field: str, longest: int) -> dict[str, str]:
    """Words by language that may be left out, cleaned."""
    return {
        language: plain_text(words.get(language, ""), field=field, longest=longest, required=False)
        for language in Language.values
    }


@transaction.atomic
def add_many(*, lines: str, by: str = "") -> list[Product]:
    """Add products from lines of SKU, name, price, and if given kind of goods and bar code: all of them or none.

    Kinds that are new become categories. Raises `InvalidInput` (field `lines`) that names the line at fault.
    """
    rows = [(number, line) for number, line in enumerate(lines.splitlines(), 1) if line.strip()]
    if len(rows) > MOST_LINES:
        raise InvalidInput(_("At most %(most)s lines at once.") % {"most": MOST_LINES}, field="lines")
    known = {category.kind.casefold(): category for category in Category.objects.all()}
    return [_added(number, line, known, by=by) for number, line in rows]


def _added(number: int, line: str, known: dict[str, Category], *, by: str) -> Product:
    cells = next(csv.reader(io.StringIO(line), delimiter="\t" if "\t" in line else ","), [])
    sku, name, price, kind, barcode, *_rest = [*(cell.strip() for cell in cells), "", "", "", "", ""]
    language = "zh-hans" if any("\u4e00" <= char <= "\u9fff" for char in name) else "en"
    try:
        if kind and kind.casefold() not in known:
            known[kind.casefold()] = save_category(kind=kind, words={language: kind}, by=by)
        return save_product(
            sku=sku,
            words={language: name},
            price=parse_money(price, organisation().currency),
            category=known.get(kind.casefold()),
            barcode=barcode,
            by=by,
        )
    except InvalidInput as refusal:
        words = _("Line %(number)s: %(refusal)s") % {"number": number, "refusal": refusal}
        raise InvalidInput(words, field="lines") from refusal
