"""From an address one knows to the business that has it. Nobody can list businesses here."""

from __future__ import annotations

import unicodedata

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from regulars.errors import TooMany
from tenants import hosts, limits
from tenants.forms import FindForm
from tenants.models import Business, BusinessState
from tenants.views.pages import described

DOORS = {"member": "/me/", "staff": "/counter/", "owner": "/office/"}


@never_cache
@csp_update({"form-action": hosts.everywhere()})
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """A form for an address; a business that has it is gone to, at the door the person came for."""
    door = request.GET.get("door", "")
    if "address" not in request.GET:
        return _page(request, FindForm(auto_id="%s"), door)
    form = FindForm(request.GET, auto_id="%s")
    status = 422
    if form.is_valid():
        try:
            limits.count(request, limits.address_checks())
        except TooMany as refusal:
            form.add_error("address", str(refusal.message))
            return _page(request, form, door, status=429)
        business = _with_address(form.cleaned_data["address"])
        if business is not None:
            return HttpResponseRedirect(hosts.root_of(business) + DOORS.get(door, "/"))
        form.add_error("address", _("No business has this address. Compare it letter by letter, or ask the business."))
        status = 404
    return _page(request, form, door, status=status)


def _with_address(typed: str) -> Business | None:
    slug = unicodedata.normalize("NFKC", typed).strip().lower()
    slug = slug.removeprefix("https://").removeprefix("http://").partition("/")[0].partition(":")[0]
    slug = slug.removesuffix(hosts.host_end())
    if not slug.isascii() or "\x00" in slug:
        return None
    open_ones = Business.objects.filter(state=BusinessState.OPEN, practice_of=None)
    found: Business | None = open_ones.filter(slug__iexact=slug).first()
    return found


def _page(request: HttpRequest, form: FindForm, door: str, *, status: int = 200) -> HttpResponse:
    if form.errors:
        form.fields["address"].widget.attrs["autofocus"] = True
    context = {**described("find"), "form": form, "door": door if door in DOORS else "", "host_end": hosts.host_end()}
    return render(request, "tenants/find.html", context, status=status)
