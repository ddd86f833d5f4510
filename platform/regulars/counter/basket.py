"""The basket of one till in one tab: it lives in the form itself, so no two tabs and no two businesses can mix.

Texts stay as they were typed until every line can be priced; `mark` covers what a price was asked for, so that a price
is never paid for lines that were changed since.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.translation import gettext as _

from regulars.counter.entry import LARGEST_QUANTITY, Amount
from regulars.errors import InvalidInput, NotFound
from regulars.money import LARGEST_AMOUNT, parse_money, to_decimal
from regulars.people.models import Member
from regulars.people.selectors import member_by_public_id
from regulars.sales.quoting import DraftLine, LineRequest, QuoteDraft
from regulars.text import plain_text

MOST_LINES = 60
MOST_COUPONS = 10
LONGEST_DESCRIPTION = 120
LONGEST_CATEGORY = 40


@dataclass
class Line:
    """One line as it stands in the form; `errors` by field, in words."""

    description: str
    price: str
    quantity: str
    category: str = ""
    product: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    request: LineRequest | None = None
    drawn: DraftLine | None = None

    @property
    def charged(self) -> int | None:
        """What is charged for it, None while there is no price."""
        return self.drawn.amount if self.drawn else None

    @property
    def reason(self) -> str:
        """Why this person pays another price than everybody, nothing where they do not."""
        return self.drawn.reason if self.drawn else ""

    @property
    def has_no_name(self) -> bool:
        """Whether it is still called what every amount is called."""
        return self.description.strip() in ("", _("Purchase"))

    @property
    def list_amount(self) -> int | None:
        """What the line costs before any discount, None while it cannot be read."""
        if self.drawn:
            return self.drawn.list_amount
        return self.request.unit_price * self.request.quantity if self.request else None

    def check(self, currency: str) -> None:
        """Read the texts; afterwards either `request` is there or `errors` say why not."""
        try:
            if self.product:  # the catalogue says what it is called and costs
                self.request = LineRequest(quantity=_quantity(self.quantity), product=self.product)
                return
            self.request = LineRequest(
                description=plain_text(
                    self.description, field="description", longest=LONGEST_DESCRIPTION, required=False
                )
                or _("Purchase"),
                unit_price=_unit_price(self.price, currency),
                quantity=_quantity(self.quantity),
                category=plain_text(self.category, field="category", longest=LONGEST_CATEGORY, required=False),
            )
            if self.request.unit_price * self.request.quantity > LARGEST_AMOUNT:
                raise InvalidInput(_("This amount is too large. Check the number of zeros."), field="price")
        except InvalidInput as error:
            self.request = None
            self.errors[error.field] = str(error)


@dataclass
class Basket:
    """Who buys and what."""

    currency: str
    member: Member | None = None
    lines: list[Line] = field(default_factory=list)
    coupons: list[str] = field(default_factory=list)
    points: int = 0

    @property
    def is_empty(self) -> bool:
        """Nothing to sell yet; a member alone is no sale."""
        return not self.lines

    @property
    def is_sound(self) -> bool:
        """Every line can be priced, and there are not too many."""
        return bool(self.lines) and not self.has_too_many and all(line.request for line in self.lines)

    @property
    def has_too_many(self) -> bool:
        """More lines than a sale holds. None is left out in silence: the price waits until some are taken out."""
        return len(self.lines) > MOST_LINES

    @property
    def requests(self) -> list[LineRequest]:
        """The lines to ask a price for."""
        return [line.request for line in self.lines if line.request]

    @property
    def mark(self) -> str:
        """A digest of who and what, the same for the same basket."""
        content = [
            self.member.public_id if self.member else "",
            [[*vars_of(line)] for line in self.requests],
            self.coupons,
            self.points,
        ]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]

    def add(self, amount: Amount) -> None:
        """Put an amount into the basket as a line of its own. Raises `InvalidInput` when it is full."""
        self._check_room()
        line = Line(_("Purchase"), _figures(amount.unit_price, self.currency), str(amount.quantity))
        line.check(self.currency)
        self.lines.append(line)

    def add_product(self, product: str, *, name: str) -> None:
        """Put a product into the basket; one that is there already is one piece more. Raises `InvalidInput`."""
        known = next((line for line in self.lines if line.product == product and line.request), None)
        if known is None:
            self._check_room()
            known = Line(name, "", "0", product=product)
            self.lines.append(known)
        known.quantity = str(int(known.quantity) + 1)
        known.check(self.currency)

    def _check_room(self) -> None:
        if len(self.lines) >= MOST_LINES:
            raise too_many_lines()

    def remove(self, position: str) -> None:
        """Take a line out; a position that is none changes nothing."""
        if position.isascii() and position.isdigit() and int(position[:4]) < len(self.lines):
            del self.lines[int(position[:4])]


def too_many_lines() -> InvalidInput:
    """A sale has no room for another line."""
    return InvalidInput(_("A sale holds at most %(most)s lines. Pay this one first.") % {"most": MOST_LINES})


def vars_of(line: LineRequest) -> tuple[str, int, int, str, str]:
    """What a price depends on, in one order."""
    return line.description, line.unit_price, line.quantity, line.category, line.product


def from_form(sent: QueryDict, currency: str) -> Basket:
    """The basket that a form carries; a member who is none here is left out."""
    basket = Basket(currency, member=member_or_none(sent.get("member", "")))
    texts = zip(sent.getlist("description"), sent.getlist("price"), sent.getlist("quantity"), strict=False)
    categories = sent.getlist("category")  # none at all where nothing asks for the kind of goods
    products = sent.getlist("product")
    for number, (description, price, quantity) in enumerate(texts):
        category = categories[number] if number < len(categories) else ""
        product = products[number][:24] if number < len(products) else ""
        line = Line(description[:500], price[:60], quantity[:20], category[:100], product)
        line.check(currency)
        basket.lines.append(line)
    basket.coupons = [code[:60] for code in dict.fromkeys(sent.getlist("coupon")) if code and code.isprintable()][
        :MOST_COUPONS
    ]
    points = sent.get("points", "")
    basket.points = int(points[:12]) if points.isascii() and points.isdigit() else 0
    return basket


def from_draft(draft: QuoteDraft) -> Basket:
    """The basket that a price was once given for, to take it up again."""
    basket = Basket(draft.currency, member=draft.member)
    basket.coupons, basket.points = [each.coupon for each in draft.coupons], draft.offset.points
    for drawn in draft.lines:
        each = drawn.list_amount // max(1, drawn.quantity)
        figures = "" if drawn.product else _figures(each, draft.currency)
        line = Line(drawn.description, figures, str(drawn.quantity), drawn.category, drawn.product)
        line.check(draft.currency)
        basket.lines.append(line)
    return basket


def member_or_none(public_id: str) -> Member | None:
    """The active member with this id, None for none, without a word."""
    try:
        member = member_by_public_id(public_id.replace("\0", "")) if public_id else None
    except NotFound:
        return None
    return member if member and member.is_active else None


def _unit_price(text: str, currency: str) -> int:
    amount = parse_money(text, currency, field="price")
    if amount <= 0:
        raise InvalidInput(
            _("A price must be above zero. To give money back, press R and choose the sale."), field="price"
        )
    return amount


def _quantity(text: str) -> int:
    typed = text.strip()
    if not (typed.isascii() and typed.isdigit() and 1 <= int(typed[:6]) <= LARGEST_QUANTITY):
        raise InvalidInput(_("Enter a whole number from 1 to %(most)s.") % {"most": LARGEST_QUANTITY}, field="quantity")
    return int(typed)


def _figures(minor: int, currency: str) -> str:
    return f"{to_decimal(minor, currency):f}"
