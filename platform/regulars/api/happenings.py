"""What other systems report of members: tasks that are done and events of their own, which may earn points."""

from __future__ import annotations

from ninja import Router, Schema
from pydantic import Field

from regulars.api.callers import Asking, MayCall
from regulars.api.incoming import Incoming
from regulars.api.keys import key_for
from regulars.api.members import member_here
from regulars.ledger import selectors as ledger
from regulars.loyalty.points import tasks

router = Router(tags=["events"])


class Happening(Incoming):
    """Something that happened: whose it is, what it is called, and what makes it happen once.

    `key` is the event's own, the same whoever reports it; without one the key of the request is it.
    """

    member: str = Field(max_length=40)
    code: str = Field(max_length=40)
    key: str = Field("", max_length=50)


class Done(Incoming):
    """A task that a member has done; its code."""

    member: str = Field(max_length=40)
    task: str = Field(max_length=40)


class Earned(Schema):
    """What it brought (the same again for an event reported twice), and what the member holds now: whole points."""

    member: str
    earned: int
    points: int


@router.post("/events", response=Earned, summary="Report an event of a member", auth=MayCall("events.report"))
def event_happened(request: Asking, body: Happening) -> Earned:
    """Give what the rules for this event give, once for each event. 404 for a member who is nobody's here."""
    member = member_here(body.member)
    awards = tasks.event_happened(code=body.code, key=body.key or key_for(request), member=member)
    earned = sum(award.points for award in awards)
    return Earned(member=member.public_id, earned=earned, points=ledger.balance(member.wallet))


@router.post(
    "/tasks/done", response=Earned, summary="Report a task that a member has done", auth=MayCall("events.report")
)
def task_done(request: Asking, body: Done) -> Earned:
    """Give the reward of a task, once or once in its period. 404 for a member or a task that is nobody's here."""
    member = member_here(body.member)
    task = tasks.task_by_code(body.task)
    done = tasks.mark_done(task=task, member=member, by=request.auth.staff.public_id)
    return Earned(member=member.public_id, earned=done.points, points=ledger.balance(member.wallet))
