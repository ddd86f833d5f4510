"""A receipt sent to the customer by e-mail or text message: asked for by them, so it is part of the sale."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import override

from regulars.counter import receipts
from regulars.errors import InvalidInput, TooMany
from regulars.money import format_money
from regulars.operations.trail import record
from regulars.organisation.models import Staff
from regulars.organisation.selectors import organisation
from regulars.outreach.models import Channel, Message
from regulars.outreach.services import send
from regulars.people.contacts import Contact, normal_contact
from regulars.sales.models import Sale

KIND = "receipt"
MOST_SENT = 3
MOST_LINES = 8
"""Of a receipt in a text message; the rest is summed up."""


@transaction.atomic
def send_receipt(*, sale: Sale, contact: str, by: Staff) -> Contact:
    """Send a receipt to a phone or an e-mail, or with no `contact` to the member's own. The same one gets it once.

    Raises `InvalidInput` (field `contact`) for none and for one that cannot be, and `TooMany` after three.
    """
    to = _recipient(sale, contact)
    channel = Channel.SMS if to.kind == "phone" else Channel.EMAIL
    known = Message.objects.filter(key__in=[_key(sale, number) for number in range(MOST_SENT)])
    sent = {(message.channel, message.recipient) for message in known}
    if (channel, to.value) in sent:
        return to
    if len(sent) >= MOST_SENT:
        raise TooMany(_("This receipt was sent three times already."), field="contact")
    language = sale.member.language if sale.member else organisation().language
    send(
        kind=KIND,
        member=sale.member,
        recipient=to.value,
        channel=channel,
        language=language,
        variables=_variables(sale, language),
        key=_key(sale, len(sent)),
    )
    detail = {"channel": channel}
    record(act="receipt.sent", actor=by.public_id, subject=sale.public_id, branch=sale.branch, detail=detail)
    return to


def _recipient(sale: Sale, contact: str) -> Contact:
    if contact.strip():
        return normal_contact(contact, country=organisation().country)
    if sale.member is None:
        raise InvalidInput(_("Enter the customer's phone number or e-mail."), field="contact")
    return Contact("email", sale.member.email) if sale.member.email else Contact("phone", sale.member.phone)


def _key(sale: Sale, number: int) -> str:
    return f"receipt:{sale.public_id}:{number}"


def _variables(sale: Sale, language: str) -> dict[str, str]:
    with override(language):
        lines = receipts.lines_of(sale)
        shown = [_written(line) for line in lines]
        if len(shown) > MOST_LINES:
            shown = [*shown[: MOST_LINES - 1], "…"]
        return {
            "number": sale.number,
            "place": sale.branch.name,
            "when": date_format(localtime(sale.confirmed_at), "SHORT_DATETIME_FORMAT"),
            "lines": "\n".join(shown),
            "total": format_money(sale.total, sale.currency, language),
        }


def _written(line: dict[str, Any]) -> str:
    pieces = f" × {line['quantity']}" if line["quantity"] else ""
    return f"{line['name']}{pieces}  {line['amount']}"
