"""What the records in a page of entries are called, asked for once for each kind of record."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from regulars import plugins
from regulars.organisation.scope import Scope
from regulars.people.contacts import Contact
from regulars.people.models import Member
from regulars.words import in_language

PUBLIC_ID = re.compile(r"[a-z]{2,4}_[2-9a-hjkmnp-z]{16}")
NAMED = {
    "stf": ("organisation.Staff", "name"),
    "brn": ("organisation.Branch", "name"),
    "reg": ("organisation.Region", "name"),
    "ter": ("organisation.Terminal", "name"),
    "tok": ("api.Token", "name"),
    "rol": ("organisation.CustomRole", "name"),
    "tag": ("people.Tag", "name"),
    "sal": ("sales.Sale", "number"),
    "shf": ("counter.Shift", "business_date"),
    "rul": ("loyalty.PointsRule", "name"),
    "tsk": ("loyalty.Task", "words"),
    "cau": ("loyalty.Cause", "words"),
    "rew": ("loyalty.Reward", "words"),
    "rdm": ("loyalty.Redemption", "words"),
    "cpt": ("loyalty.CouponTemplate", "words"),
    "cpb": ("loyalty.CouponBatch", "name"),
    "cpn": ("loyalty.Coupon", "template__words"),
    "cat": ("catalogue.Category", "words"),
    "prd": ("catalogue.Product", "words"),
    "pbk": ("catalogue.PriceBook", "words"),
    "hol": ("catalogue.Holiday", "words"),
    "dlv": ("catalogue.DealerLevel", "words"),
    "dea": ("catalogue.Dealer", "company"),
    "usr": ("access.User", "first_name"),
}
"""The column that names a record, by the kind of its public id; words by language are read in the reader's."""


def public_ids_in(told: Any) -> set[str]:
    """Every public id that stands in values of entries."""
    return set(_walk(told))


def _walk(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if PUBLIC_ID.fullmatch(value):
            yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _walk(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _walk(each)


class Names:
    """Names by public id, and of branches by key; a member beyond the scope `members` (None: any) is "a member"."""

    def __init__(self, wanted: Collection[str], *, branches: Collection[int], members: Scope | None) -> None:
        self.known: dict[str, str] = {}
        kinds: dict[str, list[str]] = {}
        for public_id in wanted:
            kinds.setdefault(public_id.partition("_")[0], []).append(public_id)
        for kind, public_ids in sorted(kinds.items()):
            if kind == "mem" and members is not None:
                shown = members.limit(Member.objects.filter(public_id__in=public_ids))
                self.known.update((each.public_id, _called(each)) for each in shown)
            elif kind in NAMED:
                self.known.update(_names(kind, public_ids))
        rows = apps.get_model("organisation.Branch").objects.filter(pk__in=branches) if branches else None
        self.branches: dict[int, str] = dict(rows.values_list("pk", "name")) if rows is not None else {}

    def of(self, subject: str, *, act: str = "") -> str:
        """What a record is called; words that are no public id stand for themselves."""
        kind, _underscore, rest = subject.partition("_")
        if kind == "mem" and rest:
            return self.known.get(subject) or str(_("a member"))
        if act.startswith("module_"):
            config = plugins.installed().get(subject)
            return str(config.verbose_name) if config is not None else subject
        if act == "limit.changed":
            return _limited(subject)
        return self.known.get(subject) or subject

    def is_known(self, subject: str) -> bool:
        """Whether this is the public id of a record with a name."""
        return subject in self.known


def _names(kind: str, public_ids: list[str]) -> dict[str, str]:
    label, column = NAMED[kind]
    model = apps.get_model(label)
    key = "username" if kind == "usr" else "public_id"
    found = model._default_manager.filter(**{f"{key}__in": public_ids}).values_list(key, column)
    return {of: in_language(name) if isinstance(name, dict) else str(name) for of, name in found}


def _called(member: Member) -> str:
    """The name, else the contact with its middle hidden."""
    if member.name:
        return member.name
    return (Contact("phone", member.phone) if member.phone else Contact("email", member.email)).masked


def _limited(code: str) -> str:
    from regulars.organisation.approvals import registry

    return str(next((act.label for act in registry.acts() if act.code == code), code))
