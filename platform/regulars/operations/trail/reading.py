"""Entries in words: who did what to which record, and what it was before and after, as far as the reader may know.

However many entries there are, the names in them cost one question for each kind of record. Personal values of members
are opened with the members' keys, for readers who may see members; contacts in full for those who may see contacts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from regulars.operations.models import TrailEntry
from regulars.operations.origin import Door
from regulars.operations.sealing import sealer
from regulars.operations.sealing.chains import TRAIL
from regulars.operations.trail import ENCRYPTED
from regulars.operations.trail.acts import LISTS, acts, group_of
from regulars.operations.trail.names import Names, public_ids_in
from regulars.operations.trail.values import label_of, worded
from regulars.organisation.models import Staff
from regulars.organisation.permissions import granted
from regulars.organisation.scope import scope_of
from regulars.people import keys
from regulars.people.contacts import Contact

PAGES = {
    "mem": ("office_members:inspect", "members.view"),
    "sal": ("office_sales:inspect", "sales.view"),
    "shf": ("office_shifts:inspect", "sales.view"),
    "stf": ("office_team:person", "team.view"),
    "brn": ("office_settings:branch", "places.manage"),
    "rol": ("office_team:role", "team.view"),
    "apv": ("office_approvals:approval", "approvals.decide"),
}
"""Where a record is looked at, by the kind of its public id, and what it takes to see it."""
WITHIN = ("before", "after")


def _differ(before: Any, after: Any) -> bool:
    """Whether one stands where the other did not; nothing is nothing, however it is written."""
    nothing: tuple[object, ...] = (None, "", [], {})
    return before != after and not (before in nothing and after in nothing)


@dataclass(frozen=True)
class Change:
    """One thing that an act changed, or, without `before`, one thing that it says."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """An entry as it is read. `url` leads to the record, empty where there is no page or the reader may not see it."""

    id: int
    act: str
    group: str
    occurred_at: dt.datetime
    sentence: str
    who: str
    record: str
    url: str
    branch: str
    door: str
    terminal: str
    address: str
    is_sealed: bool
    changes: list[Change] = field(default_factory=list)
    notes: list[Change] = field(default_factory=list)
    pattern: str = ""

    @property
    def as_html(self) -> SafeString:
        """The sentence with who stands out and the record leading to its page."""
        record = format_html('<a href="{}">{}</a>', self.url, self.record) if self.url else escape(self.record)
        who = format_html("<strong>{}</strong>", self.who)
        return mark_safe(str(escape(self.pattern)) % {"who": who, "record": record})  # noqa: S308 - parts are escaped


def lines_for(entries: Iterable[TrailEntry], *, reader: Staff | None) -> list[Line]:
    """Entries in words for a reader; None is somebody who may see nobody's personal values."""
    found = list(entries)
    reading = _Reading(found, reader)
    return [reading.line(entry) for entry in found]


