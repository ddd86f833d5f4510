"""Giving back at this till: a refund that its drawer pays, and the void of the sale that was rung up last."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars import clock
from regulars.counter.desk import Desk
from regulars.counter.rules import counter_settings, void_window
from regulars.counter.shifts.services import note_refund
from regulars.errors import Gone
from regulars.organisation.approvals import Asked, Done
from regulars.organisation.permissions import allows, require
from regulars.sales.approvals import refund_or_ask
from regulars.sales.models import Refund, Sale
from regulars.sales.paying import CASH, OUTSIDE, Payment

VOID = "counter.void"


class NotVoidable(Gone):
    """The sale can only be given back as a refund."""

    message = gettext_lazy("Only the last sale of this till can be voided, and only soon after it. Refund it instead.")


@transaction.atomic
def give_back(
    *,
    desk: Desk,
    sale: Sale,
    key: str,
    amount: int | None = None,
    lines: Mapping[int, int] | None = None,
    reason: str,
) -> Done | Asked:
    """Give money back out of the drawer of this till, or ask for approval. Raises what `refund_or_ask` raises."""
    answer = refund_or_ask(sale=sale, key=key, amount=amount, lines=lines, reason=reason, by=desk.staff)
    done_under = f"approval:{answer.approval.public_id}" if isinstance(answer, Asked) else key
    note_refund(key=done_under, branch=desk.branch, terminal=desk.terminal)
    return answer


@transaction.atomic
def void(*, desk: Desk, sale: Sale, key: str) -> Done | Asked:
    """Give the whole of this till's last sale back, as if it had not been. The same key does it once.

    Raises `NotAllowed`, `NotVoidable` for any other sale, and what a refund raises; beyond the limit of whoever voids
    it asks for approval, as a refund does.
    """
    require(desk.staff, VOID, branch=sale.branch)
    if not Refund.objects.filter(key=key).exists() and (reason := why_not_voidable(desk, sale)):
        raise NotVoidable(reason)
    return give_back(desk=desk, sale=sale, key=key, amount=sale.total, reason=_("Void sale"))


def last_sale_at(desk: Desk) -> Sale | None:
    """The sale that was rung up last at this till, None for none."""
    sales = Sale.objects.select_related("member", "branch").filter(branch=desk.branch, terminal=desk.terminal)
    return sales.order_by("-confirmed_at", "-id").first()


def sale_with_key(key: str) -> Sale | None:
    """The sale that was confirmed under a key, None while none was."""
    if not key.isprintable():
        return None
    return Sale.objects.select_related("branch").filter(key=key).first()


def is_voidable(desk: Desk, sale: Sale | None) -> bool:
    """Whether a button to void this sale has a place here."""
    return sale is not None and allows(desk.staff, VOID) and not why_not_voidable(desk, sale)


def why_not_voidable(desk: Desk, sale: Sale) -> str:
    """Why this sale cannot be voided here and now, in words; nothing where it can."""
    if sale.refunded_total or not sale.can_be_refunded:
        return _("Something of this sale was given back already. Refund what is left.")
    last = last_sale_at(desk)
    if last is None or last.pk != sale.pk:
        return str(NotVoidable.message)
    if sale.confirmed_at + void_window() < clock.now():
        minutes = counter_settings().void_within
        return _("A sale can be voided for %(minutes)s minutes. Refund it instead.") % {"minutes": minutes}
    return ""


def credit_of(desk: Desk, public_id: str) -> Refund | None:
    """A refund of today that an exchange sets against the next sale; None for any other, without a word."""
    found = (
        Refund.objects.select_related("sale__branch").filter(public_id=public_id[:40]).first() if public_id else None
    )
    if found is None or not desk.sees(found.sale) or found.business_date != clock.today(desk.branch.zone):
        return None
    return found


def set_against(credit: Refund | None, to_pay: int) -> list[Payment]:
    """What an exchange gave back and pays now of `to_pay` (minor units), each part the way it went back.

    So the drawer and the card terminal hold what they say: only the difference is really taken. Money that went back
    by a way that nobody can pay by at once is none of it; the new sale is paid whole then.
    """
    found, left = [], to_pay
    for source, amount in _ways_back(credit).items() if credit is not None else ():
        if part := min(amount, left):
            found.append(Payment(source=source, amount=part))
            left -= part
    return found


def given_back(credit: Refund | None) -> int:
    """What of an exchange can be set against a new sale, minor units."""
    return sum(_ways_back(credit).values()) if credit is not None else 0


def _ways_back(credit: Refund) -> dict[str, int]:
    """The money of a refund by the way it went back, at the till or beside it; what was kept back came off the cash."""
    ways = {part["source"]: int(part["amount"]) for part in credit.payments if not part["asset"]}
    ways = ways or {credit.sale.payment_source: credit.amount}
    kept_back, found = credit.charged, {}
    for source in sorted(ways, key=lambda source: source != CASH):
        went = max(0, ways[source] - kept_back)
        kept_back -= ways[source] - went
        if went and source in OUTSIDE:
            found[source] = went
    return found
