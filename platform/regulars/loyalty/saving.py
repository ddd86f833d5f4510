"""What the acts that change the programme share: the figures for the trail, words by language, what is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from regulars.errors import InvalidInput
from regulars.organisation.models import Language
from regulars.text import plain_text


def figures(saved: Model) -> dict[str, Any] | None:
    """Everything that is set in a tier or a rule, for the trail; None for one that is not there yet."""
    if saved.pk is None:
        return None
    return {
        field.name: str(getattr(saved, field.name) or "") if field.is_relation else getattr(saved, field.name)
        for field in saved._meta.concrete_fields
        if not field.primary_key and field.name != "public_id"
    }


def words_by_language(words: Mapping[str, str]) -> dict[str, str]:
    """The words by language, cleaned. Raises `InvalidInput` (field `words`) when there are none at all."""
    cleaned = {
        language: plain_text(words.get(language, ""), field="words", longest=40, required=False)
        for language in Language.values
    }
    if not any(cleaned.values()):
        raise InvalidInput(_("Give it a name in at least one language."), field="words")
    return cleaned


def forget(key: str) -> None:
    """Forget what is kept under a key, now and again once this is committed."""
    cache.delete(key)
    transaction.on_commit(lambda: cache.delete(key))


def sound_key(key: str) -> str:
    """A key that makes a request safe to repeat. Raises `InvalidInput` (field `key`) for one that is none."""
    if not 8 <= len(key or "") <= 80 or not key.isprintable():
        raise InvalidInput(_("A key of 8 to 80 characters is needed to make this safe to repeat."), field="key")
    return key
