"""Referral's place in the menus."""

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from regulars.hooks import MenuItem

MENU = {
    "portal": [MenuItem(label=_("Invite a friend"), url=reverse_lazy("referral:invite"), icon="gift", order=100)],
    "backoffice": [
        MenuItem(
            label=_("Invitations"),
            url=reverse_lazy("referral:office"),
            icon="gift",
            order=100,
            permission="referral.view",
        )
    ],
}
