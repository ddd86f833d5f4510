"""The forms of dealers: their levels, an application, and the terms of one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from regulars.catalogue.forms import SectionedForm, chinese, chosen, english, words_of
from regulars.catalogue.models import Dealer, DealerLevel


class LevelForm(SectionedForm):
    """A level of dealers."""

    name_en, name_zh = english(), chinese()
    rank = forms.IntegerField(
        label=gettext_lazy("Rank"), min_value=1, max_value=100,
        help_text=gettext_lazy("A dealer of a higher rank has all prices of the lower ones, where they are better."),
    )  # fmt: skip

    def __init__(self, *args: Any, level: DealerLevel | None, **options: Any) -> None:
        start = {**words_of(level.words), "rank": level.rank} if level else {}
        super().__init__(*args, **{**options, "initial": start})
        self.say_languages("name")

    def values(self) -> dict[str, Any]:
        """What `save_level` asks for."""
        return {"words": self.words("name"), "rank": self.cleaned_data["rank"]}


class DecisionForm(SectionedForm):
    """Accept or refuse an application."""

    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[("accept", gettext_lazy("Accept")), ("refuse", gettext_lazy("Refuse"))],
        widget=forms.RadioSelect,
    )
    level = chosen(gettext_lazy("Dealer level"), DealerLevel.objects, gettext_lazy("None"))
    parent = chosen(gettext_lazy("Looked after by"), Dealer.objects, gettext_lazy("The business itself"))
    answer = forms.CharField(
        label=gettext_lazy("Answer"), max_length=200, required=False,
        help_text=gettext_lazy("The member reads it. Needed to refuse."),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.offer("level", DealerLevel.objects.all())
        self.offer("parent", Dealer.objects.filter(is_active=True).order_by("company"))


class DealerForm(SectionedForm):
    """The terms of a dealer."""

    company = forms.CharField(label=gettext_lazy("Company"), max_length=120)
    tax_number = forms.CharField(label=gettext_lazy("Tax number"), max_length=40, required=False)
    level = chosen(gettext_lazy("Dealer level"), DealerLevel.objects, None)
    parent = chosen(gettext_lazy("Looked after by"), Dealer.objects, gettext_lazy("The business itself"))
    is_active = forms.BooleanField(label=gettext_lazy("Buys at dealer prices"), required=False)

    def __init__(self, *args: Any, dealer: Dealer, **options: Any) -> None:
        start = {
            "company": dealer.company,
            "tax_number": dealer.tax_number,
            "level": dealer.level.public_id,
            "parent": dealer.parent.public_id if dealer.parent else None,
            "is_active": dealer.is_active,
        }
        super().__init__(*args, **{**options, "initial": start})
        self.offer("level", DealerLevel.objects.all())
        self.offer("parent", Dealer.objects.filter(is_active=True).exclude(pk=dealer.pk).order_by("company"))
        self.fields["level"].required = True
