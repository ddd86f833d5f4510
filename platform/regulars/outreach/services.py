"""Acts on messages: writing them in the reader's language, holding back what was not agreed to, ending offers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from regulars import clock, hooks, plugins
from regulars.after_commit import after_commit
from regulars.hooks import MessageTemplate
from regulars.operations.outbox import wake_after_commit
from regulars.organisation.models import Staff
from regulars.organisation.selectors import organisation
from regulars.outreach import selectors, unsubscribe
from regulars.outreach.delivery import deliver_waiting
from regulars.outreach.models import Channel, Message, MessageState, Purpose
from regulars.outreach.quiet import keeps_quiet, quiet_until, zone_of
from regulars.outreach.templates import templates
from regulars.outreach.wording import Words, fill, one_line, spoken_language, words_for
from regulars.people.models import Consent, ConsentPurpose, Member, Source
from regulars.people.selectors import marketing_answers, marketing_answers_of
from regulars.people.services import set_marketing_consent

__all__ = [
    "Letter",
    "deliver_waiting",
    "mark_read",
    "may_resume_offers",
    "notify_staff",
    "resume_offers",
    "send",
    "send_to_many",
    "stop_offers",
    "write",
]

UNDO = dt.timedelta(hours=1)
"""How long whoever ended offers by an address may take it back by the same address."""
STOP = {"en": "Stop: {address}", "zh-hans": "退订：{address}"}
"""What ends every text with an offer."""


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

    Without `channel` a member gets the inbox and one of SMS or e-mail. Marketing goes only by channels the member
    agreed to and not above the weekly cap; what is held back says why. Offers and quiet texts wait for the morning.
    Raises `KeyError` for a kind nobody declared or a variable without a value.
    """
    template = templates()[kind]
    spoken = spoken_language(member.language if member else language)
    if channel is None and Message.objects.filter(key=key).exists():
        return []
    barred = _barred(template, member)
    written = []
    for way, to in _ways(member, recipient, channel, barred):
        message, is_new = Message.objects.get_or_create(
            key=key,
            channel=way,
            defaults=_row(template, member=member, channel=way, recipient=to, language=spoken, variables=variables)
            | _standing(template, member=member, channel=way, held_back=barred.get(way, "")),
        )
        if is_new:
            written.append(message)
    _wake_for(written)
    return written


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One member's own part of a message to many: `key` makes it safe to write twice."""

    member: Member
    variables: dict[str, Any]
    key: str


@transaction.atomic
def send_to_many(*, kind: str, letters: Sequence[Letter]) -> int:
    """Write a message to each of these, as `send` would, in a fixed number of statements; returns how many rows.

    The same key writes nothing twice. Raises `KeyError` for a kind nobody declared or a variable without a value.
    """
    template = templates()[kind]
    languages = {spoken_language(letter.member.language) for letter in letters}
    words = {language: words_for(template, language) for language in languages}
    agreed = _Agreed(template, {letter.member.pk for letter in letters})
    known = set(Message.objects.filter(key__in=[letter.key for letter in letters]).values_list("key", flat=True))
    messages = []
    for letter in letters:
        if letter.key in known:
            continue
        known.add(letter.key)
        written = list(_messages_of(letter, template, words, agreed.barred(letter.member)))
        agreed.note(letter.member, written)
        messages += written
    Message.objects.bulk_create(messages, ignore_conflicts=True, batch_size=500)
    _wake_for(messages)
    return len(messages)


def _messages_of(
    letter: Letter, template: MessageTemplate, words: Mapping[str, Words], barred: Mapping[str, str]
) -> Iterator[Message]:
    """One letter as a message for each way it goes; nothing is written."""
    spoken = spoken_language(letter.member.language)
    for way, to in _ways(letter.member, "", None, barred):
        row = _row(
            template,
            member=letter.member,
            channel=way,
            recipient=to,
            language=spoken,
            variables=letter.variables,
            words=words[spoken],
        )
        standing = _standing(template, member=letter.member, channel=way, held_back=barred.get(way, ""))
        yield Message(key=letter.key, channel=way, **row, **standing)


