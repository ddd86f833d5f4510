"""What a business asks of its members beside name and birthday: gender, city, colours, hobbies, whatever it chose.

One table says what is asked (`ProfileField`), one column of the member keeps the answers (`Member.profile`, by code).
An answer is a text, a whole number, a day, yes or no, one choice or several; none is no key at all. What is put away is
asked no more and its answers stay, so that it can come back. Conditions ask about each as `profile.<code>`.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from regulars.errors import InvalidInput
from regulars.operations.trail import record
from regulars.organisation.models import Language
from regulars.people.models import AnswerKind, Member, ProfileField
from regulars.text import plain_text
from regulars.words import in_language

KEY = "people.profile_fields"
CACHE_SECONDS = 10
CODE = r"[a-z][a-z0-9_]{0,29}"
MOST_FIELDS = 30
MOST_CHOICES = 60
LONGEST_ANSWER = 200
LARGEST_NUMBER = 10**12
WITH_CHOICES = (AnswerKind.CHOICE, AnswerKind.CHOICES)


def asked() -> list[ProfileField]:
    """What members are asked now, in its order."""
    found: list[ProfileField] | None = cache.get(KEY)
    if found is None:
        found = list(ProfileField.objects.filter(is_active=True))
        cache.set(KEY, found, CACHE_SECONDS)
    return found


def asked_of_themselves() -> list[ProfileField]:
    """What members read and fill in by themselves."""
    return [field for field in asked() if field.is_shown]


def choices_of(field: ProfileField) -> list[tuple[str, str]]:
    """The choices with their words in the reader's language."""
    return [(choice["code"], in_language(choice["words"]) or choice["code"]) for choice in field.choices]


def answer_in_words(field: ProfileField, member: Member) -> str:
    """What a member answered, as people write it; empty for no answer."""
    value = member.profile.get(field.code)
    if value is None:
        return ""
    match field.kind:
        case AnswerKind.YES_NO:
            return _("yes") if value else _("no")
        case AnswerKind.DATE:
            return date_format(dt.date.fromisoformat(value), "DATE_FORMAT")
        case AnswerKind.CHOICE | AnswerKind.CHOICES:
            known = dict(choices_of(field))
            return _(", ").join(known.get(each, each) for each in ([value] if isinstance(value, str) else value))
    return str(value)


@transaction.atomic
def save_field(
    *,
    field: ProfileField | None = None,
    code: str,
    words: Mapping[str, str],
    kind: str,
    choices: Sequence[Mapping[str, str]] = (),
    is_shown: bool = True,
    is_active: bool = True,
    position: int = 0,
    by: str = "",
) -> ProfileField:
    """Ask members something, or change what is asked; `choices` are words by language, in their order.

    A choice that was there keeps its code wherever it now stands, and one whose words changed by its place, so that
    answers stay what they were. Raises `InvalidInput` naming the field: no name, a code or kind that is none or no
    longer what it was, no or too many choices, a choice taken away that somebody gave, more than 30 questions.
    """
    made = field or ProfileField()
    before = None if field is None else _figures(field)
    made.words = _named(words, field="words")
    _keep_what_stays(made, code, kind)
    made.choices = _choices(made, choices)
    made.is_shown, made.is_active, made.position = is_shown, is_active, position
    if is_active and ProfileField.objects.filter(is_active=True).exclude(pk=made.pk).count() >= MOST_FIELDS:
        raise InvalidInput(
            _("More than %(most)s questions nobody answers. Put one away first.") % {"most": MOST_FIELDS},
            field="is_active",
        )
    made.save()
    cache.delete(KEY)
    transaction.on_commit(lambda: cache.delete(KEY))
    record(act="profile_field.saved", actor=by, subject=made.code, before=before, after=_figures(made))
    return made


def _keep_what_stays(made: ProfileField, code: str, kind: str) -> None:
    """Code and kind of a question are given once: answers and conditions hang on them."""
    if kind not in AnswerKind.values:
        raise InvalidInput(_("Choose what kind of answer it takes."), field="kind")
    if made.pk is not None:
        if (code, kind) != (made.code, made.kind):
            raise InvalidInput(_("This stays what it is. Put the question away and ask a new one."), field="kind")
        return
    if not re.fullmatch(CODE, code or ""):
        raise InvalidInput(_("Use small Latin letters, digits and _, for example favourite_colour."), field="code")
    if ProfileField.objects.filter(code=code).exists():
        raise InvalidInput(_("Another question has this code. Choose another."), field="code")
    made.code, made.kind = code, kind


def _named(words: Mapping[str, str], *, field: str) -> dict[str, str]:
    named = {
        language: plain_text(words.get(language, ""), field=field, longest=60, required=False)
        for language in Language.values
    }
    if not any(named.values()):
        raise InvalidInput(_("Give it a name in at least one language."), field=field)
    return named


