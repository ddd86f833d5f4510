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
from tenants.services.closing import TooEarly, close_business, delete_business, reopen_business
from tenants.services.confirming import LinkTooOld, LinkUnknown, confirm_email, find_confirmation, send_confirmation
from tenants.services.opening import open_business

__all__ = [
    "AddressRefused",
    "AddressReserved",
    "AddressTaken",
    "AddressUnsuitable",
    "LinkTooOld",
    "LinkUnknown",
    "TooEarly",
    "check_address",
    "close_business",
    "confirm_email",
    "delete_business",
    "find_confirmation",
    "list_businesses",
    "open_business",
    "reopen_business",
    "send_confirmation",
    "suggest_addresses",
]
