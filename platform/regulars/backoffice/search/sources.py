"""The registry of what can be found, and the finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from regulars import plugins
from regulars.backoffice.columns import Asker
from regulars.backoffice.needs import ANYBODY

MOST = 6
"""Hits of one kind."""


@dataclass(frozen=True, kw_only=True)
class Hit:
    """Something found: its words, more words beside them, where it is, and an icon of the sprite."""

    label: str
    url: str
    detail: str = ""
    icon: str = "search"


@dataclass(frozen=True)
class Group:
    """The hits of one kind under their heading."""

    label: str | Promise
    hits: list[Hit]


Find = Callable[[str, Asker], Iterable[Hit]]


@dataclass(frozen=True, kw_only=True)
class _Source:
    code: str
    label: str | Promise
    permission: str
    order: int
    find: Find


_sources: dict[str, _Source] = {}
_is_complete = False


def searchable(code: str, *, label: str | Promise, permission: str = ANYBODY, order: int) -> Callable[[Find], Find]:
    """Declare a source: a function of the typed words (never empty) and who asks, for those with the permission."""

    def declared(function: Find) -> Find:
        _sources[code] = _Source(code=code, label=label, permission=permission, order=order, find=function)
        return function

    return declared


def find(typed: str, asker: Asker) -> list[Group]:
    """What is found by a few characters, by kind; nothing for no words."""
    global _is_complete
    if not _is_complete:
        autodiscover_modules("search_sources")
        _is_complete = True
    words = " ".join(typed.replace("\0", "").split())[:100]
    if not words:
        return []
    groups = [
        Group(source.label, list(source.find(words, asker))[:MOST])
        for source in sorted(_sources.values(), key=lambda source: source.order)
        if (source.permission == ANYBODY or asker.may(source.permission)) and _answers(source)
    ]
    return [group for group in groups if group.hits]


def _answers(source: _Source) -> bool:
    """Whether a source of a module that this business switched off would speak: it does not."""
    for name, config in plugins.installed().items():
        if source.find.__module__.startswith(f"{config.name}."):
            return plugins.answers(name)
    return True
