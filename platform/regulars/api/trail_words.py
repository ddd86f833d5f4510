"""What the acts on tokens are called in the trail."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

ACTS = (
    ("settings", "token.made", _("%(who)s made the token %(record)s for another system")),
    ("settings", "token.revoked", _("%(who)s revoked the token %(record)s")),
)

LABELS = {"till": _("till"), "acts_for": _("acts for"), "scopes": _("may")}
