"""Lifting those who have reached a higher tier by a change of rules, without waiting for their next purchase."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from regulars import clock
from regulars.loyalty.tiers.measures import given_to_many
from regulars.loyalty.tiers.models import Track
from regulars.loyalty.tiers.preview import risen
from regulars.operations.outbox import new_event_id, wake_after_commit
from regulars.people.models import Member
from regulars.sql_functions import call


@transaction.atomic
def lift(*, track: Track, members: Sequence[int], gives_packs: bool = False) -> int:
    """Lift those of these members (database ids) who reach a higher tier of a track now; how many.

    Nobody falls, and packs are given only if asked. Safe to repeat: who has risen is not found again.
    """
    waiting = risen(track, among=members)
    if not waiting:
        return 0
    public_ids = dict(Member.objects.filter(pk__in=waiting).values_list("pk", "public_id"))
    given = given_to_many(waiting, track)
    told = call(
        "loyalty_review",
        {
            "track": track.pk,
            "occurred_at": clock.now().isoformat(),
            "today": clock.today().isoformat(),
            "at": "change",
            "gives_packs": gives_packs,
            "members": [
                {
                    "member": pk,
                    "member_public_id": public_ids[pk],
                    "event_id": new_event_id(),
                    "given": {track.code: given[pk]},
                }
                for pk in waiting
            ],
        },
    )
    wake_after_commit()
    return sum("current" in became for became in told)
