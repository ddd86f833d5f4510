"""What a person decides about one member's tier: set by hand with a reason, ended, or brought along by an import."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from regulars import clock, events
from regulars.errors import InvalidInput
from regulars.loyalty.tiers.models import Place, Standing, Tier, TierMove, TrackStanding
from regulars.operations.outbox import announce, new_event_id
from regulars.operations.trail import record
from regulars.people.models import Member
from regulars.text import plain_text

DAY = dt.timedelta(days=1)


@transaction.atomic
def set_by_hand(*, member: Member, tier: Tier, until: dt.date | None, reason: str, by: str) -> Place:
    """Put a member on a tier by hand, up to and with a day (None: until somebody ends it); no pack is given.

    Set higher than the present tier it may be outgrown; set lower it holds exactly. Raises `InvalidInput` (fields
    `until`, `reason`) for a day that is not ahead and a missing reason.
    """
    why = plain_text(reason, field="reason", longest=200)
    if until is not None and until <= clock.today():
        raise InvalidInput(_("Choose a day from tomorrow on."), field="until")
    if tier.track.measures and until is None:
        raise InvalidInput(_("Choose until when. Afterwards the figures decide again."), field="until")
    place = _locked(member, tier)
    previous = place.tier
    place.is_floor = tier.threshold >= previous.threshold
    place.is_overridden, place.override_until, place.override_reason, place.override_by = True, until, why, by[:80]
    place.grace_until, place.review_on = None, until + DAY if until else None
    _move(place, member, tier, {"why": "set_by_hand", "until": until, "reason": why, "is_floor": place.is_floor})
    record(
        act="tier.set_by_hand",
        actor=by,
        subject=member.public_id,
        detail={"track": tier.track.code, "until": until.isoformat() if until else "", "reason": why},
        before={"tier": previous.code},
        after={"tier": tier.code},
        member=member,
    )
    return place


@transaction.atomic
def end_override(*, member: Member, tier: Tier, by: str) -> Place:
    """Let the figures decide again from today, on the track of `tier`. Raises `InvalidInput` where nothing was set."""
    from regulars.loyalty.tiers.standing import evaluate

    place = _locked(member, tier)
    if not place.is_overridden:
        raise InvalidInput(_("This tier was not set by hand."), field="tier")
    place.override_until = clock.today() - DAY
    place.review_on = clock.today()
    place.save(update_fields=["override_until", "review_on"])
    record(
        act="tier.override_ended",
        actor=by,
        subject=member.public_id,
        detail={"track": tier.track.code},
        before={"tier": place.tier.code},
        member=member,
    )
    evaluate(member=member, at="change", gives_packs=False)
    place.refresh_from_db()
    return place


@transaction.atomic
def bring_along(*, member: Member, tier: Tier, kept_until: dt.date | None = None, by: str = "") -> Place:
    """Put an imported member on the tier they had elsewhere, kept until a day: no pack, no message.

    Raises `InvalidInput` (field `kept_until`) for a day in the past.
    """
    if kept_until is not None and kept_until < clock.today():
        raise InvalidInput(_("This is in the past. Choose a day from today on."), field="kept_until")
    place = _locked(member, tier)
    previous = place.tier
    place.kept_until, place.review_on = kept_until, kept_until + DAY if kept_until else None
    _move(place, member, tier, {"why": "import", "kept_until": kept_until}, is_told=False)
    record(
        act="tier.imported",
        actor=by,
        subject=member.public_id,
        before={"tier": previous.code},
        after={"tier": tier.code},
        member=member,
    )
    return place


def _locked(member: Member, tier: Tier) -> Place:
    """The member's standing on the track of a tier, locked; made where there is none."""
    lowest = Tier.objects.filter(track=tier.track).order_by("threshold")[0]
    fresh: dict[str, Any] = {"tier": lowest, "since": clock.now()}
    if tier.track.is_default:
        Standing.objects.get_or_create(member=member, defaults=fresh)
        return Standing.objects.select_for_update(of=("self",)).select_related("tier").get(member=member)
    TrackStanding.objects.get_or_create(member=member, track=tier.track, defaults=fresh)
    found = TrackStanding.objects.select_for_update(of=("self",)).select_related("tier")
    return found.get(member=member, track=tier.track)


def _move(place: Place, member: Member, tier: Tier, why: dict[str, Any], *, is_told: bool = True) -> None:
    """Write the place and, where the tier is another, the move with its reason and the fact."""
    previous, place.tier = place.tier, tier
    if previous.pk == tier.pk:
        place.save()
        return
    place.since = clock.now()
    place.save()
    TierMove.objects.create(
        member=member,
        previous=previous,
        current=tier,
        explanation={"track": tier.track.code, "result": {name: _plain(value) for name, value in why.items()}},
        moved_at=place.since,
    )
    if is_told:
        announce(
            events.TierChanged(
                event_id=new_event_id(),
                occurred_at=place.since,
                member=member.public_id,
                previous=previous.code,
                current=tier.code,
            )
        )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value
