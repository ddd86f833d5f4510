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
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import pluggy

from regulars import events

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from regulars.organisation.models import Staff
    from regulars.people.models import Member
    from regulars.sales.quoting import QuoteDraft

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


@dataclass(frozen=True, kw_only=True)
class MenuItem:
    """One entry of a door's menu; `icon` is a name of the shared sprite, `order` sorts ascending.

    With a `permission` (`"stamps.view"`) staff see it who hold that permission, and nobody else.
    """

    label: str | Promise
    url: str | Promise
    icon: str = "sparkles"
    order: int = 500
    permission: str = ""


@dataclass(frozen=True, kw_only=True)
class PriceAdjustment:
    """A change of the price before tier discounts: minor units, negative lowers it; `reason` is shown to people."""

    amount: int
    reason: str | Promise


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why a sale may not be confirmed, for the cashier to read."""

    reason: str | Promise
    field: str = ""


@dataclass(frozen=True, kw_only=True)
class PaymentSource:
    """A way to pay, offered at the counter; `largest` (minor units) caps what it can cover, None for no cap."""

    code: str
    label: str | Promise
    largest: int | None = None


@dataclass(frozen=True, kw_only=True)
class Credit:
    """Value for the member's wallet, posted with the sale and taken back in proportion when it is refunded."""

    asset: str
    amount: int
    reason: str
    available_from: dt.datetime | None = None
    expires_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class SaleContribution:
    """What a plugin adds to a sale: credits to post, and `remembered` JSON that is stored with the sale."""

    plugin: str
    credits: tuple[Credit, ...] = ()
    remembered: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Asset:
    """A kind of value the ledger can hold: `scale` decimals of its unit, `floor` the lowest balance of a wallet."""

    code: str
    label: str | Promise
    scale: int = 0
    floor: int | None = 0


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A figure on the member's home screen."""

    label: str | Promise
    value: str
    url: str = ""
    icon: str = "sparkles"
    order: int = 500


@dataclass(frozen=True, kw_only=True)
class ChecklistStep:
    """One step of setting a business up; `done` is seen from the data, never ticked by hand."""

    code: str
    label: str | Promise
    help: str | Promise
    url: str
    done: bool
    order: int = 500


@dataclass(frozen=True, kw_only=True)
class NeedsYou:
    """Something that waits for somebody of the team: `count` says how many, `url` leads to where it is done."""

    label: str | Promise
    count: int
    url: str | Promise
    order: int = 500


@dataclass(frozen=True, kw_only=True)
class MessageTemplate:
    """The words of a message by language: `{language: (subject, body)}` with `{name}` style variables.

    `purpose` decides which consent it needs: transactional and service messages need none, marketing does. What
    `is_secret` (a code) is not kept once it is sent. Texts about the membership wait for the morning unless the
    message answers `at_once` what the member has just done. `audience` says whether members or staff get it, `label`
    how the back office calls it, `examples` what stands in a preview for each variable.
    """

    kind: str
    purpose: Literal["transactional", "service", "marketing"]
    words: dict[str, tuple[str, str]]
    is_secret: bool = False
    at_once: bool = False
    audience: Literal["member", "staff"] = "member"
    label: str | Promise = ""
    examples: dict[str, str | Promise] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Introduction:
    """What a word means that somebody brings along when joining: `label` says what it gives, `by` who gave it."""

    label: str | Promise
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class IntroductionField:
    """The field in which such a word is typed where people join; it may always be left empty."""

    label: str | Promise
    help: str | Promise = ""


@dataclass(frozen=True, kw_only=True)
class Owed:
    """What a module still owes members of this business; while any is left it can be closing but not off.

    `settled` says in words how and by when it is settled without anybody's doing, if it is.
    """

    label: str | Promise
    amount: str
    settled: str | Promise = ""


@dataclass(frozen=True, kw_only=True)
class ChainHead:
    """The newest link of a chain of seals, as it was noted outside of the business; `number` 0 for none."""

    number: int
    digest: str


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
@asked("installed")
def message_templates() -> list[MessageTemplate]:
    """Messages this plugin sends. Asked once at start, so it must not touch the database."""
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
    to run twice and by two workers at once. Nothing waiting: an empty list; `now` when the limit was reached.
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
def points_credited(event: events.PointsCredited) -> None:
    """Points arrived on a member's wallet. Delivered after commit, at least once per listener."""


@hookspec
@asked("closing")
def tier_changed(event: events.TierChanged) -> None:
    """A member moved to another tier. Delivered after commit, at least once per listener."""


@hookspec
@asked("closing")
def plugin_state_changed(event: events.PluginStateChanged) -> None:
    """A module was switched on, set to closing or off here. Delivered after commit to every enabled listener."""
