"""Words that owners write outside pages (tiers, rewards, plans): stored by language, shown with fallback."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import get_language


def in_language(words: Mapping[str, str] | None, language: str | None = None) -> str:
    """The words in the reader's language, else in English, else in whichever language there is; empty for none."""
    available = {code: text for code, text in (words or {}).items() if text}
    wanted = (language or get_language() or "en").lower()
    return available.get(wanted) or available.get("en") or next(iter(available.values()), "")
