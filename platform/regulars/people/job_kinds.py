"""What can be done to many members at once: tags, a move to another branch, points. Each can be undone as a whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.backoffice.columns import Asker
from regulars.backoffice.records import list_called
from regulars.errors import InvalidInput, NotFound
from regulars.ledger.adjusting import adjust_many, reverse_many
from regulars.ledger.models import Account
from regulars.ledger.selectors import POINTS
from regulars.money import format_count
from regulars.operations.jobs import JobKind, PreviewRow, PutBack, Ran, job_kind
from regulars.operations.models import Job
from regulars.organisation.models import Branch
from regulars.organisation.scope import Scope
from regulars.organisation.selectors import branch_by_public_id
from regulars.people import moving, tags
from regulars.people.models import Member, MemberTag, Tag
from regulars.people.tags import TakenOff

MOST_POINTS = 1_000_000
"""The most that is given to or taken from one member in an act on many."""


class MemberJob(JobKind):
    """An act on the members that `selection` names: ticked ones by public id, or all that a list holds."""

    def chosen(self, params: dict[str, Any], scope: Scope) -> QuerySet[Member]:
        """The members, within the scope, oldest first."""
        selection = params["selection"]
        if "ids" in selection:
            members = scope.limit(Member.objects.filter(public_id__in=selection["ids"]))
        else:
            asker = Asker(frozenset(selection["held"]), scope)
            found = list_called(selection["list"]).matching(selection["query"], asker)
            members = Member.objects.filter(pk__in=found.order_by().values("pk"))
        return members.order_by("pk")

    def items(self, params: dict[str, Any], scope: Scope) -> list[int]:
        """Their database ids. Raises `NotFound` where what they are to get is not there."""
        self.check(params, scope)
        return list(self.chosen(params, scope).values_list("pk", flat=True))

    def count(self, params: dict[str, Any], scope: Scope) -> int:
        """How many they are."""
        return self.chosen(params, scope).count()

    def check(self, params: dict[str, Any], scope: Scope) -> None:
        """Whether what is to be done can be done at all. Raises what `start` then raises."""

    def preview(self, params: dict[str, Any], scope: Scope, limit: int = 10) -> list[PreviewRow]:
        """The first of them, before and after."""
        self.check(params, scope)
        members = list(self.chosen(params, scope)[:limit])
        return [
            PreviewRow(public_id=member.public_id, label=member.name or _("Member"), before=before, after=after)
            for member, (before, after) in zip(members, self.changes(params, members), strict=True)
        ]

    def changes(self, params: dict[str, Any], members: list[Member]) -> list[tuple[str, str]]:
        """Before and after for each."""
        raise NotImplementedError


class TagJob(MemberJob):
    """A tag on many or off many: `tag` is its public id, or `name` that of one that is made at the start."""

    def tag_of(self, params: dict[str, Any]) -> Tag:
        """The tag. Raises `NotFound`."""
        return tags.tag_by_public_id(params["tag"])

    def name_of(self, params: dict[str, Any]) -> str:
        """The name of the tag, also of one that is still to be made. Raises `NotFound` and `InvalidInput`."""
        if "tag" in params:
            return self.tag_of(params).name
        known = tags.tag_called(params["name"])
        return known.name if known else params["name"]

    def check(self, params: dict[str, Any], scope: Scope) -> None:
        """The tag must be there, or have a name that can be given."""
        self.name_of(params)

    def chunks(self, job: Job, scope: Scope) -> Iterable[list[Any]]:
        """The pieces; a new tag is made with them."""
        if "tag" not in job.params:
            job.params["tag"] = tags.tag_named(name=job.params["name"], by=job.requested_by).public_id
        return super().chunks(job, scope)

    def now_on(self, members: list[Member]) -> dict[int, list[str]]:
        """The tags of each."""
        found: dict[int, list[str]] = {member.pk: [] for member in members}
        rows = MemberTag.objects.filter(member__in=members).order_by("tag__name")
        for member, name in rows.values_list("member_id", "tag__name"):
            found[member].append(name)
        return found


def _words(names: list[str]) -> str:
    return _(", ").join(names) if names else _("no tag")


@job_kind("members.tag", label=gettext_lazy("Put a tag on members"), permission="members.change", can_undo=True)
class PutTagOn(TagJob):
    """Puts a tag on those who do not have it."""

    def changes(self, params: dict[str, Any], members: list[Member]) -> list[tuple[str, str]]:
        """The tags, then the tags and this one."""
        name, there = self.name_of(params), self.now_on(members)
        return [(_words(there[member.pk]), _words(sorted({*there[member.pk], name}))) for member in members]

    def run_chunk(self, job: Job, items: list[int]) -> Ran:
        """Keeps which rows are new, so that undoing takes off these and no others."""
        made = tags.put_on(tag=self.tag_of(job.params), members=items, by=job.requested_by)
        return Ran(done=len(items), kept=[{"rows": [row for row, _member in made], "had": len(items) - len(made)}])

    def undo_chunk(self, job: Job, kept: list[Any]) -> PutBack:
        """Takes off what was put on; who lost the tag since, or got it anew, is left alone."""
        rows, had = kept[0]["rows"], kept[0]["had"]
        gone, _by_model = MemberTag.objects.filter(pk__in=rows).delete()
        return PutBack(undone=gone + had, left_alone=len(rows) - gone)

    def title(self, params: dict[str, Any]) -> str:
        """With the name of the tag."""
        return _("Put the tag “%(tag)s” on members") % {"tag": self.name_of(params)}


@job_kind("members.untag", label=gettext_lazy("Take a tag off members"), permission="members.change", can_undo=True)
class TakeTagOff(TagJob):
    """Takes a tag off those who have it."""

    def changes(self, params: dict[str, Any], members: list[Member]) -> list[tuple[str, str]]:
        """The tags, then the tags without this one."""
        name, there = self.name_of(params), self.now_on(members)
        return [
            (_words(there[member.pk]), _words([one for one in there[member.pk] if one != name])) for member in members
        ]

    def run_chunk(self, job: Job, items: list[int]) -> Ran:
        """Keeps the tags as they were, with day and hand."""
        taken = tags.take_off(tag=self.tag_of(job.params), members=items)
        kept = [[one.member, one.tagged_at.isoformat(), one.tagged_by] for one in taken]
        return Ran(done=len(items), kept=[{"taken": kept, "had_not": len(items) - len(taken)}])

    def undo_chunk(self, job: Job, kept: list[Any]) -> PutBack:
        """Puts them back as they were; who has the tag again is left alone."""
        taken = [
            TakenOff(member=member, tagged_at=dt.datetime.fromisoformat(at), tagged_by=by)
            for member, at, by in kept[0]["taken"]
        ]
        back = tags.put_back(tag=self.tag_of(job.params), taken=taken)
        return PutBack(undone=back + kept[0]["had_not"], left_alone=len(taken) - back)

    def title(self, params: dict[str, Any]) -> str:
        """With the name of the tag."""
        return _("Take the tag “%(tag)s” off members") % {"tag": self.name_of(params)}


@job_kind("members.move", label=gettext_lazy("Move members to a branch"), permission="members.change", can_undo=True)
class MoveToBranch(MemberJob):
    """Makes another branch the home of members: `branch` is its public id."""

    def branch_of(self, params: dict[str, Any]) -> Branch:
        """The branch. Raises `NotFound`."""
        return branch_by_public_id(params["branch"])

    def check(self, params: dict[str, Any], scope: Scope) -> None:
        """The branch must lie in the scope of whoever asks. Raises `NotFound`."""
        if not scope.covers(self.branch_of(params)):
            raise NotFound

    def changes(self, params: dict[str, Any], members: list[Member]) -> list[tuple[str, str]]:
        """One branch, then the other."""
        name = self.branch_of(params).name
        homes = dict(Branch.objects.filter(pk__in=[member.branch_id for member in members]).values_list("pk", "name"))
        return [(homes.get(member.branch_id or 0, _("no branch")), name) for member in members]

    def run_chunk(self, job: Job, items: list[int]) -> Ran:
        """Keeps where each was."""
        before = moving.move_members(members=items, branch=self.branch_of(job.params))
        return Ran(done=len(items), kept=[{"before": list(before.items()), "there": len(items) - len(before)}])

    def undo_chunk(self, job: Job, kept: list[Any]) -> PutBack:
        """Puts each back; who was moved on since is left alone."""
        before = dict(kept[0]["before"])
        back = moving.move_back(before=before, branch=self.branch_of(job.params))
        return PutBack(undone=back + kept[0]["there"], left_alone=len(before) - back)

    def title(self, params: dict[str, Any]) -> str:
        """With the name of the branch."""
        return _("Move members to %(branch)s") % {"branch": self.branch_of(params).name}


@job_kind("members.points", label=gettext_lazy("Give or take points"), permission="points.adjust", can_undo=True)
class AdjustPoints(MemberJob):
    """Gives each member `points`, or takes them where below zero, for a `reason` that the member can read."""

    def check(self, params: dict[str, Any], scope: Scope) -> None:
        """Raises `InvalidInput` for nothing, for too much and for no reason."""
        if not 0 < abs(params["points"]) <= MOST_POINTS:
            most = format_count(MOST_POINTS)
            raise InvalidInput(_("Enter points from 1 to %(most)s.") % {"most": most}, field="points")
        if not params["reason"].strip():
            raise InvalidInput(_("Say why: the member reads it beside the points."), field="reason")

    def changes(self, params: dict[str, Any], members: list[Member]) -> list[tuple[str, str]]:
        """The balance, then the balance with these points; nothing changes where there is not enough to take."""
        accounts = Account.objects.filter(wallet__in=[member.wallet_id for member in members], asset=POINTS)
        held = dict(accounts.values_list("wallet_id", "balance"))
        rows = []
        for member in members:
            before = held.get(member.wallet_id, 0)
            after = before + params["points"]
            rows.append((format_count(before), format_count(after) if after >= 0 else _("not enough, stays as it is")))
        return rows

    def run_chunk(self, job: Job, items: list[int]) -> Ran:
        """One transaction in the ledger for each, under a key of its own, so that none is given twice."""
        wallets = dict(Member.objects.filter(pk__in=items).values_list("wallet_id", "public_id"))
        adjusted = adjust_many(
            keys={wallet: f"{job.public_id}:{member}" for wallet, member in wallets.items()},
            members=wallets,
            asset=POINTS,
            amount=job.params["points"],
            reason=job.params["reason"],
            actor=job.requested_by,
        )
        short = len(adjusted.short)
        return Ran(
            done=len(adjusted.transactions),
            failed=short,
            kept=sorted(adjusted.transactions.values()),
            error=_("Some members have fewer points than were to be taken; they keep what they have.") if short else "",
        )

    def undo_chunk(self, job: Job, kept: list[Any]) -> PutBack:
        """Reverses each; what somebody reversed before is left alone."""
        back = reverse_many(transactions=kept, suffix=":undone", reason=job.params["reason"], actor=job.requested_by)
        return PutBack(undone=back, left_alone=len(kept) - back)

    def title(self, params: dict[str, Any]) -> str:
        """With the points."""
        points = params["points"]
        if points > 0:
            return _("Give members %(points)s points each") % {"points": format_count(points)}
        return _("Take %(points)s points from each member") % {"points": format_count(-points)}