def _choices(made: ProfileField, choices: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    if made.kind not in WITH_CHOICES:
        return []
    if not 1 <= len(choices) <= MOST_CHOICES:
        raise InvalidInput(_("Write from 1 to %(most)s choices.") % {"most": MOST_CHOICES}, field="choices")
    named = [_named(words, field="choices") for words in choices]
    codes = _codes_of([choice["words"] for choice in made.choices], [c["code"] for c in made.choices], named)
    gone = [choice["code"] for choice in made.choices if choice["code"] not in codes]
    if given := next((code for code in gone if _is_given(made, code)), None):
        told = dict(choices_of(made)).get(given, given)
        raise InvalidInput(_("Members have answered “%(choice)s”. Let it stand.") % {"choice": told}, field="choices")
    return [{"code": code, "words": words} for code, words in zip(codes, named, strict=True)]


def _codes_of(before: list[dict[str, str]], codes: list[str], now: list[dict[str, str]]) -> list[str]:
    """The codes of choices: of those with the same words, else of the one renamed at this place, else new ones."""
    same = {json.dumps(words, sort_keys=True): code for words, code in zip(before, codes, strict=True)}
    found = [same.get(json.dumps(words, sort_keys=True), "") for words in now]
    if len(set(filter(None, found))) < len(list(filter(None, found))):
        raise InvalidInput(_("A choice stands there twice. Take one out."), field="choices")
    highest = max((int(code[1:]) for code in codes), default=0)
    for place, code in enumerate(found):
        if not code and place < len(codes) and codes[place] not in found:
            found[place] = codes[place]
        elif not code:
            highest += 1
            found[place] = f"c{highest}"
    return found


def _is_given(field: ProfileField, code: str) -> bool:
    answer = [code] if field.kind == AnswerKind.CHOICES else code
    return Member.objects.filter(profile__contains={field.code: answer}).exists()


def _figures(field: ProfileField) -> dict[str, Any]:
    names = ("code", "words", "kind", "choices", "is_shown", "is_active", "position")
    return {name: getattr(field, name) for name in names}


@transaction.atomic
def answer(*, member: Member, answers: Mapping[str, Any], by: str = "") -> Member:
    """Note what a member answered, by code; None takes an answer away and what is not named stays.

    Raises `InvalidInput` (field `profile_<code>`) for a question that is not asked, an answer of another kind, beyond
    all bounds or not among the choices.
    """
    known = {field.code: field for field in asked()}
    checked = {code: _checked(known.get(code), code, value) for code, value in answers.items()}
    locked = Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
    before = dict(locked.profile)
    merged = {**before, **checked}
    locked.profile = {code: merged[code] for code in sorted(merged) if merged[code] is not None}
    member.profile = locked.profile
    changed = [code for code in sorted(checked) if before.get(code) != checked[code]]
    if not changed:
        return member
    locked.save(update_fields=["profile"])
    record(
        act="member.changed",
        actor=by or member.public_id,
        subject=member.public_id,
        before={code: before.get(code) for code in changed},
        after={code: locked.profile.get(code) for code in changed},
        member=member,
    )
    return member


def _checked(field: ProfileField | None, code: str, value: Any) -> Any:
    if field is None:
        raise InvalidInput(_("Nobody is asked this any more."), field=f"profile_{code}")
    if value is None or value == "" or value == []:
        return None
    return _answered(field, value)


def _answered(field: ProfileField, value: Any) -> Any:
    named = f"profile_{field.code}"
    match field.kind:
        case AnswerKind.TEXT:
            return plain_text(value, field=named, longest=LONGEST_ANSWER)
        case AnswerKind.NUMBER:
            if isinstance(value, bool) or not isinstance(value, int) or abs(value) > LARGEST_NUMBER:
                raise InvalidInput(_("Enter a whole number in figures, for example 30."), field=named)
            return value
        case AnswerKind.DATE:
            if not isinstance(value, dt.date) or not dt.date(1900, 1, 1) <= value <= dt.date(2200, 12, 31):
                raise InvalidInput(_("Enter a day between 1900 and 2200."), field=named)
            return value.isoformat()
        case AnswerKind.YES_NO:
            if not isinstance(value, bool):
                raise InvalidInput(_("Choose yes or no."), field=named)
            return value
    known = {choice["code"] for choice in field.choices}
    given = [value] if isinstance(value, str) else list(value)
    if not known.issuperset(given) or (field.kind == AnswerKind.CHOICE and len(given) != 1):
        raise InvalidInput(_("Choose from the list."), field=named)
    return given[0] if field.kind == AnswerKind.CHOICE else [code for code, _w in choices_of(field) if code in given]
