"""Questions about messages: a member's inbox."""

from __future__ import annotations

from regulars.outreach.models import Channel, Message, MessageState
from regulars.people.models import Member


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
