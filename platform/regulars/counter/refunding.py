"""Giving money back: how much of a sale, or how much of which of its lines, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.counter.templatetags.counter_money import plain
from regulars.errors import InvalidInput
from regulars.money import format_money, parse_money
from regulars.sales.models import Sale, SaleLine

AMOUNT, LINES = "amount", "lines"


@dataclass(frozen=True, kw_only=True)
class OpenLine:
    """A line of which something is left to give back: its box to tick and how much of it."""

    line: SaleLine
    tick: forms.BoundField
    part: forms.BoundField

    @property
    def left(self) -> int:
        """What is left of it, minor units."""
        return self.line.amount - self.line.refunded

    @property
    def each(self) -> int | None:
        """What one piece was charged, where that is the same for all of them."""
        whole, rest = divmod(self.line.amount, self.line.quantity)
        return whole if self.line.quantity > 1 and not rest else None


class RefundForm(forms.Form):
    """How much of a sale is given back, and why: an amount, or lines that are ticked, each with its part.

    `cleaned_data` has `amount` (minor units, None where lines were chosen) and `lines` (amounts by position, or None).
    """

    by = forms.ChoiceField(
        label=_("What goes back"),
        choices=[(AMOUNT, _("All of it, or an amount")), (LINES, _("Chosen lines"))],
        widget=forms.RadioSelect,
        required=False,
    )
    amount = forms.CharField(label=_("Give back"), max_length=60, required=False)
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, sale: Sale, takes_focus: bool = True, **named: Any) -> None:
        named["initial"] = {"by": AMOUNT, **named.get("initial", {})}
        super().__init__(*args, **{**named, "auto_id": "refund-%s"})
        self.sale = sale
        self.fields["amount"].required = self.data.get("by") != LINES
        left = format_money(sale.total - sale.refunded_total, sale.currency)
        self.fields["amount"].help_text = gettext("At most %(left)s is left.") % {"left": left}
        self.fields["amount"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off", "autofocus": takes_focus}
        self.fields["reason"].widget.attrs |= {"list": "refund-reasons", "autocomplete": "off"}
        for line in self._open:
            self.fields[f"line_{line.position}"] = forms.BooleanField(required=False, label=line.description)
            self.fields[f"part_{line.position}"] = forms.CharField(
                required=False,
                max_length=60,
                label=gettext("Of this: %(line)s") % {"line": line.description},
                initial=plain(line.amount - line.refunded, sale.currency),
                widget=forms.TextInput(attrs={"class": "control", "inputmode": "decimal", "autocomplete": "off"}),
            )

    @cached_property
    def _open(self) -> list[SaleLine]:
        return [line for line in self.sale.lines.all() if line.amount > line.refunded]

    @property
    def has_lines(self) -> bool:
        """Whether there are lines to choose from: of a single one an amount says it all."""
        return len(self.sale.lines.all()) > 1

    @property
    def open_lines(self) -> Iterator[OpenLine]:
        """The lines to choose from."""
        for line in self._open:
            yield OpenLine(line=line, tick=self[f"line_{line.position}"], part=self[f"part_{line.position}"])

    def clean(self) -> dict[str, Any]:
        """Read what was chosen; what cannot be is said beside its field."""
        values: dict[str, Any] = super().clean() or {}
        values["lines"] = None
        if values.get("by") == LINES:
            values["amount"] = None
            values["lines"] = self._parts(values)
        elif "amount" in values:
            values["amount"] = self._read("amount", values, self.sale.total - self.sale.refunded_total)
        return values

    def _parts(self, values: Mapping[str, Any]) -> dict[int, int]:
        chosen = [line for line in self._open if values.get(f"line_{line.position}")]
        if not chosen:
            self.add_error(None, gettext("Tick at least one line."))
        read = {
            line.position: self._read(f"part_{line.position}", values, line.amount - line.refunded) for line in chosen
        }
        return {position: part for position, part in read.items() if part is not None}

    def _read(self, name: str, values: Mapping[str, Any], left: int) -> int | None:
        """An amount above zero, where anything is left, and no more than that; None once the form says why not."""
        try:
            if not values.get(name):
                raise InvalidInput(str(forms.Field.default_error_messages["required"]))
            amount = parse_money(values[name], self.sale.currency)
            if amount < min(1, left):  # a sale that cost nothing gives no money back, but all that came with it
                raise InvalidInput(gettext("Enter an amount above zero."))
            if amount > left:
                most = format_money(left, self.sale.currency)
                raise InvalidInput(gettext("Only %(left)s of this is left to give back.") % {"left": most})
        except InvalidInput as error:
            self.add_error(name, str(error))
            return None
        return amount


def sent_lines(sent: Mapping[str, str], currency: str) -> dict[int, int] | None:
    """The lines that a confirmed refund names, None where it names an amount. Raises `InvalidInput` (field `lines`)."""
    if sent.get("by") != LINES:
        return None
    lines = {}
    for name in sent:
        position = name.removeprefix("line_")
        if name != position and position.isascii() and position.isdigit() and len(position) < 5:
            lines[int(position)] = parse_money(sent.get(f"part_{position}", ""), currency, field="lines")
    return lines
