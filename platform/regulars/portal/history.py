"""What came and went for a member: points with reasons, and purchases with refunds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.ledger import selectors as ledger
from regulars.ledger.models import Transaction
from regulars.ledger.selectors import Entry
from regulars.operations.trail.acts import kinds_of_rooms
from regulars.people.models import Member
from regulars.sales.models import Refund, Sale

PAGE = 20
"""How many lines a page of history has."""

REASONS: dict[str, str | Promise] = {
    "sale": gettext_lazy("Purchase"),
    "sale.refund": gettext_lazy("Refund"),
    "sale.payment": gettext_lazy("Paid for a purchase"),
    "sale.payment.partly_reversed": gettext_lazy("Points that paid came back"),
    "expiry": gettext_lazy("Expired"),
    "adjustment": gettext_lazy("Set right by the shop"),
    "adjustment.reversed": gettext_lazy("Set right by the shop"),
    "award": gettext_lazy("Bonus points"),
    "points.donation": gettext_lazy("Given to a cause"),
    "redemption": gettext_lazy("Redeemed for a reward"),
    "redemption.reversed": gettext_lazy("Reward given back"),
    "gift.yearly": gettext_lazy("Yearly gift of your tier"),
    "tier.pack": gettext_lazy("Welcome to your new tier"),
    "expiry.reversed": gettext_lazy("Expired points came back"),
    "debt.paid": gettext_lazy("Paid back what was owed"),
}
"""Why points moved, by the kind of the transaction."""

ICONS = {
    "sale": "sale",
    "sale.refund": "refund",
    "sale.payment": "sale",
    "sale.payment.partly_reversed": "undo",
    "expiry": "clock",
    "expiry.reversed": "undo",
    "adjustment": "edit",
    "award": "gift",
    "redemption": "rewards",
    "redemption.reversed": "undo",
    "gift.yearly": "gift",
    "tier.pack": "tier",
}
"""The sign of each reason."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One line of the points history; `sale` is the purchase behind it, `reason` what was noted with it."""

    entry: Entry
    title: str
    reason: str
    sale: Sale | None

    @property
    def icon(self) -> str:
        """The sign of the reason."""
        return ICONS.get(self.entry.kind, "gain" if self.is_gain else "spend")

    @property
    def is_gain(self) -> bool:
        """Whether points came rather than went."""
        return self.entry.amount > 0


@dataclass(frozen=True, kw_only=True)
class Slice:
    """A part of a history and the cursor of what is older, empty at the end."""

    items: Sequence[Any]
    older: str


def changes_of(member: Member, *, before: str = "", limit: int = PAGE) -> Slice:
    """The newest changes of a member's points, or those older than the one with the public id `before`."""
    found = ledger.history(member.wallet, limit=limit + 1, before=_cursor(member, before))
    shown = found[:limit]
    sales = _sales_behind(member, shown)
    changes = [_change(entry, sales.get(entry.public_id)) for entry in shown]
    return Slice(items=changes, older=shown[-1].public_id if len(found) > limit else "")


def purchases_of(member: Member, *, before: str = "", limit: int = PAGE) -> Slice:
    """The newest purchases of a member with branch and refunds, or those older than the one with the id `before`."""
    sales = Sale.objects.filter(member=member).select_related("branch").prefetch_related("lines", "refunds")
    last = Sale.objects.filter(member=member, public_id=before).first() if before else None
    if last is not None:
        sales = sales.filter(Q(confirmed_at__lt=last.confirmed_at) | Q(confirmed_at=last.confirmed_at, pk__lt=last.pk))
    found = list(sales.order_by("-confirmed_at", "-id")[: limit + 1])
    return Slice(items=found[:limit], older=found[limit - 1].public_id if len(found) > limit else "")


def _cursor(member: Member, public_id: str) -> int | None:
    """The place of one of the member's own transactions; None for anything else, which starts at the newest."""
    if not public_id:
        return None
    own = Transaction.objects.filter(public_id=public_id, postings__account__wallet_id=member.wallet_id)
    return own.values_list("pk", flat=True).first()


def _sales_behind(member: Member, entries: Sequence[Entry]) -> dict[str, Sale]:
    """The member's sales that entries belong to, by the public id of the transaction; two queries however many."""
    ids = [entry.public_id for entry in entries]
    sales = Sale.objects.select_related("branch", "transaction").filter(member=member, transaction__public_id__in=ids)
    refunds = Refund.objects.select_related("sale__branch", "transaction").filter(
        sale__member=member, transaction__public_id__in=ids
    )
    behind = {sale.transaction.public_id: sale for sale in sales if sale.transaction is not None}
    return behind | {refund.transaction.public_id: refund.sale for refund in refunds if refund.transaction is not None}


def _change(entry: Entry, sale: Sale | None) -> Change:
    return Change(entry=entry, title=title_of(entry.kind, entry.amount), reason=entry.reason, sale=sale)


def title_of(kind: str, amount: int) -> str:
    """Why points came or went, by the kind of the transaction."""
    if kind == "points.gift":
        return _("Given to somebody") if amount < 0 else _("A gift from somebody")
    if (of_module := kinds_of_rooms().get(kind)) is not None:
        return str(of_module[1])
    return str(REASONS.get(kind) or (_("Taken back") if amount < 0 else _("Credited")))
