"""Every address of a host, found from the resolver itself, with the places in it that take a value.

What walks all routes (isolation, bad input) asks here, so that a new page is walked from the day it is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern
from django.utils import translation
from django.utils.regex_helper import normalize


@dataclass(frozen=True)
class Route:
    """One address: its full name, its path with `%(name)s` where a value goes, those names, and what answers."""

    name: str
    path: str
    parameters: tuple[str, ...]
    answers: Callable[..., Any]

    def at(self, values: dict[str, Any]) -> str:
        """The address with these values."""
        return self.path % {name: values[name] for name in self.parameters}

    @property
    def model(self) -> Any:
        """The model whose records it is about, where the view says so; else None."""
        view = getattr(self.answers, "view_class", None)
        said = getattr(self.answers, "view_initkwargs", {})
        return said.get("model") or getattr(view, "model", None)

    def __str__(self) -> str:
        return self.name


@cache
def routes(urlconf: str) -> tuple[Route, ...]:
    """All routes of a URL map, each way of writing it once."""
    with translation.override("en"):
        found = {(route.path, route.name): route for route in _below(get_resolver(urlconf), "", "")}
    return tuple(found.values())


def _below(resolver: URLResolver, prefix: str, names: str) -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        here = prefix + _regex(pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{names}{pattern.namespace}:" if pattern.namespace else names
            yield from _below(pattern, here, inner)
        elif isinstance(pattern, URLPattern):
            name = f"{names}{pattern.name or _spoken(pattern.callback)}"
            for written, parameters in normalize(here):
                yield Route(name, "/" + written, tuple(parameters), pattern.callback)


def _regex(pattern: URLPattern | URLResolver) -> str:
    if isinstance(pattern.pattern, LocalePrefixPattern):
        return re.escape(pattern.pattern.language_prefix)
    return re.sub(r"\\Z$|(?<!\\)\$$", "", pattern.pattern.regex.pattern.removeprefix("^"))


def _spoken(view: Callable[..., Any]) -> str:
    return f"{view.__module__}.{getattr(view, '__name__', type(view).__name__)}"
