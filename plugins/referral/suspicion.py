"""What makes a referral look odd, from what is stored anyway. An odd one is not refused: a person looks at it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from plugins.referral.apps import ReferralSettings
from regulars.people import selectors as people
from regulars.people.selectors import Member

WORDS: dict[str, str | Promise] = {
    "mailbox": _("The e-mail address leads to the same mailbox as another's"),
    "name": _("The same name as the member who invites or another friend"),
    "address": _("Joined from the same network address as the member who invites or another friend"),
    "velocity": _("Many friends of one member in a day"),
}
DOTLESS = ("gmail.com", "googlemail.com")
"""Hosts for which dots in a mailbox's name mean nothing."""


def found(
    *, friend: Member, referrer: Member, others: Iterable[Member], joined_today: int, settings: ReferralSettings
) -> list[str]:
    """The codes of what is odd about a friend; `others` are the referrer's other friends, `joined_today` counts them.

    Phone numbers and e-mail addresses are unique among members in normal form, so what is looked for are mailboxes
    that differ in spelling alone.
    """
    known = [referrer, *others]
    odd = []
    if friend.email and mailbox(friend.email) in {mailbox(each.email) for each in known if each.email}:
        odd.append("mailbox")
    if friend.name and friend.name.casefold() in {each.name.casefold() for each in known}:
        odd.append("name")
    if settings.looks_at_addresses and _shares_an_address(friend, known):
        odd.append("address")
    if joined_today > settings.friends_a_day:
        odd.append("velocity")
    return odd


def mailbox(email: str) -> str:
    """The mailbox behind an address: without what follows a plus, and without dots where they mean nothing."""
    name, _at, host = email.lower().partition("@")
    name = name.partition("+")[0]
    if host in DOTLESS:
        return f"{name.replace('.', '')}@{DOTLESS[0]}"
    return f"{name}@{host}"


def household(address: str) -> str:
    """An IPv4 address as it is, an IPv6 one by the /64 that a household has."""
    parsed = ipaddress.ip_address(address)
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def _shares_an_address(friend: Member, known: Iterable[Member]) -> bool:
    addresses = people.joining_addresses([friend.pk, *(each.pk for each in known)])
    own = addresses.pop(friend.pk, "")
    return bool(own) and household(own) in {household(each) for each in addresses.values()}
