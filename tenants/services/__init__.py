"""Acts on businesses: opening, confirming the owner's e-mail, closing and deleting."""

from __future__ import annotations

from tenants.addresses import (
    AddressRefused,
    AddressReserved,
    AddressTaken,
    AddressUnsuitable,
    check_address,
    suggest_addresses,
)
from tenants.selectors import list_businesses
from tenants.services.closing import IsForPractice, TooEarly, close_business, delete_business, reopen_business
from tenants.services.confirming import LinkTooOld, LinkUnknown, confirm_email, find_confirmation, send_confirmation
from tenants.services.opening import open_business
from tenants.services.practising import (
    KEPT_DAYS,
    drop_practice,
    drop_unused,
    enter_practice,
    open_practice,
    practice_place,
    start_over,
)

__all__ = [
    "KEPT_DAYS",
    "AddressRefused",
    "AddressReserved",
    "AddressTaken",
    "AddressUnsuitable",
    "IsForPractice",
    "LinkTooOld",
    "LinkUnknown",
    "TooEarly",
    "check_address",
    "close_business",
    "confirm_email",
    "delete_business",
    "drop_practice",
    "drop_unused",
    "enter_practice",
    "find_confirmation",
    "list_businesses",
    "open_business",
    "open_practice",
    "practice_place",
    "reopen_business",
    "send_confirmation",
    "start_over",
    "suggest_addresses",
]
