"""A sale that waits for its payment: shown to the customer, asked again by itself, received or given up."""

from __future__ import annotations

from urllib.parse import urlencode

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from regulars import clock
from regulars.counter.desk import Desk, at_till, at_till_unasked, menu_of
from regulars.errors import NotFound, RegularsError
from regulars.organisation.scope import scope_of
from regulars.sales import holding
from regulars.sales.models import OnHoldState, SaleOnHold
from regulars.sales.paying import OWN_CODE


@require_GET
@at_till
def one(request: HttpRequest, desk: Desk, public_id: str) -> HttpResponse:
    """What the customer has to see, until when, and what to do; the receipt once it is paid."""
    found = _here(desk, public_id)
    if found.state == OnHoldState.SETTLED:
        return redirect(_place_of(found))
    return _page(request, desk, holding.prompted(found))


@require_GET
@at_till_unasked
def state(request: HttpRequest, desk: Desk, public_id: str) -> HttpResponse:
    """Nothing (204) while it waits. Afterwards the whole page is shown anew, and asks no more."""
    found = _here(desk, public_id)
    if _still_waits(found):
        return HttpResponse(status=204)
    return HttpResponse(headers={"HX-Redirect": _place_of(found)})


@require_POST
@at_till
def received(request: HttpRequest, desk: Desk, public_id: str) -> HttpResponse:
    """The cashier has seen that the money is there: post the sale, once."""
    return _done(request, desk, holding.settle(hold=_here(desk, public_id), by=desk.staff))


@require_POST
@at_till
def give_up(request: HttpRequest, desk: Desk, public_id: str) -> HttpResponse:
    """Wait no longer, and go back to the sale to take the money otherwise."""
    found = _here(desk, public_id)
    try:
        found = holding.give_up(hold=found, by=desk.staff)
    except RegularsError:
        return _done(request, desk, _here(desk, public_id))
    if found.state != OnHoldState.GIVEN_UP:
        return _done(request, desk, found)
    back = urlencode({"quote": found.quote.public_id, "sale": found.sale_key})
    return redirect(f"{reverse('counter:home')}?{back}")


def _done(request: HttpRequest, desk: Desk, found: SaleOnHold) -> HttpResponse:
    return redirect(_place_of(found))


def _place_of(found: SaleOnHold) -> str:
    """The receipt of what is sold, else the page of the sale on hold."""
    if found.sale is not None:
        return reverse("counter:receipt", args=[found.sale.public_id])
    return reverse("counter:on_hold", args=[found.public_id])


def _still_waits(found: SaleOnHold) -> bool:
    return found.is_waiting and found.ends_at > clock.now()


def _page(request: HttpRequest, desk: Desk, found: SaleOnHold) -> HttpResponse:
    waits = _still_waits(found)
    context = {
        "desk": desk,
        "hold": found,
        "waits": waits,
        "is_over": found.state == OnHoldState.ENDED or (found.is_waiting and not waits),
        "is_asked": found.source == OWN_CODE,
        "beside": holding.beside(found) if not found.number else (),
        "qr": _drawn(found.shown["code"]) if waits and found.shown.get("code") else "",
        "back": urlencode({"quote": found.quote.public_id, "sale": found.sale_key}),
        "menu": menu_of(desk.staff),
    }
    return render(request, "counter/on_hold.html", context)


def _drawn(text: str) -> SafeString:
    """The QR code to pay with, as inline SVG on white; the text is in it as a pattern, never as markup."""
    drawing = segno.make(text, error="m", micro=False).svg_inline(
        border=4, omitsize=True, svgclass=None, lineclass=None, light="#fff"
    )
    return format_html('<span role="img" aria-label="{}">{}</span>', _("QR code to pay"), mark_safe(drawing))  # noqa: S308


def _here(desk: Desk, public_id: str) -> SaleOnHold:
    """A sale on hold of a branch that this person works for. Raises `NotFound` for any other."""
    found = holding.on_hold(public_id)
    if not scope_of(desk.staff).covers(found.branch):
        raise NotFound
    return found
