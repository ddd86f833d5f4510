"""Every hook a plugin may answer: the contract between the core and whatever is added to it.

Three kinds. **Questions** run before an act and may refuse it; their errors surface. **Contributions** return data that
the core posts together with its own and stores, so that the one reversal can undo it without asking again. **Facts**
arrive after commit from the outbox, at least once per listener, each listener on its own.

A plugin answers with a function of the same name marked `@hookimpl`. It is asked only in businesses where it is
enabled; `tenants`, `billing` and `cms` answer through the same door and are always on. The core asks with
`regulars.plugins.ask` (all answers in one list) or `regulars.plugins.first` (the first answer that is not None).

Each hook says with `@asked` which modules it reaches: those that are `"on"` in this business, those on or `"closing"`
(what members own is still honoured), every `"installed"` one whatever its state (what is asked once at start, and
what a member may demand of data that a module keeps while it is off), or the `"house"` alone. With `alone=True` an
answer that fails is logged with its module's name and left out; otherwise the failure surfaces and the act is not done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import pluggy

from regulars import events
from regulars.hook_answers import (
    Asset,
    ChainHead,
    ChecklistStep,
    Credit,
    Introduction,
    IntroductionField,
    MenuItem,
    MessageTemplate,
    NeedsYou,
    Owed,
    PaymentPrompt,
    PaymentSource,
    PaymentWanted,
    PointsTrigger,
    PriceAdjustment,
    Refusal,
    SaleContribution,
    TierMeasure,
    Tile,
)

if TYPE_CHECKING:
    from regulars.conditions import Field
    from regulars.organisation.models import Staff
    from regulars.people.models import Member
    from regulars.sales.quoting import QuoteDraft

__all__ = [
    "Asset",
    "ChainHead",
    "ChecklistStep",
    "Credit",
    "Introduction",
    "IntroductionField",
    "MenuItem",
    "MessageTemplate",
    "NeedsYou",
    "Owed",
    "PaymentPrompt",
    "PaymentSource",
    "PaymentWanted",
    "PointsTrigger",
    "PriceAdjustment",
    "Refusal",
    "SaleContribution",
    "TierMeasure",
    "Tile",
]
"""What hooks are answered with, for modules to import from here."""
PROJECT = "regulars"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

Door = Literal["backoffice", "counter", "portal", "site"]
Reach = Literal["on", "closing", "installed", "house"]
Spec = TypeVar("Spec", bound=Callable[..., Any])


@dataclass(frozen=True)
class Asked:
    """Which modules a hook reaches, and whether an answer that fails is left out alone."""

    reach: Reach
    alone: bool


def asked(reach: Reach, *, alone: bool = False) -> Callable[[Spec], Spec]:
    """Write on a hook whom it reaches; the gate reads it with `asked_of`."""

    def note(spec: Spec) -> Spec:
        spec.__dict__["asked"] = Asked(reach, alone)
        return spec

    return note


def asked_of(spec: Callable[..., Any]) -> Asked:
    """What `@asked` wrote on a hook. Raises `KeyError` for a hook that says nothing."""
    found: Asked = spec.__dict__["asked"]
    return found


# Questions and vetoes -------------------------------------------------------------------------------------------------


@hookspec
@asked("closing", alone=True)
def menu_items(door: Door, staff: Staff | None, member: Member | None) -> list[MenuItem]:
    """Entries for a door's menu, asked while a page is drawn. Keep it free of queries that grow with data."""
    return []


@hookspec
@asked("on")
def quote_price(draft: QuoteDraft) -> list[PriceAdjustment]:
    """Changes to a price while it is quoted, before the tier discount. Must not write."""
    return []


@hookspec
@asked("closing")
def validate_sale(draft: QuoteDraft) -> list[Refusal]:
    """Reasons why this sale may not be confirmed, asked at quote and again at confirm. Must not write."""
    return []


@hookspec
@asked("closing")
def payment_sources(draft: QuoteDraft) -> list[PaymentSource]:
    """Ways to pay besides cash, asked at quote. A closing module still lets members spend what they own."""
    return []


