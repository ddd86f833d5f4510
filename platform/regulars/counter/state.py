"""What the till shows at a moment: who buys, what, at which price, and what the one field was told last."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Literal

from django.urls import reverse
from django.utils.translation import gettext as _

from regulars.counter import entry, giving, goods
from regulars.counter.basket import Basket, member_or_none
from regulars.counter.desk import Desk
from regulars.counter.forms import JoinForm
from regulars.counter.masking import Glimpse, Shown, glimpse, shown
from regulars.errors import InvalidInput, RegularsError
from regulars.loyalty.benefits.selectors import Entitlement
from regulars.loyalty.rewards.models import Redemption
from regulars.loyalty.rewards.pictures import Picture
from regulars.people.models import Member
from regulars.people.selectors import find_members
from regulars.sales import services
from regulars.sales.models import Quote
from regulars.sales.quoting import QuoteDraft
from regulars.sales.quoting import read as read_quote

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
    trouble: str = ""
    received: str = ""
    received_error: str = ""
    status: int = 200
    quote: Quote | None = None
    draft: QuoteDraft | None = None
    key: str = field(default_factory=lambda: secrets.token_hex(16))

    def price(self) -> None:
        """Ask for the price of the basket as it stands; why there is none is said in `trouble`."""
        if not self.basket.is_sound:
            return
        try:
            self.quote = services.quote(
                branch=self.desk.branch,
                member=self.basket.member,
                lines=self.basket.requests,
                terminal=self.desk.terminal,
            )
        except RegularsError as error:
            self.trouble = str(error)
            return
        self.draft = read_quote(self.quote)
        for line, drawn in zip(self.basket.lines, self.draft.lines, strict=False):
            line.charged = drawn.amount

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

    @property
    def can_pay(self) -> bool:
        """A price is there, nobody refuses it and no question is open."""
        return bool(self.draft and not self.refusals and not self.choices)

    @property
    def address(self) -> str:
        """Where a reload finds this sale again."""
        home = reverse("counter:home")
        if self.quote:
            return f"{home}?quote={self.quote.public_id}"
        return f"{home}?member={self.basket.member.public_id}" if self.basket.member else home

    def refuse(self, error: RegularsError, *, status: int = 422) -> None:
        """Show a refusal beside the field it is about, and keep what was typed."""
        self.status = status
        if error.field == "received":
            self.received_error = str(error)
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

    def _search(self, words: str) -> None:
        found = find_members(words, limit=MOST_CHOICES)
        if found:
            self._found(found)
            return
        self.unknown = words
        self.error = _("No member has the card, phone, e-mail or name “%(words)s”.") % {"words": words}
        self.status = 422

    def _found(self, members: list[Member]) -> None:
        if len(members) == 1:
            self.basket.member, self.text = members[0], ""
            return
        self.choices, self.text = [glimpse(member) for member in members], ""
