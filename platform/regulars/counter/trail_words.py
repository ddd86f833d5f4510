"""What the acts of the counter are called in the trail."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

ACTS = (
    ("sales", "shift.opened", _("%(who)s opened the drawer of %(record)s")),
    ("sales", "shift.cash_in", _("%(who)s put cash into the drawer of %(record)s")),
    ("sales", "shift.cash_out", _("%(who)s took cash out of the drawer of %(record)s")),
    ("sales", "shift.closed", _("%(who)s counted and closed the drawer of %(record)s")),
    ("sales", "receipt.sent", _("%(who)s sent the receipt %(record)s to the customer")),
    ("settings", "counter_settings.saved", _("%(who)s changed what holds at the tills")),
    ("team", "staff.till_locked", _("The till of %(who)s was locked")),
    ("team", "staff.till_unlocked", _("%(who)s unlocked the till")),
)

LABELS = {
    "opening_float": _("float"),
    "counted": _("counted"),
    "expected": _("expected"),
    "difference": _("difference"),
    "lock_after": _("a till locks after so many idle minutes"),
    "void_within": _("the last sale can be voided for so many minutes"),
    "needs_shift": _("nothing is sold without an open shift"),
}