class _Reading:
    """What it takes to put a page of entries into words: names, keys and rights, asked for once."""

    def __init__(self, entries: list[TrailEntry], reader: Staff | None) -> None:
        self.held = granted(reader)
        members = scope_of(reader) if reader is not None and "members.view" in self.held else None
        told = [
            [each.actor, each.subject, each.terminal, each.detail, each.before, each.after, list(_owners(each))]
            for each in entries
        ]
        branches = {each.branch_id for each in entries if each.branch_id is not None}
        self.names = Names(public_ids_in(told), branches=branches, members=members)
        owners = {owner for each in entries for owner in _owners(each)}
        self.keys = keys.keys_of([owner for owner in owners if owner in self.names.known])
        newest = sealer.newest(TRAIL) if entries else None
        self.sealed_upto = newest.last_id if newest is not None else 0

    def line(self, entry: TrailEntry) -> Line:
        who, record = self.who(entry), self.record(entry)
        act = acts().get(entry.act)
        is_own = bool(act is not None and act.own and entry.actor == entry.subject)
        pattern = (
            str(act.own if is_own else act.sentence)
            if act is not None
            else "%(who)s: " + entry.act.replace("%", "") + " %(record)s"
        )
        record = record or (_("something") if act is not None else "")
        return Line(
            id=entry.pk,
            act=entry.act,
            group=group_of(entry.act),
            occurred_at=entry.occurred_at,
            pattern=pattern,
            sentence=(pattern % {"who": who, "record": record}).strip(),
            who=who,
            record=record,
            url=self.url(entry.subject),
            branch=self.names.branches.get(entry.branch_id, "") if entry.branch_id is not None else "",
            door=str(Door(entry.door).label) if entry.door in Door.values else entry.door,
            terminal=self.names.of(entry.terminal),
            address=self.address(entry.address),
            is_sealed=entry.pk <= self.sealed_upto,
            changes=self.changes(entry),
            notes=self.notes(entry),
        )

    def who(self, entry: TrailEntry) -> str:
        if not entry.actor:
            return _("The system")
        return self.names.of(entry.actor)

    def record(self, entry: TrailEntry) -> str:
        if entry.subject in LISTS:
            return str(LISTS[entry.subject])
        return self.names.of(entry.subject, act=entry.act)

    def url(self, subject: str) -> str:
        name, permission = PAGES.get(subject.partition("_")[0], ("", ""))
        if not name or permission not in self.held or not self.names.is_known(subject):
            return ""
        try:
            return reverse(name, args=(subject,))
        except NoReverseMatch:
            return ""

    def address(self, address: str) -> str:
        if not address.startswith(ENCRYPTED):
            return address
        _nothing, owner, text = address.split(ENCRYPTED, 2)
        return str(self.opened(owner, text)) if text else str(_("(erased)"))

    def changes(self, entry: TrailEntry) -> list[Change]:
        """What an act changed; some acts keep before and after beside their other details."""
        before = {**_mapping(entry.detail, "before"), **(entry.before or {})}
        after = {**_mapping(entry.detail, "after"), **(entry.after or {})}
        return [
            Change(
                label_of(name),
                self.words(entry.act, name, before.get(name)),
                self.words(entry.act, name, after.get(name)),
            )
            for name in sorted({*before, *after})
            if _differ(before.get(name), after.get(name))
        ]

    def notes(self, entry: TrailEntry) -> list[Change]:
        """What an act says besides."""
        return [
            Change(label_of(name), "", self.words(entry.act, name, value))
            for name, value in sorted(entry.detail.items())
            if value not in (None, "", [], {}) and not (name in WITHIN and isinstance(value, dict))
        ]

    def words(self, act: str, name: str, value: Any) -> str:
        if isinstance(value, dict) and ENCRYPTED in value:
            opened = self.opened(str(value[ENCRYPTED]), str(value.get("text", "")))
            return self.masked(name, opened)
        return worded(act, name, value, self.names)

    def opened(self, owner: str, text: str) -> Any:
        """A personal value, or in words why it cannot be read."""
        if owner not in self.names.known:
            return _("(not shown to you)")
        key = self.keys.get(owner)
        try:
            return keys.decrypted(key, text, about=owner) if key and text else _("(erased)")
        except keys.Unreadable:
            return _("(erased)")

    def masked(self, name: str, value: Any) -> str:
        """Contacts are shown in full only to those who may see them."""
        is_contact = name in ("phone", "email", "contact") and isinstance(value, str)
        if not is_contact or "members.contacts" in self.held or not ("@" in value or value.startswith("+")):
            return worded("", name, value, self.names)
        return Contact("email" if "@" in value else "phone", value).masked


def _mapping(detail: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = detail.get(name)
    return found if isinstance(found, dict) else {}


def _owners(entry: TrailEntry) -> Iterable[str]:
    """The members whose keys an entry needs."""
    for values in (entry.before, entry.after):
        for value in (values or {}).values():
            if isinstance(value, dict) and ENCRYPTED in value:
                yield str(value[ENCRYPTED])
    if entry.address.startswith(ENCRYPTED):
        yield entry.address.split(ENCRYPTED, 2)[1]
