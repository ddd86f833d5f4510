"""Forms about what is asked of members: the fields in which answers are typed, and the form of a question itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.organisation.models import Language
from regulars.people import profile
from regulars.people.models import AnswerKind, Member, ProfileField

ENGLISH, CHINESE = Language.ENGLISH.value, Language.CHINESE.value
PREFIX = "profile_"
BETWEEN = "|"


READY: dict[str, dict[str, Any]] = {
    "gender": {
        "name": gettext_lazy("Gender"),
        "initial": {"name_en": "Gender", "name_zh": "性别", "choices": "Woman | 女\nMan | 男\nOther | 其他"},
    },
    "city": {
        "name": gettext_lazy("City"),
        "initial": {"name_en": "City", "name_zh": "所在城市", "kind": AnswerKind.TEXT},
    },
    "occupation": {
        "name": gettext_lazy("Occupation"),
        "initial": {"name_en": "Occupation", "name_zh": "职业", "kind": AnswerKind.TEXT},
    },
    "interests": {
        "name": gettext_lazy("Interests"),
        "initial": {
            "name_en": "Interests",
            "name_zh": "兴趣爱好",
            "kind": AnswerKind.CHOICES,
            "choices": "Reading | 阅读\nSport | 运动\nTravel | 旅行\nMusic | 音乐\nFood | 美食",
        },
    },
    "favourite_colour": {
        "name": gettext_lazy("Favourite colour"),
        "initial": {
            "name_en": "Favourite colour",
            "name_zh": "喜欢的颜色",
            "choices": "Red | 红色\nGreen | 绿色\nBlue | 蓝色\nBlack | 黑色\nWhite | 白色",
        },
    },
}
"""Questions that many businesses ask, with what their form begins with."""
for _code, _ready in READY.items():
    _ready["initial"]["code"] = _code


def answer_fields(asked: Iterable[ProfileField]) -> dict[str, forms.Field]:
    """A field of a form for each question, by name; none must be filled in."""
    return {f"{PREFIX}{each.code}": _answer_field(each) for each in asked}


def answers_in(cleaned: dict[str, Any]) -> dict[str, Any]:
    """The answers among the cleaned values of a form, by code; None for none."""
    found = {name.removeprefix(PREFIX): value for name, value in cleaned.items() if name.startswith(PREFIX)}
    return {code: None if value in ("", [], None) else value for code, value in found.items()}


def initial_of(member: Member, asked: Iterable[ProfileField]) -> dict[str, Any]:
    """What a member answered so far, as the fields take it."""
    return {f"{PREFIX}{each.code}": value_of(member, each) for each in asked}


def value_of(member: Member, asked: ProfileField) -> Any:
    """The answer as the service takes it; None for none."""
    return as_answer(asked, member.profile.get(asked.code))


def as_answer(asked: ProfileField, kept: Any) -> Any:
    """An answer as the service takes it, from how it is kept."""
    return dt.date.fromisoformat(kept) if asked.kind == AnswerKind.DATE and kept else kept


def _answer_field(asked: ProfileField) -> forms.Field:
    label = str(asked)
    match asked.kind:
        case AnswerKind.CHOICE:
            return forms.ChoiceField(label=label, required=False, choices=[_no_answer(), *profile.choices_of(asked)])
        case AnswerKind.CHOICES:
            return forms.MultipleChoiceField(
                label=label,
                required=False,
                choices=profile.choices_of(asked),
                widget=forms.CheckboxSelectMultiple,
            )
        case AnswerKind.YES_NO:
            return forms.TypedChoiceField(
                label=label,
                required=False,
                choices=[_no_answer(), ("True", _("yes")), ("False", _("no"))],
                coerce=lambda value: value == "True",
                empty_value=None,
            )
        case AnswerKind.NUMBER:
            most = profile.LARGEST_NUMBER
            return forms.IntegerField(label=label, required=False, min_value=-most, max_value=most)
        case AnswerKind.DATE:
            return forms.DateField(
                label=label,
                required=False,
                input_formats=["%Y-%m-%d"],
                error_messages={"invalid": _("Enter a date like 1990-04-25.")},
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            )
    return forms.CharField(label=label, required=False, max_length=profile.LONGEST_ANSWER)


def _no_answer() -> tuple[str, str]:
    """The choice of whoever does not answer."""
    return "", _("no answer")


class AnswersForm(forms.Form):
    """What one member answered, for staff."""

    def __init__(self, *args: Any, member: Member, **options: Any) -> None:
        asked = profile.asked()
        super().__init__(*args, **{**options, "initial": initial_of(member, asked)})
        self.fields.update(answer_fields(asked))


class ProfileFieldForm(forms.Form):
    """One question: its name, what kind of answer it takes, who sees it."""

    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=60, required=False)
    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=60, required=False)
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=30,
        help_text=gettext_lazy("By which conditions name it, for example “favourite_colour”. It stays what it is."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What the answer is"),
        choices=AnswerKind.choices,
        help_text=gettext_lazy("It stays what it is."),
    )
    choices = forms.CharField(
        label=gettext_lazy("Choices"),
        required=False,
        max_length=8_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("One on a line: in English, then “|”, then in Chinese."),
    )
    position = forms.IntegerField(
        label=gettext_lazy("Place"), min_value=0, max_value=999, help_text=gettext_lazy("The smallest comes first.")
    )
    is_shown = forms.BooleanField(label=gettext_lazy("Members see and answer it themselves"), required=False)
    is_active = forms.BooleanField(label=gettext_lazy("It is asked"), required=False)

    def __init__(self, *args: Any, field: ProfileField | None, **options: Any) -> None:
        initial: dict[str, Any] = {"kind": AnswerKind.CHOICE, "position": 0, "is_shown": True, "is_active": True}
        if field is not None:
            initial = {
                "name_en": field.words.get(ENGLISH, ""),
                "name_zh": field.words.get(CHINESE, ""),
                "choices": "\n".join(_line(choice["words"]) for choice in field.choices),
                **{name: getattr(field, name) for name in ("code", "kind", "position", "is_shown", "is_active")},
            }
        super().__init__(*args, **{**options, "initial": {**initial, **options.get("initial", {})}})
        if field is not None:
            self.fields["code"].disabled = self.fields["kind"].disabled = True

    def words(self) -> dict[str, str]:
        """The name by language."""
        return {ENGLISH: self.cleaned_data["name_en"], CHINESE: self.cleaned_data["name_zh"]}

    def choice_words(self) -> list[dict[str, str]]:
        """The choices by language, in their order."""
        lines = [line.strip() for line in self.cleaned_data["choices"].replace("｜", BETWEEN).splitlines()]
        pairs = [line.partition(BETWEEN) for line in lines if line]
        return [{ENGLISH: english.strip(), CHINESE: (chinese or english).strip()} for english, _bar, chinese in pairs]


def _line(words: dict[str, str]) -> str:
    english, chinese = words.get(ENGLISH, ""), words.get(CHINESE, "")
    return english if english == chinese else f"{english} {BETWEEN} {chinese}"
