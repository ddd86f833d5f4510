"""Books of prices, what stands in them, and the calendar of holidays that some of them hold on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from regulars import conditions
from regulars.catalogue.models import (
    MOST_PIECES,
    OWNERS,
    BookKind,
    DealerLevel,
    Holiday,
    PriceBook,
    PriceEntry,
    Product,
)
from regulars.catalogue.services.products import within
from regulars.errors import InvalidInput
from regulars.loyalty.models import Tier
from regulars.loyalty.saving import figures, words_by_language
from regulars.money import LARGEST_AMOUNT
from regulars.operations.trail import record
from regulars.organisation.models import Branch
from regulars.organisation.selectors import organisation
from regulars.people.models import Member

MOST_HOLIDAY_DAYS = 366


@transaction.atomic
def save_book(
    *,
    book: PriceBook | None = None,
    kind: str,
    words: Mapping[str, str],
    member: Member | None = None,
    level: DealerLevel | None = None,
    tier: Tier | None = None,
    branch: Branch | None = None,
    condition: Any = None,
    starts_on: dt.date | None = None,
    ends_on: dt.date | None = None,
    weekdays: Collection[int] = (),
    month_days: Collection[int] = (),
    on_holidays: bool = False,
    is_active: bool = True,
    by: str = "",
) -> PriceBook:
    """Open a book of prices or change for whom and when it holds; of the owners only the one its kind asks for is kept.

    Raises `InvalidInput` naming the field: no name, no owner, a condition that always holds, days that are none.
    """
    book = PriceBook.objects.select_for_update().get(pk=book.pk) if book is not None else PriceBook()
    before = figures(book)
    if kind not in BookKind.values:
        raise InvalidInput(_("Choose for whom the book is."), field="kind")
    book.kind, book.words, book.is_active = kind, words_by_language(words), is_active
    owners: dict[str, Any] = {"member": member, "level": level, "tier": tier, "branch": branch}
    wanted = OWNERS.get(BookKind(kind), "")
    if wanted and owners[wanted] is None:
        raise InvalidInput(_("Say whose prices these are."), field=wanted)
    for field, owner in owners.items():
        setattr(book, field, owner if field == wanted else None)
    book.condition = conditions.parse(condition).as_json() if kind == BookKind.SEGMENT else {}
    if kind == BookKind.SEGMENT and not book.condition:
        raise InvalidInput(_("Say of which members it holds: add at least one statement."), field="condition")
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        raise InvalidInput(_("It ends before it begins. Choose a later day."), field="ends_on")
    book.starts_on, book.ends_on, book.on_holidays = starts_on, ends_on, on_holidays
    book.weekdays = sorted({within(day, 0, 6, "weekdays") for day in weekdays})
    book.month_days = sorted({within(day, 1, 31, "month_days") for day in month_days})
    if before is None:
        book.currency = organisation().currency
    else:
        book.version += 1
    book.save()
    record(act="price_book.saved", actor=by, subject=book.public_id, before=before, after=figures(book))
    return book


@transaction.atomic
def set_prices(*, book: PriceBook, product: Product, prices: Mapping[int, int], by: str = "") -> PriceBook:
    """Say what a product costs in a book, minor units by the quantity from which on; no prices take it out.

    Raises `InvalidInput` (field `prices`) for figures out of bounds and a larger quantity that costs more.
    """
    return set_many(book=book, prices={product: prices}, by=by)


@transaction.atomic
def set_many(*, book: PriceBook, prices: Mapping[Product, Mapping[int, int]], by: str = "") -> PriceBook:
    """The same for several products at once: all of it or nothing. Products that are not named keep their prices."""
    book = PriceBook.objects.select_for_update().get(pk=book.pk)
    if book.currency != organisation().currency:
        raise InvalidInput(
            _("The prices of this book are in %(currency)s. Open a new one.") % {"currency": book.currency},
            field="prices",
        )
    before = _written(book, prices)
    for product, wanted in prices.items():
        _check(product, wanted)
    book.entries.filter(product__in=list(prices)).delete()
    PriceEntry.objects.bulk_create(
        PriceEntry(book=book, product=product, quantity_from=quantity, price=price)
        for product, wanted in prices.items()
        for quantity, price in sorted(wanted.items())
    )
    after = _written(book, prices)
    if after != before:
        PriceBook.objects.filter(pk=book.pk).update(version=F("version") + 1)
        book.refresh_from_db()
        record(act="price_book.prices_set", actor=by, subject=book.public_id, before=before, after=after)
    return book


def _check(product: Product, prices: Mapping[int, int]) -> None:
    dearer = None
    for quantity, price in sorted(prices.items()):
        within(quantity, 1, MOST_PIECES, "prices")
        within(price, 0, LARGEST_AMOUNT, "prices")
        if dearer is not None and price > dearer:
            raise InvalidInput(
                _("%(product)s costs more a piece from %(quantity)s pieces on. Enter a lower price for more pieces.")
                % {"product": product, "quantity": quantity},
                field="prices",
            )
        dearer = price


def _written(book: PriceBook, products: Iterable[Product]) -> dict[str, str]:
    """The prices as the trail keeps them, by SKU: `1: 980, 10: 900`."""
    found: dict[str, list[str]] = {}
    rows = book.entries.filter(product__in=list(products)).order_by("product__sku", "quantity_from")
    for sku, quantity, price in rows.values_list("product__sku", "quantity_from", "price"):
        found.setdefault(sku, []).append(f"{quantity}: {price}")
    return {sku: ", ".join(prices) for sku, prices in found.items()}


@transaction.atomic
def save_holiday(
    *,
    holiday: Holiday | None = None,
    words: Mapping[str, str],
    starts_on: dt.date,
    ends_on: dt.date | None = None,
    by: str = "",
) -> Holiday:
    """Write a holiday into the calendar; without an end it is one day. Raises `InvalidInput` naming the field."""
    holiday = Holiday.objects.select_for_update().get(pk=holiday.pk) if holiday is not None else Holiday()
    before = figures(holiday)
    last = ends_on or starts_on
    if not 0 <= (last - starts_on).days < MOST_HOLIDAY_DAYS:
        raise InvalidInput(_("It ends before it begins, or lasts longer than a year."), field="ends_on")
    holiday.words, holiday.starts_on, holiday.ends_on = words_by_language(words), starts_on, last
    holiday.save()
    record(act="holiday.saved", actor=by, subject=holiday.public_id, before=before, after=figures(holiday))
    return holiday


@transaction.atomic
def remove_holiday(*, holiday: Holiday, by: str = "") -> None:
    """Take a holiday out of the calendar."""
    record(act="holiday.removed", actor=by, subject=holiday.public_id, before=figures(holiday))
    holiday.delete()