class _Agreed:
    """What many members agreed to and how many offers each had this week, asked once.

    Their rows are locked in order, so that two offers count each other; for anything but an offer nothing is asked.
    """

    def __init__(self, template: MessageTemplate, members: Collection[int]) -> None:
        self.is_offer = template.purpose == "marketing"
        if self.is_offer:
            locked = Member.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=members)
            list(locked.order_by("pk").values_list("pk"))
            self.answers = marketing_answers_of(members)
            self.offers = selectors.offers_this_week_to(members)

    def barred(self, member: Member) -> dict[str, str]:
        """Why an offer may not go to one of them, by channel."""
        return _bars(self.answers[member.pk], self.offers[member.pk]) if self.is_offer else {}

    def note(self, member: Member, written: Sequence[Message]) -> None:
        """One more offer, unless all of it is held back."""
        if self.is_offer and any(message.state != MessageState.HELD_BACK for message in written):
            self.offers[member.pk] += 1


@transaction.atomic
def notify_staff(*, kind: str, staff: Sequence[Staff], variables: dict[str, Any], key: str) -> list[Message]:
    """Mail each of these people in their own language; who has no e-mail is left out. The same key writes once.

    Raises `KeyError` for a kind nobody declared or a variable without a value.
    """
    template = templates()[kind]
    written = []
    for person in staff:
        if not person.user.email:
            continue
        spoken = spoken_language(person.user.language or organisation().language)
        row = _row(
            template,
            member=None,
            channel=Channel.EMAIL,
            recipient=person.user.email,
            language=spoken,
            variables={"name": person.name, **variables},
        )
        message, is_new = Message.objects.get_or_create(
            key=f"{key}:{person.public_id}", channel=Channel.EMAIL, defaults=row | _at_once(Channel.EMAIL)
        )
        if is_new:
            written.append(message)
    _wake_for(written)
    return written


def write(words: Words, values: dict[str, Any]) -> tuple[str, str]:
    """Subject and text with their variables filled in. Raises `KeyError` for a variable without a value."""
    return one_line(fill(words.subject, values)), fill(words.body, values)


def _row(
    template: MessageTemplate,
    *,
    member: Member | None,
    channel: str,
    recipient: str,
    language: str,
    variables: dict[str, Any],
    words: Words | None = None,
) -> dict[str, Any]:
    """What a message says and to whom; `words` where whoever asks knows them already."""
    called = (member.name if member else "") or NAMELESS[language]
    said = words or words_for(template, language)
    subject, body = write(said, {"business": organisation().name, "name": called, **variables})
    if template.purpose == "marketing" and channel == Channel.SMS and member is not None:
        body = f"{body}\n{fill(STOP[language], {'address': unsubscribe.address_for(member, channel)})}"
    minutes = variables.get("minutes")
    lives = dt.timedelta(minutes=minutes) if template.is_secret and isinstance(minutes, int) else None
    now = clock.now()
    return {
        "member": member,
        "kind": template.kind,
        "purpose": template.purpose,
        "language": language,
        "recipient": recipient,
        "subject": subject,
        "body": body,
        "written_at": now,
        "expires_at": now + lives if lives else None,
    }


NAMELESS = {"en": "dear guest", "zh-hans": "顾客"}
"""How somebody is called whose name is not known."""


def _barred(template: MessageTemplate, member: Member | None) -> dict[str, str]:
    """Why an offer may not go to a member, by channel. Its row is locked, so that two offers count each other."""
    if template.purpose != "marketing":
        return {}
    if member is None:
        return dict.fromkeys(Channel.values, "no_consent")
    Member.objects.select_for_update(no_key=True, of=("self",)).filter(pk=member.pk).first()
    return _bars(marketing_answers(member), selectors.offers_this_week(member))


