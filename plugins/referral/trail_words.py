"""What the trail says of referrals."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

ACTS = (
    ("loyalty", "referral.rewarded", _("A referral was rewarded")),
    ("loyalty", "referral.taken_back", _("The reward of a referral was taken back")),
    ("loyalty", "referral.reviewed", _("%(who)s reviewed a referral")),
)

LABELS = {
    "friend_points": _("points for the friend"),
    "referrer_points": _("points for the member who invited"),
}

KINDS = {
    "referral": (_("Invitation of a friend"), _("Invitation of a friend")),
    "referral.reversed": (_("Invitation of a friend, taken back"), _("Invitation of a friend, taken back")),
}
