"""Limits of the public site, counted per household (`regulars.visitors`)."""

from __future__ import annotations

from django.conf import settings

from regulars.visitors import Limit, count

__all__ = ["address_checks", "count", "fresh_practice", "mails", "operator_sign_ins", "sign_ups"]

ADDRESS_CHECKS_PER_HOUR = 400
MAILS_PER_HOUR = 6
OPERATOR_SIGN_INS_PER_HOUR = 20
FRESH_PRACTICE_PER_HOUR = 20


def sign_ups() -> Limit:
    """How many businesses one household may open in an hour."""
    return Limit("sign-up", settings.SIGN_UPS_PER_HOUR)


def address_checks() -> Limit:
    """How many addresses one household may ask about in an hour, so that nobody reads off the list of businesses."""
    return Limit("address", ADDRESS_CHECKS_PER_HOUR)


def mails() -> Limit:
    """How many confirmation mails one household may ask for in an hour."""
    return Limit("mail", MAILS_PER_HOUR)


def operator_sign_ins() -> Limit:
    """How often one household may try to sign in to the operator's console, right or wrong."""
    return Limit("operator", OPERATOR_SIGN_INS_PER_HOUR)


def fresh_practice() -> Limit:
    """How often one household may begin anew with a practice place in an hour: each is a schema made and dropped."""
    return Limit("practice", FRESH_PRACTICE_PER_HOUR)
