"""A message as a mail: the same words as text and as HTML in the shop's own look, with the way out of offers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import override

from regulars.brand import mail_colours
from regulars.organisation.selectors import organisation
from regulars.outreach import selectors, unsubscribe
from regulars.outreach.models import Message, Purpose
from regulars.outreach.wording import one_line

LAST_ADDRESS = re.compile(r"[\s:：,，]*(?P<address>https?://\S+)\s*$")
"""The address that a message ends with; in a mail it becomes a button."""


@dataclass(frozen=True)
class Letter:
    """What a mail says: paragraphs, the address of its button (empty for none), and what stands at its foot."""

    subject: str
    paragraphs: list[list[str]]
    button: str
    stop_address: str
    postal_address: str
    language: str


def compose(message: Message) -> EmailMultiAlternatives:
    """The mail for a message, not sent yet. Offers carry the headers by which mail programs unsubscribe (RFC 8058)."""
    letter = letter_of(message)
    house = organisation()
    with override(message.language):
        text = render_to_string("outreach/mail.txt", {"letter": letter, "house": house, "body": message.body})
        html = render_mail(letter)
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    mail = EmailMultiAlternatives(
        subject=letter.subject,
        body=text,
        from_email=formataddr((one_line(house.name) or name, address)),
        to=[message.recipient],
        reply_to=[house.contact_email] if house.contact_email else None,
        headers=_headers(message, letter),
    )
    mail.attach_alternative(html, "text/html")
    mail.metadata, mail.tags = {"message": message.public_id}, [message.kind]  # type: ignore[attr-defined]
    return mail


def letter_of(message: Message) -> Letter:
    """What the mail of a message says."""
    is_offer = message.purpose == Purpose.MARKETING and message.member is not None
    found = LAST_ADDRESS.search(message.body)
    words = message.body[: found.start()].rstrip() if found else message.body
    stop = "。" if message.language.startswith("zh") else "."
    if found and words and words[-1].isalnum():
        words += stop
    return Letter(
        subject=one_line(message.subject),
        paragraphs=[part.split("\n") for part in re.split(r"\n\s*\n", words) if part.strip()],
        button=found["address"] if found else "",
        stop_address=unsubscribe.address_for(message.member, message.channel) if is_offer and message.member else "",
        postal_address=selectors.rules().postal_address if is_offer else "",
        language=message.language,
    )


def render_mail(letter: Letter) -> str:
    """The HTML of a mail in the language that is active now."""
    house = organisation()
    context: dict[str, Any] = {
        "letter": letter,
        "subject": letter.subject,
        "organisation": house,
        "language": letter.language,
        "colours": mail_colours(house),
    }
    return render_to_string("outreach/mail.html", context)


def _headers(message: Message, letter: Letter) -> dict[str, str]:
    """A number by which a mail that is sent again is known as the same, and the way out of offers."""
    host = urlsplit(f"//{settings.BASE_DOMAIN}").hostname or "localhost"
    headers = {"Message-ID": f"<{message.public_id}@{host}>", "Auto-Submitted": "auto-generated"}
    if letter.stop_address:
        headers["List-Unsubscribe"] = f"<{letter.stop_address}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers
