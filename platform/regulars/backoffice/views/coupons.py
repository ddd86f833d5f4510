"""Coupons in the back office: what there is and what came of it, the form with a trial beside it, and copies."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import path, reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars import clock
from regulars.backoffice.views.acts import ActPage, OfficePage, actor_of
from regulars.errors import NotFound, RegularsError
from regulars.loyalty.coupons import selectors
from regulars.loyalty.coupons.attention import notes
from regulars.loyalty.coupons.forms import CouponForm, TryForm, values_of
from regulars.loyalty.coupons.models import CouponTemplate
from regulars.loyalty.coupons.presets import BEGINNINGS, beginning
from regulars.loyalty.coupons.selectors import Outcome
from regulars.loyalty.coupons.sentences import given_when, gives, sentence, terms, terms_for_office, when
from regulars.loyalty.coupons.templating import drafted, save_template
from regulars.loyalty.coupons.trial import Tried, try_out
from regulars.organisation.models import Branch
from regulars.organisation.permissions import allows
from regulars.organisation.selectors import organisation
from regulars.words import in_language

LOYALTY = reverse_lazy("office_loyalty:programme")
COUPONS = reverse_lazy("office_loyalty:coupons")
TRAIL = ((LOYALTY, gettext_lazy("Loyalty")), (COUPONS, gettext_lazy("Coupons")))


def shown(template: CouponTemplate) -> dict[str, Any]:
    """A coupon as its ticket shows it."""
    return {
        "gives": gives(template),
        "name": str(template),
        "details": in_language(template.details),
        "terms": terms(template),
        "until": when(template),
        "occasion": template.occasion,
    }


class Coupons(OfficePage):
    """All coupons, those in use first, each with what came of it."""

    template_name = "backoffice/coupons.html"
    page_title = gettext_lazy("Coupons")
    header_icon = "coupon"
    permission = "loyalty.view"
    trail = ((LOYALTY, gettext_lazy("Loyalty")),)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Each with its sentence and its figures."""
        came_of = selectors.outcomes(scope=self.scope)
        told = notes(came_of)
        found: dict[str, Any] = super().get_context_data(
            coupons=[
                {
                    "template": one,
                    "says": sentence(one),
                    "when": when(one),
                    "given": given_when(one) if one.is_given_by_itself else "",
                    "notes": told.get(one.pk, []),
                    "outcome": came_of.get(one.pk, Outcome()),
                }
                for one in CouponTemplate.objects.order_by("-is_active", "-pk")
            ],
            beginnings=BEGINNINGS,
            currency=organisation().currency,
            may_change=allows(self.staff, "loyalty.change"),
            **context,
        )
        return found


class OfTemplate:
    """A page of one coupon, which the address names."""

    kwargs: dict[str, Any]

    @cached_property
    def coupon(self) -> CouponTemplate:
        """The template of this address. Raises `Http404`."""
        try:
            return selectors.template_by_public_id(self.kwargs["public_id"])
        except NotFound as error:
            raise Http404 from error

    @property
    def history_of(self) -> str:
        """The coupon."""
        return str(self.coupon.public_id)


