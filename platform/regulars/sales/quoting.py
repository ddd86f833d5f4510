"""What a basket costs and why: prices, discounts one under another, and what it will earn. Asks; posts nothing.

`regulars.sales.lines` has the steps of the price. Points that pay a part of it (`regulars.sales.offset`) lower what is
left to pay, not the price; what they pay earns nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from regulars import clock, hooks, plugins
from regulars.catalogue.combining import combining
from regulars.loyalty.coupons.applying import Applied
from regulars.loyalty.models import Tier
from regulars.loyalty.points.earning import Earning, awards_for
from regulars.loyalty.tiers.selectors import best_discount
from regulars.money import share
from regulars.organisation.models import Branch
from regulars.organisation.selectors import organisation
from regulars.people.models import Member
from regulars.people.selectors import check_may_spend
from regulars.sales import lines as basket
from regulars.sales.lines import DraftLine, LineRequest, PriceStep
from regulars.sales.models import Quote
from regulars.sales.offset import NO_POINTS, Offset, offset_of
from regulars.sales.paying import own_sources

__all__ = ["DraftLine", "LineRequest", "PriceStep", "QuoteDraft", "draft", "read", "requests_of"]


@dataclass(frozen=True, kw_only=True)
class QuoteDraft:
    """A basket as it is priced at this moment; amounts in minor units, `awards` points by the name of their rule.

    `terminal` is the public id of the till, empty where it does not matter; `earned` what confirming would award;
    `offset` what is paid with points, `policy` the mark of how prices and discounts were combined.
    """

    currency: str
    branch: Branch
    member: Member | None
    tier: Tier | None
    lines: tuple[DraftLine, ...]
    list_total: int
    steps: tuple[PriceStep, ...] = ()
    total: int = 0
    points: int = 0
    awards: tuple[tuple[str, int], ...] = ()
    terminal: str = ""
    coupons: tuple[Applied, ...] = ()
    offset: Offset = NO_POINTS
    policy: str = ""
    earned: Earning = field(default_factory=Earning)
    contributions: tuple[hooks.SaleContribution, ...] = ()
    refusals: tuple[hooks.Refusal, ...] = ()
    payment_sources: tuple[hooks.PaymentSource, ...] = ()

    @property
    def discount_total(self) -> int:
        """How much lower than the list price it is."""
        return self.list_total - self.total

    @property
    def to_pay(self) -> int:
        """What is left to pay with money, or with what modules offer."""
        return self.total - self.offset.amount

    def content(self) -> dict[str, Any]:
        """The draft as JSON values, as a quote stores it."""
        kept: dict[str, Any] = json.loads(
            json.dumps(
                {
                    "currency": self.currency,
                    "lines": [asdict(line) for line in self.lines],
                    "list_total": self.list_total,
                    "steps": [asdict(step) for step in self.steps],
                    "total": self.total,
                    "points": self.points,
                    "awards": self.awards,
                    "contributions": [asdict(contribution) for contribution in self.contributions],
                    "tier": self.tier.code if self.tier else None,
                    "terminal": self.terminal,
                    "coupons": [
                        {"coupon": each.coupon, "code": each.code, "name": each.name, "amount": each.amount}
                        for each in self.coupons
                    ],
                    "offset": asdict(self.offset),
                },
                cls=DjangoJSONEncoder,
            )
        )
        return kept

    def fingerprint(self) -> str:
        """What must still be the same at confirming: prices, awards and contributions, not words and instants."""
        content = self.content()
        content["steps"] = [step["amount"] for step in content["steps"]]
        content["awards"] = [points for _name, points in content["awards"]]
        content["coupons"] = [(each["coupon"], each["amount"]) for each in content["coupons"]]
        for line in content["lines"]:
            del line["reason"]
        for contribution in content["contributions"]:
            for credit in contribution["credits"]:  # days that count from now are other instants a moment later
                credit["available_from"] = credit["expires_at"] = None
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def draft(
    *,
    branch: Branch,
    member: Member | None,
    lines: Sequence[LineRequest],
    terminal: str = "",
    coupons: Sequence[str] = (),
    points: int = 0,
) -> QuoteDraft:
    """Price a basket now, at a till (its public id), with coupons by code and `points` that pay a part of it.

    Raises `InvalidInput` (fields `lines`, `quantity`, `amount`, `description`, `category`, `coupons`, `points`,
    `card`).
    """
    now = clock.now()
    made = basket.drafted(lines, branch=branch, member=member, at=now)
    list_total = sum(line.list_amount for line in made)
    standing = getattr(member, "standing", None) if member else None
    bare = QuoteDraft(
        currency=organisation().currency,
        branch=branch,
        member=member,
        tier=standing.tier if standing else None,
        lines=made,
        list_total=list_total,
        total=list_total,
        terminal=terminal,
    )
    tier, discount = best_discount(member, bare.tier)
    policy = combining()
    charged = basket.at_own_prices(made, policy=policy, tier=tier, discount=discount if tier else 0)
    for adjustment in plugins.ask(hooks.quote_price, draft=replace(bare, lines=charged.lines, total=charged.total)):
        charged = basket.changed(charged, str(adjustment.reason), adjustment.amount)
    if tier is not None:
        charged = basket.with_tier_discount(charged, tier, discount, policy=policy)
    if member is not None and (coupons or points):
        check_may_spend(member)
    if coupons:
        charged = basket.with_coupons(charged, coupons, branch=branch, member=member, terminal=terminal, at=now)
    priced = replace(
        bare,
        lines=basket.taxed(charged.lines),
        steps=tuple(charged.steps),
        total=charged.total,
        coupons=charged.coupons,
        policy=policy.mark,
        offset=offset_of(points, member=member, branch=branch, total=charged.total),
    )
    earning = _with_awards(priced) if member else priced
    return replace(
        earning,
        contributions=tuple(plugins.ask(hooks.sale_contributions, draft=earning)) if member else (),
        refusals=tuple(plugins.ask(hooks.validate_sale, draft=earning)),
        payment_sources=(*own_sources(), *plugins.ask(hooks.payment_sources, draft=earning)),
    )


def _with_awards(priced: QuoteDraft) -> QuoteDraft:
    earned = awards_for(_paid_with_money(priced))
    awards = tuple((each.rule.name, each.points) for each in earned.shares)
    return replace(priced, awards=awards, points=earned.points, earned=earned)


def _paid_with_money(priced: QuoteDraft) -> QuoteDraft:
    """The part of a basket that earns: what points pay earns nothing, shared over the lines."""
    if not priced.offset.amount:
        return priced
    paid = share(priced.offset.amount, [line.amount for line in priced.lines])
    lines = tuple(replace(line, amount=line.amount - part) for line, part in zip(priced.lines, paid, strict=True))
    return replace(priced, lines=lines, total=priced.to_pay)


def promised(quote: Quote) -> QuoteDraft:
    """The basket of a quote at the very price that was given, whatever it would cost now; what it earns is as of now.

    For a sale whose payment has settled: nobody is asked whether it may be sold, for it is paid. Who is no member any
    more has it at that price and earns nothing by it.
    """
    content = quote.content
    member = Member.objects.select_related("standing__tier").get(pk=quote.member_id) if quote.member_id else None
    standing = getattr(member, "standing", None) if member else None
    priced = QuoteDraft(
        currency=content["currency"],
        branch=quote.branch,
        member=member,
        tier=standing.tier if standing else None,
        lines=tuple(DraftLine(**line) for line in content["lines"]),
        list_total=content["list_total"],
        steps=tuple(PriceStep(**step) for step in content["steps"]),
        total=content["total"],
        terminal=content.get("terminal", ""),
        coupons=tuple(Applied(**{"by_line": (), **each}) for each in content.get("coupons", ())),
        offset=Offset(**content.get("offset", {})),
    )
    if member is None or not member.is_active:
        return priced
    earning = _with_awards(priced)
    return replace(earning, contributions=tuple(plugins.ask(hooks.sale_contributions, draft=earning)))


def requests_of(quote: Quote) -> list[LineRequest]:
    """The basket that a quote was made for."""
    return [
        LineRequest(
            line["description"],
            line["list_amount"] // line["quantity"],
            line["quantity"],
            line.get("category", ""),
            line.get("product", ""),
        )
        for line in quote.content["lines"]
    ]


def read(quote: Quote) -> QuoteDraft:
    """The basket of a quote as it is priced now; equal to the stored one while the quote holds."""
    content = quote.content
    return draft(
        branch=quote.branch,
        member=quote.member,
        lines=requests_of(quote),
        terminal=content.get("terminal", ""),
        coupons=[each["coupon"] for each in content.get("coupons", ())],
        points=content.get("offset", {}).get("points", 0),
    )
