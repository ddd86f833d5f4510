"""Sign-up: one short form, an address checked while it is typed, and the owner landed signed in at the new business."""

from __future__ import annotations

from typing import Any

import structlog
from csp.decorators import csp_update
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from regulars.errors import KeyUsedBefore, RegularsError, TooMany
from tenants import countries, handover, hosts, limits, once, services
from tenants.context import business_context
from tenants.forms import SignUpForm
from tenants.models import Business
from tenants.views.pages import described

log = structlog.get_logger(__name__)
MOST_SUGGESTIONS = 3


@never_cache
@sensitive_post_parameters("password")
@csp_update({"form-action": hosts.everywhere()})
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """The form; sent well it opens the business and goes there, else it comes back as typed and says what to mend."""
    language = get_language() or "en"
    if request.method != "POST":
        begin = {"country": countries.likely(language, _accepted(request)), "key": once.new_key()}
        return _page(request, SignUpForm(initial=begin, language=language, host_end=hosts.host_end()))
    form = SignUpForm(_posted(request), language=language, host_end=hosts.host_end())
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        business = _open_once(request, form)
    except RegularsError as refusal:
        return _refused(request, form, refusal)
    where = handover.link(business=business, email=business.owner_email)
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": where})
    return HttpResponseRedirect(where)


@never_cache
@require_GET
def address_state(request: HttpRequest) -> HttpResponse:
    """Whether an address is free, and free ones where it is not; without an address, the one that the name suggests."""
    name = request.GET.get("name", "")[:80]
    typed = request.GET.get("address", "")[:200].strip().lower()
    try:
        limits.count(request, limits.address_checks())
    except TooMany as refusal:
        return render(request, "tenants/parts/address_state.html", {"trouble": refusal.message}, status=429)
    if not typed or request.GET.get("from_name"):
        proposed = services.suggest_addresses(name)[:1] if name.strip() else []
        state = {"free": proposed[0], "proposed": proposed[0]} if proposed else {}
    else:
        state = _judged(typed.removesuffix(hosts.host_end()), name)
    return render(request, "tenants/parts/address_state.html", {**state, "host_end": hosts.host_end()})


def _judged(address: str, name: str) -> dict[str, Any]:
    try:
        services.check_address(address, name=name)
    except RegularsError as refusal:
        return {"trouble": refusal.message, "suggestions": _suggestions(refusal)}
    return {"free": address}


def _open_once(request: HttpRequest, form: SignUpForm) -> Business:
    """The business this form opens, or opened before when it comes a second time.

    Raises TooMany, KeyUsedBefore, StillUnderWay and what `open_business` raises.
    """
    claim = once.claim(form.cleaned_data["key"])
    if claim.result:
        return _opened_before(claim.result, form)
    try:
        limits.count(request, limits.sign_ups())
        business = _open(form)
    except BaseException:
        claim.give_up()
        raise
    claim.keep(business.schema_name)
    log.info("business_signed_up", business=business.public_id, trade=business.trade, language=business.language)
    return business


def _open(form: SignUpForm) -> Business:
    typed, setting = form.cleaned_data, form.setting()
    return services.open_business(
        name=typed["name"],
        slug=typed["address"],
        trade=typed["trade"],
        language=form.language,
        owner_email=typed["email"],
        password=typed["password"],
        currency=setting.currency,
        zone=setting.zone,
        country=setting.country,
    )


def _opened_before(schema_name: str, form: SignUpForm) -> Business:
    """The business that this very form opened; any other content under its key is refused."""
    opened = Business.objects.filter(schema_name=schema_name, slug__iexact=form.cleaned_data["address"])
    business: Business | None = opened.first()
    if business is not None:
        with business_context(business):
            owner = get_user_model().objects.filter(email__iexact=form.cleaned_data["email"]).first()
        if owner is not None and owner.check_password(form.cleaned_data["password"]):
            return business
    raise KeyUsedBefore(_("This form has already opened a business. Load the page again to open another one."))


def _refused(request: HttpRequest, form: SignUpForm, refusal: RegularsError) -> HttpResponse:
    field = {"slug": "address", "owner_email": "email"}.get(refusal.field, refusal.field)
    form.add_error(field if field in form.fields and field != "key" else None, str(refusal.message))
    status = 429 if isinstance(refusal, TooMany) else 422
    return _page(request, form, status=status, suggestions=_suggestions(refusal))


def _suggestions(refusal: RegularsError) -> list[str]:
    return list(getattr(refusal, "suggestions", []))[:MOST_SUGGESTIONS]


def _page(
    request: HttpRequest, form: SignUpForm, *, status: int = 200, suggestions: list[str] | None = None
) -> HttpResponse:
    if form.first_wrong:
        form.fields[form.first_wrong].widget.attrs["autofocus"] = True
    if "password" in form.errors:
        form.fields["password"].widget.attrs["aria-describedby"] = "password_helptext password_error"
    template = "tenants/parts/sign_up_form.html" if request.headers.get("HX-Request") else "tenants/sign_up.html"
    context = {**described("sign_up"), "form": form, "suggestions": suggestions or [], "host_end": hosts.host_end()}
    return render(request, template, context, status=status)


def _posted(request: HttpRequest) -> Any:
    """What was sent; pressing a suggested address sends that instead of the one in the field."""
    posted = request.POST.copy()
    if posted.get("choose"):
        posted["address"] = str(posted["choose"])
    if not posted.get("key"):
        posted["key"] = once.new_key()
    return posted


def _accepted(request: HttpRequest) -> list[str]:
    return [tag for tag, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", ""))]
