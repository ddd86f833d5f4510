"""Codes of coupons in the back office: made, shared, counted, printed; and coupons given and voided."""

from __future__ import annotations

import secrets
from typing import Any

import segno
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from regulars.backoffice.views.acts import ActPage, OfficePage, actor_of
from regulars.backoffice.views.coupons import TRAIL, OfTemplate, shown
from regulars.errors import NotFound
from regulars.loyalty.coupons import batches, selectors, services
from regulars.loyalty.coupons.codes import shown_code
from regulars.loyalty.coupons.forms import CodesForm, GiveForm, SharedCodeForm, VoidForm
from regulars.loyalty.coupons.models import Coupon, CouponBatch, CouponState
from regulars.loyalty.coupons.sentences import came_by
from regulars.operations import trail
from regulars.organisation.permissions import allows
from regulars.organisation.selectors import organisation
from regulars.people.models import Member
from regulars.people.selectors import member_by_public_id

ON_A_SHEET = 60


def claim_address(request: HttpRequest, code: str) -> str:
    """Where a code is claimed, as a whole address."""
    return request.build_absolute_uri(f"{reverse('portal:claim')}?code={code}")


def qr(text: str) -> SafeString:
    """A QR code as inline SVG on white; nothing of a person's own text is in it."""
    drawing = segno.make(text, error="m", micro=False).svg_inline(border=2, omitsize=True, svgclass=None, light="#fff")
    return mark_safe(drawing)  # noqa: S308


class NewCodes(OfTemplate, ActPage):
    """A batch of codes, made by a job."""

    form_class: Any = CodesForm
    header_icon = "coupon"
    permission = "loyalty.change"
    trail = TRAIL
    submit_label = gettext_lazy("Make the codes")
    history_of = ""

    def get_initial(self) -> dict[str, Any]:
        """A key of its own, so that a second click makes no second batch."""
        return {"codes": 100, "key": secrets.token_hex(16)}

    def get_page_title(self) -> str:
        """Of which coupon."""
        return _("Codes for %(coupon)s") % {"coupon": self.coupon}

    def act(self, form: Any) -> CouponBatch:
        """Start the job."""
        values = form.cleaned_data
        batch, _job = batches.make_codes(
            template=self.coupon,
            name=values["name"],
            codes=values["codes"],
            claim_until=values["claim_until"],
            key=values["key"],
            by=self.staff,
        )
        return batch

    def get_success_url(self) -> str:
        """The page of the batch."""
        return reverse("office_loyalty:coupon_batch", args=(self.done.public_id,))

    def words_of_success(self, done: CouponBatch) -> str:
        """What happens now."""
        self.done = done
        return _("%(batch)s is being made. You can leave this page; it goes on.") % {"batch": done}


class ShareCode(NewCodes):
    """One code that many share."""

    form_class = SharedCodeForm
    submit_label = gettext_lazy("Give it out")

    def get_initial(self) -> dict[str, Any]:
        """Nothing."""
        return {}

    def get_page_title(self) -> str:
        """Of which coupon."""
        return _("A shared code for %(coupon)s") % {"coupon": self.coupon}

    def act(self, form: Any) -> CouponBatch:
        """Give it out."""
        return batches.share_code(template=self.coupon, by=self.staff, **form.cleaned_data)

    def words_of_success(self, done: CouponBatch) -> str:
        """It counts at once."""
        self.done = done
        return _("%(code)s counts at once, at the counter and in the portal.") % {"code": done.code}


class OfBatch:
    """A page of one batch, which the address names."""

    kwargs: dict[str, Any]

    @cached_property
    def batch(self) -> CouponBatch:
        """The batch of this address. Raises `Http404`."""
        try:
            return selectors.batch_by_public_id(self.kwargs["public_id"])
        except NotFound as error:
            raise Http404 from error

    def get_page_title(self) -> str:
        """Its name."""
        return str(self.batch)


