"""Everything that a business keeps about one of its members, to take away: the right to one's own data."""

from __future__ import annotations

from typing import Any

from regulars import clock, hooks, plugins
from regulars.catalogue import selectors as catalogue
from regulars.ledger import selectors as ledger
from regulars.ledger.assets import assets
from regulars.ledger.models import Hold
from regulars.ledger.selectors import Entry
from regulars.loyalty.tiers.models import Place
from regulars.outreach.models import Message
from regulars.people import selectors as people
from regulars.people.models import Member
from regulars.sales.models import Sale

HELD_IN = {
    "people.Card": "cards",
    "people.Consent": "consents",
    "people.MemberTag": "tags",
    "people.MemberKey": "",
    "ledger.Account": "points",
    "loyalty.Award": "awards",
    "loyalty.BenefitUse": "benefits_used",
    "loyalty.Coupon": "coupons",
    "loyalty.Redemption": "redemptions",
    "loyalty.Standing": "tiers",
    "loyalty.TrackStanding": "tiers",
    "loyalty.TierMove": "tier_changes",
    "loyalty.TierPack": "tier_gifts",
    "catalogue.Dealer": "dealer",
    "catalogue.DealerApplication": "dealer_applications",
    "catalogue.PriceBook": "own_prices",
    "catalogue.Taking": "limited_editions",
    "sales.Sale": "purchases",
    "outreach.Message": "messages",
}
"""In which part each kind of record about a member is found; none for the key that keeps their personal data locked."""


def member_data(member: Member) -> dict[str, Any]:
    """All of it as JSON values; modules add their parts."""
    return {
        "written_at": clock.now().isoformat(),
        "profile": _profile(member),
        "cards": list(member.cards.order_by("id").values("public_id", "number", "state", "issued_at")),
        "tags": list(member.taggings.order_by("tag__name").values("tag__name", "tagged_at")),
        "consents": list(
            member.consents.order_by("given_at").values(
                "purpose", "channel", "is_given", "words", "version", "language", "source", "address", "given_at"
            )
        ),
        "points": _points(member),
        "other_value": [_other(member, code) for code in sorted(assets()) if code != ledger.POINTS],
        "awards": list(
            member.awards.order_by("pk").values("rule__name", "occasion", "points", "taken_back", "base", "awarded_on")
        ),
        "redemptions": _redemptions(member),
        "coupons": _coupons(member),
        "benefits_used": list(
            member.benefit_uses.order_by("pk").values(
                "public_id", "benefit__words", "tier__words", "branch__name", "used_at", "undone_at"
            )
        ),
        "tiers": _tiers(member),
        "tier_changes": list(
            member.tier_moves.order_by("pk").values(
                "previous__words", "current__words", "current__track__code", "explanation", "moved_at"
            )
        ),
        "tier_gifts": list(member.tier_packs.order_by("pk").values("tier__words", "points", "given_at")),
        "purchases": [
            _sale(sale)
            for sale in Sale.objects.filter(member=member)
            .select_related("branch")
            .prefetch_related("lines", "refunds")
            .order_by("confirmed_at", "id")
        ],
        "messages": list(
            Message.objects.filter(member=member)
            .order_by("written_at")
            .values("kind", "purpose", "channel", "subject", "body", "state", "written_at", "sent_at", "read_at")
        ),
        **catalogue.held_of(member),
        "modules": plugins.ask(hooks.member_export, member=member),
    }


def _redemptions(member: Member) -> list[dict[str, Any]]:
    asked = ("public_id", "words", "points", "state", "branch__name", "ordered_at", "expires_at", "closed_at", "reason")
    return list(member.redemptions.order_by("pk").values(*asked))


def _coupons(member: Member) -> list[dict[str, Any]]:
    asked = ("public_id", "template__words", "code", "state", "origin", "claimed_at", "starts_at", "ends_at")
    return list(member.coupons.order_by("pk").values(*asked, "used_at", "amount", "sale__number", "reason"))


def _profile(member: Member) -> dict[str, Any]:
    standing = getattr(member, "standing", None)
    return {
        "id": member.public_id,
        "name": member.name,
        "phone": member.phone,
        "email": member.email,
        "birthday": member.birthday,
        "language": member.language,
        "branch": member.branch.name if member.branch else None,
        "answers": member.profile,
        "joined_at": member.joined_at,
        "joined_through": member.source,
        "tier": standing.tier.code if standing else None,
        "tier_since": standing.since if standing else None,
        "agrees_to_marketing": people.agrees_to_marketing(member),
    }


def _points(member: Member) -> dict[str, Any]:
    return {
        "balance": ledger.balance(member.wallet),
        "changes": [_entry(entry) for entry in _whole_history(member, ledger.POINTS)],
        "lots": [
            {
                "amount": lot.amount,
                "remaining": lot.remaining,
                "available_from": lot.available_from,
                "expires_at": lot.expires_at,
                "restrictions": lot.restrictions,
            }
            for lot in ledger.lots(member.wallet)
        ],
        "held": list(
            Hold.objects.filter(account__wallet=member.wallet)
            .order_by("pk")
            .values("account__asset", "amount", "captured", "state", "reason", "made_at", "expires_at", "ended_at")
        ),
    }


def _other(member: Member, asset: str) -> dict[str, Any]:
    """A kind of value besides points: growth, visits, and what modules keep."""
    return {
        "asset": asset,
        "balance": ledger.balance(member.wallet, asset),
        "changes": [_entry(entry) for entry in _whole_history(member, asset)],
    }


def _tiers(member: Member) -> list[dict[str, Any]]:
    """Where the member stands, on the track of all members first, then on the others."""
    standing = getattr(member, "standing", None)
    others = member.track_standings.select_related("tier__track").order_by("pk")
    return [_place(each) for each in ([standing] if standing else [])] + [_place(each) for each in others]


def _place(place: Place) -> dict[str, Any]:
    return {
        "track": place.tier.track.code,
        "tier": place.tier.words,
        "since": place.since,
        "kept_until": place.kept_until,
        "grace_until": place.grace_until,
        "set_by_hand": place.is_overridden,
        "set_by_hand_until": place.override_until,
    }


def _whole_history(member: Member, asset: str) -> list[Entry]:
    entries: list[Entry] = []
    while part := ledger.history(member.wallet, asset, limit=500, before=entries[-1].cursor if entries else None):
        entries += part
    return entries


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.public_id,
        "kind": entry.kind,
        "reason": entry.reason,
        "amount": entry.amount,
        "balance_after": entry.balance_after,
        "occurred_at": entry.occurred_at,
    }


def _sale(sale: Sale) -> dict[str, Any]:
    return {
        "id": sale.public_id,
        "number": sale.number,
        "branch": sale.branch.name,
        "currency": sale.currency,
        "list_total": sale.list_total,
        "discount_total": sale.discount_total,
        "total": sale.total,
        "refunded_total": sale.refunded_total,
        "points_earned": sale.points_earned,
        "points_taken_back": sale.points_taken_back,
        "confirmed_at": sale.confirmed_at,
        "lines": [
            {
                "description": line.description,
                "quantity": line.quantity,
                "list_amount": line.list_amount,
                "amount": line.amount,
                "category": line.category,
                "refunded": line.refunded,
            }
            for line in sale.lines.all()
        ],
        "refunds": [
            {
                "amount": refund.amount,
                "charged": refund.charged,
                "points_taken_back": refund.points_taken_back,
                "points_missing": refund.points_missing,
                "reason": refund.reason,
                "refunded_at": refund.refunded_at,
            }
            for refund in sale.refunds.all()
        ],
    }
