"""How sign-in of staff differs from the library's: nobody signs up here, staff are invited or open a business."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from regulars import visitors


class StaffAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up through the library is closed; members join by their own way, staff by invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody becomes staff by filling in a form."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The visitor by whom attempts are counted; the library would trust and believe proxies in its own way."""
        return visitors.address_of(request) or visitors.NOBODY

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """The username is a random public id already."""
