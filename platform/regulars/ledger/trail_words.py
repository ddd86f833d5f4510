"""What the acts of this room are called in the trail."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

ACTS = (("loyalty", "points.reinstated", _("%(who)s gave expired points back to %(record)s")),)
