"""The address that ends offers: short enough for a text, signed for this business, this member and this channel.

It needs no sign-in and never runs out. What it opens is no more than the choice whether offers come by this channel.
"""

from __future__ import annotations

import base64

from django.db import connection
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from regulars import hooks, plugins
from regulars.outreach.models import Channel
from regulars.people.models import Member

SALT = "regulars.outreach.unsubscribe"
LETTERS = {"e": Channel.EMAIL, "s": Channel.SMS, "i": Channel.INBOX}


def token_for(member: Member, channel: str) -> str:
    """What stands at the end of the address: a letter for the channel, the member, a signature of this business."""
    letter = next(letter for letter, known in LETTERS.items() if known == channel)
    named = member.public_id.removeprefix("mem_")
    return f"{letter}{named}-{_signature(member.public_id, channel)}"


def read_token(token: str) -> tuple[Member, str] | None:
    """The member and the channel that a token speaks of; None for any token that this business has not signed."""
    named, _dash, signature = token.partition("-")
    channel = LETTERS.get(named[:1])
    public_id = f"mem_{named[1:]}"
    if channel is None or not constant_time_compare(signature, _signature(public_id, channel)):
        return None
    member = Member.objects.filter(public_id=public_id[:40]).first()
    return (member, channel) if member is not None else None


def address_for(member: Member, channel: str) -> str:
    """The whole address for a member and a channel, on this business's own site."""
    path = reverse("outreach:stop", args=(token_for(member, channel),), urlconf="regulars.config.urls_business")
    return plugins.first(hooks.site_address, path=path) or path


def _signature(public_id: str, channel: str) -> str:
    """Twelve bytes: nobody guesses them, and they fit a text."""
    schema = connection.schema_name  # type: ignore[attr-defined]
    digest = salted_hmac(SALT, f"{schema}:{public_id}:{channel}", algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:12]).decode().replace("-", ".")
