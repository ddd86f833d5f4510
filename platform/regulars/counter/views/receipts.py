"""A receipt taken along: as a PDF, or as a message to whoever bought."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from regulars.counter import receipts
from regulars.counter.desk import Desk, at_till, menu_of
from regulars.counter.pdf import NoPdf, pdf_of
from regulars.counter.sending import send_receipt
from regulars.counter.views.sales import receipt_context, sale_here
from regulars.errors import RegularsError
from regulars.sales.models import Sale


@require_GET
@at_till
def pdf(request: HttpRequest, desk: Desk, public_id: str) -> HttpResponse:
    """The receipt as a file; where this machine cannot make one, the receipt says so."""
    sale = sale_here(desk, public_id)
    context = {
        "sale": sale,
        "business": desk.organisation.name,
        "lines": receipts.lines_of(sale),
        "reductions": receipts.reductions_of(sale),
        "facts": receipts.facts_of(sale),
        "buyer": receipts.buyer_of(sale),
    }
    try:
        drawn = pdf_of("counter/receipt_pdf.html", context)
    except NoPdf as error:
        return _page(request, desk, sale, trouble=str(error), status=503)
    answer = HttpResponse(drawn, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{sale.number}.pdf"'
    return answer


@require_POST
@at_till
def send(request: HttpRequest, desk: Desk, public_id: str) -> HttpResponse:
    """Send the receipt to the customer; what is wrong with the address is said beside it."""
    sale, contact = sale_here(desk, public_id), request.POST.get("contact", "")[:200]
    try:
        to = send_receipt(sale=sale, contact=contact, by=desk.staff)
    except RegularsError as error:
        return _page(request, desk, sale, send_error=str(error), send_to=contact, status=422)
    return _page(request, desk, sale, sent_to=_("The receipt goes to %(contact)s.") % {"contact": to.masked})


def _page(request: HttpRequest, desk: Desk, sale: Sale, *, status: int = 200, **more: str) -> HttpResponse:
    is_part = bool(request.headers.get("HX-Request"))
    context = {**receipt_context(desk, sale), "menu": [] if is_part else menu_of(desk.staff), **more}
    template = "counter/parts/receipt.html" if is_part else "counter/receipt.html"
    return render(request, template, context, status=status)
