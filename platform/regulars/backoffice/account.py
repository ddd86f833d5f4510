"""Leaves on the page of one's own account what a shop has a use for: the language and how the back office looks.

Names are changed under Team, where the trail notes it; pictures and mails about an editor's workflow are shown nowhere.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _


def _is_not_here(_panel: Any) -> bool:
    return False


def install() -> None:
    """Take the other parts off Wagtail's page, and say the rest in our words."""
    from wagtail.admin.forms.account import ThemePreferencesForm
    from wagtail.admin.views.account import AvatarSettingsPanel, NameEmailSettingsPanel, NotificationsSettingsPanel

    for panel in (AvatarSettingsPanel, NameEmailSettingsPanel, NotificationsSettingsPanel):
        panel.is_active = _is_not_here
    ThemePreferencesForm.base_fields["keyboard_shortcuts"].help_text = _("Keyboard shortcuts in the back office.")
