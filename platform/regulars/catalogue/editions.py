"""Limited editions as they are looked at before the till: whose turn it is, how many are left, how many one may have.

Looking promises nothing. What is taken is taken by `catalogue_take_stock`, in the transaction of the sale.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import F, Sum
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.catalogue.identity import Identity
from regulars.catalogue.models import Product, Taking
from regulars.loyalty.benefits.selectors import days_of_early_access
from regulars.loyalty.models import Tier
from regulars.people.models import Member


def tiers_of(products: Iterable[Product]) -> dict[str, Tier]:
    """The tiers that phases name, by code; no question where none does."""
    codes = {phase["tier"] for product in products for phase in product.phases if phase.get("tier")}
    return {tier.code: tier for tier in Tier.objects.filter(code__in=codes)} if codes else {}


def had_of(identity: Identity, products: Iterable[Product]) -> dict[int, int]:
    """How many of each product with a limit for one member this one has; no question where none has a limit."""
    limited = [product.pk for product in products if product.per_member is not None]
    if identity.member is None or not limited:
        return {}
    found = Taking.objects.filter(member=identity.member, product__in=limited).values_list("product")
    return dict(found.annotate(had=Sum(F("quantity") - F("returned"))).order_by())


def earlier_of(identity: Identity, member: Member | None, products: Iterable[Product], *, day: dt.date) -> int:
    """By how many days before others somebody may buy; no question where no phase is still to come."""
    if member is None or identity.member is None:
        return 0
    is_waited_for = any(dt.date.fromisoformat(phase["from"]) > day for product in products for phase in product.phases)
    return days_of_early_access(member) if is_waited_for else 0


def turn_of(product: Product, identity: Identity, tiers: dict[str, Tier], *, earlier: int = 0) -> dt.date | None:
    """From which day on somebody may buy it, `earlier` by so many days than their phase says; None from ever.

    Raises `LookupError` where no phase is for them: early access opens no phase of another tier.
    """
    if not product.phases:
        return None
    days = [dt.date.fromisoformat(phase["from"]) for phase in product.phases if _is_for(phase, identity, tiers)]
    if not days:
        raise LookupError(product.public_id)
    return min(days) - dt.timedelta(days=earlier)


def _is_for(phase: dict[str, str], identity: Identity, tiers: dict[str, Tier]) -> bool:
    code = phase.get("tier", "")
    return not code or (code in tiers and identity.stands_on(tiers[code]))


def why_not(
    product: Product,
    pieces: int,
    identity: Identity,
    *,
    day: dt.date,
    tiers: dict[str, Tier],
    had: int,
    earlier: int = 0,
) -> str:
    """Why somebody cannot have so many pieces today, in words with what would be right; empty where they can."""
    name = {"product": str(product)}
    try:
        turn = turn_of(product, identity, tiers, earlier=earlier)
    except LookupError:
        return _("%(product)s is on sale for members of another tier only.") % name
    if turn is not None and turn > day:
        return _("%(product)s can be bought from %(day)s on.") % {**name, "day": date_format(turn, "DATE_FORMAT")}
    if product.stock == 0:
        return _("%(product)s is sold out.") % name
    if product.stock is not None and product.stock < pieces:
        return ngettext(
            "There is only %(left)s left of %(product)s.", "There are only %(left)s left of %(product)s.", product.stock
        ) % {**name, "left": product.stock}
    if product.per_member is None:
        return ""
    if identity.member is None:
        return _("%(product)s is for members: find or join the customer first.") % name
    if had + pieces > product.per_member:
        return _("One member may have %(most)s of %(product)s, and %(had)s were bought or set aside already.") % {
            **name,
            "most": product.per_member,
            "had": had,
        }
    return ""


def others_from(product: Product, identity: Identity, *, day: dt.date, tiers: dict[str, Tier]) -> dt.date | None:
    """From which day on those buy who have no early access, where somebody may already; None where nobody is before."""
    try:
        turn = turn_of(product, identity, tiers)
    except LookupError:
        return None
    return turn if turn is not None and turn > day else None
