"""The forms beside the rules: tasks and who did them, causes, and what holds for all points."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.backoffice.fields import MoneyField
from regulars.errors import InvalidInput
from regulars.loyalty.points.gifts import points_settings
from regulars.loyalty.points.models import Cause, IfSpent, Period, Task
from regulars.organisation.models import Language
from regulars.organisation.scope import Scope
from regulars.organisation.selectors import organisation
from regulars.people.models import Member
from regulars.people.selectors import find_members

ENGLISH, CHINESE = Language.ENGLISH.value, Language.CHINESE.value


class WordsForm(forms.Form):
    """A name in both languages."""

    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=40, required=False)
    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=40, required=False)

    def words(self) -> dict[str, str]:
        """The name by language."""
        return {ENGLISH: self.cleaned_data["name_en"], CHINESE: self.cleaned_data["name_zh"]}


def _named(saved: Task | Cause) -> dict[str, Any]:
    return {"name_en": saved.words.get(ENGLISH, ""), "name_zh": saved.words.get(CHINESE, "")}


class TaskForm(WordsForm):
    """A task and its reward."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=39,
        help_text=gettext_lazy("By which other systems name it, for example “first-review”. It stays what it is."),
    )
    points = forms.IntegerField(label=gettext_lazy("Points"), min_value=1)
    period = forms.ChoiceField(label=gettext_lazy("Counts"), choices=Period.choices)
    is_active = forms.BooleanField(label=gettext_lazy("In force"), required=False)

    def __init__(self, *args: Any, task: Task | None, **options: Any) -> None:
        initial: dict[str, Any] = {"period": Period.ONCE, "points": 10, "is_active": True}
        if task:
            kept = {"code": task.code, "points": task.rule.points, "period": task.period, "is_active": task.is_active}
            initial = {**_named(task), **kept}
        super().__init__(*args, **{**options, "initial": initial})
        if task:
            self.fields["code"].disabled = True


class CauseForm(WordsForm):
    """A cause that members may give points to."""

    is_active = forms.BooleanField(label=gettext_lazy("In force"), required=False)

    def __init__(self, *args: Any, cause: Cause | None, **options: Any) -> None:
        initial = {**_named(cause), "is_active": cause.is_active} if cause else {"is_active": True}
        super().__init__(*args, **{**options, "initial": initial})


class PointsSettingsForm(forms.Form):
    """What holds for all points."""

    gifts = forms.BooleanField(label=gettext_lazy("Members may give points to each other"), required=False)
    gift_least = forms.IntegerField(label=gettext_lazy("Smallest gift"), min_value=1)
    gift_cap_day = forms.IntegerField(label=gettext_lazy("Most that a member gives in a day"), min_value=1)
    idle_months = forms.IntegerField(
        label=gettext_lazy("Points end after so many months without a purchase"),
        min_value=0,
        help_text=gettext_lazy("0: never for that reason."),
    )
    reinstate_days = forms.IntegerField(label=gettext_lazy("Days in which expired points can come back"), min_value=0)
    if_spent = forms.ChoiceField(
        label=gettext_lazy("Where a refund takes back points that are spent already"), choices=IfSpent.choices
    )
    hundred_worth = MoneyField(
        label=gettext_lazy("What 100 points are worth"),
        help_text=gettext_lazy(
            "For points that pay a part of a purchase, and for those that a refund keeps back. 0 where neither is done."
        ),
    )
    offset_share = forms.IntegerField(
        label=gettext_lazy("Most of a purchase that points pay, in %"),
        min_value=0,
        max_value=100,
        help_text=gettext_lazy("0: points never pay for a purchase."),
    )
    offset_least = forms.IntegerField(label=gettext_lazy("Fewest points that pay for a purchase"), min_value=1)

    def __init__(self, *args: Any, **options: Any) -> None:
        kept = points_settings()
        initial = {name: getattr(kept, name) for name in self.base_fields}
        super().__init__(*args, **{**options, "initial": initial})
        worth = self.fields["hundred_worth"]
        assert isinstance(worth, MoneyField)
        worth.in_currency(organisation().currency)


class TaskDoneForm(forms.Form):
    """Who has done a task."""

    member = forms.CharField(
        label=gettext_lazy("Member"),
        max_length=80,
        help_text=gettext_lazy("Card number, phone number or e-mail, as a whole."),
    )

    def whom(self, scope: Scope) -> Member:
        """The one member of a scope who is meant. Raises `InvalidInput` (field `member`) for nobody or several."""
        named = find_members(self.cleaned_data["member"])
        found = list(scope.limit(Member.objects.filter(pk__in=[each.pk for each in named])))
        if len(found) != 1:
            raise InvalidInput(_("Nobody, or more than one, is found by this. Type the whole number."), field="member")
        return found[0]
