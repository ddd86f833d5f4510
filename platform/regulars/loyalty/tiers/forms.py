"""The forms of tiers and tracks: they read and check, the services write."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.backoffice.fields import ColourField, LinesField, MoneyField, PercentField
from regulars.loyalty.tiers.measures import measure, measures
from regulars.loyalty.tiers.models import Downgrade, Evaluated, Refunds, Tier, Timing, Track, Window
from regulars.money import LARGEST_AMOUNT

CYCLES = [("once", _("Once for ever")), ("year", _("Once a year"))]


FIGURES = (
    "window",
    "window_months",
    "timing",
    "evaluated",
    "keep_months",
    "grace_days",
    "downgrade",
    "refunds",
)
"""The settings of a track that stand in the form as they are kept."""


class OptionalMoneyField(MoneyField):
    """An amount that may be left out: None then."""

    def clean(self, value: Any) -> Any:
        """Raises `ValidationError` for what is no amount."""
        return None if value in (None, "") else super().clean(value)


def _figure(code: str, *, label: Any, currency: str, required: bool = True, help_text: Any = "") -> forms.Field:
    """A field for a figure of a measure: money as people write it, else a whole number."""
    known = measure(code)
    if known.kind == "money":
        kind = MoneyField if required else OptionalMoneyField
        field = kind(label=label, required=required, help_text=help_text)
        field.in_currency(currency)
        return field
    return forms.IntegerField(
        label=label, required=required, min_value=0, max_value=LARGEST_AMOUNT, help_text=help_text
    )


class TierForm(forms.Form):
    """A tier in both languages, its thresholds in what its track counts, and what reaching it brings."""

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
    retain_threshold = OptionalMoneyField(label=_("Enough to keep it"), required=False)
    discount = PercentField(
        label=_("Discount in percent"), required=False, help_text=_("Taken off at the till by itself. 0 for none.")
    )
    benefits_en = LinesField(label=_("Benefits in English"), required=False, help_text=_("One to a line."))
    benefits_zh = LinesField(label=_("Benefits in Chinese"), required=False, help_text=_("One to a line."))
    pack_points = forms.IntegerField(
        label=_("Upgrade pack: points"),
        required=False,
        min_value=0,
        help_text=_("Given when somebody rises to it, never for an import. For example 200."),
    )
    pack_days = forms.IntegerField(label=_("Upgrade pack: days the tier is kept longer"), required=False, min_value=0)
    pack_cycle = forms.ChoiceField(label=_("Upgrade pack: how often"), choices=CYCLES, required=False)
    colour = ColourField(label=_("Card colour"))

    def __init__(
        self, *args: Any, tier: Tier | None, currency: str, track: Track | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **{**options, "initial": _values_of(tier)})
        self.track = tier.track if tier is not None else track
        self.further = self.track.measures[1:] if self.track is not None else []
        self._speak_of_the_measures(tier, currency)
        for name, language in (("en", "en"), ("zh", "zh-hans")):
            self.fields[f"name_{name}"].widget.attrs["lang"] = language
            self.fields[f"benefits_{name}"].widget.attrs["lang"] = language
        if tier is not None:
            self.fields["code"].disabled = True

    def _speak_of_the_measures(self, tier: Tier | None, currency: str) -> None:
        """Thresholds in what the track counts; one more pair of fields for each further measure."""
        leading = (self.track.measures or [""])[0] if self.track is not None else "spend"
        keeping = _("Left empty, keeping it takes as much as reaching it.")
        if leading == "spend":
            for name in ("threshold", "retain_threshold"):
                field = self.fields[name]
                assert isinstance(field, MoneyField)
                field.in_currency(currency)
            self.fields["retain_threshold"].help_text = keeping
        elif leading:
            label = _("%(measure)s to reach it") % {"measure": measure(leading).label}
            base = _("0 for the tier where everybody begins.")
            self.fields["threshold"] = _figure(leading, label=label, currency=currency, help_text=base)
            self.fields["retain_threshold"] = _figure(
                leading, label=_("Enough to keep it"), currency=currency, required=False, help_text=keeping
            )
        else:
            self.fields["threshold"] = forms.IntegerField(
                label=_("Place in the ladder"), min_value=0, max_value=1000, help_text=_("0 for the first.")
            )
            del self.fields["retain_threshold"]
        for code in self.further:
            asked = tier.further.get(code, {}) if tier is not None else {}
            name = str(measure(code).label)
            self.fields[f"entry_{code}"] = _figure(
                code, label=_("%(measure)s to reach it") % {"measure": name}, currency=currency, required=False
            )
            self.fields[f"retain_{code}"] = _figure(
                code, label=_("%(measure)s to keep it") % {"measure": name}, currency=currency, required=False
            )
            self.initial.update({f"entry_{code}": asked.get("entry"), f"retain_{code}": asked.get("retain")})

    def tier_values(self) -> dict[str, Any]:
        """What `save_tier` asks for."""
        values = self.cleaned_data
        further = {
            code: {"entry": values[f"entry_{code}"]}
            | ({"retain": values[f"retain_{code}"]} if values[f"retain_{code}"] is not None else {})
            for code in self.further
            if values.get(f"entry_{code}") is not None
        }
        return {
            "code": values["code"],
            "words": {"en": values["name_en"], "zh-hans": values["name_zh"]},
            "benefits": {"en": values["benefits_en"], "zh-hans": values["benefits_zh"]},
            "threshold": values["threshold"],
            "retain_threshold": values.get("retain_threshold"),
            "discount": values["discount"],
            "colour": values["colour"],
            "further": further,
            "pack": {
                "points": values["pack_points"],
                "days": values["pack_days"],
                "cycle": values["pack_cycle"] or "once",
            },
        }


def _values_of(tier: Tier | None) -> dict[str, Any]:
    if tier is None:
        return {"threshold": "", "discount": 0, "colour": "#7a7f87", "pack_cycle": "once"}
    return {
        "name_en": tier.words.get("en", ""),
        "name_zh": tier.words.get("zh-hans", ""),
        "code": tier.code,
        "threshold": tier.threshold,
        "retain_threshold": tier.retain_threshold,
        "discount": tier.discount,
        "benefits_en": tier.benefits.get("en", []),
        "benefits_zh": tier.benefits.get("zh-hans", []),
        "pack_points": tier.pack.get("points"),
        "pack_days": tier.pack.get("days"),
        "pack_cycle": tier.pack.get("cycle", "once"),
        "colour": tier.colour,
    }


class ChangeForm(forms.Form):
    """Other figures for a time; what is left empty stays."""

    first = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}))
    threshold = OptionalMoneyField(label=_("Spend to reach it"), required=False)
    discount = PercentField(label=_("Discount in percent"), required=False, help_text=_("Left empty it stays."))
    benefits_en = LinesField(label=_("Benefits in English"), required=False, help_text=_("One to a line."))
    benefits_zh = LinesField(label=_("Benefits in Chinese"), required=False, help_text=_("One to a line."))

    def __init__(self, *args: Any, tier: Tier, currency: str, **options: Any) -> None:
        given = {
            "first": tier.changed_from,
            "last": tier.changed_until,
            "threshold": tier.change.get("threshold"),
            "discount": tier.change.get("discount"),
            "benefits_en": (tier.change.get("benefits") or {}).get("en", []),
            "benefits_zh": (tier.change.get("benefits") or {}).get("zh-hans", []),
        }
        super().__init__(*args, **{**options, "initial": given})
        leading = (tier.track.measures or ["visits"])[0]
        self.fields["threshold"] = _figure(
            leading,
            label=_("%(measure)s to reach it") % {"measure": measure(leading).label},
            currency=currency,
            required=False,
            help_text=_("Left empty it stays."),
        )

    def change_values(self) -> dict[str, Any]:
        """What `change_for_a_time` asks for."""
        values = self.cleaned_data
        return {
            "first": values["first"],
            "last": values["last"],
            "threshold": values["threshold"],
            "discount": values["discount"] if self.data.get(self.add_prefix("discount"), "").strip() else None,
            "benefits": {"en": values["benefits_en"], "zh-hans": values["benefits_zh"]},
        }


class TrackForm(forms.Form):
    """What counts on a track, over which time, and how members rise, stay and fall."""

    name_en = forms.CharField(label=_("Name in English"), max_length=40, required=False)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=40, required=False)
    code = forms.CharField(label=_("Code"), max_length=20, help_text=_("Small Latin letters, for example growth."))
    leading = forms.ChoiceField(label=_("What counts first"))
    others = forms.MultipleChoiceField(
        label=_("What counts besides"), required=False, widget=forms.CheckboxSelectMultiple
    )
    combine = forms.ChoiceField(
        label=_("With several"),
        choices=[("any", _("Any one of them is enough")), ("all", _("All of them are needed"))],
    )
    window = forms.ChoiceField(label=_("Counted over"), choices=Window.choices)
    window_months = forms.IntegerField(
        label=_("Months"), min_value=1, max_value=120, help_text=_("For the last months up to today: 12 is a year.")
    )
    timing = forms.ChoiceField(label=_("Who reaches a higher tier gets it"), choices=Timing.choices)
    evaluated = forms.ChoiceField(label=_("Evaluation day"), choices=Evaluated.choices)
    keep_months = forms.IntegerField(
        label=_("A tier is kept for months"),
        min_value=0,
        max_value=120,
        help_text=_("To the end of that month. 0: only while it is reached."),
    )
    grace_days = forms.IntegerField(
        label=_("Days of grace after that"), min_value=0, max_value=366, help_text=_("Members are told on the first.")
    )
    downgrade = forms.ChoiceField(label=_("Who does not keep it falls"), choices=Downgrade.choices)
    refunds = forms.ChoiceField(label=_("What a refund does"), choices=Refunds.choices)

    def __init__(self, *args: Any, track: Track | None, preset: dict[str, Any] | None = None, **options: Any) -> None:
        known = track or Track(**(preset or {}))
        counted = known.measures
        initial = {
            "name_en": known.words.get("en", ""),
            "name_zh": known.words.get("zh-hans", ""),
            "code": known.code,
            "leading": counted[0] if counted else "manual",
            "others": counted[1:],
            "combine": known.combine,
            **{name: getattr(known, name) for name in FIGURES},
        }
        super().__init__(*args, **{**options, "initial": initial})
        offered = [(each.code, each.label) for each in measures()]
        leading, others = self.fields["leading"], self.fields["others"]
        assert isinstance(leading, forms.ChoiceField)
        assert isinstance(others, forms.MultipleChoiceField)
        by_hand = [] if track is not None and track.is_default else [("manual", _("Nothing: tiers are given by hand"))]
        leading.choices = [*offered, *by_hand]
        others.choices = offered
        if track is not None:
            self.fields["code"].disabled = True

    def track_values(self) -> dict[str, Any]:
        """What `save_track` asks for."""
        values = self.cleaned_data
        is_manual = values["leading"] == "manual"
        others = [code for code in values["others"] if code != values["leading"]]
        return {
            "code": values["code"],
            "words": {"en": values["name_en"], "zh-hans": values["name_zh"]},
            "measures": others if is_manual else [values["leading"], *others],
            "is_manual": is_manual,
            **{name: values[name] for name in ("combine", *FIGURES)},
        }


class LiftForm(forms.Form):
    """Whether packs come with a recalculation; `key` makes a second click begin nothing twice."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=80, required=False)
    gives_packs = forms.BooleanField(
        label=_("Give the upgrade packs too"),
        required=False,
        help_text=_("Left off, members rise without points or days."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.setdefault("key", secrets.token_hex(16))


class SetTierForm(forms.Form):
    """A tier for one member, by hand."""

    tier = forms.ChoiceField(label=_("Tier"))
    until = forms.DateField(
        label=_("Until and with"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Afterwards the figures decide again. Members rise above it meanwhile if they earn it."),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("Colleagues read it here and in the trail.")
    )

    def __init__(self, *args: Any, tiers: list[Tier], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["tier"]
        assert isinstance(field, forms.ChoiceField)
        several = len({tier.track_id for tier in tiers}) > 1
        field.choices = [(tier.code, f"{tier} · {tier.track}" if several else str(tier)) for tier in tiers]
