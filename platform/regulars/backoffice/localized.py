"""Keeps the business's day in the back office.

Wagtail draws its admin in the time zone of the user's profile, else in the server's: days would be cut in UTC. Here it
stays in the zone of the business, which whoever entered it has activated.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import Any

from django.http import HttpRequest
from django.utils.translation import override


def localized_response(view: Callable[..., Any], request: HttpRequest, *args: Any, **options: Any) -> Any:
    """The answer of a back-office view in the language its user prefers and in the zone of the business."""
    profile = getattr(request.user, "wagtail_userprofile", None)
    language = getattr(profile, "preferred_language", "")
    if not language:
        return view(request, *args, **options)
    with override(language):
        response = view(request, *args, **options)
    if hasattr(response, "render"):
        draw = response.render

        def drawn_in_language(_: Any) -> Any:
            with override(language):
                return draw()

        response.render = MethodType(drawn_in_language, response)
    return response


def install() -> None:
    """Put it where Wagtail's check of rights calls its own."""
    from wagtail.admin import auth

    auth.get_localized_response = localized_response