class CouponPage(OfTemplate, OfficePage):
    """One coupon: its ticket, its terms, what came of it, and its batches."""

    template_name = "backoffice/coupon.html"
    header_icon = "coupon"
    permission = "loyalty.view"
    trail = TRAIL

    def get_page_title(self) -> str:
        """Its name."""
        return str(self.coupon)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Everything about it; figures of purchases of the own branches only."""
        batches = [
            {"batch": batch, "outcome": selectors.outcome_of(self.coupon, batch, scope=self.scope)}
            for batch in self.coupon.batches.order_by("-pk")[:20]
        ]
        found: dict[str, Any] = super().get_context_data(
            coupon=self.coupon,
            ticket=shown(self.coupon),
            terms=terms_for_office(self.coupon),
            outcome=selectors.outcome_of(self.coupon, scope=self.scope),
            batches=batches,
            currency=organisation().currency,
            may_change=allows(self.staff, "loyalty.change"),
            history_of=self.history_of,
            **context,
        )
        return found


class CouponFormPage(ActPage):
    """A new coupon, or changes of one. It can be tried before it is saved."""

    template_name = "backoffice/coupon_form.html"
    form_class: Any = CouponForm
    header_icon = "coupon"
    permission = "loyalty.change"
    trail = TRAIL
    fields_of_refusals = {"words": "name_en", "details": "details_en"}

    @cached_property
    def coupon(self) -> CouponTemplate | None:
        """The coupon to change, None for a new one. Raises `Http404`."""
        named = self.kwargs.get("public_id")
        try:
            return selectors.template_by_public_id(named) if named else None
        except NotFound as error:
            raise Http404 from error

    def get_page_title(self) -> str:
        """Its name."""
        return str(self.coupon) if self.coupon else _("New coupon")

    @property
    def history_of(self) -> str:
        """The coupon."""
        return str(self.coupon.public_id) if self.coupon else ""

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the coupon, the currency and what it was asked to begin with."""
        currency = organisation().currency
        known = {"template": self.coupon, "currency": currency, "begins": self._begins(currency)}
        return {**super().get_form_kwargs(), **known}

    def _begins(self, currency: str) -> dict[str, Any]:
        copied = self.request.GET.get("copy", "")
        if not copied:
            return beginning(self.request.GET.get("begin", ""), currency)
        try:
            return values_of(selectors.template_by_public_id(copied))
        except NotFound:
            return {}

    def form_valid(self, form: Any) -> HttpResponse:
        """Save it, or try it and show the form again as it was typed."""
        if "try" not in self.request.POST:
            return super().form_valid(form)
        try:
            tried = drafted(form.terms())
        except RegularsError as refusal:
            self._refused(form, refusal)
            return self.form_invalid(form)
        return self.render_to_response(self.get_context_data(form=form, tried=tried))

    def _refused(self, form: Any, refusal: RegularsError) -> None:
        field = self.field_of(refusal.field, form)
        form.add_error(field if field in form.fields else None, str(refusal))

    def field_of(self, named: str, form: Any) -> str:
        """The field of the form at which a refusal is shown."""
        if named == "value":
            return "percent" if form.cleaned_data.get("kind") == "percent" else "amount"
        return self.fields_of_refusals.get(named, named)

    def act(self, form: Any) -> CouponTemplate:
        """Save it through the service; what it refuses stands at its field."""
        try:
            return save_template(template=self.coupon, terms=form.terms(), by=actor_of(self.request))
        except RegularsError as refusal:
            raise type(refusal)(refusal.message, field=self.field_of(refusal.field, form)) from refusal

    def get_success_url(self) -> str:
        """The page of the coupon."""
        return reverse("office_loyalty:coupon", args=(self.done.public_id,))

    def words_of_success(self, done: CouponTemplate) -> str:
        """Which coupon it was."""
        self.done = done
        return _("%(coupon)s is saved.") % {"coupon": done}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Adds the ticket as members see it, and what the coupon would do to one purchase."""
        found = super().get_context_data(**context)
        currency = organisation().currency
        asked = TryForm(self.request.POST if "try" in self.request.POST else None, currency=currency)
        drawn = context.get("tried") or (self.coupon if self.request.method == "GET" else None)
        begun = self.coupon is None and self.request.method == "GET"
        return {
            **found,
            "beginnings": [] if self.coupon else BEGINNINGS,
            "ticket": shown(drawn) if drawn is not None else None,
            "try_form": asked,
            "result": self._result(drawn, asked) if context.get("tried") else None,
            "is_new": begun,
            "currency": currency,
        }

    def _result(self, template: CouponTemplate | None, asked: TryForm) -> Tried | None:
        if template is None or not asked.is_valid():
            return None
        values = asked.cleaned_data
        branch = Branch.objects.filter(public_id=values["try_branch"]).first() or Branch.objects.order_by("pk")[0]
        return try_out(
            template,
            amount=values["try_amount"],
            category=values["try_category"],
            branch=branch,
            on=values["try_on"] or clock.today(),
        )


ADDRESSES = [
    path("coupons/", Coupons.as_view(), name="coupons"),
    path("coupons/new/", CouponFormPage.as_view(), name="new_coupon"),
    path("coupons/<slug:public_id>/", CouponPage.as_view(), name="coupon"),
    path("coupons/<slug:public_id>/change/", CouponFormPage.as_view(), name="change_coupon"),
]
