"""Settings of the business: what it is called, its language and zone."""

from __future__ import annotations

from typing import Any

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy

from regulars.backoffice.views.acts import ActPage, actor_of
from regulars.organisation import selectors, services
from regulars.organisation.forms import BusinessForm

BUSINESS = reverse_lazy("office_settings:business")


class BusinessPage(ActPage):
    """Name, language, zone."""

    form_class = BusinessForm
    success_url = BUSINESS
    page_title = gettext_lazy("Business")
    header_icon = "cog"
    permission = "settings.change"
    success_message = gettext_lazy("Saved. Cards, pages and messages show it at once.")

    def get_form_kwargs(self) -> dict[str, Any]:
        """The settings as they are."""
        return {**super().get_form_kwargs(), "organisation": selectors.organisation()}

    def act(self, form: Any) -> Any:
        """Change them through the service."""
        return services.change(by=actor_of(self.request), **form.changes())
