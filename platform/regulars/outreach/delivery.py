"""Sending what waits: claim, send, note.

A message is claimed in a transaction of its own, which counts the attempt and puts off the next one before anything
can go wrong. Then it is handed to its way out outside any transaction, and what came of it is noted in another. A
worker that dies in between loses nothing, and a message that kills its worker each time comes to an end.
"""

from __future__ import annotations

import datetime as dt
import math
import time

import structlog
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from regulars import clock
from regulars.errors import RegularsError
from regulars.operations.outbox import wake_after_commit
from regulars.operations.trail import record
from regulars.organisation.selectors import organisation
from regulars.outreach import selectors
from regulars.outreach.channels import CannotSend, Receipt, Refused, hand_over
from regulars.outreach.models import Channel, Message, MessageState, Purpose
from regulars.outreach.quiet import keeps_quiet, quiet_until, zone_of
from regulars.outreach.templates import templates
from regulars.outreach.texts import measure
from regulars.people.selectors import agrees_to_marketing

log = structlog.get_logger(__name__)

MINUTE = dt.timedelta(minutes=1)
PAUSES = (MINUTE, 10 * MINUTE, 60 * MINUTE, 240 * MINUTE)
HURRIED_PAUSES = (MINUTE / 4, MINUTE, 2 * MINUTE, 4 * MINUTE)
"""How long a message waits after each failed attempt; what was asked for just now does not wait long."""
MOST_ATTEMPTS = len(PAUSES) + 1
LEASE = 3 * MINUTE
"""How long a claimed message belongs to its worker: longer than any way out may take to answer."""
FORGET_AT_ONCE = 100


class CannotSendAgain(RegularsError):
    """Only what failed and is still known word for word can be sent once more."""


def deliver_waiting(*, limit: int = 100, seconds: float = math.inf) -> int:
    """Hand the messages that are due to their channels, each on its own; returns how many were handled.

    No further one is begun after so many `seconds`.

    What somebody waits for goes first, offers last. A channel that fails is tried again on later runs, five times at
    most. Old messages are deleted on the way.
    """
    forget_old()
    handled, enough = 0, time.monotonic() + seconds
    while handled < limit and (message := _claim()) is not None:
        _deliver(message)
        handled += 1
        if time.monotonic() > enough:
            break
    return handled


@transaction.atomic
def _claim() -> Message | None:
    """The message that is due, with its attempt counted and the next one put off; None when nothing is due."""
    now = clock.now()
    for purpose in Purpose:
        message = (
            Message.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("member__branch")
            .filter(state=MessageState.QUEUED, purpose=purpose, not_before__lte=now)
            .order_by("not_before")
            .first()
        )
        if message is not None:
            message.attempts += 1
            message.not_before = now + LEASE
            message.save(update_fields=["attempts", "not_before"])
            return message
    return None


def _deliver(message: Message) -> None:
    """Send one claimed message and note what came of it."""
    if reason := _in_the_way(message):
        state = MessageState.HELD_BACK if reason == "no_consent" else MessageState.FAILED
        _note(message, state=state, detail=reason)
        return
    if later := _quiet_until(message):
        _note(message, not_before=later, attempts=F("attempts") - 1)
        return
    try:
        receipt = hand_over(message) or Receipt()
    except Refused as refusal:
        _note_failure(message, refusal.detail, is_final=True)
    except CannotSend as refusal:
        _note_failure(message, refusal.detail, wait=refusal.wait)
    except Exception as error:  # noqa: BLE001 - whatever a channel throws, the others go out
        _note_failure(message, type(error).__name__)
    else:
        parts, cost = _cost_of(message, receipt)
        _note(
            message,
            state=MessageState.SENT,
            sent_at=clock.now(),
            detail="",
            provider_id=receipt.provider_id,
            parts=parts,
            cost=cost,
        )


def _in_the_way(message: Message) -> str:
    """Why a message is not sent any more: too old, tried too often, or offers were ended meanwhile."""
    if message.expires_at is not None and message.expires_at <= clock.now():
        return "expired"
    if message.attempts > MOST_ATTEMPTS:
        return "interrupted"
    if message.purpose == Purpose.MARKETING:
        agrees = message.member is not None and agrees_to_marketing(message.member, message.channel)
        return "" if agrees else "no_consent"
    return ""


def _quiet_until(message: Message) -> dt.datetime | None:
    """When a message may go that would be heard now, in quiet hours."""
    template = templates().get(message.kind)
    at_once = template is not None and template.at_once
    if not keeps_quiet(purpose=message.purpose, channel=message.channel, at_once=at_once):
        return None
    return quiet_until(clock.now(), zone=zone_of(message.member), rules=selectors.rules())


def _note_failure(message: Message, detail: str, *, is_final: bool = False, wait: dt.timedelta | None = None) -> None:
    """Note a failed attempt: the last one, or when the next may be."""
    log.warning("message_not_sent", message=message.public_id, attempt=message.attempts, error=detail)
    if is_final or message.attempts >= MOST_ATTEMPTS:
        _note(message, state=MessageState.FAILED, detail=detail)
        return
    pauses = HURRIED_PAUSES if message.purpose == Purpose.TRANSACTIONAL else PAUSES
    pause = max(pauses[message.attempts - 1], wait or pauses[0])
    _note(message, detail=detail, not_before=clock.now() + pause)


@transaction.atomic
def _note(message: Message, **changes: object) -> None:
    """Write what came of an attempt. A code is not kept once nothing more is done with it, unless nothing is real."""
    template = templates().get(message.kind)
    is_secret = message.expires_at is not None or (template is not None and template.is_secret)
    if "state" in changes and is_secret and not organisation().is_practice:
        changes |= {"subject": "", "body": ""}
    Message.objects.filter(pk=message.pk, state=MessageState.QUEUED).update(**changes)


def _cost_of(message: Message, receipt: Receipt) -> tuple[int, int]:
    """In how many parts a message went, and what it cost in millionths of the currency's unit."""
    rules = selectors.rules()
    if message.channel == Channel.SMS:
        parts = receipt.parts or measure(message.body).parts
        return parts, parts * rules.sms_price
    return 1, rules.mail_price


@transaction.atomic
def send_again(*, message: Message, by: str) -> Message:
    """Let a failed message be tried from the start. Raises `CannotSendAgain` for any other, and for a code."""
    locked = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if locked.state != MessageState.FAILED:
        raise CannotSendAgain(_("Only what could not be sent can be sent again."))
    if not locked.body:
        raise CannotSendAgain(_("Its text is not kept any more. Whoever needs a new code asks for one."))
    locked.state, locked.attempts, locked.not_before = MessageState.QUEUED, 0, clock.now()
    locked.save(update_fields=["state", "attempts", "not_before"])  # `detail` says that it was tried before
    record(act="message.sent_again", actor=by, subject=locked.public_id)
    wake_after_commit()
    return locked


@transaction.atomic
def forget_old() -> int:
    """Delete at most a hundred messages that are older than this business keeps them; returns how many."""
    oldest = clock.now() - dt.timedelta(days=selectors.rules().keep_months * 31)
    old = list(
        Message.objects.filter(written_at__lt=oldest)
        .order_by("written_at")
        .values_list("pk", flat=True)[:FORGET_AT_ONCE]
    )
    if old:
        Message.objects.filter(pk__in=old).delete()
    return len(old)
