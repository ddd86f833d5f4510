"""What acts are called: every act that the trail knows has a sentence and a group it is looked for under.

Each room may say more in a module `trail_words.py` of its app, and so may a plugin:
`ACTS = (("members", "stamps.given", _("%(who)s gave stamps to %(record)s")), …)` with the group first, and at the end,
if there is one, the sentence about those who did it to themselves. `LABELS` there says what its fields are called,
and `CHOICES`, by the first part of the act and the field, what the codes in them stand for;
`KINDS` what the kinds of transactions it posts are called, for staff and for members.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.functional import Promise
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext_lazy as _


class Group(models.TextChoices):
    """Under which heading an act is looked for."""

    MEMBERS = "members", _("Members")
    LOYALTY = "loyalty", _("Loyalty and points")
    SALES = "sales", _("Sales")
    MESSAGES = "messages", _("Messages")
    TEAM = "team", _("Team and places")
    APPROVALS = "approvals", _("Approvals")
    SETTINGS = "settings", _("Settings and modules")
    SEEN = "seen", _("Who looked at what")


@dataclass(frozen=True, kw_only=True)
class Act:
    """An act in words: `sentence` has the gaps `%(who)s` and, where it is about one, `%(record)s`.

    `own` is said instead, where there is such a sentence, of those who did it to themselves.
    """

    code: str
    sentence: str | Promise
    group: str
    own: str | Promise = ""


def _acts(group: Group, *sentences: tuple[str | Promise, ...]) -> tuple[Act, ...]:
    """Acts of one group, each by its code, its sentence, and perhaps the one about oneself."""
    return tuple(
        Act(code=str(code), sentence=sentence, group=group, own=own[0] if own else "")
        for code, sentence, *own in sentences
    )


ACTS: tuple[Act, ...] = (
    *_acts(
        Group.MEMBERS,
        ("member.joined", _("%(who)s added %(record)s as a member"), _("%(who)s joined as a member")),
        ("member.changed", _("%(who)s changed the profile of %(record)s"), _("%(who)s changed the own profile")),
        ("member.tagged", _("%(who)s tagged %(record)s")),
        ("member.untagged", _("%(who)s removed a tag from %(record)s")),
        ("tag.made", _("%(who)s made the tag %(record)s")),
        (
            "consent.given",
            _("%(who)s noted that %(record)s agrees to offers and news"),
            _("%(who)s agreed to offers and news"),
        ),
        (
            "consent.withdrawn",
            _("%(who)s noted that %(record)s no longer wants offers and news"),
            _("%(who)s no longer wants offers and news"),
        ),
        ("job.started", _("%(who)s started a job on many records")),
        ("job.stopped", _("%(who)s stopped a job on many records")),
        ("job.undone", _("%(who)s undid a job on many records")),
        ("job.file_fetched", _("%(who)s fetched the file of a job")),
    ),
    *_acts(
        Group.LOYALTY,
        ("points.adjusted", _("%(who)s changed the points of %(record)s by hand")),
        ("value.adjusted", _("%(who)s changed a balance of %(record)s by hand")),
        ("tier.saved", _("%(who)s saved the tier %(record)s")),
        ("points_rule.saved", _("%(who)s saved the points rule %(record)s")),
        ("points_settings.saved", _("%(who)s changed the settings of points")),
        ("points.given", _("%(record)s gave points to another member")),
        ("points.donated", _("%(record)s gave points to a cause")),
        ("task.saved", _("%(who)s saved the task %(record)s")),
        ("task.done", _("%(who)s noted that %(record)s has done a task")),
        ("cause.saved", _("%(who)s saved a cause")),
    ),
    *_acts(
        Group.SALES,
        ("sale.confirmed", _("%(who)s sold %(record)s")),
        ("sale.refunded", _("%(who)s refunded %(record)s")),
        ("sale.put_on_hold", _("%(who)s put a sale on hold until it is paid")),
        ("sale.hold_given_up", _("%(who)s gave up a sale on hold")),
        ("sale.hold_ended", _("A sale on hold was not paid in time")),
        ("sale.to_pay_back", _("A payment came too late and is to be paid back")),
        ("sale.paid_back", _("%(who)s noted that a payment that came too late is paid back")),
    ),
    *_acts(
        Group.MESSAGES,
        ("message.reworded", _("%(who)s changed the words of the message %(record)s")),
        ("message.restored", _("%(who)s restored the words of the message %(record)s")),
        ("message.sent_again", _("%(who)s sent a message again")),
        ("messages.rules_changed", _("%(who)s changed when and how often messages are sent")),
    ),
    *_acts(
        Group.TEAM,
        ("staff.appointed", _("%(who)s invited %(record)s to the team")),
        ("staff.invited_again", _("%(who)s invited %(record)s again")),
        ("staff.accepted", _("%(who)s accepted the invitation")),
        ("staff.changed", _("%(who)s changed name, role or place of %(record)s")),
        ("staff.dismissed", _("%(who)s dismissed %(record)s")),
        ("staff.taken_back", _("%(who)s took %(record)s back into the team")),
        ("staff.signed_out", _("%(who)s signed %(record)s out everywhere")),
        ("staff.session_ended", _("%(who)s ended one of the own sessions")),
        ("staff.second_factor_reset", _("%(who)s reset the second factor of %(record)s")),
        ("staff.till_taken_over", _("%(who)s took over a shared till")),
        ("staff.pin_set", _("%(who)s chose a code for shared tills")),
        ("staff.pin_removed", _("%(who)s removed the code for shared tills")),
        ("role.saved", _("%(who)s saved the role %(record)s")),
        ("role.deleted", _("%(who)s deleted a role")),
        ("branch.opened", _("%(who)s opened the branch %(record)s")),
        ("branch.changed", _("%(who)s changed the branch %(record)s")),
        ("branch.closed", _("%(who)s closed the branch %(record)s")),
        ("branch.reopened", _("%(who)s reopened the branch %(record)s")),
        ("region.saved", _("%(who)s saved the region %(record)s")),
        ("region.deleted", _("%(who)s deleted a region")),
        ("terminal.added", _("%(who)s added the till %(record)s")),
        ("terminal.token_renewed", _("%(who)s renewed the token of the till %(record)s")),
        ("terminal.switched_on", _("%(who)s put the till %(record)s back into use")),
        ("terminal.switched_off", _("%(who)s took the till %(record)s out of use")),
    ),
    *_acts(
        Group.APPROVALS,
        ("approval.requested", _("%(who)s asked for an approval")),
        ("approval.approved", _("%(who)s approved a request")),
        ("approval.refused", _("%(who)s refused a request")),
        ("approval.withdrawn", _("%(who)s withdrew a request for approval")),
        ("approval.expired", _("A request for approval expired")),
        ("limit.changed", _("%(who)s changed the limit for %(record)s")),
    ),
    *_acts(
        Group.SETTINGS,
        ("organisation.changed", _("%(who)s changed the settings of the business")),
        ("module_on", _("%(who)s switched the module %(record)s on")),
        ("module_closing", _("%(who)s set the module %(record)s to closing")),
        ("module_off", _("%(who)s switched the module %(record)s off")),
        ("module_settings_changed", _("%(who)s changed the settings of the module %(record)s")),
        ("work.retried", _("%(who)s let failed work be tried again")),
        ("business.open", _("%(who)s opened the business again")),
        ("business.archived", _("%(who)s closed the business")),
    ),
    *_acts(
        Group.SEEN,
        ("seen.page", _("%(who)s looked at %(record)s")),
        ("seen.list", _("%(who)s looked through %(record)s")),
        ("seen.search", _("%(who)s searched %(record)s")),
        ("seen.export", _("%(who)s downloaded %(record)s")),
    ),
)

LISTS: dict[str, str | Promise] = {
    "office_members": _("the list of members"),
    "office_sales": _("the list of sales"),
    "office_shifts": _("the list of shifts"),
    "members": _("the list of members"),
    "sales": _("the list of sales"),
    "trail": _("the trail"),
}
"""What is looked through, searched and downloaded, by the name that `trail.seen` is given."""


@cache
def acts() -> dict[str, Act]:
    """Every act with words, by its code: ours, the rooms' and the installed plugins'."""
    found = {act.code: act for act in ACTS}
    for room in _rooms_with_words():
        said: Iterable[tuple[str, ...]] = room.ACTS
        for group, *words in said:
            found.update({act.code: act for act in _acts(Group(group), tuple(words))})
    return found


@cache
def labels_of_rooms() -> dict[str, str | Promise]:
    """What rooms and plugins call the fields of their own entries."""
    return {name: label for room in _rooms_with_words() for name, label in getattr(room, "LABELS", {}).items()}


@cache
def choices_of_rooms() -> dict[tuple[str, str], type[models.TextChoices]]:
    """What the codes in fields of entries stand for, by the first part of the act and the field."""
    return {place: each for room in _rooms_with_words() for place, each in getattr(room, "CHOICES", {}).items()}


@cache
def kinds_of_rooms() -> dict[str, tuple[str | Promise, str | Promise]]:
    """What rooms and plugins call the kinds of transactions that they post: for staff, then for members."""
    return {kind: words for room in _rooms_with_words() for kind, words in getattr(room, "KINDS", {}).items()}


def _rooms_with_words() -> list[Any]:
    return [
        import_module(f"{config.name}.trail_words")
        for config in apps.get_app_configs()
        if config.name.partition(".")[0] != "django" and module_has_submodule(config.module, "trail_words")
    ]


def codes_of(group: str) -> list[str]:
    """The acts of a group."""
    return [act.code for act in acts().values() if act.group == group]


def group_of(code: str) -> str:
    """The group an act is looked for under, empty for an act without words."""
    act = acts().get(code)
    return act.group if act is not None else ""


def codes_that_say(words: str, *, who: str = "", record: str = "") -> list[str]:
    """The acts whose sentence holds these words, in the reader's language."""
    wanted = words.casefold()
    return [
        act.code
        for act in acts().values()
        if wanted in (str(act.sentence) % {"who": who, "record": record}).casefold() or wanted == act.code
    ]
