"""Taking the money: one confirmation that counts once, whatever the network and the keys of a keyboard do.

A sale has one key from its first line to its receipt, through every new price and every reload. Whoever pays it again,
from a page that was left open or after an answer that was lost, comes to the receipt of the first time.
"""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import time_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from regulars import clock
from regulars.counter import basket as baskets
from regulars.counter.desk import Desk, at_till
from regulars.counter.giving_back import credit_of, given_back, sale_with_key, set_against
from regulars.counter.state import Till
from regulars.counter.views.till import quote_here, sent_till, show
from regulars.errors import InvalidInput, KeyUsedBefore, RegularsError, StaleQuote
from regulars.money import format_money, parse_money
from regulars.sales import holding, services
from regulars.sales.models import Quote, Sale, SaleOnHold
from regulars.sales.paying import CASH, OUTSIDE, SPLIT, Payment, settling_later
from regulars.sales.quoting import read as read_quote

PART = "part_"
"""Begins the names of the fields of a payment in several ways."""
ONCE, BEFORE = "once", "before"
"""Why a receipt is shown again: its answer was lost, or somebody paid a sale that was paid."""


@require_GET
@at_till
def change_due(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What to hand back for the cash received, while it is typed."""
    words, is_short = "", False
    try:
        total = read_quote(quote_here(request.GET.get("quote", ""), desk)).to_pay
        total = max(0, total - given_back(credit_of(desk, request.GET.get("credit", ""))))
        received = parse_money(request.GET.get("received", ""), desk.currency) if request.GET.get("received") else total
        is_short = received < total
        difference = format_money(abs(received - total), desk.currency)
        words = (_("%(amount)s short") if is_short else _("Change %(amount)s")) % {"amount": difference}
    except RegularsError as error:
        words, is_short = str(error), True
    return render(request, "counter/parts/change_due.html", {"words": words, "is_short": is_short})


@require_POST
@at_till
def pay(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Confirm the price that was shown, once per key; anything that changed since is shown again first.

    A payment that settles later puts the sale on hold and leads to where it is waited for.
    """
    till, began = sent_till(request, desk), clock.now()
    till.key = request.POST.get("key", "")[:80] or till.key
    try:
        quote = quote_here(request.POST.get("quote", ""), desk, with_member=False)
        if till.lacks_shift:
            raise InvalidInput(_("Open the drawer first: this business sells only with an open shift."))
        if "description" in request.POST:
            _check_unchanged(till, request)
        sale = _paid(till, quote, request)
    except RegularsError as error:
        if (known := sale_with_key(till.key)) is not None and desk.sees(known):
            return _to_receipt(known, BEFORE)
        if isinstance(error, StaleQuote | KeyUsedBefore):
            till.notice, till.tone, till.status = str(error), "warn", 409
        else:
            till.refuse(error)
    else:
        if isinstance(sale, SaleOnHold):
            return _to_hold(request, sale)
        return _to_receipt(sale, ONCE if sale.confirmed_at < began else "")
    return show(request, till)


@require_GET
@at_till
def went(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What became of a confirmation whose answer was lost: asked by its key, it changes nothing."""
    sale = sale_with_key(request.GET.get("key", "")[:80].replace("\0", ""))
    if sale is not None and desk.sees(sale):
        return render(request, "counter/parts/went.html", {"sale": sale, "words": words_of(sale, ONCE)})
    return render(request, "counter/parts/went.html", {"sale": None})


def words_of(sale: Sale, why: str) -> str:
    """When a sale went through, and as which receipt."""
    said = {
        ONCE: _("The sale went through at %(time)s, receipt %(number)s. It counts once."),
        BEFORE: _("This sale was paid already, at %(time)s, receipt %(number)s. Nothing was posted now."),
    }
    when = time_format(localtime(sale.confirmed_at), "TIME_FORMAT")
    return said[why] % {"time": when, "number": sale.number} if why in said else ""


def _to_receipt(sale: Sale, why: str) -> HttpResponse:
    receipt = reverse("counter:receipt", args=[sale.public_id])
    return redirect(f"{receipt}?again={why}" if why else receipt)


def _to_hold(request: HttpRequest, waiting: SaleOnHold) -> HttpResponse:
    """On to the page that waits; the whole page, for it asks by itself."""
    there = reverse("counter:on_hold", args=[waiting.public_id])
    return HttpResponse(headers={"HX-Redirect": there}) if request.headers.get("HX-Request") else redirect(there)


def _paid(till: Till, quote: Quote, request: HttpRequest) -> Sale | SaleOnHold:
    """Confirm; where that is refused and the lines did not come along, show again those of the quote."""
    try:
        return _confirm(till, quote, request)
    except RegularsError:
        if "description" not in request.POST:
            till.basket = baskets.from_draft(read_quote(quote))
        raise


def _check_unchanged(till: Till, request: HttpRequest) -> None:
    """What is paid is what was shown. Raises `StaleQuote` when a line, the member or the field says otherwise."""
    if (text := request.POST.get("text", "").strip()) != "":
        till.enter(text)
        raise StaleQuote(_("What was typed in the field came first. Check the new price and confirm again."))
    if till.basket.mark != request.POST.get("mark") or not till.basket.is_sound:
        raise StaleQuote(_("The sale was changed. Check the new price and confirm again."))


def _confirm(till: Till, quote: Quote, request: HttpRequest) -> Sale | SaleOnHold:
    sent = request.POST
    source = sent.get("payment_source", "")[:40] or CASH
    if source == CASH and any(name.startswith(PART) and sent[name].strip() for name in sent):
        source = SPLIT  # Enter in the field of a part means the parts
    if (payments := _waited_for(till, quote, request, source)) is not None:
        return holding.hold(
            quote=quote,
            key=f"hold:{quote.public_id}",
            payments=payments,
            cashier=till.desk.staff,
            terminal=till.desk.terminal,
            sale_key=till.key,
        )
    return services.confirm(
        quote=quote,
        key=till.key,
        cashier=till.desk.staff,
        terminal=till.desk.terminal,
        received=_received(till),
        payment_source=source,
        payments=_payments(till, quote, request, source) if source == SPLIT or till.credit else None,
    )


def _waited_for(till: Till, quote: Quote, request: HttpRequest, source: str) -> list[Payment] | None:
    """The payments of a sale of which one settles later; None where all are known at once."""
    if source in OUTSIDE:
        return None
    payments = _payments(till, quote, request, source)
    others = {payment.source for payment in payments}.difference(OUTSIDE)
    return payments if others and others & settling_later(read_quote(quote)) else None


def _received(till: Till) -> int:
    return parse_money(till.received, till.desk.currency, field="received") if till.received.strip() else 0


def _payments(till: Till, quote: Quote, request: HttpRequest, source: str) -> list[Payment]:
    """What the sale is paid with: what an exchange gave back, and the rest as it was asked for.

    Raises `InvalidInput` (fields `payments`, `received`) for parts of more than the rest, and for too little cash.
    """
    to_pay: int = quote.content["total"] - quote.content.get("offset", {}).get("amount", 0)
    against = set_against(till.credit, to_pay)
    rest = to_pay - sum(part.amount for part in against)
    if source == SPLIT:
        taken = _parts(till, request, rest)
    else:
        received = _received(till) if source == CASH else 0
        taken = [Payment(source=source, amount=rest, received=received)] if rest or not against else []
    for part in taken:
        if 0 < part.received < part.amount:
            words = _("This is less than is to be paid. Enter at least %(amount)s.")
            raise InvalidInput(words % {"amount": format_money(part.amount, till.desk.currency)}, field="received")
    return _by_source([*taken, *against])


def _by_source(payments: list[Payment]) -> list[Payment]:
    """One payment of each source; cash that an exchange gave back and got again was received like the rest."""
    found: dict[str, Payment] = {}
    for part in payments:
        before = found.get(part.source)
        if before is not None:
            received = before.received + part.amount if before.received else 0
            part = replace(before, amount=before.amount + part.amount, received=received)
        found[part.source] = part
    return list(found.values())


def _parts(till: Till, request: HttpRequest, to_pay: int) -> list[Payment]:
    """What is paid otherwise than in cash, as it was typed for each way of paying; the rest is cash.

    Raises `InvalidInput` (field `payments`) where that is more than is `to_pay` (minor units).
    """
    sent, parts = request.POST, []
    for name in sent:
        if name.startswith(PART) and (typed := sent[name].strip()):
            amount = parse_money(typed, till.desk.currency, field="payments")
            parts.append(Payment(source=name.removeprefix(PART)[:40], amount=amount))
    rest = to_pay - sum(part.amount for part in parts)
    if rest < 0:
        raise InvalidInput(
            _("This is %(amount)s more than is to be paid.") % {"amount": format_money(-rest, till.desk.currency)},
            field="payments",
        )
    return [Payment(source=CASH, amount=rest, received=_received(till)), *parts] if rest else parts
