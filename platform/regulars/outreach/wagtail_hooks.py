"""Messages in the back office: their addresses and their places in the menu."""

from __future__ import annotations

from typing import Any

from django.urls import include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem

from regulars.backoffice.answers import answers
from regulars.backoffice.menu import OfficeItem
from regulars.outreach.views.log import DeliveryLog, MessagePage, again
from regulars.outreach.views.rules import RulesPage
from regulars.outreach.views.wording import MessageList, WordingPage, preview

ADDRESSES = [
    path("", MessageList.as_view(), name="list"),
    path("rules/", RulesPage.as_view(), name="rules"),
    path("log/", DeliveryLog.as_view(), name="log"),
    path("log/<slug:public_id>/", MessagePage.as_view(), name="message"),
    path("log/<slug:public_id>/again/", again, name="again"),
    path("kinds/<str:kind>/<slug:language>/", WordingPage.as_view(), name="wording"),
    path("kinds/<str:kind>/<slug:language>/preview/", preview, name="preview"),
]


@answers("register_admin_urls")
def addresses() -> list[Any]:
    """Everything below `/office/messages/`."""
    return [path("messages/", include((ADDRESSES, "office_messages")))]


@answers("register_marketing_menu_item")
def messages() -> MenuItem:
    """What members are told, in which words."""
    url = reverse("office_messages:list")
    return OfficeItem(_("Messages"), url, name="messages", icon="mail", order=10, permission="messages.view")


@answers("register_marketing_menu_item")
def log() -> MenuItem:
    """What was sent."""
    url = reverse("office_messages:log")
    return OfficeItem(
        _("Delivery log"), url, name="delivery-log", icon="activity", order=20, permission="messages.view"
    )


@answers("register_marketing_menu_item")
def rules() -> MenuItem:
    """Quiet hours, caps and prices."""
    url = reverse("office_messages:rules")
    return OfficeItem(
        _("When and how often"), url, name="message-rules", icon="settings", order=30, permission="settings.change"
    )
