"""What is filled in about a drawer: its float, cash in and out, the pieces counted, and what stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.counter.shifts.denominations import denominations_of
from regulars.counter.shifts.services import MOST_PIECES, Count
from regulars.counter.templatetags.counter_money import plain
from regulars.errors import InvalidInput
from regulars.money import format_money, parse_money

PAID_IN, PAID_OUT = "in", "out"
FIGURES = {"inputmode": "decimal", "autocomplete": "off"}


class AmountsForm(forms.Form):
    """A form whose amounts are typed as at the till, in the currency of the drawer; cleaned, they are minor units."""

    amounts: tuple[str, ...] = ()
    least = 0

    def __init__(self, *args: Any, currency: str, **named: Any) -> None:
        super().__init__(*args, **{"auto_id": "drawer-%s", **named})
        self.currency = currency

    def clean(self) -> dict[str, Any]:
        """Read the amounts; what cannot be is said beside its field."""
        values: dict[str, Any] = super().clean() or {}
        for name in self.amounts:
            if name in values:
                values[name] = self._read(name, str(values[name]))
        return values

    def _read(self, name: str, typed: str) -> int | None:
        try:
            amount = parse_money(typed or "0", self.currency, field=name)
            if amount < self.least:
                raise InvalidInput(gettext("Enter an amount above zero.") if self.least else gettext("Not below zero."))
        except InvalidInput as error:
            self.add_error(name, str(error))
            return None
        return amount


class FloatForm(AmountsForm):
    """The drawer is opened."""

    amounts: tuple[str, ...] = ("opening_float",)
    opening_float = forms.CharField(
        label=_("In the drawer now"),
        help_text=_("Count the change that you begin with. 0 for an empty drawer."),
        max_length=60,
        widget=forms.TextInput(attrs={**FIGURES, "autofocus": True}),
    )


class CashForm(AmountsForm):
    """Cash goes in or out besides selling."""

    amounts: tuple[str, ...] = ("amount",)
    least = 1
    direction = forms.ChoiceField(
        label=_("Which way"), choices=[(PAID_IN, _("Put in")), (PAID_OUT, _("Take out"))], widget=forms.RadioSelect
    )
    amount = forms.CharField(label=_("Amount"), max_length=60, widget=forms.TextInput(attrs=FIGURES))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        widget=forms.TextInput(attrs={"list": "cash-reasons", "autocomplete": "off"}),
    )

    @property
    def signed_amount(self) -> int:
        """The amount, below zero for what is taken out."""
        amount = int(self.cleaned_data["amount"])
        return amount if self.cleaned_data["direction"] == PAID_IN else -amount


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A note or coin to count: what one is worth, and the field for how many there are."""

    worth: str
    field: forms.BoundField


class CountForm(AmountsForm):
    """How many of each note and coin lie in the drawer, and everything else added up."""

    amounts: tuple[str, ...] = ("loose",)
    loose = forms.CharField(
        label=_("Everything else, added up"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={**FIGURES, "class": "control"}),
    )

    def __init__(self, *args: Any, currency: str, **named: Any) -> None:
        super().__init__(*args, currency=currency, **named)
        self.worths = denominations_of(currency)
        for number, worth in enumerate(self.worths):
            self.fields[f"pieces_{worth}"] = forms.IntegerField(
                label=gettext("Pieces of %(worth)s") % {"worth": format_money(worth, currency)},
                min_value=0,
                max_value=MOST_PIECES,
                required=False,
                widget=forms.TextInput(
                    attrs={"class": "control", "inputmode": "numeric", "autocomplete": "off", "maxlength": "6"}
                    | ({"autofocus": True} if not number else {})
                ),
            )

    @property
    def pieces(self) -> Iterator[Piece]:
        """The notes and coins to count."""
        for worth in self.worths:
            yield Piece(worth=format_money(worth, self.currency), field=self[f"pieces_{worth}"])

    @property
    def count(self) -> Count:
        """What was counted, once the form is sound."""
        values = self.cleaned_data
        return Count(
            pieces={worth: values[f"pieces_{worth}"] for worth in self.worths if values.get(f"pieces_{worth}")},
            loose=values.get("loose") or 0,
        )

    @property
    def so_far(self) -> int:
        """What the fields that can be read add up to, minor units."""
        self.is_valid()
        values = self.cleaned_data
        pieces = sum(worth * (values.get(f"pieces_{worth}") or 0) for worth in self.worths)
        return int(pieces + (values.get("loose") or 0))


class CloseForm(CountForm):
    """The count again, with what it was compared with, what stays in the drawer and why it differs."""

    amounts: tuple[str, ...] = ("loose", "kept")
    kept = forms.CharField(
        label=_("Stays in the drawer"),
        help_text=_("The next shift begins with it; the rest goes to the safe."),
        max_length=60,
        widget=forms.TextInput(attrs=FIGURES),
    )
    reason = forms.CharField(
        label=_("Why it differs"), max_length=200, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    expected = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, currency: str, **named: Any) -> None:
        super().__init__(*args, currency=currency, **named)
        for worth in self.worths:
            self.fields[f"pieces_{worth}"].widget = forms.HiddenInput()
        self.fields["loose"].widget = forms.HiddenInput()


def float_to_offer(kept: int | None, currency: str) -> str:
    """What the last shift left, as a field takes it; nothing for a drawer that nobody has counted yet."""
    return plain(kept, currency) if kept is not None else ""
