"""The address a business chooses, the first part of its host: what will do, what will not and why, and what is free."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from regulars.errors import InvalidInput
from tenants.context import public_context
from tenants.models import Business, Domain
from tenants.practice import PREFIX

SHORTEST, LONGEST = 3, 40
HOST_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
SUGGESTIONS = 3
RESERVED = frozenset(
    """
    about abuse account accounts admin administrator api app apps assets auth billing blog business cdn chat
    checkout console contact counter customer customers dashboard demo-admin dev dns docs download email ftp gateway
    git help host hostmaster imap info internal invoice legal localhost login logout mail media member members
    mobile monitor mx news noreply ns ns1 ns2 office official operator operators owner partner partners pay payment
    payments ping pop portal postmaster practice press pricing privacy proxy public readyz register regulars robots root
    router sales secure security server shop-admin sign-in sign-up signin signup site sms smtp ssl staff staging
    static stats status store-admin stripe support sysadmin system team terms test testing trial update upload user
    users vpn web webhook webhooks webmail webmaster welcome wpad www xn
    """.split()  # noqa: SIM905 - a hundred words read better than a hundred literals
)
FIRST = "amber bright cedar clear coral fern golden harbour hazel ivory jade laurel lotus maple misty olive pearl river"
SECOND = "bridge corner court garden gate grove house lane market meadow place point quay square street terrace yard"


class AddressRefused(InvalidInput):
    """An address cannot be had; `suggestions` are free ones, the best first."""

    field = "address"

    def __init__(self, message: str | Promise, *, suggestions: Sequence[str] = ()) -> None:
        super().__init__(message, field="address")
        self.suggestions = list(suggestions)


class AddressUnsuitable(AddressRefused):
    """It cannot be part of a host name."""


class AddressReserved(AddressRefused):
    """It is kept for the service itself."""


class AddressTaken(AddressRefused):
    """Another business has it."""


def check_address(address: str, *, name: str = "") -> str:
    """The address as it will be used, lower case. `name` is the business's, for better suggestions.

    Raises `AddressUnsuitable`, `AddressReserved` or `AddressTaken`, each with free addresses.
    """
    wanted = unicodedata.normalize("NFKC", address).strip().lower()
    refusal = _unsuitable(wanted)
    if refusal is not None:
        raise AddressUnsuitable(refusal, suggestions=suggest_addresses(name or wanted))
    if is_reserved(wanted):
        raise AddressReserved(
            format_lazy(_("“{address}” is kept for the service itself. Choose another one."), address=wanted),
            suggestions=suggest_addresses(name or wanted, like=wanted),
        )
    if not _free([wanted]):
        raise taken(wanted, name=name)
    return wanted


def taken(address: str, *, name: str = "") -> AddressTaken:
    """The refusal of an address that another business has, with free ones beside it."""
    return AddressTaken(
        format_lazy(_("“{address}” is taken by another business. Choose another one."), address=address),
        suggestions=suggest_addresses(name or address, like=address),
    )


def suggest_addresses(name: str, *, like: str = "", most: int = SUGGESTIONS) -> list[str]:
    """Free addresses for a business's name, the nearest first; random words where the name has no Latin letters."""
    bases = [base for base in dict.fromkeys([latin(name), latin(like)]) if len(base) >= SHORTEST]
    candidates: list[str] = []
    for base in bases:
        candidates += [base, *_longer(base)]
    candidates += [_two_words() for _ in range(most * 3)]
    usable = [each for each in dict.fromkeys(candidates) if _unsuitable(each) is None and not is_reserved(each)]
    return _free(usable)[:most]


def is_reserved(address: str) -> bool:
    """Whether an address is kept for the service itself or for the practice place of a business."""
    return address in RESERVED or address.startswith(PREFIX)


def latin(text: str) -> str:
    """What of a text can stand in a host name: letters without accents, figures, single hyphens."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ø", "o").replace("æ", "ae").replace("'", ""))
    ascii_only = plain.encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:LONGEST].strip("-")


def _unsuitable(address: str) -> str | Promise | None:
    """Why an address cannot be used, in words; None when it can."""
    if not address:
        return _("Choose an address, for example the name of your business in Latin letters.")
    if not re.fullmatch(r"[a-z0-9-]+", address):
        return _("Use small Latin letters, figures and hyphens only, without spaces.")
    if len(address) < SHORTEST:
        return _("This is too short: use at least 3 letters or figures.")
    if len(address) > LONGEST:
        return _("This is too long: use at most 40 letters and figures.")
    if not HOST_LABEL.fullmatch(address):
        return _("Begin and end with a letter or a figure, not with a hyphen.")
    if "--" in address:
        return _("Use one hyphen at a time.")
    if not re.search(r"[a-z]", address):
        return _("Use at least one letter, so that it is not taken for a number.")
    return None


def _longer(base: str) -> Iterable[str]:
    for end in ("club", "regulars", secrets.choice(SECOND.split()), str(secrets.randbelow(90) + 10)):
        yield f"{base[: LONGEST - len(end) - 1].strip('-')}-{end}"


def _two_words() -> str:
    return f"{secrets.choice(FIRST.split())}-{secrets.choice(SECOND.split())}-{secrets.randbelow(90) + 10}"


def _free(addresses: list[str]) -> list[str]:
    """Those that no business has, in their order; one question."""
    hosts = {f"{address}.{settings.BASE_DOMAIN}": address for address in addresses}
    with public_context():
        had = set(Business.objects.filter(slug__in=addresses).values_list("slug", flat=True))
        had |= {hosts[host] for host in Domain.objects.filter(domain__in=hosts).values_list("domain", flat=True)}
    return [address for address in addresses if address not in had]
