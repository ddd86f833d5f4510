"""Points rules in the back office: the form with its beginnings, and beside it what would happen."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.backoffice.views.acts import ActPage, actor_of
from regulars.errors import RegularsError
from regulars.loyalty.models import PointsRule
from regulars.loyalty.points import services as points
from regulars.loyalty.points.forms import PointsRuleForm
from regulars.loyalty.points.presets import BEGINNINGS, beginning
from regulars.loyalty.points.sentences import details, sentence
from regulars.loyalty.points.trial import try_out
from regulars.loyalty.points.warnings import warnings
from regulars.organisation.selectors import organisation

LOYALTY = reverse_lazy("office_loyalty:programme")


class PointsRulePage(ActPage):
    """One points rule: a new one, or the one the address names. It can be tried out before it is saved."""

    template_name = "backoffice/points_rule.html"
    form_class = PointsRuleForm
    success_url = LOYALTY
    header_icon = "points"
    permission = "loyalty.change"
    trail = ((LOYALTY, gettext_lazy("Loyalty")),)
    fields_of_refusals = {"expiry": "expires_after_months"}

    @cached_property
    def rule(self) -> PointsRule | None:
        """The rule to change, None for a new one."""
        named = self.kwargs.get("public_id")
        if named is None:
            return None
        found = PointsRule.objects.filter(public_id=named[:40]).first()
        if found is None:
            raise Http404
        return found

    def get_page_title(self) -> str:
        """Its name."""
        return str(self.rule) if self.rule else _("New points rule")

    @property
    def history_of(self) -> str:
        """The rule."""
        return str(self.rule.public_id) if self.rule else ""

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the rule, the currency and what it was asked to begin with."""
        begins = beginning(self.request.GET.get("begin", ""))
        known = {"rule": self.rule, "currency": organisation().currency, "begins": begins}
        return {**super().get_form_kwargs(), **known}

    def form_valid(self, form: Any) -> HttpResponse:
        """Save it, or try it out and show the form again as it was typed."""
        if "try" not in self.request.POST:
            return super().form_valid(form)
        try:
            drafted = points.drafted(rule=self.rule, **form.terms())
        except RegularsError as refusal:
            field = self.fields_of_refusals.get(refusal.field, refusal.field)
            form.add_error(field if field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        return self.render_to_response(self.get_context_data(form=form, drafted=drafted))

    def act(self, form: Any) -> PointsRule:
        """Save it through the service."""
        return points.save_points_rule(rule=self.rule, by=actor_of(self.request), **form.terms())

    def words_of_success(self, done: PointsRule) -> str:
        """Which rule it was."""
        return _("%(rule)s is saved. It counts from the next sale.") % {"rule": done}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Adds the rule in words, what would happen, and what to know about it."""
        found = super().get_context_data(**context)
        tried = context.get("drafted") or (self.rule if self.request.method == "GET" else None)
        if tried is not None:
            found |= {
                "trial": try_out(tried),
                "said": [sentence(tried), *details(tried)],
                "warnings": warnings(tried),
            }
        return {**found, "beginnings": [] if self.rule else BEGINNINGS}
