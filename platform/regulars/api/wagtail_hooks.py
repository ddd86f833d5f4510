"""The tokens of other systems in the back office."""

from __future__ import annotations

from typing import Any

from django.urls import include, path, reverse_lazy
from django.utils.translation import gettext_lazy as _

from regulars.api.services import PERMISSION
from regulars.backoffice.answers import answers
from regulars.backoffice.menu import OfficeItem
from regulars.backoffice.views.tokens import NewToken, RevokeToken, Tokens

ADDRESSES = [
    path("", Tokens.as_view(), name="tokens"),
    path("new/", NewToken.as_view(), name="new"),
    path("<slug:public_id>/revoke/", RevokeToken.as_view(), name="revoke"),
]


@answers("register_admin_urls")
def addresses() -> list[Any]:
    """Everything below `/office/tokens/`."""
    return [path("tokens/", include((ADDRESSES, "office_tokens")))]


@answers("register_settings_menu_item")
def tokens_entry() -> OfficeItem:
    """Which programs work here."""
    url = reverse_lazy("office_tokens:tokens")
    return OfficeItem(_("Tokens"), url, name="tokens", icon="terminal", order=80, permission=PERMISSION)
