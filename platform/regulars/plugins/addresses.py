"""Addresses behind the gate: where a module is off, its addresses do not exist."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, URLResolver, include, path
from django.urls.exceptions import Resolver404
from django.urls.resolvers import ResolverMatch

from regulars.plugins import loading
from regulars.plugins.gate import answers


class GatedResolver(URLResolver):
    """The addresses of one module below a prefix; unknown wherever the module is off."""

    plugin = ""

    def resolve(self, path: str) -> ResolverMatch:
        """As Django's, behind the gate. Raises `Resolver404` where the module is off."""
        if not self.pattern.match(path) or not answers(self.plugin):
            raise Resolver404({"path": path})
        return super().resolve(path)


class GatedPattern(URLPattern):
    """One address of a module; unknown wherever the module is off."""

    plugin = ""

    def resolve(self, path: str) -> ResolverMatch | None:
        """As Django's, behind the gate."""
        match = super().resolve(path)
        return match if match is not None and answers(self.plugin) else None


def urls() -> list[Any]:
    """The addresses of every installed plugin, each behind the gate, named `<plugin>:<name>`."""
    found: list[Any] = []
    for name, config in sorted(loading.installed().items()):
        module: Any = loading.module_of(config, "urls")
        if module is None:
            continue
        plain: Any = path(f"{name}/", include((module.urlpatterns, name), namespace=name))
        gated = GatedResolver(plain.pattern, plain.urlconf_name, plain.default_kwargs, plain.app_name, plain.namespace)
        gated.plugin = name
        found.append(gated)
    return found


def routes() -> dict[str, Any]:
    """The API router of every installed plugin that has one, by the plugin's name."""
    return {
        name: module.router
        for name, config in sorted(loading.installed().items())
        if (module := loading.module_of(config, "api")) is not None
    }


def behind_the_gate(name: str, pattern: URLPattern) -> GatedPattern:
    """The same address, unknown wherever the module is off."""
    gated = GatedPattern(pattern.pattern, pattern.callback, pattern.default_args, pattern.name)
    gated.plugin = name
    return gated
