"""The shift at this till: open the drawer, put cash in or take it out, count it, close, and print what was.

Whoever counts sees what the drawer should hold only once it is counted.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from regulars.counter.desk import Desk, at_till, menu_of
from regulars.counter.models import Shift
from regulars.counter.shifts import reports, selectors, services
from regulars.counter.shifts.forms import AmountsForm, CashForm, CloseForm, CountForm, FloatForm, float_to_offer
from regulars.errors import Gone, KeyUsedBefore, NotFound, RegularsError, StaleQuote
from regulars.money import format_money
from regulars.organisation.scope import scope_of

CARRIED = {"loose", "kept", "reason"}
"""What a comparison that is shown again goes on with, besides the pieces."""


@require_GET
@at_till
def here(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The drawer of this till: to be opened, or open with what went in and out."""
    shift = selectors.shift_at(desk.branch, desk.terminal)
    return _open_page(request, desk, shift) if shift else _closed_page(request, desk)


@require_POST
@at_till
def start(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Open the drawer with a float."""
    form = FloatForm(request.POST, currency=desk.currency)
    if not form.is_valid():
        return _closed_page(request, desk, form=form, status=422)
    try:
        services.open_shift(
            branch=desk.branch,
            terminal=desk.terminal,
            opening_float=form.cleaned_data["opening_float"],
            by=desk.staff,
            key=request.POST.get("key", "")[:80],
        )
    except Gone:
        return redirect("counter:shift")
    except RegularsError as error:
        return _closed_page(request, desk, form=_with(form, error), status=422)
    return redirect("counter:home")


@require_POST
@at_till
def cash(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Put cash in or take it out, with a reason."""
    shift = selectors.shift_at(desk.branch, desk.terminal)
    if shift is None:
        return redirect("counter:shift")
    form = CashForm(request.POST, currency=shift.currency)
    if not form.is_valid():
        return _open_page(request, desk, shift, form=form, status=422)
    try:
        services.move_cash(
            shift=shift,
            amount=form.signed_amount,
            reason=form.cleaned_data["reason"],
            by=desk.staff,
            key=request.POST.get("key", "")[:80],
        )
    except RegularsError as error:
        return _open_page(request, desk, shift, form=_with(form, error), status=409 if _is_late(error) else 422)
    return redirect("counter:shift")


@require_GET
@at_till
def count(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The notes and coins to count."""
    shift = selectors.shift_at(desk.branch, desk.terminal)
    if shift is None:
        return redirect("counter:shift")
    return _page(request, desk, "count", shift=shift, form=CountForm(currency=shift.currency))


@require_POST
@at_till
def compare(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What was counted beside what should be there; for htmx only the sum so far, and not what should be there."""
    shift = selectors.shift_at(desk.branch, desk.terminal)
    if shift is None:
        return redirect("counter:shift")
    form = CountForm(request.POST, currency=shift.currency)
    if request.headers.get("HX-Request"):
        return render(request, "counter/parts/counted.html", {"amount": form.so_far, "currency": shift.currency})
    if not form.is_valid():
        return _page(request, desk, "count", shift=shift, form=form, status=422)
    return _compared(request, desk, shift, form)


@require_POST
@at_till
def close(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Close the shift by what was counted and compared."""
    try:
        shift = selectors.shift_by_public_id(request.POST.get("shift", "").replace("\0", ""))
    except NotFound:
        return redirect("counter:shift")
    if (shift.branch_id, shift.terminal_id) != (desk.branch.pk, desk.terminal.pk if desk.terminal else None):
        raise NotFound
    form = CloseForm(request.POST, currency=shift.currency)
    if not form.is_valid():
        return _compared(request, desk, shift, form, closing=form, status=422)
    try:
        done = services.close_shift(
            shift=shift,
            count=form.count,
            expected=form.cleaned_data["expected"],
            kept=form.cleaned_data["kept"],
            reason=form.cleaned_data["reason"],
            by=desk.staff,
            key=request.POST.get("key", "")[:80],
        )
    except services.ShiftClosed:
        return redirect("counter:shift_report", shift.public_id)
    except RegularsError as error:
        closing = None if isinstance(error, StaleQuote) else _with(form, error)
        status = 409 if _is_late(error) else 422
        return _compared(request, desk, shift, form, closing=closing, trouble=str(error), status=status)
    return redirect("counter:shift_report", done.public_id)


@require_GET
@at_till
def report(request: HttpRequest, desk: Desk, public_id: str) -> HttpResponse:
    """What a shift was, once it is closed: to read, to print on the roll."""
    shift = selectors.shift_by_public_id(public_id.replace("\0", ""))
    if not scope_of(desk.staff).covers(shift.branch) or shift.is_open:
        raise NotFound
    return _page(request, desk, "shift_report", shift=shift, report=reports.report_of(shift))


def _open_page(request: HttpRequest, desk: Desk, shift: Shift, **more: Any) -> HttpResponse:
    values = {"form": CashForm(currency=shift.currency, initial={"direction": "in"}), **more}
    reasons = [_("Change from the bank"), _("To the safe"), _("Paid a delivery"), _("Tips")]
    return _page(request, desk, "shift", shift=shift, movements=reports.movements_of(shift), reasons=reasons, **values)


def _closed_page(request: HttpRequest, desk: Desk, **more: Any) -> HttpResponse:
    last = selectors.last_shift_at(desk.branch, desk.terminal)
    offered = float_to_offer(last.kept if last else None, desk.currency)
    form = FloatForm(currency=desk.currency, initial={"opening_float": offered})
    return _page(request, desk, "shift", last=last, **{"form": form, **more})


def _compared(
    request: HttpRequest,
    desk: Desk,
    shift: Shift,
    form: CountForm,
    *,
    closing: AmountsForm | None = None,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    """The comparison as it is now."""
    counted, expected = form.so_far, selectors.figures_of(shift).expected
    kept = float_to_offer(min(counted, shift.opening_float), shift.currency)
    sent = {name: value for name, value in form.data.items() if name.startswith("pieces_") or name in CARRIED}
    asked = closing or CloseForm(currency=shift.currency, initial={"kept": kept, **sent, "expected": expected})
    asked.fields["reason"].required = counted != expected
    context = {
        "shift": shift,
        "form": asked,
        "counted": counted,
        "expected": expected,
        "difference": counted - expected,
        "difference_shown": format_money(abs(counted - expected), shift.currency),
        "trouble": trouble,
        "stage": "compare",
    }
    return _page(request, desk, "count", status=status, **context)


def _with(form: AmountsForm, error: RegularsError) -> AmountsForm:
    form.add_error(error.field if error.field in form.fields else None, str(error))
    return form


def _is_late(error: RegularsError) -> bool:
    return isinstance(error, Gone | KeyUsedBefore | StaleQuote)


def _page(request: HttpRequest, desk: Desk, name: str, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "desk": desk,
        "currency": desk.currency,
        "key": secrets.token_hex(16),
        "menu": menu_of(desk.staff),
        **more,
    }
    return render(request, f"counter/{name}.html", context, status=status)
