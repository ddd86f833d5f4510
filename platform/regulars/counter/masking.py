"""People at the till, shown so that whoever stands behind the customer learns nothing about anybody else."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from regulars import clock
from regulars.errors import NotFound
from regulars.ledger.selectors import balance
from regulars.loyalty.models import Tier
from regulars.loyalty.tiers.selectors import benefits_of
from regulars.people.contacts import Contact
from regulars.people.models import Card, CardState, Member
from regulars.people.selectors import card_of

Birthday = Literal["", "today", "soon"]
SOON = 7


@dataclass(frozen=True, kw_only=True)
class Glimpse:
    """One of several members that a search found: enough to ask "is this you?", not enough to learn who it is."""

    public_id: str
    initial: str
    name: str
    contact: str
    tier: str


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The member whose sale this is, as the cashier sees them."""

    public_id: str
    name: str
    initials: str
    contact: str
    tier: Tier | None
    benefits: list[str]
    points: int
    birthday: Birthday
    birthday_on: dt.date | None
    joined_on: dt.date
    card_state: str


def glimpse(member: Member) -> Glimpse:
    """A member in a list."""
    tier = tier_of(member)
    return Glimpse(
        public_id=member.public_id,
        initial=initials_of(member)[:1],
        name=masked_name(member) or _("Member"),
        contact=masked_contact(member),
        tier=str(tier) if tier else "",
    )


def shown(member: Member) -> Shown:
    """A member on the sale."""
    tier = tier_of(member)
    mark, birthday_on = birthday_mark(member.birthday, clock.today())
    return Shown(
        public_id=member.public_id,
        name=member.name or _("Member"),
        initials=initials_of(member),
        contact=masked_contact(member),
        tier=tier,
        benefits=benefits_of(tier) if tier else [],
        points=balance(member.wallet),
        birthday=mark,
        birthday_on=birthday_on,
        joined_on=member.joined_on,
        card_state=_trouble_with(member),
    )


def tier_of(member: Member) -> Tier | None:
    """The member's tier, None in a business without tiers."""
    standing = getattr(member, "standing", None)
    return standing.tier if standing else None


def masked_contact(member: Member) -> str:
    """The phone, else the e-mail, with its middle hidden."""
    contact = Contact("phone", member.phone) if member.phone else Contact("email", member.email)
    return contact.masked


def masked_name(member: Member) -> str:
    """`A. L.` for Ann Lee, `李••` for 李小明, nothing for no name."""
    initials = initials_of(member)
    if not member.name.strip():
        return ""
    return " ".join(f"{letter}." for letter in initials) if initials.isascii() else f"{initials}••"


def initials_of(member: Member) -> str:
    """Two letters of a Latin name, the first character of a Chinese one, a dot for no name."""
    words = member.name.split()
    if not words:
        return "·"
    if not words[0][0].isascii():
        return words[0][0]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def birthday_mark(birthday: dt.date | None, today: dt.date) -> tuple[Birthday, dt.date | None]:
    """Whether a birthday is today or within a week, and on which day; 29 February is kept on the 28th otherwise."""
    if birthday is None:
        return "", None
    following = next(day for year in (today.year, today.year + 1) if (day := _in_year(birthday, year)) >= today)
    if following == today:
        return "today", following
    return ("soon", following) if (following - today).days <= SOON else ("", None)


def _in_year(birthday: dt.date, year: int) -> dt.date:
    try:
        return birthday.replace(year=year)
    except ValueError:
        return dt.date(year, 2, 28)


def _trouble_with(member: Member) -> str:
    """The state of the member's card in words when it does not work, else nothing."""
    try:
        card: Card = card_of(member)
    except NotFound:
        return ""
    return "" if card.state == CardState.ACTIVE else str(CardState(card.state).label)
