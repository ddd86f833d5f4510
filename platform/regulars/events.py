"""Facts the core announces: what happened, in the past tense, with public ids only.

A fact is written to the business's outbox in the same transaction as the act and delivered after commit, at least
once, to every listener (`regulars.hooks`, section "Facts"), each on its own. Amounts are minor units or points.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Event:
    """What every fact carries: its own id (a listener's idempotency key) and when it happened, in UTC."""

    event_id: str
    occurred_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class MemberJoined(Event):
    """A person became a member; `introduction` is the word they brought along, None for none."""

    member: str
    source: str
    branch: str | None = None
    introduction: str | None = None


@dataclass(frozen=True, kw_only=True)
class SalePosted(Event):
    """A sale was confirmed and posted; `member` is None for a guest."""

    sale: str
    member: str | None
    branch: str
    total: int
    currency: str
    points_earned: int
    business_date: dt.date


@dataclass(frozen=True, kw_only=True)
class SaleRefunded(Event):
    """A sale or a part of it was undone; `amount` is this refund, `refunded_total` all refunds so far.

    `charged` of the amount was kept back for points that were spent already: the customer got the rest.
    """

    sale: str
    refund: str
    member: str | None
    amount: int
    refunded_total: int
    points_taken_back: int
    charged: int = 0


@dataclass(frozen=True, kw_only=True)
class PaymentCameTooLate(Event):
    """Money came from a source that cannot pay a sale on hold: it is to be paid back.

    It came too late, a second time or in another amount; `hold` is what stands for it on the list in the back office.
    """

    hold: str
    source: str
    amount: int
    currency: str
    reference: str


@dataclass(frozen=True, kw_only=True)
class PointsCredited(Event):
    """Points arrived on a member's wallet, whatever gave them; not what an undoing gives back.

    `is_told` where whoever credited them writes to the member about it.
    """

    member: str
    points: int
    balance: int
    reason: str
    is_told: bool = False


@dataclass(frozen=True, kw_only=True)
class TierChanged(Event):
    """A member moved to another tier; codes of tiers, None where there was none."""

    member: str
    previous: str | None
    current: str


@dataclass(frozen=True, kw_only=True)
class BenefitUsed(Event):
    """A member used a benefit of a tier (codes of both); `use` is the use, by which it may be taken back later."""

    member: str
    benefit: str
    tier: str
    use: str
    branch: str | None = None


@dataclass(frozen=True, kw_only=True)
class RewardRedeemed(Event):
    """A member turned points into a reward; it is handed over later."""

    member: str
    reward: str
    redemption: str
    points: int


@dataclass(frozen=True, kw_only=True)
class RedemptionMoved(Event):
    """A redemption became `ready`, `handed_over`, `cancelled` or `expired`; the last two gave the points back."""

    member: str
    reward: str
    redemption: str
    state: str
    branch: str | None = None


@dataclass(frozen=True, kw_only=True)
class PluginStateChanged(Event):
    """A module was switched on, set to closing or switched off for this business."""

    plugin: str
    previous: str
    current: str


FACTS: dict[str, type[Event]] = {
    "member_joined": MemberJoined,
    "sale_posted": SalePosted,
    "sale_refunded": SaleRefunded,
    "payment_came_too_late": PaymentCameTooLate,
    "points_credited": PointsCredited,
    "tier_changed": TierChanged,
    "benefit_used": BenefitUsed,
    "reward_redeemed": RewardRedeemed,
    "redemption_moved": RedemptionMoved,
    "plugin_state_changed": PluginStateChanged,
}
"""Each fact by the name of the hook that hears it."""

NAMES: dict[type[Event], str] = {kind: name for name, kind in FACTS.items()}


def to_payload(event: Event) -> dict[str, Any]:
    """A fact as JSON values: instants and days in ISO 8601."""
    return {
        name: value.isoformat() if isinstance(value, dt.date) else value  # an instant is a day too, to Python
        for name, value in vars(event).items()
    }


def from_payload(name: str, payload: dict[str, Any]) -> Event:
    """The fact that a payload was written from. Raises `KeyError` for a name nobody announces."""
    kind = FACTS[name]
    values: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        value = payload.get(field.name)
        if field.type == "dt.datetime" and value is not None:
            value = dt.datetime.fromisoformat(value)
        elif field.type == "dt.date" and value is not None:
            value = dt.date.fromisoformat(value)
        values[field.name] = value
    return kind(**values)
