"""What the till shows at a moment: who buys, what, at which price, and what the one field was told last."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from regulars import clock
from regulars.catalogue.pricing import Priced, Wanted, prices_of
from regulars.catalogue.selectors import find
from regulars.counter import entry, giving, goods
from regulars.counter.basket import MOST_COUPONS, Basket, member_or_none, too_many_lines
from regulars.counter.desk import Desk
from regulars.counter.forms import JoinForm
from regulars.counter.giving_back import given_back
from regulars.counter.masking import Glimpse, Shown, glimpse, shown
from regulars.counter.rules import needs_shift
from regulars.counter.templatetags.counter_money import plain
from regulars.errors import InvalidInput, RegularsError
from regulars.loyalty.benefits.selectors import Entitlement
from regulars.loyalty.coupons.applying import Fitting, fitting
from regulars.loyalty.coupons.reading import CouponRefused
from regulars.loyalty.rewards.models import Redemption
from regulars.loyalty.rewards.pictures import Picture
from regulars.people.models import Member
from regulars.people.selectors import find_members
from regulars.sales import services
from regulars.sales.lines import coupon_lines
from regulars.sales.models import Quote, Refund, Sale
from regulars.sales.offset import Payable, payable
from regulars.sales.quoting import QuoteDraft, draft

MOST_CHOICES = 8
Tone = Literal["", "gain", "warn", "danger"]


@dataclass
class Till:
    """The till in one tab. Everything here is drawn anew with each answer; nothing of it is kept on the server."""

    desk: Desk
    basket: Basket
    text: str = ""
    error: str = ""
    choices: list[Glimpse] = field(default_factory=list)
    products: list[Priced] = field(default_factory=list)
    rather_amount: str = ""
    unknown: str = ""
    joining: JoinForm | None = None
    notice: str = ""
    tone: Tone = ""
    undo: str = ""
    redemption: Redemption | None = None
    redemption_code: str = ""
    redemption_picture: Picture | None = None
    redemption_trouble: str = ""
    put_aside: str = ""
    aside_key: str = ""
    aside_credit: Refund | None = None
    paid: Sale | None = None
    credit: Refund | None = None
    trouble: str = ""
    received: str = ""
    received_error: str = ""
    payments_error: str = ""
    status: int = 200
    quote: Quote | None = None
    draft: QuoteDraft | None = None
    key: str = field(default_factory=lambda: secrets.token_hex(16))

    def price(self) -> None:
        """Ask for the price of the basket as it stands; why there is none is said in `trouble`.

        Coupons and points that do not fit any more come off, with a word for each, and the price is that without them.
        """
        if self.basket.has_too_many:
            self.trouble = str(too_many_lines())
        if not self.basket.is_sound:
            return
        refused: list[str] = []
        while self.draft is None:
            try:
                priced = self._priced()
                self.quote, self.draft = services.keep(priced), priced
            except RegularsError as error:
                if not self._taken_off(error):
                    self.trouble = str(error)
                    return
                refused.append(str(error))
                self.notice, self.tone = " ".join(refused), "warn"
        for line, drawn in zip(self.basket.lines, self.draft.lines, strict=False):
            line.drawn = drawn
            if line.product:
                line.description, line.price = drawn.description, plain(drawn.list_unit, self.desk.currency)

    def _taken_off(self, error: RegularsError) -> bool:
        """Take off what is refused: one coupon, the points, all where the card rests; False where it is none of it."""
        if error.field == "card" and (self.basket.coupons or self.basket.points):
            self.basket.coupons, self.basket.points = [], 0
        elif isinstance(error, CouponRefused) and error.coupon in self.basket.coupons:
            self.basket.coupons = [each for each in self.basket.coupons if each != error.coupon]
        elif error.field == "points" and self.basket.points:
            self.basket.points = 0
        else:
            return False
        return True

    def _priced(self) -> QuoteDraft:
        return draft(
            branch=self.desk.branch,
            member=self.basket.member,
            lines=self.basket.requests,
            terminal=self.desk.terminal.public_id if self.desk.terminal else "",
            coupons=self.basket.coupons,
            points=self.basket.points,
        )

    @cached_property
    def coupons(self) -> list[Fitting]:
        """The coupons of the member on the sale: those that fit first, with what each would take off."""
        member, draft = self.basket.member, self.draft
        if member is None or draft is None:
            return []
        lines = [
            replace(line, amount=line.amount + sum(coupon.by_line[place] for coupon in draft.coupons))
            for place, line in enumerate(coupon_lines(draft.lines))
        ]
        return fitting(
            member=member,
            branch=self.desk.branch,
            terminal=draft.terminal,
            lines=lines,
            at=clock.now(),
            limit=MOST_COUPONS,
        )

    @cached_property
    def points_to_pay(self) -> Payable:
        """How many points of the member on the sale may pay for it."""
        total = self.draft.total if self.draft else 0
        return payable(member=self.basket.member, branch=self.desk.branch, total=total)

    @property
    def points_pay(self) -> int:
        """What the most points that may pay take off, minor units."""
        return self.points_to_pay.worth(self.points_to_pay.most)

    @property
    def kinds_of_goods(self) -> list[str]:
        """What a line can be said to be, empty where nothing asks for it."""
        return goods.choices_for(self.basket) if self.basket.lines else []

    @property
    def member(self) -> Shown | None:
        """The member on the sale, as the cashier sees them."""
        return shown(self.basket.member) if self.basket.member else None

    @property
    def benefits(self) -> list[Entitlement]:
        """The benefits of the member on the sale whose use is noted here."""
        return giving.due(self.basket.member) if self.basket.member else []

    @property
    def to_collect(self) -> list[Redemption]:
        """What the member on the sale can collect, besides what is shown already."""
        waiting = giving.to_collect(self.basket.member) if self.basket.member else []
        return [each for each in waiting if self.redemption is None or each.pk != self.redemption.pk]

    @property
    def refusals(self) -> list[str]:
        """Why this sale may not be confirmed as it stands."""
        return [str(refusal.reason) for refusal in self.draft.refusals] if self.draft else []

    @cached_property
    def lacks_shift(self) -> bool:
        """Whether the drawer has to be opened before anything is sold here."""
        return needs_shift(self.desk.branch, self.desk.terminal)

    @property
    def can_pay(self) -> bool:
        """A price is there, nobody refuses it and no question is open."""
        return bool(
            self.draft and not self.refusals and not self.choices and not self.products and not self.lacks_shift
        )

    @property
    def to_pay(self) -> int:
        """What the customer still gives after what an exchange gave back; below zero for what they get, minor units."""
        return (self.draft.to_pay if self.draft else 0) - given_back(self.credit)

    @property
    def takes_money(self) -> bool:
        """Whether there is anything to take: an exchange may be even, or leave something to the customer."""
        return self.credit is None or self.to_pay > 0

    @property
    def change_of_exchange(self) -> int:
        """What the customer gets where an exchange gave back more than the new sale costs, minor units."""
        return max(0, -self.to_pay)

    @property
    def address(self) -> str:
        """Where a reload finds this sale again: its price, and the key under which it is sold once and no more."""
        found: dict[str, str] = {}
        if self.quote:
            found = {"quote": self.quote.public_id, "sale": self.key}
        elif self.basket.member:
            found = {"member": self.basket.member.public_id}
        if self.credit:
            found["credit"] = self.credit.public_id
        home = reverse("counter:home")
        return f"{home}?{urlencode(found)}" if found else home

    def refuse(self, error: RegularsError, *, status: int = 422) -> None:
        """Show a refusal beside the field it is about, and keep what was typed."""
        self.status = status
        if error.field == "received":
            self.received_error = str(error)
        elif error.field == "payments":
            self.payments_error = str(error)
        elif error.field == "text":
            self.error = str(error)
        else:
            self.notice, self.tone = str(error), "danger"

    def enter(self, text: str) -> None:
        """Do what the one field says: add an amount, take a member, ask which of several, or say what it saw."""
        self.text = text[:500]
        try:
            understood = entry.read(text, self.desk.currency)
            if isinstance(understood, entry.Amount):
                self._enter_amount(understood, text)
            elif isinstance(understood, entry.Code):
                giving.show_code(self, understood.text)
            elif isinstance(understood, entry.CouponCode):
                self.take_coupon(understood.text)
            elif understood is not None:
                self._search(understood.words)
        except InvalidInput as error:
            self.refuse(InvalidInput(error.message, field="text"))

    def take(self, public_id: str) -> None:
        """Put a member on the sale."""
        member = member_or_none(public_id)
        if member is not None:
            self.basket.member = member
            self.text = ""

    def _enter_amount(self, amount: entry.Amount, text: str) -> None:
        found: list[Member] = []
        if amount.is_doubtful and self.basket.member is None:
            found = find_members(text.strip(), limit=MOST_CHOICES)
        if not found:
            self.basket.add(amount)
            self.text = ""
            return
        self.rather_amount = text.strip()
        self._found(found)

    def take_product(self, public_id: str) -> None:
        """Put a product into the basket, one piece; one that is none here says so."""
        try:
            found = prices_of(
                [Wanted(public_id, 1)], branch=self.desk.branch, member=self.basket.member, at=clock.now()
            )
            self.basket.add_product(public_id, name=found[0].name)
            self.text = ""
        except InvalidInput as error:
            self.refuse(InvalidInput(error.message, field="text"))

    def take_coupon(self, code: str) -> None:
        """Use a coupon for this sale; whether it fits, the price says."""
        if code.isprintable() and code not in self.basket.coupons:
            if len(self.basket.coupons) >= MOST_COUPONS:
                most = _("At most %(most)s coupons fit in one purchase.") % {"most": MOST_COUPONS}
                self.refuse(InvalidInput(most, field="text"))
                return
            self.basket.coupons = [*self.basket.coupons, code]
        self.text = ""

    def _search(self, words: str) -> None:
        members = find_members(words, limit=MOST_CHOICES)
        goods_found = find(words, branch=self.desk.branch, member=self.basket.member, limit=MOST_CHOICES)
        if len(goods_found) == 1 and not members:
            self.take_product(goods_found[0].product)
        elif members or goods_found:
            self._found(members, goods_found)
        else:
            self.unknown = words
            self.error = _("Neither a member nor a product is called or numbered “%(words)s”.") % {"words": words}
            self.status = 422

    def _found(self, members: list[Member], goods_found: Sequence[Priced] = ()) -> None:
        if len(members) == 1 and not goods_found:
            self.basket.member, self.text = members[0], ""
            return
        self.choices, self.text = [glimpse(member) for member in members], ""
        self.products = list(goods_found)[: MOST_CHOICES - len(self.choices)] if self.choices else list(goods_found)
