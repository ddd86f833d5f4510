"""What happens to points in the course of time: the reminders before they end, and idleness."""

from __future__ import annotations

from typing import Any

from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from regulars.backoffice.views.acts import ActPage, actor_of
from regulars.loyalty.nights import services
from regulars.loyalty.nights.forms import NightRulesForm
from regulars.loyalty.nights.selectors import idle_months, night_rules


class NightRulesPage(ActPage):
    """Reminders and idleness, as sentences and as a form."""

    template_name = "backoffice/night_rules.html"
    form_class = NightRulesForm
    success_url = reverse_lazy("office_loyalty:nights")
    page_title = gettext_lazy("When points and coupons end")
    header_icon = "points"
    permission = "loyalty.change"
    trail = ((reverse_lazy("office_loyalty:programme"), gettext_lazy("Loyalty")),)
    success_message = gettext_lazy("Saved. It holds from tonight.")

    def get_initial(self) -> dict[str, Any]:
        """What holds now."""
        return {
            "notice_days": night_rules().notice_days,
            "coupon_notice_days": night_rules().coupon_notice_days,
            "idle_months": idle_months(),
        }

    def act(self, form: Any) -> Any:
        """Change it through the service."""
        return services.save_rules(by=actor_of(self.request), **form.cleaned_data)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """What holds now, as sentences."""
        found: dict[str, Any] = super().get_context_data(sentences=sentences(), **context)
        return found


def sentences() -> list[str]:
    """When members are reminded here, and what becomes of the points of who buys nothing."""
    said = _("Nobody is reminded before points end.")
    if days := night_rules().notice_days:
        said = _("Members are reminded %(days)s days before points end, with one message for all that ends.") % {
            "days": _listed(days)
        }
    of_coupons = _("Nobody is reminded before coupons end.")
    if days := night_rules().coupon_notice_days:
        of_coupons = _("Members are reminded %(days)s days before coupons end, with one message for all of them.") % {
            "days": _listed(days)
        }
    months = idle_months()
    if not months:
        return [said, of_coupons, _("Points never end for want of a purchase.")]
    ending = ngettext(
        "Points end after %(months)s month without a purchase.",
        "Points end after %(months)s months without a purchase.",
        months,
    )
    return [said, of_coupons, ending % {"months": months}]


def _listed(days: list[int]) -> str:
    """Numbers of days as a sentence lists them, the most first."""
    told = [str(day) for day in sorted(days, reverse=True)]
    return _(" and ").join([_(", ").join(told[:-1]), told[-1]] if told[1:] else told)
