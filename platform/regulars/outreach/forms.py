"""Forms of the pages about messages: they read and check, the services write."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars import clock
from regulars.money import symbol_of
from regulars.outreach.models import Channel, MessageState, Purpose, SendingRules
from regulars.outreach.selectors import MICRO
from regulars.outreach.templates import templates_here
from regulars.outreach.wording import LONGEST_BODY, LONGEST_SUBJECT, label_of


class WordingForm(forms.Form):
    """What a message says in one language."""

    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        max_length=LONGEST_SUBJECT,
        help_text=gettext_lazy("Shown in the list of mails and in the inbox. A text message does not show it."),
    )
    body = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=LONGEST_BODY,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=gettext_lazy("An address at the very end becomes a button. An empty line begins a new paragraph."),
    )


class PriceField(forms.CharField):
    """What one part of a text or one mail costs, up to six decimals of the currency's unit; its value is millionths."""

    def in_currency(self, currency: str) -> None:
        """Say which currency this form speaks."""
        self.widget.attrs.update({"inputmode": "decimal", "autocomplete": "off"})
        self.label = f"{self.label} ({symbol_of(currency)})"

    def prepare_value(self, value: Any) -> Any:
        """Millionths as an amount; what was typed stays as it was typed."""
        return f"{(Decimal(value) / MICRO).normalize():f}" if isinstance(value, int) else value

    def clean(self, value: Any) -> int:
        """Raises `ValidationError` for what is no price."""
        text = str(super().clean(value) or "0").strip().replace(",", ".")
        try:
            price = Decimal(text) * MICRO
            if not price.is_finite() or price != price.to_integral_value() or not 0 <= price <= 1000 * MICRO:
                raise InvalidOperation
        except InvalidOperation:
            raise ValidationError(_("Enter a price like 0.045, with at most six decimals.")) from None
        return int(price)


class RulesForm(forms.Form):
    """When and how often members are written to, and what it costs."""

    quiet_from = forms.TimeField(
        label=gettext_lazy("Quiet from"),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        help_text=gettext_lazy("From then on no offer makes a sound. It waits for the morning where the member lives."),
    )
    quiet_until = forms.TimeField(
        label=gettext_lazy("Quiet until"),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        help_text=gettext_lazy("The same time as above: never quiet. Codes to sign in always go at once."),
    )
    offers_per_week = forms.IntegerField(
        label=gettext_lazy("Offers a week"),
        min_value=0,
        max_value=21,
        help_text=gettext_lazy("The most that one member gets within seven days. What goes beyond it is held back."),
    )
    postal_address = forms.CharField(
        label=gettext_lazy("Postal address"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Stands below every mail with an offer. Some countries demand it."),
    )
    sms_price = PriceField(
        label=gettext_lazy("Price of one part of a text"),
        required=False,
        help_text=gettext_lazy("As your provider charges it. The log adds it up."),
    )
    mail_price = PriceField(label=gettext_lazy("Price of one mail"), required=False)
    keep_months = forms.IntegerField(
        label=gettext_lazy("Keep messages for (months)"),
        min_value=1,
        max_value=120,
        help_text=gettext_lazy("Older ones are deleted. Three years is what proves a consent in China."),
    )

    def __init__(self, *args: Any, rules: SendingRules, currency: str, **options: Any) -> None:
        start = {name: getattr(rules, name) for name in self.base_fields}
        super().__init__(*args, **{**options, "initial": start})
        for name in ("sms_price", "mail_price"):
            field = self.fields[name]
            assert isinstance(field, PriceField)
            field.in_currency(currency)


class LogForm(forms.Form):
    """Which messages the log shows. Nothing chosen: those of the last seven days."""

    DAYS = (
        ("7", gettext_lazy("Last 7 days")),
        ("1", gettext_lazy("Today")),
        ("30", gettext_lazy("Last 30 days")),
        ("90", gettext_lazy("Last 90 days")),
    )
    days = forms.ChoiceField(label=gettext_lazy("Time"), choices=DAYS, required=False)
    day = forms.DateField(
        label=gettext_lazy("Or one day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    kind = forms.ChoiceField(label=gettext_lazy("Message"), required=False)
    purpose = forms.ChoiceField(label=gettext_lazy("Purpose"), required=False)
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)

    def clean_day(self) -> dt.date | None:
        """A day on which something can have been sent."""
        day: dt.date | None = self.cleaned_data["day"]
        if day is not None and not dt.date(2000, 1, 1) <= day <= clock.today():
            raise ValidationError(_("Choose a day that has been."))
        return day

    def __init__(self, *args: Any, language: str, **options: Any) -> None:
        super().__init__(*args, **options)
        anything = ("", _("All"))
        kinds = [(template.kind, label_of(template, language)) for template in templates_here()]
        for name, choices in (
            ("kind", kinds),
            ("purpose", Purpose.choices),
            ("channel", Channel.choices),
            ("state", MessageState.choices),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [anything, *choices]
