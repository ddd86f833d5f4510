"""What holds at every till, in the back office: locking, voiding, shifts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from regulars.backoffice.views.acts import ActPage, actor_of
from regulars.counter.models import LONGEST_LOCK, LONGEST_VOID
from regulars.counter.rules import change_counter_settings, counter_settings


class CounterForm(forms.Form):
    """Minutes and a switch; 0 minutes switches a rule off."""

    lock_after = forms.IntegerField(
        label=_("A till locks after so many idle minutes"),
        help_text=_("Whoever has a code unlocks it with the code, and the sale stands as it was. 0 for never."),
        min_value=0,
        max_value=LONGEST_LOCK,
    )
    void_within = forms.IntegerField(
        label=_("The last sale can be voided for so many minutes"),
        help_text=_("After that it is given back as a refund. 0 for never."),
        min_value=0,
        max_value=LONGEST_VOID,
    )
    needs_shift = forms.BooleanField(label=_("Nothing is sold at the counter without an open shift"), required=False)


class CounterPage(ActPage):
    """The settings of the counter."""

    form_class = CounterForm
    success_url = reverse_lazy("office_counter:settings")
    page_title = _("Counter")
    header_icon = "terminal"
    permission = "settings.change"
    success_message = _("Saved. It holds at every till from the next page.")

    def get_initial(self) -> dict[str, Any]:
        """What holds now."""
        kept = counter_settings()
        return {"lock_after": kept.lock_after, "void_within": kept.void_within, "needs_shift": kept.needs_shift}

    def act(self, form: Any) -> Any:
        """Change it through the service."""
        return change_counter_settings(by=actor_of(self.request), **form.cleaned_data)
