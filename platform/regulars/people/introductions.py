"""The word that brings somebody: kept from a link until they join, or typed where they join, read by modules alone.

The core knows none of these words. It asks modules what one means and hands it on with the fact that somebody joined.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from regulars import hooks, plugins
from regulars.errors import InvalidInput
from regulars.hooks import Introduction, IntroductionField

WORD = re.compile(r"[A-Za-z0-9_-]{1,40}")


def field_here() -> IntroductionField | None:
    """What to ask for where people join; None where no module reads such words."""
    return next(iter(plugins.ask(hooks.introduction_fields)), None)


def meaning_of(word: str) -> Introduction | None:
    """What a word means here; None for one that no module knows."""
    if not WORD.fullmatch(word or ""):
        return None
    return next(iter(plugins.ask(hooks.introductions, word=word)), None)


def checked(typed: str) -> str | None:
    """The word as it travels with the joining, None for none. Raises `InvalidInput` (field `introduction`)."""
    word = (typed or "").strip()
    if not word:
        return None
    if meaning_of(word) is None:
        raise InvalidInput(_("Nobody here knows this code. Check it, or leave the field empty."), field="introduction")
    return word
