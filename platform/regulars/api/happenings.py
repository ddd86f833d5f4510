"""What other systems report of members: tasks that are done and events of their own, which may earn points."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from regulars.ledger import selectors as ledger
from regulars.loyalty.points import tasks
from regulars.people import selectors as people

router = Router(tags=["points"])


class Happening(Schema):
    """Something that happened: whose it is, what it is called, and the key that makes it happen once."""

    member: str = Field(max_length=40)
    code: str = Field(max_length=40)
    key: str = Field(max_length=50)


class Done(Schema):
    """A task that a member has done; its code."""

    member: str = Field(max_length=40)
    task: str = Field(max_length=40)


class Earned(Schema):
    """What it brought (the same again for an event reported twice), and what the member holds now: whole points."""

    member: str
    earned: int
    points: int


@router.post("/events", response=Earned, summary="Report an event of a member")
def event_happened(request: HttpRequest, body: Happening) -> Earned:
    """Give what the rules for this event give, once for each key. 404 for a member who is nobody's here."""
    member = people.member_by_public_id(body.member)
    awards = tasks.event_happened(code=body.code, key=body.key, member=member)
    earned = sum(award.points for award in awards)
    return Earned(member=member.public_id, earned=earned, points=ledger.balance(member.wallet_id))


@router.post("/tasks/done", response=Earned, summary="Report a task that a member has done")
def task_done(request: HttpRequest, body: Done) -> Earned:
    """Give the reward of a task, once or once in its period. 404 for a member or a task that is nobody's here."""
    member = people.member_by_public_id(body.member)
    done = tasks.mark_done(task=tasks.task_by_code(body.task), member=member, by=request.auth.public_id)  # type: ignore[attr-defined]
    return Earned(member=member.public_id, earned=done.points, points=ledger.balance(member.wallet_id))
