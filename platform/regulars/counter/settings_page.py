"""What holds at every till, in the back office: locking, voiding, shifts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from regulars.backoffice.views.acts import ActPage, actor_of
from regulars.counter.models import LONGEST_LOCK, LONGEST_VOID
from regulars.counter.rules import change_counter_settings, counter_settings_anew
from regulars.organisation.selectors import organisation
from regulars.organisation.services import change

OF_THE_HOUSE = ("payment_code", "payment_code_name")
"""Settings of the business that stand on this page: quotes ask for them without asking the counter."""


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
    payment_code = forms.CharField(
        label=_("Payment code of the business"),
        help_text=_(
            "What your own QR code for WeChat Pay, Alipay or PayPay says: an address or a text. The counter then shows "
            "it to customers, and the cashier notes when the money is there. Empty for none."
        ),
        max_length=500,
        required=False,
    )
    payment_code_name = forms.CharField(
        label=_("Name of the payment code"),
        help_text=_("For example “WeChat Pay”; it stands on the button and on the receipt."),
        max_length=40,
        required=False,
    )


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
        kept = counter_settings_anew()
        house = organisation()
        return {
            "lock_after": kept.lock_after,
            "void_within": kept.void_within,
            "needs_shift": kept.needs_shift,
            **{name: getattr(house, name) for name in OF_THE_HOUSE},
        }

    def act(self, form: Any) -> Any:
        """Change it through the service."""
        by, values = actor_of(self.request), dict(form.cleaned_data)
        code = {name: values.pop(name) for name in OF_THE_HOUSE}
        with transaction.atomic():
            if code != {name: getattr(organisation(), name) for name in OF_THE_HOUSE}:
                change(by=by, **code)
            return change_counter_settings(by=by, **values)
