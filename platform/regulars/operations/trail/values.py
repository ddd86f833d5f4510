"""Values of entries in words: amounts with their currency, codes by their labels, lists as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import TextChoices
from django.utils.dateparse import parse_datetime
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars import conditions
from regulars.money import format_count, format_money, percent
from regulars.operations.trail.acts import choices_of_rooms, labels_of_rooms
from regulars.organisation.models import Language, PluginState, Role, Trade
from regulars.organisation.permissions import PERMISSIONS
from regulars.organisation.selectors import organisation
from regulars.people.models import Source

if TYPE_CHECKING:
    from regulars.operations.trail.names import Names

NOTHING = "—"
LONGEST = 300

LABELS: dict[str, str | Promise] = {
    "about": gettext_lazy("about"),
    "accent": gettext_lazy("colour"),
    "act": gettext_lazy("act"),
    "address": gettext_lazy("address"),
    "agreed": gettext_lazy("agreed"),
    "amount": gettext_lazy("amount"),
    "asked_by": gettext_lazy("asked for by"),
    "asset": gettext_lazy("kind of value"),
    "balance": gettext_lazy("balance"),
    "benefits": gettext_lazy("benefits"),
    "birthday": gettext_lazy("birthday"),
    "branch": gettext_lazy("branch"),
    "channel": gettext_lazy("channel"),
    "code": gettext_lazy("code"),
    "colour": gettext_lazy("colour"),
    "contact_email": gettext_lazy("contact e-mail"),
    "country": gettext_lazy("country"),
    "currency": gettext_lazy("currency"),
    "discount": gettext_lazy("discount"),
    "email": gettext_lazy("e-mail"),
    "expires_after_months": gettext_lazy("expires after months"),
    "filters": gettext_lazy("filters"),
    "found": gettext_lazy("found"),
    "has_token": gettext_lazy("with a token"),
    "is_active": gettext_lazy("in use"),
    "is_published": gettext_lazy("site is public"),
    "kind": gettext_lazy("kind"),
    "language": gettext_lazy("language"),
    "name": gettext_lazy("name"),
    "own_role": gettext_lazy("own role"),
    "parent": gettext_lazy("region above"),
    "payment_code": gettext_lazy("payment code"),
    "payment_code_name": gettext_lazy("name of the payment code"),
    "pending_days": gettext_lazy("pending days"),
    "per_amount": gettext_lazy("for every"),
    "permissions": gettext_lazy("permissions"),
    "phone": gettext_lazy("phone"),
    "points": gettext_lazy("points"),
    "points_taken_back": gettext_lazy("points taken back"),
    "points_missing": gettext_lazy("points spent already"),
    "charged": gettext_lazy("kept back for points"),
    "reason": gettext_lazy("reason"),
    "records": gettext_lazy("records"),
    "refunded_total": gettext_lazy("refunded"),
    "region": gettext_lazy("region"),
    "result": gettext_lazy("result"),
    "role": gettext_lazy("role"),
    "sale": gettext_lazy("sale"),
    "source": gettext_lazy("joined through"),
    "state": gettext_lazy("state"),
    "tag": gettext_lazy("tag"),
    "threshold": gettext_lazy("begins at"),
    "total": gettext_lazy("total"),
    "trade": gettext_lazy("kind of business"),
    "with_token": gettext_lazy("with a token"),
    "words": gettext_lazy("words"),
    "zone": gettext_lazy("time zone"),
}
"""What fields are called; one that is not named here shows its own name."""

MONEY = {
    ("sale", "total"),
    ("sale", "amount"),
    ("sale", "refunded_total"),
    ("sale", "charged"),
    ("points_settings", "hundred_worth"),
    ("tier", "threshold"),
    ("points_rule", "per_amount"),
    ("points_rule", "least_amount"),
    ("coupon_template", "most_off"),
    ("coupon_template", "least_spend"),
    ("product", "price"),
    ("shift", "opening_float"),
    ("shift", "amount"),
    ("shift", "counted"),
    ("shift", "expected"),
    ("shift", "difference"),
}
"""Amounts in minor units, by the first part of the act and the field."""
PERCENT = {"discount", "tax_rate"}
"""Hundredths of a percent."""
CODES: dict[str, type[TextChoices]] = {
    "language": Language,
    "role": Role,
    "source": Source,
    "state": PluginState,
    "trade": Trade,
}


def label_of(name: str) -> str:
    """What a field is called."""
    return str(LABELS.get(name) or labels_of_rooms().get(name) or name.replace("_", " "))


def worded(act: str, name: str, value: Any, names: Names) -> str:
    """A value as its reader says it, not longer than a few lines."""
    words = _worded(act, name, value, names)
    return words if len(words) <= LONGEST else f"{words[:LONGEST]}…"


def _worded(act: str, name: str, value: Any, names: Names) -> str:
    if value in (None, "", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if (choices := choices_of_rooms().get(_place(act, name))) is not None:
        said = dict(choices.choices)
        return _(", ").join(str(said.get(each, each)) for each in (value if isinstance(value, list) else [value]))
    if name == "weekdays" and isinstance(value, list):
        return _(", ").join(str(WEEKDAYS.get(each, each)) for each in value)
    if name == "condition" and isinstance(value, dict):
        return conditions.stored(value).words()
    if isinstance(value, int):
        return _figure(act, name, value)
    if isinstance(value, dict):
        parts = (
            f"{_worded('', 'language', key, names)}: {_worded(act, '', each, names)}" for key, each in value.items()
        )
        return "; ".join(parts)
    if isinstance(value, list):
        return _(", ").join(_worded(act, name, each, names) for each in value)
    if isinstance(value, str):
        return _said(name, value, names)
    return str(value)


def _place(act: str, name: str) -> tuple[str, str]:
    """The first part of an act and a field: where a room says what a code means."""
    return act.partition(".")[0], name


def _figure(act: str, name: str, value: int) -> str:
    if (act.partition(".")[0], name) in MONEY:
        return format_money(value, organisation().currency)
    if name in PERCENT:
        return f"{percent(value)}%"
    return format_count(value)


def _said(name: str, value: str, names: Names) -> str:
    if name.endswith("_at") and (moment := parse_datetime(value)) and moment.tzinfo:
        return date_format(localtime(moment), "SHORT_DATETIME_FORMAT")
    if name in CODES and value in CODES[name].values:
        return str(CODES[name](value).label)
    if name == "permissions":
        return next((str(each.label) for each in PERMISSIONS if each.code == value), value)
    if name in ("act", "kind", "asset"):
        return _declared(name, value)
    return names.of(value) if names.is_known(value) else value


def _declared(name: str, code: str) -> str:
    """What a room calls an act that needs approval, a kind of job, a kind of value; the code where none does."""
    from regulars.operations.jobs.kinds import kind_of
    from regulars.organisation.approvals.refusals import UnknownAct
    from regulars.organisation.approvals.registry import act_of

    try:
        if name == "asset":
            return _("points") if code == "points" else code
        return str(act_of(code).label if name == "act" else kind_of(code).label)
    except (UnknownAct, KeyError):
        return code
