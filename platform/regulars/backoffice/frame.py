"""What stands around every page of the back office, drawn once and kept for as long as it is true.

Wagtail draws its menu, its keys and the start of its scripts anew for every page and asks the database a dozen
questions for them. Here they are drawn by Wagtail as before, and kept in the cache of the business under everything
they follow from (see `_follows_from`): whoever gains or loses a right, switches a module or gets something to decide
has another frame on the very next page. Nothing that stands in the pages themselves is kept.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.core.cache import cache
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template import Context, Library
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from wagtail.admin import staticfiles
from wagtail.admin.templatetags import wagtailadmin_tags

from regulars import hooks, plugins
from regulars.backoffice.menu import held_by
from regulars.backoffice.waiting import count_for
from regulars.organisation.scope import scope_of
from regulars.organisation.selectors import staff_of
from regulars.plugins.gate import states

KEPT_SECONDS = 300
"""How long a frame is kept that nobody has a reason to draw anew."""
ASKED_EACH_TIME = {"CSRF_TOKEN", "ACTIVE_CONTENT_LOCALE"}
"""What Wagtail's scripts start with that belongs to one request."""
APPLE = re.compile(r"Mac|iPod|iPhone|iPad")

register = Library()


@dataclass(frozen=True)
class Frame:
    """The menu with its data, the dialog of keys, and what Wagtail's scripts start with, without the request's own."""

    menu: str
    keys: str
    start: dict[str, Any]


def frame_of(context: Context) -> Frame:
    """The frame of whoever asks, found or drawn once for a request."""
    request: Any = context["request"]
    known: Frame | None = getattr(request, "_office_frame", None)
    if known is None:
        name = f"office_frame:{request.user.pk}:{_follows_from(request)}"
        known = cache.get(name)
        if known is None:
            known = _drawn(context)
            cache.set(name, known, KEPT_SECONDS)
        request._office_frame = known
    return known


def _follows_from(request: HttpRequest) -> str:
    """Everything that a frame follows from, as one short text; the business is told apart by its cache."""
    user: Any = request.user
    profile = getattr(user, "wagtail_userprofile", None)
    staff = staff_of(user)
    entries = plugins.ask(hooks.menu_items, door="backoffice", staff=staff, member=None)
    parts = (
        get_language(),
        bool(APPLE.search(request.headers.get("User-Agent", ""))),
        (user.first_name, user.get_username(), user.email, user.is_superuser),
        (str(profile.avatar), profile.keyboard_shortcuts) if profile else None,
        sorted(held_by(request)),
        staff is not None and scope_of(staff).is_whole,
        sorted(states().items()),
        [(str(each.label), str(each.url), each.icon, each.order, each.permission) for each in entries],
        count_for(request),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:40]


def _drawn(context: Context) -> Frame:
    """The frame as Wagtail draws it."""
    start = {name: each for name, each in _start(context).items() if name not in ASKED_EACH_TIME}
    return Frame(
        menu=str(wagtailadmin_tags.sidebar_props(context)),
        keys=render_to_string(
            "wagtailadmin/shared/keyboard_shortcuts_dialog.html", wagtailadmin_tags.keyboard_shortcuts_dialog(context)
        ),
        start=json.loads(json.dumps(start, cls=DjangoJSONEncoder)),
    )


def _start(context: Context) -> dict[str, Any]:
    found: dict[str, Any] = wagtailadmin_tags.wagtail_config(context)
    return found


# In the place of Wagtail's tags --------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def sidebar_props(context: Context) -> SafeString:
    """The menu."""
    return mark_safe(frame_of(context).menu)  # noqa: S308 - drawn by Wagtail's tag


@register.simple_tag(takes_context=True)
def keyboard_shortcuts_dialog(context: Context) -> SafeString:
    """The dialog of keys."""
    return mark_safe(frame_of(context).keys)  # noqa: S308 - drawn by Wagtail's template


@register.simple_tag(takes_context=True)
def wagtail_config(context: Context) -> dict[str, Any]:
    """What Wagtail's scripts start with, and what of it belongs to this request."""
    own = {"CSRF_TOKEN": get_token(context["request"])}
    if locale := context.get("locale"):
        own["ACTIVE_CONTENT_LOCALE"] = locale.language_code
    return {**own, **frame_of(context).start}


def install() -> None:
    """Put them there. The address of a file of Wagtail is the same as long as a process runs."""
    wagtailadmin_tags.register.tags |= register.tags
    wagtailadmin_tags.versioned_static_func = lru_cache(maxsize=512)(staticfiles.versioned_static)
