"""The form of a benefit: which tiers grant it and how often; it reads and checks, the service writes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.loyalty.benefits.models import MOST_DAYS, MOST_USES, Benefit, BenefitKind, Period
from regulars.loyalty.benefits.services import MOST_GIFT
from regulars.loyalty.tiers.models import Tier

KINDS = [choice for choice in BenefitKind.choices if choice[0] != BenefitKind.DISCOUNT]


class BenefitForm(forms.Form):
    """A benefit in both languages, and for each tier whether it grants it."""

    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=40, required=False)
    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=40, required=False)
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=30,
        help_text=gettext_lazy("Small Latin letters, for example late-checkout. Files know the benefit by it."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=KINDS,
        help_text=gettext_lazy("A discount is entered at the tier itself: the till takes it off by itself."),
    )
    partner = forms.CharField(
        label=gettext_lazy("Partner"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("For an offer with a partner: whose offer it is."),
    )
    details_en = forms.CharField(label=gettext_lazy("Details in English"), max_length=300, required=False)
    details_zh = forms.CharField(label=gettext_lazy("Details in Chinese"), max_length=300, required=False)
    uses = forms.IntegerField(
        label=gettext_lazy("How often"),
        min_value=1,
        max_value=MOST_USES,
        required=False,
        help_text=gettext_lazy("Leave it empty for as often as they like."),
    )
    period = forms.ChoiceField(label=gettext_lazy("In which time"), choices=Period.choices, initial=Period.YEAR)
    points = forms.IntegerField(
        label=gettext_lazy("Points of a yearly gift"),
        min_value=0,
        max_value=MOST_GIFT,
        required=False,
        help_text=gettext_lazy("They come by themselves once a year. 0 for a gift that staff hand over."),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days of early access"),
        min_value=0,
        max_value=MOST_DAYS,
        required=False,
        help_text=gettext_lazy(
            "By how many days before others these members redeem new rewards and buy limited editions."
        ),
    )
    is_active = forms.BooleanField(label=gettext_lazy("In force"), required=False, initial=True)

    def __init__(self, *args: Any, benefit: Benefit | None, tiers: list[Tier], **options: Any) -> None:
        super().__init__(*args, **{**options, "initial": _values_of(benefit)})
        self.tiers = tiers
        granted = dict(benefit.grants.values_list("tier", "uses")) if benefit is not None else {}
        for tier in tiers:
            self.fields[f"tier_{tier.pk}"] = forms.BooleanField(
                label=_("%(tier)s has it") % {"tier": tier}, required=False, initial=tier.pk in granted
            )
            self.fields[f"uses_{tier.pk}"] = forms.IntegerField(
                label=_("How often for %(tier)s") % {"tier": tier},
                min_value=1,
                max_value=MOST_USES,
                required=False,
                initial=granted.get(tier.pk),
                help_text=_("Only where it is another number than above."),
            )
        for name in ("name", "details"):
            self.fields[f"{name}_en"].widget.attrs["lang"] = "en"
            self.fields[f"{name}_zh"].widget.attrs["lang"] = "zh-hans"
        if benefit is not None:
            self.fields["code"].disabled = True

    def benefit_values(self) -> dict[str, Any]:
        """What `benefits.services.save_benefit` asks for."""
        values = self.cleaned_data
        return {
            **{name: values[name] for name in ("code", "kind", "partner", "uses", "period", "is_active")},
            "points": values["points"] or 0,
            "days": values["days"] or 0,
            "words": {"en": values["name_en"], "zh-hans": values["name_zh"]},
            "details": {"en": values["details_en"], "zh-hans": values["details_zh"]},
            "grants": {tier: values[f"uses_{tier.pk}"] for tier in self.tiers if values[f"tier_{tier.pk}"]},
        }


def _values_of(benefit: Benefit | None) -> dict[str, Any]:
    if benefit is None:
        return {"period": Period.YEAR, "uses": 1, "is_active": True}
    return {
        **{
            name: getattr(benefit, name)
            for name in ("code", "kind", "partner", "uses", "period", "points", "days", "is_active")
        },
        "name_en": benefit.words.get("en", ""),
        "name_zh": benefit.words.get("zh-hans", ""),
        "details_en": benefit.details.get("en", ""),
        "details_zh": benefit.details.get("zh-hans", ""),
    }