@hookspec
@asked("closing", alone=True)
def payment_prompts(wanted: PaymentWanted) -> list[PaymentPrompt]:
    """What the customer must see to pay a sale on hold, for a source of yours that settles later; else an empty list.

    Asked after the sale is on hold, again until somebody answers, perhaps twice: the same `wanted.hold` is the same
    payment. It may speak with a gateway; the answer is kept and shown until the sale is settled or its time is over.
    """
    return []


@hookspec
@asked("on", alone=True)
def introduction_fields() -> list[IntroductionField]:
    """Where people join, ask for the word that brought them, if you read such words. The first answer is shown."""
    return []


@hookspec
@asked("on", alone=True)
def introductions(word: str) -> list[Introduction]:
    """What a word means that somebody brings along when joining: from a link (`?ref=`) or typed. None of yours: empty.

    Asked before the person is a member. A word that some module knows travels with `member_joined`; any other is
    dropped. It was typed by a stranger: at most 40 characters of letters, digits, `_` and `-`. Must not write.
    """
    return []


# Contributions --------------------------------------------------------------------------------------------------------


@hookspec
@asked("on")
def sale_contributions(draft: QuoteDraft) -> list[SaleContribution]:
    """Value to post with a sale of a member, in the same transaction; reversed with it. Must not write."""
    return []


@hookspec
@asked("installed")
def ledger_assets() -> list[Asset]:
    """Kinds of value this plugin keeps in the ledger. Asked once at start, so it must not touch the database."""
    return []


@hookspec
@asked("on", alone=True)
def points_triggers() -> list[PointsTrigger]:
    """What happens in this plugin that owners may write a points rule for.

    When it happens, call `regulars.loyalty.points.earning.give` with the code, the member and an occasion of your own:
    for one occasion a rule gives once, however often it is told. Asked while a rule is written: ask no database.
    """
    return []


@hookspec
@asked("closing")
def tier_measures() -> list[TierMeasure]:
    """What this module can count towards a tier: top-ups, a paid plan, events attended.

    Asked while a track that counts one of them is evaluated. When your figure changes outside a sale, call
    `regulars.loyalty.tiers.standing.evaluate(member=…, at="change")`. While nobody answers for a measure, no member
    falls on a track that counts it.
    """
    return []


@hookspec
@asked("installed")
def message_templates() -> list[MessageTemplate]:
    """Messages this plugin sends. Asked once at start, so it must not touch the database."""
    return []


@hookspec
@asked("closing", alone=True)
def condition_fields() -> list[Field]:
    """What conditions (of rules, tiers, segments) can ask about your part of a member: `regulars.conditions.Field`.

    Asked whenever a condition is read, so it must not touch the database; `choices` and `sql` are called when they are
    needed. The code begins with your name. A condition saved with a field of a module that is off by now never holds.
    """
    return []


@hookspec
@asked("closing", alone=True)
def wallet_tiles(member: Member) -> list[Tile]:
    """Figures for the member's home screen."""
    return []


@hookspec
@asked("on", alone=True)
def checklist_steps() -> list[ChecklistStep]:
    """Steps of the set-up checklist that this plugin adds to the back office."""
    return []


@hookspec
@asked("closing", alone=True)
def needs_you(staff: Staff) -> list[NeedsYou]:
    """What waits for this member of the team, for the first page of the back office; a count of nought is left out.

    Asked every few seconds while somebody looks at that page: one cheap question each, within the rights of `staff`.
    """
    return []


@hookspec
@asked("installed")
def member_export(member: Member) -> list[dict[str, Any]]:
    """This plugin's part of a member's own data, as JSON values, for the member to take away.

    Asked in every state: a module that is off keeps its data, and the member may still demand it.
    """
    return []


@hookspec
@asked("installed")
def member_erase(member: Member) -> list[str]:
    """Erase this plugin's part of a member and say in words what law makes it keep, and until when.

    Asked in every state: a module that is off keeps its data, and the member may still have it erased.
    """
    return []


