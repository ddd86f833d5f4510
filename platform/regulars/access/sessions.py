"""Sessions that know whose they are: so a person sees where they are signed in, and somebody dismissed is out at once.

Django's own table keeps a session as a sealed text; ending all of a user's would mean opening every one of them. And
since the row names its user, one question at the beginning of a request answers who that is, and as what.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from regulars import clock, visitors
from regulars.asked_often import AskedOften

FROM = "signed_in_from"
SEEN = "seen"
SEEN_EVERY = dt.timedelta(minutes=10)
"""How exactly a session remembers when it was last used: a row written on every page would be wasted."""


_beside = {"user"}


def ask_beside(*names: str) -> None:
    """Ask in a business for these as well whenever a session is asked for: what its user is there, by foreign keys."""
    _beside.update(names)


class SessionStore(DatabaseStore):
    """Keeps beside a session whose it is, where it was begun and when it was last used.

    `owner` is who it was when the row was read, with everything that is asked beside it.
    """

    owner: Any = None

    def _get_session_from_db(self) -> Any:
        """The row of this session while it lasts; without one the session begins anew."""
        row = _question(is_public=connection.is_public).first(self.session_key)  # type: ignore[attr-defined]
        if row is None or row.expire_date <= clock.now():
            self._session_key = self.owner = None
            return None
        self.owner = row.user
        if self.owner is not None and not connection.is_public:  # type: ignore[attr-defined]
            self.owner.came_with_session = True
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
def _question(*, is_public: bool) -> AskedOften[Any]:
    rows = SessionStore.get_model_class().objects
    names = ["user"] if is_public else sorted(_beside)
    return AskedOften(lambda: rows.select_related(*names), by="session_key")


class WhoMiddleware(AuthenticationMiddleware):
    """Who asks: the owner of the session, under every condition that Django sets for that.

    Where one does not hold as it stands (a secret that is being replaced, a session of somebody who is gone) Django is
    asked, and does what is to be done about it.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Find it out where it is needed."""
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _who(request))  # type: ignore[assignment]


def _who(request: Any) -> Any:
    if not hasattr(request, "_cached_user"):
        session = request.session
        number, owner = session.get(SESSION_KEY), session.owner
        is_known = (
            owner is not None
            and owner.is_active
            and number == str(owner.pk)
            and session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
            and constant_time_compare(session.get(HASH_SESSION_KEY, ""), owner.get_session_auth_hash())
        )
        request._cached_user = owner if is_known else get_user(request)
    return request._cached_user


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
