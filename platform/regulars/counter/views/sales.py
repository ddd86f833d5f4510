"""The sales that were: the receipt of one, the newest of this branch, and giving money back."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from regulars.counter import asked, giving_back, receipts
from regulars.counter.desk import Desk, at_till, menu_of
from regulars.counter.masking import glimpse
from regulars.counter.refunding import RefundForm, sent_lines
from regulars.counter.templatetags.counter_money import plain
from regulars.counter.views.paying import words_of
from regulars.errors import KeyUsedBefore, NotFound, RegularsError, StaleQuote
from regulars.loyalty.tiers.standing import refunds_count_at_once
from regulars.money import parse_money
from regulars.organisation.approvals import Asked, Done
from regulars.organisation.permissions import require
from regulars.sales import selectors
from regulars.sales.models import Sale
from regulars.sales.refund_trial import moves_of_refund
from regulars.text import plain_text

NEWEST = 50


@require_GET
@at_till
def receipt(request: HttpRequest, desk: Desk, public_id: str) -> HttpResponse:
    """The receipt, right after the sale or later; the field on it starts the next sale."""
    sale = sale_here(desk, public_id)
    is_part = bool(request.headers.get("HX-Request"))
    context = {
        **receipt_context(desk, sale),
        "again": words_of(sale, request.GET.get("again", "")),
        "menu": [] if is_part else menu_of(desk.staff),
    }
    response = render(request, "counter/parts/receipt.html" if is_part else "counter/receipt.html", context)
    if is_part:
        response["HX-Replace-Url"] = reverse("counter:receipt", args=[sale.public_id])
    return response


def receipt_context(desk: Desk, sale: Sale) -> dict[str, object]:
    """What the page of a receipt shows."""
    return {
        "desk": desk,
        "sale": sale,
        "currency": sale.currency,
        "lines": receipts.lines_of(sale),
        "reductions": receipts.reductions_of(sale),
        "facts": receipts.facts_of(sale),
        "aloud": receipts.read_aloud(sale),
        "buyer": receipts.buyer_of(sale),
        "change": receipts.change_of(sale),
        "new_tier": receipts.new_tier(sale),
        "may_void": giving_back.is_voidable(desk, sale),
    }


@require_GET
@at_till
def newest(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The newest sales of the branch this person stands at."""
    sales = selectors.newest_sales(branch=desk.branch, limit=NEWEST)
    rows = [(sale, glimpse(sale.member) if sale.member else None) for sale in sales]
    return render(request, "counter/sales.html", {"desk": desk, "rows": rows, "menu": menu_of(desk.staff)})


@require_GET
@at_till
def one(request: HttpRequest, desk: Desk, public_id: str) -> HttpResponse:
    """One sale with its refunds, and the form to give back what is left."""
    sale = sale_here(desk, public_id)
    done = next((refund for refund in sale.refunds.all() if refund.public_id == request.GET.get("done")), None)
    left = plain(sale.total - sale.refunded_total, sale.currency)
    form = RefundForm(sale=sale, initial={"amount": left}, takes_focus=done is None)
    return _page(request, desk, sale, form=form, done=done)


@require_POST
@at_till
def refund(request: HttpRequest, desk: Desk, public_id: str) -> HttpResponse:
    """First show what would go back and be taken back; with the key of that answer, do it, once."""
    require(desk.staff, "counter.refund")
    sale = sale_here(desk, public_id)
    if "confirm" in request.POST:
        return _refund(request, desk, sale)
    form = RefundForm(request.POST, sale=sale)
    if not form.is_valid():
        return _page(request, desk, sale, form=form, status=422)
    return _preview(request, desk, sale, form)


