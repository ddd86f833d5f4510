"""When a message may go: quiet hours where the member lives, and which messages keep to them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from regulars.organisation.selectors import organisation
from regulars.outreach.models import Channel, Purpose, SendingRules
from regulars.people.models import Member


def zone_of(member: Member | None) -> ZoneInfo:
    """The zone of a member's days: that of the branch where they joined, where it has its own, else the business's."""
    branch = member.branch if member is not None else None
    return ZoneInfo((branch.zone if branch is not None else "") or organisation().zone)


def keeps_quiet(*, purpose: str, channel: str, at_once: bool) -> bool:
    """Whether a message waits for the morning.

    Offers do on every channel that makes itself heard; the inbox makes no sound. Of what is about the membership only
    texts wait, and not those that answer what the member has just done. What was asked for just now never waits.
    """
    if purpose == Purpose.MARKETING:
        return channel != Channel.INBOX
    return purpose == Purpose.SERVICE and channel == Channel.SMS and not at_once


def quiet_until(now: dt.datetime, *, zone: ZoneInfo, rules: SendingRules) -> dt.datetime | None:
    """When the quiet hours end in which `now` lies, in UTC; None when it is not quiet."""
    begins, ends = rules.quiet_from, rules.quiet_until
    local = now.astimezone(zone)
    time = local.time()
    passes_midnight = begins > ends
    is_quiet = (time >= begins or time < ends) if passes_midnight else begins <= time < ends
    if not is_quiet:
        return None
    day = local.date() + dt.timedelta(days=1 if passes_midnight and time >= begins else 0)
    return dt.datetime.combine(day, ends, zone).astimezone(dt.UTC)
