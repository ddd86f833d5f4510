"""Questions about members: who is this, and what did they agree to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy

from regulars.errors import InvalidInput, NotFound
from regulars.people.contacts import Contact
from regulars.people.models import Card, CardState, Consent, ConsentPurpose, Member
from regulars.people.terms import Terms, terms

__all__ = [
    "Member",
    "Terms",
    "agrees_to_marketing",
    "card_of",
    "check_may_spend",
    "find_members",
    "joining_addresses",
    "marketing_answers",
    "member_by_public_id",
    "member_of",
    "member_with_contact",
    "terms",
]

MARKETING_CHANNELS = ("email", "sms", "inbox")
"""Ways by which offers may come, each with an answer of its own."""

_WHY_NOT = {
    CardState.LOST: gettext_lazy(
        "This card was reported lost, so its points, coupons and benefits rest. Replace the card first."
    ),
    CardState.FROZEN: gettext_lazy(
        "This card is frozen, so its points, coupons and benefits rest. A manager can release it."
    ),
    CardState.REPLACED: gettext_lazy(
        "No card of this member works, so points, coupons and benefits rest. Issue a new card first."
    ),
}


def member_by_public_id(public_id: str) -> Member:
    """One member with wallet and standing. Raises `NotFound`."""
    found = Member.objects.select_related("wallet", "standing__tier").filter(public_id=public_id[:40]).first()
    if found is None:
        raise NotFound
    return found


def member_with_contact(contact: Contact) -> Member | None:
    """The member with this phone or e-mail."""
    return Member.objects.select_related("wallet").filter(**{contact.kind: contact.value}).first()


def member_of(user: Any) -> Member | None:
    """The active member behind a user, with wallet and standing; None for staff and strangers."""
    if not getattr(user, "is_authenticated", False):
        return None
    return Member.objects.select_related("wallet", "standing__tier").filter(user_id=user.pk, is_active=True).first()


def card_of(member: Member) -> Card:
    """The member's newest card that still works, else the newest at all. Raises `NotFound` for none."""
    card = member.cards.filter(state=CardState.ACTIVE).order_by("-id").first() or member.cards.order_by("-id").first()
    if card is None:
        raise NotFound
    return card


def check_may_spend(member: Member) -> None:
    """Refuse to take anything out of a wallet whose card does not work; earning goes on.

    Who has no card at all may spend. Raises `InvalidInput` (field `card`) saying what to do.
    """
    states = list(member.cards.order_by("-id").values_list("state", flat=True))
    if states and CardState.ACTIVE not in states:
        raise InvalidInput(_WHY_NOT.get(CardState(states[0]), _WHY_NOT[CardState.REPLACED]), field="card")


def joining_addresses(members: Iterable[int]) -> dict[int, str]:
    """From which network address each of these members (database ids) agreed to the terms, where one was kept."""
    kept = Consent.objects.filter(
        member__in=[*members], purpose=ConsentPurpose.TERMS, is_given=True, address__isnull=False
    )
    found: dict[int, str] = {}
    for member, address in kept.order_by("given_at", "id").values_list("member_id", "address"):
        found.setdefault(member, str(address))
    return found


def find_members(text: str, *, limit: int = 8) -> list[Member]:
    """Who a scan or a few typed characters mean: card number, QR code, phone or its tail, e-mail, or name.

    An exact card, phone or e-mail answers alone; anything shorter gives at most `limit` members, newest first.
    """
    typed = " ".join((text or "").split())[:100]
    if len(typed) < 2 and typed.isascii():  # one Chinese character is a surname
        return []
    members = Member.objects.select_related("wallet", "standing__tier").filter(is_active=True)
    squeezed = re.sub(r"[\s-]", "", typed)
    exact = members.filter(
        Q(cards__number=squeezed) | Q(cards__code=typed) | Q(phone=squeezed) | Q(email=typed.lower())
    )
    if found := list(exact.distinct()[:2]):
        return found
    if re.fullmatch(r"\+?\d{4,}", squeezed):
        tail = squeezed.lstrip("+")
        found = list(members.filter(phone__endswith=tail)[:limit])
        if not found and len(tail) >= 8:  # typed as within the country, with a 0 that the number abroad has not
            found = list(members.filter(phone__endswith=tail.removeprefix("0"))[:limit])
        return found
    return list(members.filter(Q(name__istartswith=typed) | Q(email__istartswith=typed.lower()))[:limit])


def agrees_to_marketing(member: Member, channel: str = "") -> bool:
    """Whether the member's newest word on offers and news by this channel is yes; without one, by any channel."""
    answers = marketing_answers(member)
    return answers[channel] if channel else any(answers.values())


def marketing_answers(member: Member) -> dict[str, bool]:
    """Whether offers and news may come, by channel. A word about no channel in particular is about all of them."""
    return marketing_answers_of([member.pk])[member.pk]


def marketing_answers_of(members: Iterable[int]) -> dict[int, dict[str, bool]]:
    """The same for many members (database ids), in one question."""
    answers = {member: dict.fromkeys(MARKETING_CHANNELS, False) for member in members}
    said = Consent.objects.filter(member__in=list(answers), purpose=ConsentPurpose.MARKETING).order_by("given_at", "id")
    for member, channel, is_given in said.values_list("member", "channel", "is_given"):
        known = answers[member]
        known |= {channel: is_given} if channel in known else dict.fromkeys(known, is_given)
    return answers
