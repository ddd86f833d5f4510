"""A refund that waits for approval, as the counter sees it: asked again every few seconds, and taken back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from regulars.counter.desk import Desk, at_till, at_till_unasked
from regulars.errors import NotFound, RegularsError
from regulars.organisation.approvals import selectors, services
from regulars.organisation.models import Approval
from regulars.sales.approvals import REFUND
from regulars.sales.selectors import sale_by_public_id


@require_GET
@at_till_unasked
def state(request: HttpRequest, desk: Desk, public_id: str, approval: str) -> HttpResponse:
    """Nothing (204) while it waits. Once it is decided the whole page is shown anew: the sale may have changed."""
    found = _here(desk, public_id, approval)
    if selectors.is_open(found):
        return HttpResponse(status=204)
    return HttpResponse(headers={"HX-Redirect": _page_of(found)})


@require_POST
@at_till
def withdraw(request: HttpRequest, desk: Desk, public_id: str, approval: str) -> HttpResponse:
    """Take one's own request back; when it was decided meanwhile, the page says so."""
    found = _here(desk, public_id, approval)
    try:
        services.withdraw(approval=found, by=desk.staff)
    except RegularsError:
        found.refresh_from_db()
    return redirect(_page_of(found))


def _page_of(approval: Approval) -> str:
    """The sale, with the word of what became of the request."""
    word = f"done={approval.result}" if approval.result else f"asked={approval.public_id}"
    return f"{reverse('counter:sale', args=[approval.subject])}?{word}"


def _here(desk: Desk, public_id: str, approval: str) -> Approval:
    """The request about this very sale. Raises `NotFound` for any other."""
    sale = sale_by_public_id(public_id.replace("\0", ""))
    found = selectors.approval_by_public_id(approval.replace("\0", ""))
    if not desk.sees(sale) or (found.act, found.subject) != (REFUND, sale.public_id):
        raise NotFound
    return found
