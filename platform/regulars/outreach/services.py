"""Acts on messages: writing them in the member's language, holding back what was not agreed to, sending what waits."""

from __future__ import annotations

from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from regulars import clock
from regulars.operations.outbox import wake_after_commit
from regulars.organisation.selectors import organisation
from regulars.outreach.channels import hand_over
from regulars.outreach.models import Channel, Message, MessageState
from regulars.outreach.templates import templates
from regulars.people.models import Member
from regulars.people.selectors import agrees_to_marketing

log = structlog.get_logger(__name__)
MOST_ATTEMPTS = 5


@transaction.atomic
def send(
    *,
    kind: str,
    member: Member | None,
    recipient: str = "",
    channel: str | None = None,
    language: str = "",
    variables: dict[str, Any],
    key: str,
) -> list[Message]:
    """Write a message for each channel it goes by; workers send them after commit. The same key writes nothing twice.

    Without `channel` a member gets the inbox and one of SMS or e-mail. Marketing without consent is held back and says
    so. Raises `KeyError` for a kind nobody declared.
    """
    template = templates()[kind]
    spoken = member.language if member else language
    subject, body = template.words.get(spoken) or template.words["en"]
    words = {"business": organisation().name, **variables}
    held_back = template.purpose == "marketing" and not (member and agrees_to_marketing(member))
    now = clock.now()
    written = []
    for way, to in _ways(member, recipient, channel):
        message, is_new = Message.objects.get_or_create(
            key=key,
            channel=way,
            defaults={
                "member": member,
                "kind": kind,
                "purpose": template.purpose,
                "language": spoken,
                "recipient": to,
                "subject": subject.format(**words)[:200],
                "body": body.format(**words),
                "state": _first_state(way, held_back=held_back),
                "detail": _("No consent to offers and news.") if held_back else "",
                "written_at": now,
                "sent_at": now if way == Channel.INBOX and not held_back else None,
            },
        )
        if is_new:
            written.append(message)
    if any(message.state == MessageState.QUEUED for message in written):
        wake_after_commit()
    return written


def _ways(member: Member | None, recipient: str, channel: str | None) -> list[tuple[str, str]]:
    if channel is not None:
        return [(channel, recipient)]
    if member is None:
        return []
    outside = (Channel.SMS, member.phone) if member.phone else (Channel.EMAIL, member.email)
    return [(Channel.INBOX, ""), outside]


def _first_state(way: str, *, held_back: bool) -> str:
    if held_back:
        return MessageState.HELD_BACK
    return MessageState.SENT if way == Channel.INBOX else MessageState.QUEUED


def deliver_waiting(*, limit: int = 100) -> int:
    """Hand waiting messages to their channels, each on its own; returns how many were handled.

    A channel that fails is tried again on later runs, five times at most.
    """
    tried: list[int] = []
    while len(tried) < limit and (message := _deliver_one(but_not=tried)) is not None:
        tried.append(message)
    return len(tried)


def _deliver_one(*, but_not: list[int]) -> int | None:
    with transaction.atomic():
        message = (
            Message.objects.select_for_update(skip_locked=True)
            .filter(state=MessageState.QUEUED, written_at__lte=clock.now())
            .exclude(pk__in=but_not)
            .order_by("attempts", "written_at")
            .first()
        )
        if message is None:
            return None
        message.attempts += 1
        try:
            with transaction.atomic():
                hand_over(message)
        except Exception as error:  # noqa: BLE001 - whatever a channel throws, the others go out
            message.detail = type(error).__name__
            if message.attempts >= MOST_ATTEMPTS:
                message.state = MessageState.FAILED
            log.warning("message_not_sent", message=message.public_id, attempt=message.attempts, error=message.detail)
        else:
            message.state, message.sent_at, message.detail = MessageState.SENT, clock.now(), ""
        if message.state != MessageState.QUEUED and templates()[message.kind].is_secret:
            message.subject, message.body = "", ""
        message.save(update_fields=["attempts", "state", "sent_at", "detail", "subject", "body"])
    return int(message.pk)


@transaction.atomic
def mark_read(*, member: Member) -> int:
    """The member has seen the inbox; returns how many messages were new."""
    return Message.objects.filter(member=member, channel=Channel.INBOX, read_at__isnull=True).update(
        read_at=clock.now()
    )
