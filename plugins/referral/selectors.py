"""Questions about referrals: what a word means, what a member has brought, the report, what waits for a person."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Max, Q, QuerySet, Sum

from plugins.referral.apps import ReferralSettings
from plugins.referral.models import OPEN, Invitation, Referral, State
from regulars import plugins
from regulars.organisation import selectors as organisation
from regulars.people.selectors import Member

LONGEST_LATIN_NAME = 20


def settings() -> ReferralSettings:
    """What this business has set."""
    return plugins.settings_of(ReferralSettings)


def referrer_of(word: str) -> Member | None:
    """The member behind a code or behind an invitation that was accepted; None for any other word, or one who left."""
    member: Member | None = None
    if word.startswith("rfr_"):
        accepted = Referral.objects.select_related("referrer").filter(public_id=word).first()
        member = accepted.referrer if accepted else None
    else:
        invitation = Invitation.objects.select_related("member").filter(code=word.lower()).first()
        member = invitation.member if invitation else None
    return member if member is not None and member.is_active else None


def is_staff(member: Member) -> bool:
    """Whether a member works here: staff neither invite nor are invited."""
    return organisation.works_here(user=member.user_id, email=member.email)


def called(member: Member | None) -> str:
    """What another member may read: a first name, or the first character of a Chinese one; empty for none."""
    name = (member.name if member else "").strip()
    if not name:
        return ""
    first = name.split()[0][:LONGEST_LATIN_NAME]
    return f"{first[0]}＊" if not first.isascii() and len(first) > 1 and "一" <= first[0] <= "鿿" else first


def friends_of(member: Member, *, limit: int = 50) -> list[Referral]:
    """Whom a member has brought, the newest first."""
    return list(
        Referral.objects.select_related("friend")
        .filter(referrer=member)
        .exclude(friend__isnull=True, state=State.EXPIRED)
        .order_by("-id")[:limit]
    )


def brought(member: Member) -> int:
    """How many friends have joined through a member."""
    return Referral.objects.filter(referrer=member, friend__isnull=False).count()


def referral_of(friend: Member) -> Referral | None:
    """How somebody came here, None for whoever came without an invitation."""
    return Referral.objects.select_related("referrer").filter(friend=friend).first()


@dataclass(frozen=True, kw_only=True)
class Report:
    """How far referrals came, each counted as far as it came, and the points given and kept."""

    invited: int
    joined: int
    qualified: int
    rewarded: int
    points: int
    taken_back: int
    to_review: int


def report(referrals: QuerySet[Referral]) -> Report:
    """The figures of some referrals, one question."""
    stands = Q(taken_back_at__isnull=True)
    counted = referrals.aggregate(
        invited=Count("id"),
        joined=Count("id", filter=Q(friend__isnull=False)),
        qualified=Count("id", filter=Q(qualified_at__isnull=False)),
        rewarded=Count("id", filter=Q(state=State.REWARDED)),
        to_referrers=Sum("referrer_points", filter=stands),
        to_friends=Sum("friend_points", filter=stands),
        back_from_referrers=Sum("referrer_points", filter=~stands),
        back_from_friends=Sum("friend_points", filter=~stands),
        to_review=Count("id", filter=Q(needs_review=True, state__in=OPEN)),
    )
    return Report(
        invited=counted["invited"],
        joined=counted["joined"],
        qualified=counted["qualified"],
        rewarded=counted["rewarded"],
        points=(counted["to_referrers"] or 0) + (counted["to_friends"] or 0),
        taken_back=(counted["back_from_referrers"] or 0) + (counted["back_from_friends"] or 0),
        to_review=counted["to_review"],
    )


def listed() -> QuerySet[Referral]:
    """Every referral with the people in it, the newest first."""
    return Referral.objects.select_related("referrer", "friend__branch").order_by("-id")


def to_review() -> QuerySet[Referral]:
    """What looks odd and waits for a person."""
    return listed().filter(needs_review=True, state__in=OPEN)


@dataclass(frozen=True, kw_only=True)
class Promised:
    """What is still promised: how many friends, the most points, and the last day on which it is settled by itself."""

    friends: int
    points: int
    until: dt.datetime | None


def promised() -> Promised:
    """What friends who have joined, and those who brought them, may still get."""
    waiting = Referral.objects.filter(state__in=OPEN, friend__isnull=False).aggregate(
        friends=Count("id"),
        to_referrers=Sum("promised_referrer_points"),
        to_friends=Sum("promised_friend_points"),
        until=Max("due_at"),
    )
    return Promised(
        friends=waiting["friends"],
        points=(waiting["to_referrers"] or 0) + (waiting["to_friends"] or 0),
        until=waiting["until"],
    )
