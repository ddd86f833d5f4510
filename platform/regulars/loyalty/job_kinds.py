"""What the loyalty programme does to many at once: lift all who have reached a higher tier, make codes of coupons."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.errors import NotFound
from regulars.loyalty.coupons.batches import JOB as MAKE_COUPONS
from regulars.loyalty.coupons.batches import make_some
from regulars.loyalty.coupons.giving import give_many, take_back
from regulars.loyalty.coupons.models import Occasion
from regulars.loyalty.coupons.selectors import template_by_public_id
from regulars.loyalty.coupons.telling import tell
from regulars.loyalty.models import Coupon, CouponBatch, CouponTemplate, Track
from regulars.loyalty.tiers.lifting import lift
from regulars.loyalty.tiers.preview import risen
from regulars.operations.jobs import JobKind, PutBack, Ran, job_kind
from regulars.operations.models import Job
from regulars.operations.trail import record
from regulars.organisation.scope import Scope
from regulars.people.job_kinds import MemberJob
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


@job_kind(MAKE_COUPONS, label=gettext_lazy("Make coupon codes"), permission="loyalty.change")
class MakeCodes(JobKind):
    """Makes the `codes` of the `batch` (its public id); of a batch declared void meanwhile no more."""

    def items(self, params: dict[str, Any], scope: Scope) -> list[int]:
        """The codes by number."""
        return list(range(1, int(params["codes"]) + 1))

    def run_chunk(self, job: Job, items: list[int]) -> Ran:
        """One statement for each piece."""
        made = make_some(batch=job.params["batch"], codes=items)
        return Ran(done=made, failed=len(items) - made)

    def title(self, params: dict[str, Any]) -> str:
        """With the name of the batch."""
        return _("Make the codes of %(batch)s") % {"batch": CouponBatch.objects.get(public_id=params["batch"])}


@job_kind("members.coupon", label=gettext_lazy("Give members a coupon"), permission="loyalty.change", can_undo=True)
class GiveCoupon(MemberJob):
    """Gives each the coupon whose template is `template` (its public id); who may have no more is passed over."""

    def template_of(self, params: dict[str, Any]) -> CouponTemplate:
        """The template. Raises `NotFound`."""
        return template_by_public_id(params["template"])

    def check(self, params: dict[str, Any], scope: Scope) -> None:
        """It must be there."""
        self.template_of(params)

    def changes(self, params: dict[str, Any], members: list[Member]) -> list[tuple[str, str]]:
        """How many each has, then one more."""
        template = self.template_of(params)
        rows = Coupon.objects.filter(member__in=members, template=template, number__isnull=False)
        had = dict(rows.order_by().values_list("member").annotate(Count("pk")))
        most = template.most_per_member
        found = [had.get(member.pk, 0) for member in members]
        return [(str(count), str(count if most is not None and count >= most else count + 1)) for count in found]

    def run_chunk(self, job: Job, items: list[int]) -> Ran:
        """Keeps which coupons are new, so that undoing takes these back and no others."""
        template = self.template_of(job.params)
        given = give_many(template=template, members=items, key=f"job:{job.public_id}", by=job.requested_by)
        tell(given, is_offer=template.occasion != Occasion.COMPENSATION)
        return Ran(done=len(given), failed=len(items) - len(given), kept=given)

    def undo_chunk(self, job: Job, kept: list[Any]) -> PutBack:
        """What was used meanwhile stays used."""
        back = take_back(coupons=kept, by=job.requested_by)
        return PutBack(undone=back, left_alone=len(kept) - back)

    def title(self, params: dict[str, Any]) -> str:
        """With the name of the coupon."""
        return _("Give members the coupon “%(coupon)s”") % {"coupon": self.template_of(params)}


def _track(params: dict[str, Any]) -> Track:
    found = Track.objects.filter(code=params["track"], is_active=True).first()
    if found is None:
        raise NotFound
    return found
