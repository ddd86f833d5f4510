"""What referral answers: words at the door, facts, due work, its part of a member, and what it owes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plugins.referral import selectors, services
from plugins.referral.models import Invitation, Referral
from plugins.referral.notes import TEMPLATES
from regulars import clock, events
from regulars.hooks import Introduction, IntroductionField, MessageTemplate, NeedsYou, Owed, Tile, hookimpl
from regulars.people.selectors import Member
from regulars.plugins.rights import Staff, allows, scope_of


@hookimpl
def introduction_fields() -> list[IntroductionField]:
    """Ask for the invitation code where people join."""
    return [IntroductionField(label=_("Invitation code"), help=_("If a friend invited you. It may stay empty."))]


@hookimpl
def introductions(word: str) -> list[Introduction]:
    """Who invites with this word, and what the friend gets."""
    referrer = selectors.referrer_of(word)
    if referrer is None or selectors.is_staff(referrer):
        return []
    name, points = selectors.called(referrer), selectors.settings().friend_points
    who = _("%(name)s invites you.") % {"name": name} if name else _("A friend invites you.")
    what = ngettext(
        "%(points)s point is yours after your first purchase.",
        "%(points)s points are yours after your first purchase.",
        points,
    ) % {"points": points}
    return [Introduction(label=f"{who} {what}" if points else who, by=name)]


@hookimpl
def message_templates() -> list[MessageTemplate]:
    """What members are told."""
    return [*TEMPLATES]


@hookimpl
def wallet_tiles(member: Member) -> list[Tile]:
    """How many friends a member has brought; nothing for one who has brought none."""
    count = selectors.brought(member)
    if not count:
        return []
    return [Tile(label=_("Friends"), value=str(count), url=reverse("referral:invite"), icon="gift", order=700)]


@hookimpl
def needs_you(staff: Staff) -> list[NeedsYou]:
    """Invitations that look odd, for those who may decide and in their scope."""
    if not allows(staff, "referral.review"):
        return []
    count = scope_of(staff).limit(selectors.to_review(), "friend__branch").count()
    return [NeedsYou(label=_("Invitations to review"), count=count, url=reverse("referral:review"))] if count else []


@hookimpl
def member_joined(event: events.MemberJoined) -> None:
    """Somebody joined, perhaps through an invitation."""
    services.join(event=event)


@hookimpl
def sale_posted(event: events.SalePosted) -> None:
    """A purchase, perhaps the first of a friend."""
    services.buy(event=event)


@hookimpl
def sale_refunded(event: events.SaleRefunded) -> None:
    """A refund, perhaps of the purchase that counted."""
    services.refund(event=event)


@hookimpl
def due_work(now: dt.datetime, limit: int) -> list[dt.datetime]:
    """Reward what outlived its hold, end what was too late."""
    following = services.settle_due(now=now, limit=limit)
    return [] if following is None else [following]


@hookimpl
def what_is_owed() -> list[Owed]:
    """Points promised to friends who have joined and to those who brought them."""
    promised = selectors.promised()
    if not promised.friends:
        return []
    amount = ngettext("%(count)s invitation", "%(count)s invitations", promised.friends) % {"count": promised.friends}
    points = ngettext("at most %(points)s point", "at most %(points)s points", promised.points)
    settled = _("Those that look odd wait for a decision under “To review”; the rest is settled by itself.")
    if promised.until is not None:
        day = date_format(clock.day_of(promised.until), "DATE_FORMAT")
        settled = _("Given or ended by itself, the last by %(day)s unless somebody buys before. %(more)s") % {
            "day": day,
            "more": settled,
        }
    said = f"{amount} · {points % {'points': promised.points}}"
    return [Owed(label=_("Promised for friends who joined"), amount=said, settled=settled)]


@hookimpl
def member_export(member: Member) -> list[dict[str, Any]]:
    """The member's code, whom they brought (without saying who), and how they came."""
    found: list[dict[str, Any]] = []
    invitation = Invitation.objects.filter(member=member).first()
    if invitation is not None:
        found.append({"module": "referral", "kind": "code", "code": invitation.code, "at": _iso(invitation.made_at)})
    for row in Referral.objects.filter(referrer=member).order_by("id"):
        found.append({"module": "referral", "kind": "invited", "points": row.referrer_points, **_steps(row)})
    if (came := selectors.referral_of(member)) is not None:
        found.append({"module": "referral", "kind": "was_invited", "points": came.friend_points, **_steps(came)})
    return found


@hookimpl
def member_erase(member: Member) -> list[str]:
    """The code goes and so does what gave nothing; what points were given for stays with them, without a name."""
    Invitation.objects.filter(member=member).delete()
    Referral.objects.filter(referrer=member, friend__isnull=True).delete()
    Referral.objects.filter(friend=member, rewarded_at__isnull=True).delete()
    kept = Referral.objects.filter(friend=member).exists()
    if kept or Referral.objects.filter(referrer=member).exists():
        return [_("Which invitation gave points is kept with those points, without a name, for three years.")]
    return []


def _steps(row: Referral) -> dict[str, str | None]:
    return {
        "state": row.state,
        "invited_at": _iso(row.invited_at),
        "joined_at": _iso(row.joined_at),
        "bought_at": _iso(row.qualified_at),
        "rewarded_at": _iso(row.rewarded_at),
    }


def _iso(instant: dt.datetime | None) -> str | None:
    return instant.isoformat() if instant else None
