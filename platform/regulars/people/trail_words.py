"""What the acts of this room are called in the trail."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

ACTS = (("settings", "profile_field.saved", _("%(who)s changed what members are asked: %(record)s")),)
