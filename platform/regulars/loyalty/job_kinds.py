"""What the loyalty programme does to many members at once: lift all who have reached a higher tier."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.errors import NotFound
from regulars.loyalty.models import Track
from regulars.loyalty.tiers.lifting import lift
from regulars.loyalty.tiers.preview import risen
from regulars.operations.jobs import JobKind, Ran, job_kind
from regulars.operations.models import Job
from regulars.operations.trail import record
from regulars.organisation.scope import Scope
from regulars.people.models import Member


@job_kind("tiers.lift", label=gettext_lazy("Lift members to the tiers they reach"), permission="loyalty.change")
class Lift(JobKind):
    """Lifts who has reached a higher tier on the track whose code is `track`; with their packs where `gives_packs`.

    Who has risen meanwhile, or no longer reaches more, stays where they are: a piece that comes twice changes nothing.
    """

    def items(self, params: dict[str, Any], scope: Scope) -> list[int]:
        """Those who would rise now, oldest first. Raises `NotFound` for a track that is not there."""
        found = risen(_track(params))
        if scope.is_whole:
            return found
        return list(scope.limit(Member.objects.filter(pk__in=found)).order_by("pk").values_list("pk", flat=True))

    def run_chunk(self, job: Job, items: list[int]) -> Ran:
        """One transaction for each piece."""
        rose = lift(track=_track(job.params), members=items, gives_packs=bool(job.params.get("gives_packs")))
        return Ran(done=len(items), kept=[rose])

    def finish(self, job: Job) -> None:
        """How many rose, for the trail."""
        rose = sum(sum(kept) for kept in job.chunks.values_list("kept", flat=True))
        record(act="track.recalculated", actor=job.requested_by, subject=job.params["track"], detail={"members": rose})

    def title(self, params: dict[str, Any]) -> str:
        """With the name of the track."""
        found = Track.objects.filter(code=params["track"]).first()
        return _("Lift members on %(track)s") % {"track": found or params["track"]}


def _track(params: dict[str, Any]) -> Track:
    found = Track.objects.filter(code=params["track"], is_active=True).first()
    if found is None:
        raise NotFound
    return found