def _bars(answers: Mapping[str, bool], offers: int) -> dict[str, str]:
    """Why an offer may not go, by channel, after so many of this week."""
    full = offers >= selectors.rules().offers_per_week
    return {
        channel: "weekly_cap" if answers[channel] else "no_consent"
        for channel in Channel.values
        if full or not answers[channel]
    }


def _ways(
    member: Member | None, recipient: str, channel: str | None, barred: Mapping[str, str]
) -> list[tuple[str, str]]:
    """The channels and addresses of a message: the inbox and one way outside, the first that is not barred."""
    if channel is not None:
        known = {Channel.SMS: member.phone, Channel.EMAIL: member.email} if member is not None else {}
        return [(channel, recipient or known.get(Channel(channel), ""))]
    if member is None:
        return []
    outside = [(way, to) for way, to in ((Channel.SMS, member.phone), (Channel.EMAIL, member.email)) if to]
    free = [pair for pair in outside if pair[0] not in barred]
    return [(Channel.INBOX, ""), *(free or outside)[:1]]


def _standing(template: MessageTemplate, *, member: Member | None, channel: str, held_back: str) -> dict[str, Any]:
    """Whether a new message goes now, later or not at all."""
    if held_back:
        return {"state": MessageState.HELD_BACK, "detail": held_back}
    standing = _at_once(channel)
    if keeps_quiet(purpose=template.purpose, channel=channel, at_once=template.at_once):
        now = clock.now()
        later = quiet_until(now, zone=zone_of(member), rules=selectors.rules())
        standing["not_before"] = later or now
    return standing


def _at_once(channel: str) -> dict[str, Any]:
    now = clock.now()
    if channel == Channel.INBOX:
        return {"state": MessageState.SENT, "sent_at": now, "not_before": now}
    return {"state": MessageState.QUEUED, "not_before": now}


def _wake_for(written: Sequence[Message]) -> None:
    """Tell whoever wakes the workers when the first of these messages may go."""
    waiting = [message.not_before for message in written if message.state == MessageState.QUEUED]
    if not waiting:
        return
    first = min(waiting)
    if first <= clock.now():
        wake_after_commit()
    else:
        after_commit(lambda: plugins.first(hooks.work_waiting, due_at=first))


@transaction.atomic
def mark_read(*, member: Member) -> int:
    """The member has seen the inbox; returns how many messages were new."""
    return Message.objects.filter(member=member, channel=Channel.INBOX, read_at__isnull=True).update(
        read_at=clock.now()
    )


@transaction.atomic
def stop_offers(*, member: Member, channel: str, address: str | None = None) -> bool:
    """End offers by a channel ("" for all of them), at once: what waits to be sent is held back. False if none came."""
    answers = marketing_answers(member)
    ended = [each for each in ([channel] if channel else Channel.values) if answers[each]]
    if not ended:
        return False
    set_marketing_consent(member=member, is_given=False, source=Source.SITE, address=address, channel=channel)
    Message.objects.filter(
        member=member, purpose=Purpose.MARKETING, channel__in=ended, state=MessageState.QUEUED
    ).update(state=MessageState.HELD_BACK, detail="no_consent")
    return True


def may_resume_offers(member: Member, channel: str) -> bool:
    """Whether offers by a channel were ended so lately that the same address may take it back."""
    newest = (
        Consent.objects.filter(member=member, purpose=ConsentPurpose.MARKETING, channel__in=("", channel))
        .order_by("-given_at", "-id")
        .first()
    )
    return newest is not None and not newest.is_given and newest.given_at > clock.now() - UNDO


@transaction.atomic
def resume_offers(*, member: Member, channel: str, address: str | None = None) -> bool:
    """Take back what was ended within the last hour by this channel; False when it is too late or nothing was ended."""
    if not may_resume_offers(member, channel):
        return False
    set_marketing_consent(member=member, is_given=True, source=Source.SITE, address=address, channel=channel)
    return True
