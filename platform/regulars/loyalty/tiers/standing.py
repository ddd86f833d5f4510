"""Where a member stands, and how an evaluation moves and explains it: the calls into the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from regulars import clock
from regulars.loyalty.models import Standing, Tier, Track, TrackStanding
from regulars.loyalty.tiers.decision import At
from regulars.loyalty.tiers.measures import foreign, given_by_modules, given_to_many
from regulars.loyalty.tiers.models import Refunds
from regulars.loyalty.tiers.selectors import tracks
from regulars.operations.outbox import new_event_id, wake_after_commit
from regulars.people.models import Member
from regulars.sql_functions import call


def place_at_the_start(*, member: Member) -> Standing | None:
    """Put a new member on the lowest tier; a business without tiers has no standings."""
    lowest = Tier.objects.filter(track__is_default=True).order_by("threshold").first()
    if lowest is None:
        return None
    return Standing.objects.create(member=member, tier=lowest, since=clock.now())


def evaluation_document(
    *,
    member: Member,
    may_fall: bool = False,
    at: At | None = None,
    gives_packs: bool = True,
    asks_modules: bool = True,
) -> dict[str, Any]:
    """An evaluation as the SQL function reads it; modules are asked only where a track counts what they know.

    `asks_modules` false is for who knows already that none does.
    """
    document: dict[str, Any] = {
        "member": member.pk,
        "member_public_id": member.public_id,
        "occurred_at": clock.now().isoformat(),
        "today": clock.today().isoformat(),
        "at": at or ("change" if may_fall else "sale"),
        "gives_packs": gives_packs,
        "event_id": new_event_id(),
    }
    counted_elsewhere = [track for track in tracks() if foreign(track)] if asks_modules else []
    if counted_elsewhere:
        document["given"] = given_by_modules(member, counted_elsewhere)
    return document


@transaction.atomic
def evaluate(
    *, member: Member, may_fall: bool = False, at: At | None = None, gives_packs: bool = True
) -> dict[str, Any] | None:
    """Move a member to the tier that what they did reaches, on every track, and store why.

    `at` is `sale` (members only rise), `refund`, `change` (a plan ended, a rule changed) or `night`; `may_fall` is
    short for `change`. Returns the first move `{previous, current, spent, why, track}`, None when nothing moved.
    """
    document = evaluation_document(member=member, may_fall=may_fall, at=at, gives_packs=gives_packs)
    move: dict[str, Any] | None = call("loyalty_evaluate", document)
    wake_after_commit()
    return move


def spending_changed(*, members: Iterable[int]) -> None:
    """Something else than a sale or a refund changed what these members (database ids) spent: an import, a correction.

    Whoever does such a thing says so in the same transaction. What was noted of the way to the next tier (`room`, see
    `loyalty/sql/rising.sql`) is forgotten, and the next sale counts anew; to move them now, evaluate them.
    """
    Standing.objects.filter(member__in=list(members), room_basis__isnull=False).update(room=None, room_basis=None)


def refunds_count_at_once() -> bool:
    """Whether some track of this business looks again at a member as soon as something is refunded."""
    return any(track.refunds == Refunds.AT_ONCE for track in tracks())


def points_arrived(*, member: Member) -> None:
    """Points were earned outside a sale: evaluate, within the caller's transaction, where a track counts them."""
    if any("points_earned" in track.measures for track in tracks()):
        evaluate(member=member, at="sale")


@transaction.atomic
def evaluate_due(now: dt.datetime, limit: int) -> dt.datetime | None:
    """Look again at those whose day has come, at most `limit`; returns when the next is due, None when nobody is.

    Each track on its own, O(due) by the partial index on `review_on`; safe to run twice and by two workers: a row that
    another works on is skipped, one that was looked at has a later day.
    """
    following = next_due(now=now)
    if following is None or following > now:
        return following
    left = limit
    for track in Track.objects.filter(is_active=True):
        left -= _review(track, now=now, limit=left)
        if left <= 0:
            return now
    return next_due(now=now)


def next_due(*, now: dt.datetime) -> dt.datetime | None:
    """When the day of the next member comes, not before `now`; None when nobody's does. Changes nothing."""
    days = [day for model in (Standing, TrackStanding) if (day := _next_day(model)) is not None]
    return max(clock.start_of(min(days)), now) if days else None


def _next_day(model: Any) -> dt.date | None:
    due = model.objects.filter(review_on__isnull=False)
    if model is TrackStanding:
        due = due.filter(track__is_active=True)
    day: dt.date | None = due.order_by("review_on").values_list("review_on", flat=True).first()
    return day


def _review(track: Track, *, now: dt.datetime, limit: int) -> int:
    """One batch of one track; how many were looked at."""
    today = clock.day_of(now)
    rows: Any = Standing.objects if track.is_default else TrackStanding.objects.filter(track=track)
    due = list(
        rows.filter(review_on__lte=today)
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("review_on", "member_id")
        .values_list("member_id", "member__public_id")[: max(0, limit)]
    )
    if due:
        given = given_to_many([pk for pk, _public_id in due], track)
        told = call(
            "loyalty_review",
            {
                "track": track.pk,
                "occurred_at": now.isoformat(),
                "today": today.isoformat(),
                "at": "night",
                "gives_packs": track.timing == "at_evaluation",
                "members": [
                    {
                        "member": pk,
                        "member_public_id": public_id,
                        "event_id": new_event_id(),
                        "given": {track.code: given[pk]},
                    }
                    for pk, public_id in due
                ],
            },
        )
        _tell(told, dict(due))
        wake_after_commit()
    return len(due)


def _tell(told: list[dict[str, Any]], public_ids: dict[int, str]) -> None:
    """Say to those whose grace begins until when they can keep their tier."""
    from regulars.loyalty.tiers.notices import grace_begins

    for one in told:
        if one.get("why") == "grace":
            grace_begins(member=public_ids[one["member"]], until=dt.date.fromisoformat(one["grace_until"]))
