"""What modules answer hooks with: plain data, so that the core can post it, store it and show it without asking again.

`regulars.hooks` tells what is asked; modules import these from there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from regulars.people.models import Member


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
    """A way to pay, offered at the counter; `largest` (minor units) caps what it can cover, None for no cap.

    With an `asset` of a module the core takes what is paid out of the member's wallet, one unit for one minor unit, to
    the account `house`, in the act of the sale; the one reversal gives it back to the same lots.

    With `settles_within` what is paid is known later (a redirect, a QR code): the sale waits on hold for so long, at
    most a day, and is posted when the module calls `regulars.sales.holding.settle`.
    """

    code: str
    label: str | Promise
    largest: int | None = None
    asset: str = ""
    house: str = ""
    settles_within: dt.timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class PaymentWanted:
    """What a sale on hold (its public id) waits for: `amount` (minor units) from a source, until an instant."""

    hold: str
    source: str
    amount: int
    currency: str
    ends_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class PaymentPrompt:
    """What the customer must see in order to pay: the text of a QR `code`, a `link` to go to, `words` beside it.

    `reference` is what the source knows the payment by, where it knows already.
    """

    code: str = ""
    link: str = ""
    words: str | Promise = ""
    reference: str = ""


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
class PointsTrigger:
    """Something that happens in a module and may earn points: `code` begins with the module's name and a colon."""

    code: str
    label: str | Promise


@dataclass(frozen=True, kw_only=True)
class TierMeasure:
    """Something a track of tiers can count: `kind` (`money`, `points`, `count`) says how its figures are written.

    `value` counts for one member, `values` for many by database id in one query; both count what came after a day
    (None: everything). They must agree, and whoever is left out of `values` has 0.
    """

    code: str
    label: str | Promise
    value: Callable[[Member, dt.date | None], int]
    values: Callable[[Sequence[int], dt.date | None], Mapping[int, int]]
    kind: Literal["money", "points", "count"] = "count"


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
