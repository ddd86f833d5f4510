"""Sessions that know whose they are: so a person sees where they are signed in, and somebody dismissed is out at once.

Django's own table keeps a session as a sealed text; ending all of a user's would mean opening every one of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cache
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest, HttpResponse

from regulars import clock, visitors
from regulars.asked_often import AskedOften

FROM = "signed_in_from"
SEEN = "seen"
SEEN_EVERY = dt.timedelta(minutes=10)
"""How exactly a session remembers when it was last used: a row written on every page would be wasted."""


class SessionStore(DatabaseStore):
    """Keeps beside a session whose it is, where it was begun and when it was last used."""

    def _get_session_from_db(self) -> Any:
        """The row of this session while it lasts; without one the session begins anew."""
        row = _question().first(self.session_key)
        if row is None or row.expire_date <= clock.now():
            self._session_key = None
            return None
        return row

    @classmethod
    def get_model_class(cls) -> type[Any]:
        """The table `access.Session`."""
        from regulars.access.models import Session

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """A row with what the session says about itself."""
        row: Any = super().create_model_instance(data)
        user, begun = data.get(SESSION_KEY), data.get(FROM, {})
        row.user_id = int(user) if user is not None else None
        row.address, row.browser = begun.get("address", ""), begun.get("browser", "")
        row.begun_at = dt.datetime.fromisoformat(begun["at"]) if "at" in begun else None
        row.seen_at = clock.now()
        return row


@cache
def _question() -> AskedOften[Any]:
    return AskedOften(SessionStore.get_model_class().objects.all, by="session_key")


def remember_from_where(*, request: HttpRequest, **_: Any) -> None:
    """Note in the session where and when somebody signed in."""
    request.session[FROM] = {
        "address": visitors.address_of(request) or "",
        "browser": request.headers.get("User-Agent", "")[:200],
        "at": clock.now().isoformat(),
    }
    request.session[SEEN] = clock.now().isoformat()


class SeenMiddleware:
    """Notes every ten minutes that a session is in use."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on, and note it for whoever is signed in."""
        response = self.get_response(request)
        session = request.session
        if session.accessed and (seen := session.get(SEEN)) is not None and not session.is_empty():
            now = clock.now()
            if now - dt.datetime.fromisoformat(seen) >= SEEN_EVERY:
                session[SEEN] = now.isoformat()
        return response


user_logged_in.connect(remember_from_where, dispatch_uid="regulars.access.sessions")
