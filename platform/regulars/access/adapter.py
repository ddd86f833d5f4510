"""How sign-in of staff differs from the library's: nobody signs up here, staff are invited or open a business."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.db import connection
from django.http import HttpRequest

from regulars import visitors


def _is_practice() -> bool:
    from regulars.organisation.selectors import organisation

    return connection.schema_name != "public" and organisation().is_practice  # type: ignore[attr-defined]


class StaffAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up through the library is closed; members join by their own way, staff by invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody becomes staff by filling in a form."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """The library's mails; from a practice place nothing goes out."""
        if not _is_practice():
            super().send_mail(template_prefix, email, context)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The visitor by whom attempts are counted; the library would trust and believe proxies in its own way."""
        return visitors.address_of(request) or visitors.NOBODY

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """The username is a random public id already."""
