"""Form fields of the back office: money in major units, percentages, lines of text."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from regulars.errors import InvalidInput
from regulars.money import digits_of, parse_money, symbol_of, to_decimal


class MoneyField(forms.CharField):
    """An amount as people write it; its value is whole minor units of the form's currency."""

    currency = "CNY"

    def in_currency(self, currency: str) -> None:
        """Say which currency this form speaks."""
        self.currency = currency
        self.widget.attrs.update({"inputmode": "decimal", "autocomplete": "off"})
        self.label = f"{self.label} ({symbol_of(currency)})"

    def prepare_value(self, value: Any) -> Any:
        """Minor units as an amount; what was typed stays as it was typed."""
        if not isinstance(value, int):
            return value
        amount = to_decimal(value, self.currency)
        whole = amount == amount.to_integral_value()
        return f"{amount:f}" if not whole else str(int(amount)) if digits_of(self.currency) else str(value)

    def clean(self, value: Any) -> int:
        """Raises `ValidationError` in the words of `regulars.money`."""
        text = super().clean(value)
        try:
            return parse_money(text, self.currency)
        except InvalidInput as refusal:
            raise ValidationError(str(refusal)) from refusal


class PercentField(forms.CharField):
    """A percentage with up to two decimals; its value is hundredths of a percent."""

    def prepare_value(self, value: Any) -> Any:
        """500 as 5, 550 as 5.5."""
        return f"{(Decimal(value) / 100).normalize():f}" if isinstance(value, int) else value

    def clean(self, value: Any) -> int:
        """Raises `ValidationError` for what is no percentage between 0 and 100."""
        text = str(super().clean(value) or "0").strip().rstrip("%％").strip()
        try:
            hundredths = Decimal(text) * 100
            if hundredths != hundredths.to_integral_value() or not 0 <= hundredths <= 10000:
                raise InvalidOperation
        except InvalidOperation:
            raise ValidationError(_("Enter a percentage from 0 to 100, for example 5 or 7.5."))
        return int(hundredths)


class LinesField(forms.CharField):
    """One entry to a line; its value is the list of lines that hold something."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 4}), **options)

    def prepare_value(self, value: Any) -> Any:
        """A list as lines."""
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[str]:
        """The lines, stripped; at most twenty of them."""
        lines = [line.strip() for line in str(super().clean(value) or "").splitlines() if line.strip()]
        if len(lines) > 20:
            raise ValidationError(_("Enter at most twenty lines."))
        return lines


class ColourField(forms.CharField):
    """A colour, chosen in the browser's own chooser."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"type": "color"}), max_length=7, **options)
