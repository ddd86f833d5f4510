"""A member's coupons: the wallet, one of them to show at the counter, what lies open to take, and claiming a code."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars import visitors
from regulars.errors import NotFound, RegularsError
from regulars.loyalty.coupons import selectors, services
from regulars.loyalty.coupons.models import Coupon, CouponState, CouponTemplate
from regulars.loyalty.coupons.sentences import gives, terms, until, when
from regulars.people.models import Member
from regulars.portal.admission import members_only
from regulars.portal.codes import coupon_code
from regulars.portal.pages import page

CLAIMS = visitors.Limit("coupon", 120)
"""How many codes one household may try in an hour: enough for a shop's own Wi-Fi, few for a program that guesses."""
MOST_PAST = 10


def _shown(coupon: Coupon) -> dict[str, Any]:
    return {
        "coupon": coupon,
        "gives": gives(coupon.template),
        "until": until(coupon.ends_at),
        "can_be_used": selectors.can_be_used(coupon),
    }


@members_only
@require_safe
def coupons(request: HttpRequest, member: Member) -> HttpResponse:
    """The wallet: what can be used, what lies open, what was."""
    return _wallet(request, member)


def _wallet(request: HttpRequest, member: Member, *, refusal: str = "", status: int = 200) -> HttpResponse:
    found = [_shown(one) for one in selectors.coupons_of(member)]
    is_open = (CouponState.ISSUED, CouponState.RESERVED)
    context = {
        "usable": [one for one in found if one["coupon"].state in is_open],
        "past": [one for one in found if one["coupon"].state not in is_open][:MOST_PAST],
        "offers": [
            {"template": one, "gives": gives(one), "when": when(one), "terms": terms(one), "key": secrets.token_hex(16)}
            for one in selectors.open_to(member)
        ],
        "refusal": refusal,
    }
    return page(request, member, "portal/coupons.html", section="card", context=context, status=status)


@members_only
@require_safe
def coupon(request: HttpRequest, member: Member, coupon_id: str) -> HttpResponse:
    """One coupon, its code large enough to scan."""
    return _one(request, member, _own(member, coupon_id))


def _one(request: HttpRequest, member: Member, found: Coupon, *, refusal: str = "", status: int = 200) -> HttpResponse:
    code = found.code or (found.batch.code if found.batch else "")
    context = {
        **_shown(found),
        "terms": terms(found.template),
        "code": selectors.code_of(found),
        "qr": coupon_code(code) if code and found.state == CouponState.ISSUED else "",
        "may_pass_on": found.template.is_transferable and found.state == CouponState.ISSUED,
        "refusal": refusal,
    }
    return page(request, member, "portal/coupon.html", section="card", context=context, status=status)


@members_only
@require_POST
def pass_on(request: HttpRequest, member: Member, coupon_id: str) -> HttpResponse:
    """Let go of a coupon; the link by which somebody else has it stands on the page that follows, once."""
    found = _own(member, coupon_id)
    try:
        free = services.pass_on(coupon=found, member=member)
    except RegularsError as refusal:
        return _one(request, member, found, refusal=str(refusal), status=422)
    address = request.build_absolute_uri(f"{reverse('portal:claim')}?code={free.code}")
    context = {**_shown(free), "address": address}
    return page(request, member, "portal/coupon_passed_on.html", section="card", context=context)


@members_only
@require_POST
def take(request: HttpRequest, member: Member, template_id: str) -> HttpResponse:
    """Take a coupon that lies open; a refusal stands above the wallet as it is now."""
    try:
        template = selectors.template_by_public_id(template_id)
    except NotFound as error:
        raise Http404 from error
    try:
        done = services.take(member=member, template=template, key=request.POST.get("key", "")[:80])
    except RegularsError as refusal:
        return _wallet(request, member, refusal=f"{template}: {refusal}", status=422)
    return redirect("portal:coupon", done.public_id)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, member: Member) -> HttpResponse:
    """Claim a code, typed or from a link; only the button does it, so that a look at a link takes nothing."""
    if request.method != "POST":
        code = request.GET.get("code", "")[:60]
        return _claiming(request, member, code, template=_known(request, code))
    code = request.POST.get("code", "")[:60]
    try:
        visitors.count(request, CLAIMS)
        done = services.claim(member=member, code=code)
    except RegularsError as refusal:
        return _claiming(request, member, code, refusal=str(refusal), status=422)
    return redirect("portal:coupon", done.public_id)


def _known(request: HttpRequest, code: str) -> CouponTemplate | None:
    """What a code in a link stands for; None for none, and once a household has asked too often."""
    if not code:
        return None
    try:
        visitors.count(request, CLAIMS)
        return selectors.template_of_code(code)
    except RegularsError:
        return None


def _claiming(
    request: HttpRequest,
    member: Member,
    code: str,
    *,
    template: CouponTemplate | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "code": code,
        "template": template,
        "gives": gives(template) if template else "",
        "terms": terms(template) if template else [],
        "when": when(template) if template else "",
        "refusal": refusal
        or (
            _("No coupon can be had with this code. Look at it once more, or ask at the counter.")
            if code and template is None
            else ""
        ),
    }
    return page(request, member, "portal/coupon_claim.html", section="card", context=context, status=status)


def _own(member: Member, public_id: str) -> Coupon:
    """A coupon of this member. Raises `Http404` for any other."""
    try:
        found = selectors.coupon_by_public_id(public_id)
    except NotFound as error:
        raise Http404 from error
    if found.member_id != member.pk:
        raise Http404
    return found
