"""The ways out: e-mail through Django's mail, SMS through a typed interface. The inbox needs no way out."""

from __future__ import annotations

import sys
from functools import cache
from typing import Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection

from regulars.errors import RegularsError
from regulars.outreach.models import Channel, Message


class CannotSend(RegularsError):
    """A channel refused a message; it is tried again."""


class SmsGateway(Protocol):
    """Whatever sends text messages."""

    def send(self, *, number: str, text: str) -> None:
        """Send one text to a number in E.164. Raises `CannotSend`."""


class ConsoleSms:
    """Writes each text message to the standard error stream, one line, with the business it belongs to."""

    def send(self, *, number: str, text: str) -> None:
        """Print the message."""
        print(f"SMS [{connection.schema_name}] to {number}: {text}", file=sys.stderr, flush=True)  # type: ignore[attr-defined]  # noqa: T201


GATEWAYS: dict[str, type[SmsGateway]] = {"console": ConsoleSms}
"""SMS gateways by the scheme of `SMS_URL`."""


@cache
def sms_gateway(address: str) -> SmsGateway:
    """The gateway that an `SMS_URL` names. Raises `ValueError` for a scheme nobody knows."""
    scheme = urlsplit(address).scheme
    if scheme not in GATEWAYS:
        raise ValueError(f"SMS_URL begins with {scheme}://, known are: {', '.join(sorted(GATEWAYS))}")
    return GATEWAYS[scheme]()


def hand_over(message: Message) -> None:
    """Give a message to its channel. Raises `CannotSend` or what the channel raises."""
    if message.channel == Channel.EMAIL:
        EmailMessage(subject=message.subject, body=message.body, to=[message.recipient]).send()
    elif message.channel == Channel.SMS:
        sms_gateway(settings.SMS_URL).send(number=message.recipient, text=message.body)