def _refund(request: HttpRequest, desk: Desk, sale: Sale) -> HttpResponse:
    """The act checks what is left, and its key before that: a repetition is answered even when nothing is left."""
    form = RefundForm(request.POST, sale=sale)
    try:
        reason = plain_text(request.POST.get("reason", "")[:200], field="reason", longest=200)
        lines = sent_lines(request.POST, sale.currency)
        answer = giving_back.give_back(
            desk=desk,
            sale=sale,
            key=plain_text(request.POST.get("key", ""), field="key", longest=80),
            amount=parse_money(request.POST.get("amount", ""), sale.currency) if lines is None else None,
            lines=lines,
            reason=reason,
        )
    except (StaleQuote, KeyUsedBefore) as error:
        return _page(request, desk, sale, form=form, trouble=str(error), status=409)
    except RegularsError as error:
        form.is_valid()
        form.errors.clear()
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _page(request, desk, sale, form=form, status=422)
    return _went(sale, answer, is_exchange="exchange" in request.POST)


@require_http_methods(["GET", "POST"])
@at_till
def void(request: HttpRequest, desk: Desk, public_id: str) -> HttpResponse:
    """Show what voiding this till's last sale does; with the key of that answer, do it, once."""
    require(desk.staff, giving_back.VOID)
    sale = sale_here(desk, public_id)
    if request.method == "POST":
        try:
            key = plain_text(request.POST.get("key", ""), field="key", longest=80)
            return _went(sale, giving_back.void(desk=desk, sale=sale, key=key))
        except RegularsError as error:
            return _page(request, desk, sale, trouble=str(error), status=409, form=RefundForm(sale=sale))
    if reason := giving_back.why_not_voidable(desk, sale):
        return _page(request, desk, sale, form=RefundForm(sale=sale, takes_focus=False), trouble=reason, status=409)
    preview, moves = selectors.refund_preview(sale, None), moves_of_refund(sale, amount=None, lines=None)
    return _page(request, desk, sale, preview=preview, moves=moves, is_void=True, at_once=refunds_count_at_once())


def _went(sale: Sale, answer: Done | Asked, *, is_exchange: bool = False) -> HttpResponse:
    """On to what was done: the sale with its refund or its request, or a new sale with the credit of an exchange."""
    here = reverse("counter:sale", args=[sale.public_id])
    if isinstance(answer, Asked):
        return redirect(f"{here}?asked={answer.approval.public_id}")
    if is_exchange:
        found = {"credit": answer.result.public_id, **({"member": sale.member.public_id} if sale.member else {})}
        return redirect(f"{reverse('counter:home')}?{urlencode(found)}")
    return redirect(f"{here}?done={answer.result.public_id}")


def _preview(request: HttpRequest, desk: Desk, sale: Sale, form: RefundForm) -> HttpResponse:
    asked_for = {"amount": form.cleaned_data["amount"], "lines": form.cleaned_data["lines"]}
    try:
        preview = selectors.refund_preview(sale, **asked_for)
        moves = moves_of_refund(sale, **asked_for)
    except RegularsError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _page(request, desk, sale, form=form, status=422)
    return _page(request, desk, sale, form=form, preview=preview, moves=moves, at_once=refunds_count_at_once())


def _page(request: HttpRequest, desk: Desk, sale: Sale, *, status: int = 200, **more: object) -> HttpResponse:
    context = {
        "desk": desk,
        "sale": sale,
        "left": sale.total - sale.refunded_total,
        "currency": sale.currency,
        "lines": receipts.lines_of(sale),
        "reductions": receipts.reductions_of(sale),
        "facts": receipts.facts_of(sale),
        "buyer": receipts.buyer_of(sale),
        "key": secrets.token_hex(16),
        "may_void": giving_back.is_voidable(desk, sale),
        "reasons": [_("Goods returned"), _("Wrong amount"), _("Changed their mind"), _("Not as expected")],
        "menu": menu_of(desk.staff),
        **asked.of_sale(request, sale, desk),
        **more,
    }
    return render(request, "counter/sale.html", context, status=status)


def sale_here(desk: Desk, public_id: str) -> Sale:
    """A sale that this person may see. Raises `NotFound` for any other, as if there were none."""
    sale = selectors.sale_by_public_id(public_id.replace("\0", ""))
    if not desk.sees(sale):
        raise NotFound
    return sale
