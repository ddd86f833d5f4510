"""What the kinds of transactions are called, for staff: every kind that anything posts has words of its own."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.operations.trail.acts import kinds_of_rooms

KINDS: dict[str, str | Promise] = {
    "sale": gettext_lazy("Purchase"),
    "sale.refund": gettext_lazy("Refund"),
    "sale.payment": gettext_lazy("Paid for a purchase"),
    "award": gettext_lazy("Points by a rule"),
    "adjustment": gettext_lazy("Given or taken by hand"),
    "adjustment.reversed": gettext_lazy("Given or taken by hand, undone"),
    "redemption": gettext_lazy("Redeemed for a reward"),
    "redemption.reversed": gettext_lazy("Reward cancelled, points back"),
    "gift.yearly": gettext_lazy("Yearly gift of the tier"),
    "tier.pack": gettext_lazy("Welcome to a new tier"),
    "points.gift": gettext_lazy("Gift between members"),
    "points.donation": gettext_lazy("Given to a cause"),
    "expiry": gettext_lazy("Expired"),
    "expiry.reversed": gettext_lazy("Expired points given back"),
    "debt.paid": gettext_lazy("Paid back what was owed"),
}
UNDONE, PARTLY_UNDONE = ".reversed", ".partly_reversed"


def words_of_kind(kind: str) -> str:
    """What a kind of transaction is called; what was undone says so, one that nobody named is empty."""
    if kind in KINDS:
        return str(KINDS[kind])
    if (of_module := kinds_of_rooms().get(kind)) is not None:
        return str(of_module[0])
    for ending, words in ((PARTLY_UNDONE, _("%(what)s, undone in part")), (UNDONE, _("%(what)s, undone"))):
        if kind.endswith(ending) and (what := words_of_kind(kind.removesuffix(ending))):
            return words % {"what": what}
    return ""
