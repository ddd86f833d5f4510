"""Sales, found by the number on the receipt within the scope of whoever asks."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from regulars.backoffice.columns import Asker
from regulars.backoffice.search import MOST, Hit, searchable
from regulars.money import format_money
from regulars.sales.finding import numbered
from regulars.sales.models import Sale


@searchable("sales", label=_("Sales"), permission="sales.view", order=20)
def sales(typed: str, asker: Asker) -> Iterator[Hit]:
    """By number only."""
    meant = numbered(typed)
    if meant is None:
        return
    for sale in asker.scope.limit(Sale.objects.filter(meant)).select_related("branch").order_by("-pk")[:MOST]:
        at = date_format(localtime(sale.confirmed_at), "SHORT_DATETIME_FORMAT")
        yield Hit(
            label=sale.number,
            detail=" · ".join((format_money(sale.total, sale.currency), str(sale.branch), at)),
            url=reverse("office_sales:inspect", args=(sale.public_id,)),
            icon="receipt",
        )
