"""The form of a module's settings, made from what the module declares; the service behind it checks once more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from regulars.backoffice.fields import MoneyField, PercentField
from regulars.errors import InvalidInput
from regulars.money import format_money
from regulars.plugins import Setting


class SettingsForm(forms.Form):
    """One field for each setting, in the order in which the module declares them."""

    def __init__(self, *args: Any, declared: Sequence[Setting], current: object, currency: str, **options: Any) -> None:
        initial = {each.name: getattr(current, each.name) for each in declared}
        super().__init__(*args, **{**options, "initial": initial})
        self.declared = {each.name: each for each in declared}
        self.currency = currency
        for each in declared:
            self.fields[each.name] = _field(each, currency)

    def clean(self) -> dict[str, Any]:
        """Each value within its bounds, with the words beside its field."""
        values = super().clean() or {}
        for name, value in [*values.items()]:
            each = self.declared[name]
            try:
                each.clean(value)
            except InvalidInput as refusal:
                self.add_error(name, ValidationError(self._words(each, str(refusal))))
        return values

    def _words(self, each: Setting, said: str) -> str:
        """The refusal; bounds of money in money."""
        if each.unit != "money":
            return said
        least, most = format_money(each.least, self.currency), format_money(each.most, self.currency)
        return str(_("Enter an amount from %(least)s to %(most)s.") % {"least": least, "most": most})


def _field(each: Setting, currency: str) -> forms.Field:
    words: dict[str, Any] = {"label": each.label, "help_text": each.help}
    if each.kind is bool:
        return forms.BooleanField(required=False, **words)
    if each.kind is str:
        if each.choices:
            return forms.ChoiceField(choices=each.choices, **words)
        return forms.CharField(required=False, max_length=200, **words)
    if each.unit == "money":
        amount = MoneyField(**words)
        amount.in_currency(currency)
        return amount
    if each.unit == "percent":
        return PercentField(**words)
    return forms.IntegerField(
        error_messages={"required": _("Enter a whole number."), "invalid": _("Enter a whole number.")}, **words
    )
