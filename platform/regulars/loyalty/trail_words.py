"""What the acts of loyalty are called in the trail."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

ACTS = (
    ("loyalty", "benefit.saved", _("%(who)s saved the benefit %(record)s")),
    (
        "loyalty",
        "benefit.used",
        _("%(who)s noted that %(record)s used a benefit"),
        _("%(who)s used a benefit"),
    ),
    ("loyalty", "benefit.use_undone", _("%(who)s took back a use of a benefit by %(record)s")),
    ("loyalty", "reward.saved", _("%(who)s saved the reward %(record)s")),
    ("loyalty", "reward.restocked", _("%(who)s changed the stock of the reward %(record)s")),
    (
        "loyalty",
        "reward.redeemed",
        _("%(who)s redeemed points of %(record)s for a reward"),
        _("%(who)s redeemed points for a reward"),
    ),
    ("loyalty", "redemption.ready", _("%(who)s put a reward ready for %(record)s")),
    ("loyalty", "redemption.handed_over", _("%(who)s handed a reward to %(record)s")),
    (
        "loyalty",
        "redemption.cancelled",
        _("%(who)s cancelled a redemption of %(record)s"),
        _("%(who)s cancelled a redemption"),
    ),
    ("loyalty", "redemption.expired", _("A redemption of %(record)s was not collected in time")),
)

LABELS = {
    "trigger": _("when"),
    "factor": _("times"),
    "least_amount": _("from a spending of"),
    "within": _("added up"),
    "whole_steps": _("only for full amounts"),
    "condition": _("condition"),
    "categories": _("kinds of goods"),
    "weekdays": _("weekdays"),
    "month_days": _("days of the month"),
    "stacking_group": _("group"),
    "priority": _("priority"),
    "cap_sale": _("at most, per purchase"),
    "cap_day": _("at most, per member and day"),
    "cap_week": _("at most, per member and week"),
    "cap_month": _("at most, per member and month"),
    "cap_year": _("at most, per member and year"),
    "cap_total": _("at most, for everybody in all"),
    "expiry": _("expiry"),
    "task": _("task"),
    "cause": _("cause"),
    "gifts": _("members may give points to each other"),
    "gift_least": _("smallest gift"),
    "gift_cap_day": _("most that a member gives in a day"),
    "idle_months": _("points end after so many months without a purchase"),
    "reinstate_days": _("expired points can come back for so many days"),
    "benefit": _("Benefit"),
    "reward": _("Reward"),
    "redemption": _("Redemption"),
    "period": _("Period"),
    "tier": _("Tier"),
    "tiers": _("Tiers"),
    "uses": _("Uses"),
    "stock": _("In stock"),
    "per_member": _("Most for one member"),
    "offered_from": _("From"),
    "offered_until": _("Until"),
    "collect_days": _("Days to collect it"),
    "partner": _("Partner"),
}
