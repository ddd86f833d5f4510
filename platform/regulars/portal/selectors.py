"""What the members' screens show, gathered from the rooms with a number of queries that does not grow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from regulars import clock, hooks, plugins
from regulars.ledger import selectors as ledger
from regulars.ledger.models import Lot
from regulars.loyalty.models import Tier
from regulars.loyalty.points import selectors as points
from regulars.loyalty.tiers import selectors as tiers
from regulars.loyalty.tiers.selectors import Progress
from regulars.loyalty.tiers.words import amount_of, entry_words, missing_words
from regulars.organisation import selectors as organisations
from regulars.people import selectors as people
from regulars.people.models import Card, Member
from regulars.portal.amounts import rounded_money
from regulars.portal.days import said

SOON_DAYS = 60
"""From how many days before the end points are pointed out."""


@dataclass(frozen=True, kw_only=True)
class Expiring:
    """Points that end with a day: `amount` of them, gone after `last_day`."""

    amount: int
    last_day: dt.date

    @property
    def is_soon(self) -> bool:
        """Whether it is time to think of it."""
        return (self.last_day - clock.today()).days <= SOON_DAYS


@dataclass(frozen=True, kw_only=True)
class Rung:
    """A tier as the ladder shows it, seen from where a member stands."""

    tier: Tier
    benefits: list[str]
    is_here: bool
    is_reached: bool
    asks: str = ""


@dataclass(frozen=True, kw_only=True)
class Home:
    """The first screen of a member."""

    card: Card
    points: int
    pending: int
    progress: Progress | None
    benefits: list[str]
    expiring: list[Expiring]
    tiles: list[hooks.Tile]


def home_of(member: Member) -> Home:
    """Card, points, path, benefits, what expires and what modules add."""
    progress, lots = progress_or_none(member), ledger.lots(member.wallet)
    return Home(
        card=people.card_of(member),
        points=ledger.balance(member.wallet),
        pending=sum(lot.remaining for lot in lots if lot.available_from > clock.now()),
        progress=progress,
        benefits=benefits_of(progress.current) if progress else [],
        expiring=expiring(lots),
        tiles=sorted(plugins.ask(hooks.wallet_tiles, member=member), key=lambda tile: tile.order),
    )


def progress_or_none(member: Member) -> Progress | None:
    """The member's path, None in a business that has no tiers."""
    return tiers.progress_of(member) if getattr(member, "standing", None) is not None else None


def expiring(lots: Sequence[Lot], *, limit: int = 3) -> list[Expiring]:
    """What expires next, added up by day, the first day first."""
    by_day: dict[dt.date, int] = {}
    for lot in lots:
        if lot.expires_at is not None:
            last_day = clock.day_of(lot.expires_at - dt.timedelta(microseconds=1))
            by_day[last_day] = by_day.get(last_day, 0) + lot.remaining
    return [Expiring(amount=by_day[day], last_day=day) for day in sorted(by_day)[:limit]]


def benefits_of(tier: Tier) -> list[str]:
    """What a tier gives in the reader's language; its discount alone where the owner wrote nothing."""
    written = tiers.benefits_of(tier, get_language() or "en")
    if written or not tier.discount:
        return written
    return [_("%(percent)s%% off every purchase") % {"percent": f"{Decimal(tier.discount).scaleb(-2).normalize():f}"}]


def ladder_for(member: Member | None) -> list[Rung]:
    """Every tier with what it gives, and which of them are the member's."""
    standing = getattr(member, "standing", None) if member is not None else None
    here = standing.tier if standing is not None else None
    track, currency = tiers.default_ladder_track(), organisations.organisation().currency
    is_plain = track is None or (track.measures, track.window, track.window_months) == (["spend"], "rolling", 12)
    return [
        Rung(
            tier=tier,
            benefits=benefits_of(tier),
            is_here=here is not None and tier.pk == here.pk,
            is_reached=here is not None and tier.threshold <= here.threshold,
            asks="" if is_plain or track is None else entry_words(track, tier, currency, clock.today()),
        )
        for tier in tiers.ladder()
    ]


def earning_words() -> list[str]:
    """How points are earned, one sentence for each rule in force."""
    currency = organisations.organisation().currency
    return [
        ngettext(
            "%(points)s point for every %(amount)s you spend",
            "%(points)s points for every %(amount)s you spend",
            rule.points,
        )
        % {"points": rule.points, "amount": rounded_money(rule.per_amount, currency)}
        for rule in points.spending_rules()
    ]


def path_words(progress: Progress) -> SafeString:
    """The path to the next tier in a sentence, with the amount and the tier in bold."""
    currency = organisations.organisation().currency
    amount = format_html("<strong>{}</strong>", rounded_money(progress.missing, currency))
    if progress.next is None:
        return format_html(_("You are at the top: {tier}."), tier=_bold(progress.current))
    if not progress.is_plain:
        return format_html(
            _("{amount} more to become {tier}.") if progress.spent else _("{amount} to become {tier}."),
            amount=format_html("<strong>{}</strong>", missing_words(progress)),
            tier=_bold(progress.next),
        )
    if progress.counted_until is None:
        return format_html(
            _("Spend {amount} within 12 months to become {tier}."), amount=amount, tier=_bold(progress.next)
        )
    return format_html(
        _("Spend {amount} more by {day} to become {tier}."),
        amount=amount,
        day=said(progress.counted_until),
        tier=_bold(progress.next),
    )


def keep_words(progress: Progress) -> str:
    """What keeps the present tier, empty on the first step, which nobody can lose."""
    if not progress.current.threshold:
        return ""
    if progress.is_overridden and progress.override_until is not None:
        return _("%(tier)s is yours until %(day)s.") % {
            "tier": str(progress.current),
            "day": said(progress.override_until),
        }
    if progress.grace_until is not None:
        return _("%(tier)s is yours until %(day)s. With %(amount)s you keep it.") % {
            "tier": str(progress.current),
            "day": said(progress.grace_until),
            "amount": amount_of(progress.measure.code, progress.keep_enough, organisations.organisation().currency),
        }
    if progress.kept_until is not None:
        return _("%(tier)s is yours until %(day)s, and longer with %(amount)s by then.") % {
            "tier": str(progress.current),
            "day": said(progress.kept_until),
            "amount": amount_of(progress.measure.code, progress.keep_enough, organisations.organisation().currency),
        }
    if not progress.is_plain:
        return _("%(tier)s is yours.") % {"tier": str(progress.current)}
    amount = rounded_money(progress.keep_enough, organisations.organisation().currency)
    return _("%(tier)s is yours with %(amount)s in 12 months.") % {"tier": str(progress.current), "amount": amount}


def _bold(tier: Tier) -> SafeString:
    return format_html("<strong>{}</strong>", str(tier))
