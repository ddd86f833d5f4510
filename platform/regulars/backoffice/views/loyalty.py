"""The loyalty programme on one page, and the forms that change it through its services."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.backoffice.views.acts import ActPage, OfficePage, actor_of
from regulars.loyalty.models import PointsRule, Standing, Tier
from regulars.loyalty.points import services as points
from regulars.loyalty.points.forms import PointsRuleForm
from regulars.loyalty.tiers import services as tiers
from regulars.loyalty.tiers.forms import TierForm
from regulars.loyalty.tiers.selectors import benefits_of
from regulars.organisation.permissions import allows
from regulars.organisation.selectors import organisation

LOYALTY = reverse_lazy("office_loyalty:programme")


class Programme(OfficePage):
    """The ladder and the points rules, as sentences."""

    template_name = "backoffice/programme.html"
    page_title = gettext_lazy("Loyalty")
    header_icon = "tier"
    permission = "loyalty.view"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The tiers with how many members stand on each, and every rule."""
        from django.db.models import Count

        counts = dict(Standing.objects.values_list("tier").annotate(Count("pk")).order_by())
        steps = [
            {"tier": tier, "members": counts.get(tier.pk, 0), "benefits": benefits_of(tier)}
            for tier in Tier.objects.order_by("threshold")
        ]
        found: dict[str, Any] = super().get_context_data(
            steps=steps,
            rules=PointsRule.objects.order_by("-is_active", "id"),
            currency=organisation().currency,
            may_change=allows(self.staff, "loyalty.change"),
            **context,
        )
        return found


class TierPage(ActPage):
    """One tier: a new one, or the one whose code the address names."""

    form_class = TierForm
    success_url = LOYALTY
    header_icon = "tier"
    permission = "loyalty.change"
    trail = ((LOYALTY, gettext_lazy("Loyalty")),)
    fields_of_refusals = {"words": "name_en", "benefits": "benefits_en"}

    @cached_property
    def tier(self) -> Tier | None:
        """The tier to change, None for a new one."""
        code = self.kwargs.get("code")
        if code is None:
            return None
        found = Tier.objects.filter(code=code).first()
        if found is None:
            raise Http404
        return found

    def get_page_title(self) -> str:
        """Its name."""
        return str(self.tier) if self.tier else _("New tier")

    @property
    def history_of(self) -> str:
        """The tier, by its code."""
        return self.tier.code if self.tier else ""

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the tier and the currency."""
        return {**super().get_form_kwargs(), "tier": self.tier, "currency": organisation().currency}

    def act(self, form: Any) -> Tier:
        """Save it through the service."""
        return tiers.save_tier(tier=self.tier, by=actor_of(self.request), **form.tier_values())

    def words_of_success(self, done: Tier) -> str:
        """Which tier it was."""
        return _("%(tier)s is saved. Members see it at once.") % {"tier": done}


class PointsRulePage(ActPage):
    """One points rule: a new one, or the one the address names."""

    form_class = PointsRuleForm
    success_url = LOYALTY
    header_icon = "points"
    permission = "loyalty.change"
    trail = ((LOYALTY, gettext_lazy("Loyalty")),)

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
        """The form knows the rule and the currency."""
        return {**super().get_form_kwargs(), "rule": self.rule, "currency": organisation().currency}

    def act(self, form: Any) -> PointsRule:
        """Save it through the service."""
        return points.save_points_rule(rule=self.rule, by=actor_of(self.request), **form.cleaned_data)

    def words_of_success(self, done: PointsRule) -> str:
        """Which rule it was."""
        return _("%(rule)s is saved. It counts from the next sale.") % {"rule": done}
