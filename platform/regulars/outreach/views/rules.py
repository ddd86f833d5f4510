"""The rules of sending: quiet hours, how many offers a week, prices, how long messages are kept."""

from __future__ import annotations

from typing import Any

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy

from regulars.backoffice.views.acts import ActPage
from regulars.organisation.selectors import organisation
from regulars.outreach import editing, selectors
from regulars.outreach.forms import RulesForm


class RulesPage(ActPage):
    """What holds for every message."""

    form_class = RulesForm
    success_url = reverse_lazy("office_messages:rules")
    page_title = gettext_lazy("When and how often")
    header_icon = "cog"
    permission = "settings.change"
    trail = ((reverse_lazy("office_messages:list"), gettext_lazy("Messages")),)
    success_message = gettext_lazy("Saved. It holds for every message that is not sent yet.")

    def get_form_kwargs(self) -> dict[str, Any]:
        """The rules as they are, in the currency of the business."""
        return {**super().get_form_kwargs(), "rules": selectors.rules(), "currency": organisation().currency}

    def act(self, form: Any) -> Any:
        """Change them through the service."""
        return editing.change_rules(by=self.staff.public_id, **form.cleaned_data)
