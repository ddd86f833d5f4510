"""The loyalty programme on one page, and the forms that change it through its services."""

from __future__ import annotations

from typing import Any

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy

from regulars import clock
from regulars.backoffice.views.acts import OfficePage
from regulars.loyalty.models import PointsRule, Standing, Tier
from regulars.loyalty.points.sentences import said_of_all
from regulars.loyalty.tiers.selectors import benefits_of, default_ladder_track
from regulars.loyalty.tiers.words import entry_words
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
        track, currency = default_ladder_track(), organisation().currency
        is_plain = track is None or (track.measures, track.window, track.window_months) == (["spend"], "rolling", 12)
        steps = [
            {
                "tier": tier,
                "members": counts.get(tier.pk, 0),
                "benefits": benefits_of(tier),
                "asks": "" if is_plain else entry_words(tier.track, tier, currency, clock.today()),
            }
            for tier in Tier.objects.filter(track__is_default=True).select_related("track").order_by("threshold")
        ]
        found: dict[str, Any] = super().get_context_data(
            steps=steps,
            rules=said_of_all(PointsRule.objects.order_by("-is_active", "id")),
            currency=currency,
            may_change=allows(self.staff, "loyalty.change"),
            **context,
        )
        return found
