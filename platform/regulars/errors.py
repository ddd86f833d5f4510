"""The one family of refusals: every act that says no raises one of these, in words a person can use.

A refusal carries its text in the language of whoever asked (lazily translated), the field it is about and what would
be right, so that a form, an API answer and a receipt printer can all show the same sentence.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class RegularsError(Exception):
    """An act was refused; nothing was done. `message` is for people, `field` names the input at fault or is empty."""

    message: str | Promise = _("This could not be done.")
    field: str = ""

    def __init__(self, message: str | Promise | None = None, *, field: str = "") -> None:
        self.message = message if message is not None else type(self).message
        self.field = field or type(self).field
        super().__init__(self.message)

    def __str__(self) -> str:
        return str(self.message)


class InvalidInput(RegularsError):
    """A field holds what it cannot hold; the message says what would be right."""


class NotFound(RegularsError):
    """What was named does not exist in this business."""

    message = _("There is no such record here.")


class KeyUsedBefore(RegularsError):
    """The same idempotency key came with another request (HTTP 409)."""

    message = _("This key was already used for a different request. Use a new key.")
    field = "key"


class StaleQuote(RegularsError):
    """The quote no longer holds; ask for a new one."""

    message = _("The price has changed or the quote is too old. Please check the new price and confirm again.")
    field = "quote"


class NotEnough(RegularsError):
    """A balance would fall below its floor."""

    message = _("The balance is not enough.")
    field = "amount"


class Gone(RegularsError):
    """What was chosen was taken or changed meanwhile."""

    message = _("This is no longer there. Please choose again.")


class UsedUp(RegularsError):
    """All there is for one member was used."""

    message = _("All of this was used.")


class UndoneBefore(RegularsError):
    """The transaction was reversed already; value goes back once."""

    message = _("This was already undone.")


class HoldEnded(RegularsError):
    """What was held was spent, released or kept too long; hold it again."""

    message = _("What was set aside for this is no longer set aside. Please start again.")


class TooMany(RegularsError):
    """Asked too often; wait and try again (HTTP 429)."""

    message = _("Too many attempts. Please wait a few minutes and try again.")


class NotAllowed(RegularsError):
    """The role of whoever asked does not include this act."""

    message = _("Your role does not allow this. Ask the owner or a manager.")
