"""What members and guests see of the catalogue: the shop window at their own prices, and the way to become a dealer.

A price may be a secret between the business and one person, so no cache on the way keeps either page, and what a guest
gets is worked out for a guest.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from regulars.catalogue import selectors
from regulars.catalogue.models import ApplicationState
from regulars.catalogue.services import dealers
from regulars.errors import NotFound, RegularsError
from regulars.organisation.models import Branch
from regulars.organisation.selectors import open_branches, organisation
from regulars.people.models import Member
from regulars.portal.admission import member_here, members_only, unkept
from regulars.portal.forms import refuse
from regulars.portal.pages import page


@unkept
@require_safe
def shop(request: HttpRequest) -> HttpResponse:
    """The shop window: for a guest at everybody's prices, for a member at their own."""
    member = member_here(request)
    branches = open_branches()
    branch = _branch(request, member, branches)
    context: dict[str, Any] = {
        "shelves": selectors.shop_window(member, branch=branch),
        "branches": branches if len(branches) > 1 else [],
        "branch": branch,
        "currency": organisation().currency,
        "dealer": selectors.dealer_of(member) if member is not None else None,
        "frame": "portal/base.html" if member is not None else "portal/door.html",
    }
    if member is not None:
        return page(request, member, "catalogue/window.html", section="shop", context=context)
    return render(request, "catalogue/window.html", context)


def _branch(request: HttpRequest, member: Member | None, branches: list[Branch]) -> Branch | None:
    """The branch that was chosen, else the member's own, else the only one; None for no branch's prices."""
    named = request.GET.get("branch", "")[:40]
    chosen = next((branch for branch in branches if branch.public_id == named), None)
    own = next((branch for branch in branches if member is not None and branch.pk == member.branch_id), None)
    return chosen or own or (branches[0] if len(branches) == 1 else None)


class DealerRequestForm(forms.Form):
    """What somebody says who wants to sell on."""

    company = forms.CharField(label=gettext_lazy("Company"), max_length=120)
    tax_number = forms.CharField(label=gettext_lazy("Tax number"), max_length=40, required=False)
    note = forms.CharField(
        label=gettext_lazy("What should we know?"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Where you sell, and about how much in a year."),
    )


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def dealer(request: HttpRequest, member: Member) -> HttpResponse:
    """Ask to become a dealer, take it back, and see how it stands."""
    if not selectors.takes_dealers():
        raise NotFound
    if request.method != "POST":
        return _dealer_page(request, member, DealerRequestForm())
    if "withdraw" in request.POST:
        return _withdrawn(request, member)
    form = DealerRequestForm(request.POST)
    if not form.is_valid():
        return _dealer_page(request, member, form)
    try:
        dealers.apply_as_dealer(member=member, **form.cleaned_data)
    except RegularsError as refusal:
        refuse(form, refusal)
        return _dealer_page(request, member, form)
    messages.success(request, _("We have your application. The answer will stand here."))
    return redirect("portal:dealer")


def _withdrawn(request: HttpRequest, member: Member) -> HttpResponse:
    application = selectors.latest_application(member)
    if application is not None and application.state == ApplicationState.REQUESTED:
        try:
            dealers.withdraw(application=application)
        except RegularsError as refusal:
            messages.warning(request, str(refusal))
            return redirect("portal:dealer")
        messages.success(request, _("You took your application back."))
    return redirect("portal:dealer")


def _dealer_page(request: HttpRequest, member: Member, form: DealerRequestForm) -> HttpResponse:
    application = selectors.latest_application(member)
    context = {
        "form": form,
        "dealer": selectors.dealer_of(member),
        "application": application,
        "is_waiting": application is not None and application.state == ApplicationState.REQUESTED,
        "is_refused": application is not None and application.state == ApplicationState.REFUSED,
    }
    status = 422 if form.errors else 200
    return page(request, member, "catalogue/dealer.html", section="me", context=context, status=status)
