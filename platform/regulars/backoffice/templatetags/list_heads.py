"""Draws the head of a list, or finds it drawn: `{% kept_head %}…{% endkept_head %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.core.cache import cache
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe

from regulars.backoffice.list_heads import KEPT_SECONDS, name_of_head

register = template.Library()


class KeptHead(template.Node):
    """What stands between the tags, kept under the name that the view's head has."""

    def __init__(self, inside: NodeList) -> None:
        self.inside = inside

    def render(self, context: Context) -> SafeString:
        """The head of the list that `view` in the page draws."""
        view: Any = context["view"]
        name = name_of_head(view)
        found: str | None = cache.get(name) if name else None
        if found is None:
            found = self.inside.render(context)
            if name:
                cache.set(name, str(found), KEPT_SECONDS)
        return mark_safe(found)  # noqa: S308 - drawn by the templates between the tags


@register.tag
def kept_head(parser: Parser, _token: Token) -> KeptHead:
    """Ends with `endkept_head`."""
    inside = parser.parse(("endkept_head",))
    parser.delete_first_token()
    return KeptHead(inside)
