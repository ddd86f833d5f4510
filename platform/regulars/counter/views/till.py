"""The sale at the till: one field, a member, lines and a price that explains itself."""

from __future__ import annotations

import re
import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from regulars.counter import basket as baskets
from regulars.counter import entry, giving, goods
from regulars.counter.basket import Basket
from regulars.counter.desk import Desk, at_till, menu_of
from regulars.counter.forms import JoinForm
from regulars.counter.giving_back import credit_of, is_voidable, last_sale_at, sale_with_key
from regulars.counter.masking import glimpse
from regulars.counter.state import Till
from regulars.errors import InvalidInput, NotFound, RegularsError
from regulars.people import services as people
from regulars.people.contacts import normal_contact
from regulars.people.models import Member, Source
from regulars.people.selectors import member_with_contact
from regulars.sales import selectors as sales
from regulars.sales.holding import waiting_at
from regulars.sales.models import Quote
from regulars.sales.quoting import read as read_quote


def _coupon_off(till: Till, coupon: str) -> None:
    till.basket.coupons = [each for each in till.basket.coupons if each != coupon]


def _use_points(till: Till, points: str) -> None:
    till.basket.points = int(points) if points.isascii() and points.isdigit() and len(points) < 13 else 0


PAID_WITH = {"coupon_on": Till.take_coupon, "coupon_off": _coupon_off, "use_points": _use_points}
"""What the buttons for coupons and points ask for, by their names."""
KEY = re.compile(r"[0-9A-Za-z_-]{8,64}")
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
    till = sent_till(request, desk)
    goods.remember(request, till.basket)
    till.price()
    response = render(request, "counter/parts/changed.html", {**context_of(till), "is_part": True})
    response["HX-Replace-Url"] = till.address
    return response


@require_POST
@at_till
def join(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A person joins in the middle of a sale; the sale goes on as theirs."""
    till = sent_till(request, desk)
    named = {"country": desk.organisation.country, "language": desk.organisation.language}
    if "reword" in request.POST:
        till.joining = JoinForm(initial=_typed_so_far(request), **named)
        return show(request, till)
    if "known" in request.POST:
        return show(request, till) if _is_known(till, request) else HttpResponse(status=204)
    till.joining = JoinForm(request.POST, **named)
    if till.joining.is_valid():
        _join(till, till.joining)
    else:
        till.status = 422
    return show(request, till)


def show(request: HttpRequest, till: Till) -> HttpResponse:
    """Draw the till: the whole page, or for htmx the part that changes, with the address that finds it again."""
    if till.draft is None:
        till.price()
    is_part = bool(request.headers.get("HX-Request"))
    context = {**context_of(till), "is_part": is_part}
    if not is_part:
        context["menu"] = menu_of(till.desk.staff)
    template = "counter/parts/till.html" if is_part else "counter/till.html"
    response = render(request, template, context, status=till.status if request.method == "POST" else 200)
    if is_part:
        response["HX-Replace-Url"] = till.address
    return response


def sent_till(request: HttpRequest, desk: Desk) -> Till:
    """The till as the form carries it: basket, the key of this sale, and the credit of an exchange."""
    sent = request.POST
    till = Till(desk, baskets.from_form(sent, desk.currency), received=sent.get("received", "")[:60])
    till.key = key_or_new(sent.get("sale") or sent.get("key") or "")
    till.credit = credit_of(desk, sent.get("credit", ""))
    return till


def key_or_new(key: str) -> str:
    """A key that a page carried, or a new one where it carried none that is one."""
    return key if KEY.fullmatch(key) else secrets.token_hex(16)


def context_of(till: Till) -> dict[str, object]:
    """What the templates of the till ask for; the last sale only where nothing else is at hand."""
    shows_last = till.basket.is_empty and till.basket.member is None
    last = last_sale_at(till.desk) if shows_last else None
    return {
        "till": till,
        "desk": till.desk,
        "currency": till.desk.currency,
        "member": till.member,
        "last_sale": last,
        "on_hold": waiting_at(branch=till.desk.branch, terminal=till.desk.terminal) if shows_last else [],
        "may_void": is_voidable(till.desk, last),
    }


def _opened(request: HttpRequest, desk: Desk) -> Till:
    till, asked = Till(desk, Basket(desk.currency)), request.GET
    till.key, till.credit = key_or_new(asked.get("sale", "")), credit_of(desk, asked.get("credit", ""))
    try:
        if "sale" in asked and (paid := sale_with_key(till.key)) is not None:
            till.paid, till.key, till.credit = paid, key_or_new(""), None
        elif wanted := asked.get("quote", ""):
            till.basket = baskets.from_draft(read_quote(quote_here(wanted, desk)))
        elif aside := asked.get("aside", ""):
            till.aside_credit, till.credit = till.credit, None
            till.put_aside, till.aside_key, till.key = quote_here(aside, desk).public_id, till.key, key_or_new("")
    except RegularsError:
        till.notice = _("This sale is not at this till any more. Start a new one.")
    if wanted := asked.get("member", ""):
        till.take(wanted)
    return till


def _worked(request: HttpRequest, desk: Desk) -> Till:
    sent, till = request.POST, sent_till(request, desk)
    if "remove" in sent:
        till.basket.remove(sent["remove"])
        till.text = sent.get("text", "")[:500]
    elif "take" in sent:
        till.take(sent["take"])
    elif "product_taken" in sent:
        till.take_product(sent["product_taken"][:40])
    elif (act := next((act for act in PAID_WITH if act in sent), None)) is not None:
        till.text = sent.get("text", "")[:500]
        PAID_WITH[act](till, sent[act][:60])
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
        _take_known(till, error.member)
    except RegularsError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        till.status = 422


def _is_known(till: Till, request: HttpRequest) -> bool:
    """Whether the contact that was just typed is a member's; then the sale is theirs."""
    try:
        contact = normal_contact(request.POST.get("new-contact", "")[:200], country=till.desk.organisation.country)
    except InvalidInput:
        return False
    found = member_with_contact(contact)
    if found is None or not found.is_active:
        return False
    _take_known(till, found)
    return True


def _take_known(till: Till, member: Member) -> None:
    till.take(member.public_id)
    seen = glimpse(member)
    till.notice = _("%(name)s (%(contact)s) is a member already, so the sale is theirs.") % {
        "name": seen.name,
        "contact": seen.contact,
    }
    till.joining = None


def quote_here(public_id: str, desk: Desk, *, with_member: bool = True) -> Quote:
    """A quote of this branch. Raises `NotFound` for any other."""
    quote = sales.quote_by_public_id(public_id.replace("\0", "")[:40], with_member=with_member)
    if quote.branch_id != desk.branch.pk:
        raise NotFound
    quote.branch = desk.branch
    return quote