@hookspec
@asked("closing", alone=True)
def due_work(now: dt.datetime, limit: int) -> list[dt.datetime]:
    """Do what is due in this business at `now` (UTC), at most `limit` items, and say when you are due next.

    Called by a worker inside the business, outside a transaction. Cost must grow with what is due, and it must be safe
    to run twice and by two workers at once. Nothing waiting: an empty list; `now` when the limit was reached. With a
    limit of 0 it is only asked when: do nothing then, and say `now` (or earlier) for what is overdue.
    """
    return []


@hookspec
@asked("closing")
def what_is_owed() -> list[Owed]:
    """What members of this business could still claim from this plugin; empty lets it be switched off."""
    return []


# Answered by the house itself -----------------------------------------------------------------------------------------


@hookspec(firstresult=True)
@asked("house")
def site_address(path: str) -> str | None:
    """The absolute address of a path on this business's own site, built from its domain. Answered by `tenants`."""


@hookspec(firstresult=True)
@asked("house")
def settings_changed(name: str, language: str, zone: str) -> bool | None:
    """The business's name, language or time zone are now these, in this very transaction. Answered by `tenants`."""


@hookspec(firstresult=True)
@asked("house")
def trial_days_left() -> int | None:
    """Days left of this business's free trial, None when it has no trial. Answered by `tenants`."""


@hookspec(firstresult=True)
@asked("house")
def practice_page() -> str | None:
    """The path of the page by which staff leave a practice place, None in a real business. Answered by `tenants`."""


@hookspec(firstresult=True)
@asked("house")
def work_waiting(due_at: dt.datetime) -> bool | None:
    """Work of this business falls due at an instant: tell whoever wakes the workers. Answered by `tenants`."""


@hookspec(firstresult=True)
@asked("house")
def chain_sealed(chain: str, number: int, digest: str) -> bool | None:
    """A chain of seals over this business's records has grown, in this very transaction. Answered by `tenants`.

    Its newest link is kept outside of the business, so that a chain that is replaced as a whole is found.
    """


@hookspec(firstresult=True)
@asked("house")
def chain_head(chain: str) -> ChainHead | None:
    """The newest link of a chain of this business, as it was noted outside of the business. Answered by `tenants`."""


# Facts ----------------------------------------------------------------------------------------------------------------


@hookspec
@asked("closing")
def member_joined(event: events.MemberJoined) -> None:
    """A person became a member. Delivered after commit, at least once per listener, never for an import."""


@hookspec
@asked("closing")
def sale_posted(event: events.SalePosted) -> None:
    """A sale was confirmed. Delivered after commit, at least once per listener; guests' sales too."""


@hookspec
@asked("closing")
def sale_refunded(event: events.SaleRefunded) -> None:
    """A sale or a part of it was undone. Delivered after commit, at least once per listener."""


@hookspec
@asked("closing")
def payment_came_too_late(event: events.PaymentCameTooLate) -> None:
    """Money came that cannot pay its sale on hold: pay it back, and note it when that is done.

    Delivered after commit, at least once per listener; `regulars.sales.holding.note_paid_back` takes it off the list of
    the back office.
    """


@hookspec
@asked("closing")
def points_credited(event: events.PointsCredited) -> None:
    """Points arrived on a member's wallet. Delivered after commit, at least once per listener."""


@hookspec
@asked("closing")
def tier_changed(event: events.TierChanged) -> None:
    """A member moved to another tier. Delivered after commit, at least once per listener."""


@hookspec
@asked("closing")
def benefit_used(event: events.BenefitUsed) -> None:
    """A member used a benefit of a tier. Delivered after commit, at least once; it may be taken back within a day."""


@hookspec
@asked("closing")
def reward_redeemed(event: events.RewardRedeemed) -> None:
    """A member turned points into a reward. Delivered after commit, at least once per listener."""


@hookspec
@asked("closing")
def redemption_moved(event: events.RedemptionMoved) -> None:
    """A redemption is ready, handed over, cancelled or expired. Delivered after commit, at least once per listener."""


@hookspec
@asked("closing")
def plugin_state_changed(event: events.PluginStateChanged) -> None:
    """A module was switched on, set to closing or off here. Delivered after commit to every enabled listener."""
