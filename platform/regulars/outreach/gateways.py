"""Gateways for text messages, by the scheme of `SMS_URL`: the log of this machine, or Twilio's API.

Twilio takes no key by which it would know a repeated request. So before a text is sent again, the gateway asks Twilio
whether it has it already: an answer that came too late, or a worker that died, does not send a text twice.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import requests
from django.db import connection

from regulars.outreach.channels import CannotSend, Receipt, Refused, of_status

CONNECT_SECONDS, ANSWER_SECONDS = 5, 10
"""How long a provider may take to be reached, and to answer."""


class SmsGateway(Protocol):
    """Whatever sends text messages."""

    def send(self, *, number: str, text: str, since: dt.datetime, is_repeat: bool) -> Receipt:
        """Send one text to a number in E.164, written at `since`; `is_repeat` says that it was tried before.

        Raises `CannotSend`, or `Refused` for what will never be taken.
        """


class ConsoleSms:
    """Writes each text message to the standard error stream, one line, with the business it belongs to."""

    def send(self, *, number: str, text: str, since: dt.datetime, is_repeat: bool) -> Receipt:
        """Print the message."""
        line = " ".join(text.split())
        print(f"SMS [{connection.schema_name}] to {number}: {line}", file=sys.stderr, flush=True)  # type: ignore[attr-defined]  # noqa: T201
        return Receipt()


class TwilioSms:
    """Twilio's Messages API: `twilio://account:token@sender`, the sender a number in E.164 or a messaging service."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        account, _colon, token = parts.netloc.rpartition("@")[0].partition(":")
        self.sender = unquote(parts.netloc.rpartition("@")[2])
        if not (account and token and self.sender):
            raise ValueError("SMS_URL for Twilio is written twilio://account:token@+15550001")
        endpoint = parse_qs(parts.query).get("endpoint", ["https://api.twilio.com"])[0].rstrip("/")
        self.account, self.token = unquote(account), unquote(token)
        self.messages = f"{endpoint}/2010-04-01/Accounts/{self.account}/Messages.json"

    def send(self, *, number: str, text: str, since: dt.datetime, is_repeat: bool) -> Receipt:
        """Post the message, unless Twilio has it already from a try whose answer was lost."""
        if is_repeat and (known := self._known(number=number, text=text, since=since)) is not None:
            return known
        by = "MessagingServiceSid" if self.sender.startswith("MG") else "From"
        answer = self._ask("POST", data={"To": number, by: self.sender, "Body": text})
        if answer.status_code not in (200, 201):
            raise self._refusal(answer)
        return _receipt(_json(answer))

    def _known(self, *, number: str, text: str, since: dt.datetime) -> Receipt | None:
        """The message as Twilio has it, if it took one with this text for this number since it was written."""
        day = (since - dt.timedelta(days=1)).date().isoformat()
        answer = self._ask("GET", params={"To": number, "DateSent>": day, "PageSize": "50"})
        if answer.status_code != 200:
            raise self._refusal(answer)
        earliest = since - dt.timedelta(minutes=1)
        for taken in _json(answer).get("messages") or []:
            if taken.get("body") != text or taken.get("status") in ("failed", "undelivered", "canceled"):
                continue
            if _instant(taken.get("date_created")) >= earliest:
                return _receipt(taken)
        return None

    def _ask(self, method: str, **sent: Any) -> requests.Response:
        try:
            return requests.request(
                method,
                self.messages,
                auth=(self.account, self.token),
                timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
                allow_redirects=False,
                **sent,
            )
        except requests.RequestException as error:
            raise CannotSend("unreachable", type(error).__name__) from error

    def _refusal(self, answer: requests.Response) -> CannotSend:
        """What an answer that is no yes means, with Twilio's own words where it has some."""
        try:
            said = answer.json()
        except ValueError:
            said = {}
        said = said if isinstance(said, dict) else {}
        words = f"{said.get('message', '')} {said.get('code', '')}".strip()
        if answer.status_code == 400 and said.get("code") in (21211, 21614, 21217):
            return Refused("no_such_address", words)
        return of_status(answer.status_code, words, retry_after=answer.headers.get("Retry-After", ""))


def _json(answer: requests.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError as error:
        raise CannotSend("unclear") from error
    if not isinstance(found, dict):
        raise CannotSend("unclear")
    return found


def _receipt(taken: dict[str, Any]) -> Receipt:
    segments = str(taken.get("num_segments") or "")
    return Receipt(provider_id=str(taken.get("sid") or "")[:200], parts=int(segments) if segments.isdigit() else 0)


def _instant(written: object) -> dt.datetime:
    """An instant as mails write it; the beginning of time for anything else."""
    try:
        return parsedate_to_datetime(str(written))
    except ValueError:
        return dt.datetime.min.replace(tzinfo=dt.UTC)


GATEWAYS: dict[str, Callable[[str], SmsGateway]] = {"console": lambda address: ConsoleSms(), "twilio": TwilioSms}
"""What makes a gateway of an address, by its scheme."""


@cache
def sms_gateway(address: str) -> SmsGateway:
    """The gateway that an `SMS_URL` names. Raises `ValueError` for a scheme nobody knows."""
    scheme = urlsplit(address).scheme
    if scheme not in GATEWAYS:
        raise ValueError(f"SMS_URL begins with {scheme}://, known are: {', '.join(sorted(GATEWAYS))}")
    return GATEWAYS[scheme](address)