class BatchPage(OfBatch, OfficePage):
    """What came of a batch, how it is given out, and its codes as a file."""

    template_name = "backoffice/coupon_batch.html"
    header_icon = "coupon"
    permission = "loyalty.change"
    trail = TRAIL

    def get(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """The page, or the codes as a file."""
        if request.GET.get("export") != "csv":
            return super().get(request, *args, **options)
        text, records = selectors.sheet(self.batch, organisation().currency)
        trail.seen(by=self.staff, subject=self.batch.public_id, what="export", detail={"records": records})
        response = HttpResponse(text, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="coupons.csv"'
        return response

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The figures, and for a shared code its address."""
        address = claim_address(self.request, self.batch.code) if self.batch.code else ""
        found: dict[str, Any] = super().get_context_data(
            batch=self.batch,
            coupon=self.batch.template,
            outcome=selectors.outcome_of(self.batch.template, self.batch, scope=self.scope),
            unused=batches.unused(self.batch),
            is_being_made=self.batch.voided_at is None and self.batch.made < self.batch.wanted,
            address=address,
            qr=qr(address) if address else "",
            currency=organisation().currency,
            history_of=self.batch.public_id,
            **context,
        )
        return found


class BatchSheet(OfBatch, OfficePage):
    """Codes to print and cut, sixty to a page of this list."""

    template_name = "backoffice/coupon_sheet.html"
    header_icon = "coupon"
    permission = "loyalty.change"
    trail = TRAIL

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The tickets that nobody has used or claimed, from where the address says."""
        after = self.request.GET.get("after", "")
        rows = Coupon.objects.filter(template=self.batch.template_id, batch=self.batch, state=CouponState.ISSUED)
        rows = rows.filter(member=None, pk__gt=int(after) if after.isdecimal() and len(after) < 18 else 0)
        page = list(rows.exclude(code="").order_by("pk")[: ON_A_SHEET + 1])
        tickets = [
            {"code": shown_code(one.code), "qr": qr(claim_address(self.request, one.code))} for one in page[:ON_A_SHEET]
        ]
        found: dict[str, Any] = super().get_context_data(
            batch=self.batch,
            ticket=shown(self.batch.template),
            tickets=tickets,
            following=page[ON_A_SHEET - 1].pk if len(page) > ON_A_SHEET else "",
            house=organisation().name,
            **context,
        )
        return found


class VoidBatch(OfBatch, ActPage):
    """Declare a batch void with all its coupons that are not used."""

    template_name = "backoffice/coupon_void.html"
    form_class: Any = VoidForm
    header_icon = "coupon"
    permission = "loyalty.change"
    trail = TRAIL
    submit_label = gettext_lazy("Declare it void")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """How many it concerns."""
        return {**super().get_context_data(**context), "unused": batches.unused(self.batch), "batch": self.batch}

    def act(self, form: Any) -> int:
        """Void it."""
        return batches.void_batch(batch=self.batch, reason=form.cleaned_data["reason"], by=actor_of(self.request))

    def get_success_url(self) -> str:
        """The page of the batch."""
        return reverse("office_loyalty:coupon_batch", args=(self.batch.public_id,))

    def words_of_success(self, done: int) -> str:
        """How many are void now."""
        words = ngettext("%(count)s coupon is void now.", "%(count)s coupons are void now.", done)
        return words % {"count": done}


class MemberCoupons(ActPage):
    """The coupons of a member, and giving one more."""

    template_name = "backoffice/member_coupons.html"
    form_class: Any = GiveForm
    header_icon = "coupon"
    permission = "points.adjust"
    submit_label = gettext_lazy("Give the coupon")

    @cached_property
    def member(self) -> Member:
        """The member of this address, 404 beyond this person's scope."""
        try:
            found = member_by_public_id(self.kwargs["public_id"])
        except NotFound as error:
            raise Http404 from error
        if not self.scope.covers(found.branch):
            raise Http404
        return found

    def get_initial(self) -> dict[str, Any]:
        """A key of its own, so that a second click gives nothing twice."""
        return {"key": secrets.token_hex(16)}

    def get_page_title(self) -> str:
        """Whose coupons."""
        return _("Coupons of %(member)s") % {"member": self.member.name or _("Member")}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The wallet, what can be used first."""
        rows = selectors.coupons_of(self.member)
        found: dict[str, Any] = super().get_context_data(
            member=self.member,
            coupons=[
                (one, selectors.code_of(one), selectors.last_day_of(one), came)
                for one, came in zip(rows, came_by(rows), strict=True)
            ],
            may_void=allows(self.staff, "points.adjust"),
            currency=organisation().currency,
            **context,
        )
        return found

    def act(self, form: Any) -> Coupon:
        """Give it."""
        values = form.cleaned_data
        return services.give(
            member=self.member,
            template=selectors.template_by_public_id(values["template"]),
            key=values["key"] or secrets.token_hex(16),
            reason=values["reason"],
            by=self.staff,
        )

    def get_success_url(self) -> str:
        """The same page, with the new coupon on it."""
        return reverse("office_loyalty:member_coupons", args=(self.member.public_id,))

    def words_of_success(self, done: Coupon) -> str:
        """What the member has now."""
        return _("%(coupon)s is among the coupons of this member.") % {"coupon": done.template}


class OneCoupon(ActPage):
    """One coupon with its history; it can be declared void."""

    template_name = "backoffice/coupon_one.html"
    form_class: Any = VoidForm
    header_icon = "coupon"
    permission = "points.adjust"
    submit_label = gettext_lazy("Declare it void")

    @cached_property
    def one(self) -> Coupon:
        """The coupon of this address, 404 beyond this person's scope."""
        try:
            found = selectors.coupon_by_public_id(self.kwargs["public_id"])
        except NotFound as error:
            raise Http404 from error
        if not self.scope.covers(found.member.branch if found.member else None):
            raise Http404
        return found

    def get_page_title(self) -> str:
        """What it is."""
        return str(self.one.template)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The coupon and what happened to it."""
        found: dict[str, Any] = super().get_context_data(
            one=self.one,
            code=selectors.code_of(self.one),
            last_day=selectors.last_day_of(self.one),
            came=came_by([self.one])[0],
            steps=[(step, STEPS.get(step.act, step.act)) for step in selectors.history_of(self.one)],
            can_be_voided=self.one.state in (CouponState.ISSUED, CouponState.RESERVED),
            currency=organisation().currency,
            **context,
        )
        return found

    def act(self, form: Any) -> Coupon:
        """Void it."""
        return services.void(coupon=self.one, reason=form.cleaned_data["reason"], by=actor_of(self.request))

    def get_success_url(self) -> str:
        """The member's coupons, or this page for one that is nobody's."""
        if self.one.member is None:
            return reverse("office_loyalty:one_coupon", args=(self.one.public_id,))
        return reverse("office_loyalty:member_coupons", args=(self.one.member.public_id,))

    def words_of_success(self, done: Coupon) -> str:
        """It is over."""
        return _("%(coupon)s is void now.") % {"coupon": done.template}


STEPS = {
    "claimed": gettext_lazy("Claimed"),
    "passed_on": gettext_lazy("Passed on"),
    "reserved": gettext_lazy("Set aside for a purchase"),
    "released": gettext_lazy("Let go again"),
    "used": gettext_lazy("Used"),
    "given_back": gettext_lazy("Given back by a refund"),
    "expired": gettext_lazy("Expired"),
    "voided": gettext_lazy("Declared void"),
}

ADDRESSES = [
    path("coupons/<slug:public_id>/codes/", NewCodes.as_view(), name="new_codes"),
    path("coupons/<slug:public_id>/share/", ShareCode.as_view(), name="share_code"),
    path("coupons/batches/<slug:public_id>/", BatchPage.as_view(), name="coupon_batch"),
    path("coupons/batches/<slug:public_id>/sheet/", BatchSheet.as_view(), name="coupon_sheet"),
    path("coupons/batches/<slug:public_id>/void/", VoidBatch.as_view(), name="void_batch"),
    path("coupons/one/<slug:public_id>/", OneCoupon.as_view(), name="one_coupon"),
    path("coupons/of/<slug:public_id>/", MemberCoupons.as_view(), name="member_coupons"),
]
