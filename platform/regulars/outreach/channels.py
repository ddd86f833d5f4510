"""The ways out: mail through Django's mail backend, texts through a gateway. The inbox needs no way out.

Whatever goes wrong on a way out becomes one of two answers: `CannotSend`, which is tried again, or `Refused`, which
never will be. Both carry a code of ours, for the words people read, and what the provider said.
"""

from __future__ import annotations

import datetime as dt
import smtplib
import socket
from dataclasses import dataclass

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailInvalidAddress, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.errors import RegularsError
from regulars.organisation.selectors import organisation
from regulars.outreach.models import Channel, Message

REASONS: dict[str, str | Promise] = {
    "no_consent": _("No consent to offers and news."),
    "weekly_cap": _("This week's offers were sent already."),
    "expired": _("It was too old to be of use."),
    "interrupted": _("Sending was interrupted each time."),
    "unreachable": _("The provider could not be reached."),
    "busy": _("The provider asks us to wait."),
    "out_of_order": _("The provider is out of order."),
    "no_entry": _("The provider does not accept our sign-in. Check the settings of the installation."),
    "unclear": _("The provider answered something we do not understand."),
    "refused": _("The provider refused it for good."),
    "no_such_address": _("There is no such address or number."),
    "malformed": _("It cannot be written as a mail."),
}
"""Why a message was not sent, by code; a code may be followed by `: ` and the provider's words."""

PRACTICE = "practice"
"""The provider's number of a message that would have been sent, had it not been written in a practice place."""


class CannotSend(RegularsError):
    """A way out did not take a message; it is tried again, not before `wait` where the provider asks for it."""

    def __init__(self, code: str, said: str = "", *, wait: dt.timedelta | None = None) -> None:
        super().__init__(REASONS[code])
        self.detail = (f"{code}: {' '.join(said.split())}" if said else code)[:200]
        self.wait = wait


class Refused(CannotSend):
    """A way out will never take this message."""


@dataclass(frozen=True)
class Receipt:
    """What a provider said to a message it took: its own number for it, and in how many parts it sends it."""

    provider_id: str = ""
    parts: int = 0


def words_of(detail: str) -> str:
    """Why a message was not sent, for people: our words for the code, and the provider's in brackets."""
    code, _colon, said = detail.partition(": ")
    if code not in REASONS:
        return detail
    return f"{REASONS[code]} ({said})" if said else str(REASONS[code])


def hand_over(message: Message) -> Receipt:
    """Give a message to its way out; in a practice place it only seems so.

    Raises `CannotSend`, or `Refused` where another try is of no use.
    """
    if organisation().is_practice:
        return Receipt(provider_id=PRACTICE)
    if message.channel == Channel.EMAIL:
        from regulars.outreach.mail import compose

        return send_mail(compose(message))
    if message.channel == Channel.SMS:
        from regulars.outreach.gateways import sms_gateway

        return sms_gateway(settings.SMS_URL).send(
            number=message.recipient,
            text=message.body,
            since=message.written_at,
            is_repeat=message.attempts > 1 or bool(message.detail),
        )
    return Receipt()


def send_mail(letter: EmailMultiAlternatives) -> Receipt:
    """Send a composed mail. Raises `CannotSend` or `Refused`."""
    try:
        letter.send()
    except (AnymailRecipientsRefused, AnymailInvalidAddress) as error:
        raise Refused("no_such_address", str(error.args[0] if error.args else "")) from error
    except AnymailAPIError as error:
        raise _of_an_api(error) from error
    except AnymailError as error:
        raise Refused("malformed", str(error)) from error
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _said in error.recipients.values()]
        said = next((_text(said) for _code, said in error.recipients.values()), "")
        raise (Refused if all(code >= 500 for code in codes) else CannotSend)("no_such_address", said) from error
    except smtplib.SMTPAuthenticationError as error:
        raise CannotSend("no_entry", _text(error.smtp_error)) from error
    except smtplib.SMTPResponseException as error:
        kind, code = (Refused, "refused") if 500 <= error.smtp_code < 600 else (CannotSend, "busy")
        raise kind(code, _text(error.smtp_error)) from error
    except (smtplib.SMTPException, socket.gaierror, OSError) as error:
        raise CannotSend("unreachable", type(error).__name__) from error
    except ValueError as error:  # a header that cannot be
        raise Refused("malformed", str(error)) from error
    status = getattr(letter, "anymail_status", None)
    return Receipt(provider_id=str(getattr(status, "message_id", None) or "")[:200])


def _of_an_api(error: AnymailAPIError) -> CannotSend:
    """What the answer of a mail provider's API means."""
    status = error.status_code
    said = str(error.args[0] if error.args else "").split("\n")[0]
    if status is None:
        return CannotSend("unreachable")
    return of_status(status, said, retry_after=error.response.headers.get("Retry-After", ""))


def of_status(status: int, said: str = "", *, retry_after: str = "") -> CannotSend:
    """What a provider's HTTP answer means: wait and try again, our sign-in is wrong, or never."""
    if status == 429:
        seconds = min(int(retry_after), 3600) if retry_after.isdigit() else 60
        return CannotSend("busy", said, wait=dt.timedelta(seconds=seconds))
    if status in (401, 403):
        return CannotSend("no_entry", said)
    if status == 408 or status >= 500:
        return CannotSend("out_of_order", said)
    return Refused("refused", said) if status >= 400 else CannotSend("unclear", said)


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
