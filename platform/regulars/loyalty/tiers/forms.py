"""The form of a tier: it reads and checks, the service writes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.backoffice.fields import ColourField, LinesField, MoneyField, PercentField
from regulars.loyalty.tiers.models import Tier


class TierForm(forms.Form):
    """A tier in both languages, its threshold in the business's currency."""

    name_en = forms.CharField(label=_("Name in English"), max_length=40, required=False)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=40, required=False)
    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        help_text=_("Small Latin letters, for example gold. Files and other systems know the tier by it."),
    )
    threshold = MoneyField(
        label=_("Spend to reach it"), help_text=_("Within twelve months. 0 for the tier where everybody begins.")
    )
    discount = PercentField(
        label=_("Discount in percent"), required=False, help_text=_("Taken off at the till by itself. 0 for none.")
    )
    benefits_en = LinesField(label=_("Benefits in English"), required=False, help_text=_("One to a line."))
    benefits_zh = LinesField(label=_("Benefits in Chinese"), required=False, help_text=_("One to a line."))
    colour = ColourField(label=_("Card colour"))

    def __init__(self, *args: Any, tier: Tier | None, currency: str, **options: Any) -> None:
        super().__init__(*args, **{**options, "initial": _values_of(tier)})
        threshold = self.fields["threshold"]
        assert isinstance(threshold, MoneyField)
        threshold.in_currency(currency)
        for name, language in (("en", "en"), ("zh", "zh-hans")):
            self.fields[f"name_{name}"].widget.attrs["lang"] = language
            self.fields[f"benefits_{name}"].widget.attrs["lang"] = language
        if tier is not None:
            self.fields["code"].disabled = True

    def tier_values(self) -> dict[str, Any]:
        """What `loyalty.services.save_tier` asks for."""
        values = self.cleaned_data
        return {
            "code": values["code"],
            "words": {"en": values["name_en"], "zh-hans": values["name_zh"]},
            "benefits": {"en": values["benefits_en"], "zh-hans": values["benefits_zh"]},
            "threshold": values["threshold"],
            "discount": values["discount"],
            "colour": values["colour"],
        }


def _values_of(tier: Tier | None) -> dict[str, Any]:
    if tier is None:
        return {"threshold": "", "discount": 0, "colour": "#7a7f87"}
    return {
        "name_en": tier.words.get("en", ""),
        "name_zh": tier.words.get("zh-hans", ""),
        "code": tier.code,
        "threshold": tier.threshold,
        "discount": tier.discount,
        "benefits_en": tier.benefits.get("en", []),
        "benefits_zh": tier.benefits.get("zh-hans", []),
        "colour": tier.colour,
    }
