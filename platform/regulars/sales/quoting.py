"""What a basket costs and why: prices, discounts one under another, and what it will earn. Asks; posts nothing.

Order: list price, then what modules change (`quote_price`), then the discount of the member's tier, rounded to the
customer's favour. The discount is shared over the lines so that each line knows what was charged for it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from regulars import hooks, plugins
from regulars.errors import InvalidInput
from regulars.loyalty.models import Tier
from regulars.loyalty.points.earning import Earning, awards_for
from regulars.loyalty.tiers.selectors import best_discount
from regulars.money import LARGEST_AMOUNT, percent, share
from regulars.organisation.models import Branch
from regulars.organisation.selectors import organisation
from regulars.people.models import Member
from regulars.sales.models import Quote
from regulars.text import plain_text
from regulars.words import in_language

MOST_LINES = 200
MOST_PIECES = 100_000


@dataclass(frozen=True)
class LineRequest:
    """One line of a basket: `unit_price` in minor units, `quantity` whole pieces, `category` the kind of goods."""

    description: str
    unit_price: int
    quantity: int = 1
    category: str = ""


@dataclass(frozen=True, kw_only=True)
class DraftLine:
    """A line with its list price and what is charged for it, minor units."""

    description: str
    quantity: int
    list_amount: int
    amount: int
    category: str = ""


@dataclass(frozen=True, kw_only=True)
class PriceStep:
    """One change of the price, with its reason for people; negative lowers it."""

    reason: str
    amount: int


@dataclass(frozen=True, kw_only=True)
class QuoteDraft:
    """A basket as it is priced at this moment; amounts in minor units, `awards` points by the name of their rule.

    `terminal` is the public id of the till, empty where it does not matter; `earned` what confirming would award.
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
    earned: Earning = field(default_factory=Earning)
    contributions: tuple[hooks.SaleContribution, ...] = ()
    refusals: tuple[hooks.Refusal, ...] = ()
    payment_sources: tuple[hooks.PaymentSource, ...] = ()

    @property
    def discount_total(self) -> int:
        """How much lower than the list price it is."""
        return self.list_total - self.total

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
        for contribution in content["contributions"]:
            for credit in contribution["credits"]:  # days that count from now are other instants a moment later
                credit["available_from"] = credit["expires_at"] = None
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def draft(*, branch: Branch, member: Member | None, lines: Sequence[LineRequest], terminal: str = "") -> QuoteDraft:
    """Price a basket now, at a till (its public id). Raises `InvalidInput` for lines that cannot be."""
    drafted = tuple(_line(line) for line in _checked(lines))
    list_total = sum(line.list_amount for line in drafted)
    if list_total > LARGEST_AMOUNT:
        raise InvalidInput(_("This amount is too large. Check the number of zeros."), field="amount")
    standing = getattr(member, "standing", None) if member else None
    bare = QuoteDraft(
        currency=organisation().currency,
        branch=branch,
        member=member,
        tier=standing.tier if standing else None,
        lines=drafted,
        list_total=list_total,
        total=list_total,
        terminal=terminal,
    )
    priced = _discounted(bare, _steps(bare))
    earning = _with_awards(priced) if member else priced
    return replace(
        earning,
        contributions=tuple(plugins.ask(hooks.sale_contributions, draft=earning)) if member else (),
        refusals=tuple(plugins.ask(hooks.validate_sale, draft=earning)),
        payment_sources=(
            hooks.PaymentSource(code="cash", label=_("Cash")),
            *plugins.ask(hooks.payment_sources, draft=earning),
        ),
    )


def _checked(lines: Sequence[LineRequest]) -> Sequence[LineRequest]:
    if not lines:
        raise InvalidInput(_("Add at least one line: type an amount."), field="lines")
    if len(lines) > MOST_LINES:
        raise InvalidInput(_("At most %(most)s lines fit on one receipt.") % {"most": MOST_LINES}, field="lines")
    return lines


def _line(line: LineRequest) -> DraftLine:
    if not 0 < line.quantity <= MOST_PIECES:
        raise InvalidInput(_("Enter a quantity of 1 or more."), field="quantity")
    if not 0 < line.unit_price <= LARGEST_AMOUNT:
        raise InvalidInput(_("Enter an amount greater than zero."), field="amount")
    amount = line.unit_price * line.quantity
    description = plain_text(line.description, field="description", longest=120, required=False)
    return DraftLine(
        description=description or _("Amount"),
        quantity=line.quantity,
        list_amount=amount,
        amount=amount,
        category=plain_text(line.category, field="category", longest=40, required=False),
    )


def _steps(bare: QuoteDraft) -> list[PriceStep]:
    steps, after = [], bare.list_total
    for adjustment in plugins.ask(hooks.quote_price, draft=bare):
        amount = max(-after, adjustment.amount)  # nothing costs less than nothing
        if amount:
            steps.append(PriceStep(reason=str(adjustment.reason), amount=amount))
            after += amount
    tier, discount = best_discount(bare.member, bare.tier)
    if tier is not None and discount:
        off = -(-after * discount // 10_000)  # rounded up: to the customer's favour
        if off:
            reason = _("%(tier)s discount %(percent)s%%") % {
                "tier": in_language(tier.words),
                "percent": percent(discount),
            }
            steps.append(PriceStep(reason=reason, amount=-off))
    return steps


def _discounted(bare: QuoteDraft, steps: Sequence[PriceStep]) -> QuoteDraft:
    total = bare.list_total + sum(step.amount for step in steps)
    charged = share(total, [line.list_amount for line in bare.lines])
    lines = tuple(replace(line, amount=amount) for line, amount in zip(bare.lines, charged, strict=True))
    return replace(bare, lines=lines, steps=tuple(steps), total=total)


def _with_awards(priced: QuoteDraft) -> QuoteDraft:
    earned = awards_for(priced)
    awards = tuple((each.rule.name, each.points) for each in earned.shares)
    return replace(priced, awards=awards, points=earned.points, earned=earned)


def requests_of(quote: Quote) -> list[LineRequest]:
    """The basket that a quote was made for."""
    return [
        LineRequest(
            line["description"], line["list_amount"] // line["quantity"], line["quantity"], line.get("category", "")
        )
        for line in quote.content["lines"]
    ]


def read(quote: Quote) -> QuoteDraft:
    """The basket of a quote as it is priced now; equal to the stored one while the quote holds."""
    terminal = quote.content.get("terminal", "")
    return draft(branch=quote.branch, member=quote.member, lines=requests_of(quote), terminal=terminal)
