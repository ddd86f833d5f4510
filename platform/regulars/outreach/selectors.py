"""Questions about messages: a member's inbox, the rules of sending, what is due, what it came to."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable

from django.core.cache import cache
from django.db.models import Count, QuerySet, Sum

from regulars import clock
from regulars.errors import NotFound
from regulars.organisation.scope import Scope
from regulars.outreach.models import Channel, Message, MessageState, Purpose, SendingRules
from regulars.people.models import Member

RULES_KEY = "outreach_rules"
RULES_SECONDS = 30
WEEK = dt.timedelta(days=7)
MICRO = 1_000_000
"""A cost is kept in this many parts of the currency's unit."""


def inbox(member: Member, *, limit: int = 50) -> list[Message]:
    """What a member was told, the newest first."""
    return list(
        Message.objects.filter(member=member, channel=Channel.INBOX, state=MessageState.SENT).order_by("-written_at")[
            :limit
        ]
    )


def unread_count(member: Member) -> int:
    """How many messages a member has not seen."""
    return Message.objects.filter(
        member=member, channel=Channel.INBOX, state=MessageState.SENT, read_at__isnull=True
    ).count()


def rules() -> SendingRules:
    """The rules of sending of this business; kept in this business's cache."""
    found: SendingRules | None = cache.get(RULES_KEY)
    if found is None:
        found = SendingRules.objects.first() or SendingRules(id=1)
        cache.set(RULES_KEY, found, RULES_SECONDS)
    return found


def offers_this_week(member: Member) -> int:
    """How many offers went out to a member in the last seven days or wait to; one offer by two channels is one."""
    return offers_this_week_to([member.pk])[member.pk]


def offers_this_week_to(members: Iterable[int]) -> Counter[int]:
    """The same for many members (database ids), in one question."""
    sent = Message.objects.filter(
        member__in=list(members),
        purpose=Purpose.MARKETING,
        state__in=(MessageState.SENT, MessageState.QUEUED),
        written_at__gt=clock.now() - WEEK,
    )
    return Counter(dict(sent.order_by().values_list("member").annotate(Count("key", distinct=True))))


def next_due() -> dt.datetime | None:
    """When a waiting message may go next; None when none waits. One look at the index for each purpose."""
    waiting = Message.objects.filter(state=MessageState.QUEUED).order_by("not_before")
    firsts = [waiting.filter(purpose=purpose).values_list("not_before", flat=True).first() for purpose in Purpose]
    return min((instant for instant in firsts if instant is not None), default=None)


def messages_in(scope: Scope) -> QuerySet[Message]:
    """The messages to members of these branches; what belongs to no member is seen with the whole business only."""
    return scope.limit(Message.objects.select_related("member__branch"), "member__branch")


def message_by_public_id(public_id: str, scope: Scope) -> Message:
    """One message within a scope. Raises `NotFound`."""
    found = messages_in(scope).filter(public_id=public_id[:40]).first()
    if found is None:
        raise NotFound
    return found


def totals_of(messages: QuerySet[Message]) -> dict[str, int]:
    """How many of these messages are in each state, how many parts were sent and what they cost (millionths)."""
    found = dict.fromkeys(MessageState.values, 0) | {"parts": 0, "cost": 0}
    rows = messages.order_by().values("state").annotate(count=Count("pk"), parts=Sum("parts"), cost=Sum("cost"))
    for row in rows:
        found[row["state"]] = row["count"]
        found["parts"] += row["parts"] or 0
        found["cost"] += row["cost"] or 0
    return found
