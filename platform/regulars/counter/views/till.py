"""The sale itself: one field, a member, lines, a price, and one confirmation that counts once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from regulars.counter import basket as baskets
from regulars.counter import entry, giving, goods
from regulars.counter.basket import Basket
from regulars.counter.desk import Desk, at_till, menu_of
from regulars.counter.forms import JoinForm
from regulars.counter.state import Till
from regulars.errors import InvalidInput, KeyUsedBefore, NotFound, RegularsError, StaleQuote
from regulars.money import format_money, parse_money
from regulars.people import services as people
from regulars.people.contacts import normal_contact
from regulars.people.models import Source
from regulars.sales import selectors as sales
from regulars.sales import services
from regulars.sales.models import Quote, Sale
from regulars.sales.quoting import read as read_quote

GIVING = {
    "use": giving.use,
    "undo": giving.undo,
    "collect": giving.show,
    "ready": giving.mark_ready,
    "hand_over": giving.hand_over,
}
"""What the buttons of the member's panel ask for, by their names."""


@require_http_methods(["GET", "POST"])
@at_till
def home(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The till: empty, taken up again from its address, or after whatever the form asked for."""
    if request.method == "POST":
        return show(request, _worked(request, desk))
    return show(request, _opened(request, desk))


@require_POST
@at_till
def change(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A line was edited: the new price, without touching the fields that are being typed in."""
    till = Till(desk, baskets.from_form(request.POST, desk.currency))
    goods.remember(request, till.basket)
    till.price()
    response = render(request, "counter/parts/changed.html", _context(till))
    response["HX-Replace-Url"] = till.address
    return response


@require_GET
@at_till
def change_due(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What to hand back for the cash received, while it is typed."""
    words, is_short = "", False
    try:
        total = read_quote(_quote_here(request.GET.get("quote", ""), desk)).total
        received = parse_money(request.GET.get("received", ""), desk.currency) if request.GET.get("received") else total
        is_short = received < total
        difference = format_money(abs(received - total), desk.currency)
        words = (_("%(amount)s short") if is_short else _("Change %(amount)s")) % {"amount": difference}
    except RegularsError as error:
        words, is_short = str(error), True
    return render(request, "counter/parts/change_due.html", {"words": words, "is_short": is_short})


@require_POST
@at_till
def join(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A person joins in the middle of a sale; the sale goes on as theirs."""
    till = Till(desk, baskets.from_form(request.POST, desk.currency))
    named = {"country": desk.organisation.country, "language": desk.organisation.language}
    if "reword" in request.POST:
        till.joining = JoinForm(initial=_typed_so_far(request), **named)
        return show(request, till)
    till.joining = JoinForm(request.POST, **named)
    if till.joining.is_valid():
        _join(till, till.joining)
    else:
        till.status = 422
    return show(request, till)


@require_POST
@at_till
def pay(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Confirm the price that was shown, once per key; anything that changed since is shown again first."""
    till = Till(desk, baskets.from_form(request.POST, desk.currency), received=request.POST.get("received", "")[:60])
    try:
        quote = _quote_here(request.POST.get("quote", ""), desk, with_member=False)
        if "description" in request.POST:
            _check_unchanged(till, request)
        sale = _paid(till, quote, request)
    except (StaleQuote, KeyUsedBefore) as error:
        till.notice, till.tone, till.status = str(error), "warn", 409
    except RegularsError as error:
        till.refuse(error)
    else:
        return redirect("counter:receipt", sale.public_id)
    return show(request, till)


def _paid(till: Till, quote: Quote, request: HttpRequest) -> Sale:
    """Confirm; where that is refused and the lines did not come along, show again those of the quote."""
    try:
        return _confirm(till, quote, request)
    except RegularsError:
        if "description" not in request.POST:
            till.basket = baskets.from_draft(read_quote(quote))
        raise


def show(request: HttpRequest, till: Till) -> HttpResponse:
    """Draw the till: the whole page, or for htmx the part that changes, with the address that finds it again."""
    if till.draft is None:
        till.price()
    is_part = bool(request.headers.get("HX-Request"))
    context = _context(till)
    if not is_part:
        context["menu"] = menu_of(till.desk.staff)
    template = "counter/parts/till.html" if is_part else "counter/till.html"
    response = render(request, template, context, status=till.status if request.method == "POST" else 200)
    if is_part:
        response["HX-Replace-Url"] = till.address
    return response


def _context(till: Till) -> dict[str, object]:
    shows_last = till.basket.is_empty and till.basket.member is None
    return {
        "till": till,
        "desk": till.desk,
        "currency": till.desk.currency,
        "member": till.member,
        "last_sale": next(iter(sales.newest_sales(branch=till.desk.branch, limit=1)), None) if shows_last else None,
    }


def _opened(request: HttpRequest, desk: Desk) -> Till:
    till = Till(desk, Basket(desk.currency))
    try:
        if wanted := request.GET.get("quote", ""):
            till.basket = baskets.from_draft(read_quote(_quote_here(wanted, desk)))
        elif aside := request.GET.get("aside", ""):
            till.put_aside = _quote_here(aside, desk).public_id
    except RegularsError:
        till.notice = _("This sale is not at this till any more. Start a new one.")
    if wanted := request.GET.get("member", ""):
        till.take(wanted)
    return till


def _worked(request: HttpRequest, desk: Desk) -> Till:
    sent = request.POST
    till = Till(desk, baskets.from_form(sent, desk.currency))
    if "remove" in sent:
        till.basket.remove(sent["remove"])
        till.text = sent.get("text", "")[:500]
    elif "take" in sent:
        till.take(sent["take"])
    elif "leave" in sent:
        till.basket.member = None
        till.text = sent.get("text", "")[:500]
    elif "amount" in sent:
        _add_amount(till, sent["amount"])
    elif (act := next((act for act in GIVING if act in sent), None)) is not None:
        GIVING[act](till, sent[act][:120])
    elif "joining" in sent:
        till.joining = _join_form(desk, sent["joining"])
    elif sent.get("text", "").strip() and sent.get("text", "").strip() == sent.get("unknown"):
        till.joining = _join_form(desk, sent["unknown"])
    elif "none" not in sent:
        till.enter(sent.get("text", ""))
    return till


def _add_amount(till: Till, text: str) -> None:
    """Figures that might have meant a member were an amount after all."""
    try:
        understood = entry.read(text, till.desk.currency)
        if isinstance(understood, entry.Amount):
            till.basket.add(understood)
    except InvalidInput as error:
        till.refuse(InvalidInput(error.message, field="text"))
    till.basket.member = None


def _join_form(desk: Desk, seen: str) -> JoinForm:
    """The form with what the field saw already in its place: a contact, else a name."""
    try:
        normal_contact(seen, country=desk.organisation.country)
        initial = {"contact": seen}
    except InvalidInput:
        is_name = bool(seen) and not any(character.isdigit() for character in seen)
        initial = {"name" if is_name else "contact": seen[:80]}
    return JoinForm(country=desk.organisation.country, language=desk.organisation.language, initial=initial)


def _typed_so_far(request: HttpRequest) -> dict[str, object]:
    values = {
        name: request.POST.get(f"new-{name}", "")[:200] for name in ("contact", "name", "language", "introduction")
    }
    return {**values, "marketing": bool(request.POST.get("new-marketing"))}


def _join(till: Till, form: JoinForm) -> None:
    given = form.cleaned_data
    try:
        till.basket.member = people.join(
            contact=given["contact"],
            name=given["name"],
            language=given["language"],
            source=Source.COUNTER,
            branch=till.desk.branch,
            agrees_to_marketing=given["marketing"],
            by=till.desk.staff.public_id,
            introduction=given.get("introduction"),
        )
        till.notice, till.tone = _("Welcome. The card is ready and this sale already counts."), "gain"
        till.joining = None
    except people.AlreadyMember as error:
        till.take(error.member.public_id)
        till.notice, till.joining = _("This contact is a member already, so the sale is theirs."), None
    except RegularsError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        till.status = 422


def _quote_here(public_id: str, desk: Desk, *, with_member: bool = True) -> Quote:
    """A quote of this branch. Raises `NotFound` for any other."""
    quote = sales.quote_by_public_id(public_id.replace("\0", "")[:40], with_member=with_member)
    if quote.branch_id != desk.branch.pk:
        raise NotFound
    quote.branch = desk.branch
    return quote


def _check_unchanged(till: Till, request: HttpRequest) -> None:
    """What is paid is what was shown. Raises `StaleQuote` when a line, the member or the field says otherwise."""
    if (text := request.POST.get("text", "").strip()) != "":
        till.enter(text)
        raise StaleQuote(_("What was typed in the field came first. Check the new price and confirm again."))
    if till.basket.mark != request.POST.get("mark") or not till.basket.is_sound:
        raise StaleQuote(_("The sale was changed. Check the new price and confirm again."))


def _confirm(till: Till, quote: Quote, request: HttpRequest) -> Sale:
    sent = request.POST
    return services.confirm(
        quote=quote,
        key=sent.get("key", "")[:80] or till.key,
        cashier=till.desk.staff,
        terminal=till.desk.terminal,
        received=parse_money(till.received, till.desk.currency, field="received") if till.received.strip() else 0,
        payment_source=sent.get("payment_source", "cash")[:40] or "cash",
    )
