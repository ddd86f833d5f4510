"""Tasks: what a member can do for points besides buying, and the events that other systems report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from regulars import clock
from regulars.errors import InvalidInput, NotFound
from regulars.loyalty.points.checking import CODE
from regulars.loyalty.points.earning import give
from regulars.loyalty.points.models import Award, Kind, Period, Task
from regulars.loyalty.points.occasions import EVENT_PREFIX, TASK_PREFIX, period_key
from regulars.loyalty.points.services import save_points_rule
from regulars.loyalty.saving import figures, words_by_language
from regulars.money import LARGEST_AMOUNT
from regulars.operations.trail import record
from regulars.people.models import Member
from regulars.words import in_language


@dataclass(frozen=True, kw_only=True)
class TaskDone:
    """What doing a task brought: the points, 0 when it was done before in its time."""

    task: Task
    points: int


@transaction.atomic
def save_task(
    *,
    task: Task | None = None,
    code: str = "",
    words: Mapping[str, str],
    points: int,
    period: str = Period.ONCE,
    pending_days: int = 0,
    is_active: bool = True,
    by: str = "",
) -> Task:
    """Add or change a task with its reward; the code stays what it was. Raises `InvalidInput` naming the field."""
    before = figures(task) if task else None
    named = task.code if task else code
    if not CODE.fullmatch(named):
        raise InvalidInput(_("Use small letters, figures, dots and hyphens, for example “first-review”."), field="code")
    if task is None and Task.objects.filter(code=named).exists():
        raise InvalidInput(_("There is a task with this code. Choose another."), field="code")
    if period not in Period.values:
        raise InvalidInput(_("Choose how often it counts."), field="period")
    made = task or Task(code=named)
    made.words, made.period, made.is_active = words_by_language(words), period, is_active
    made.rule = save_points_rule(
        rule=task.rule if task else None,
        name=in_language(made.words),
        points=points,
        pending_days=pending_days,
        is_active=is_active,
        by=by,
        trigger=f"{TASK_PREFIX}{named}",
        kind=Kind.FIXED,
    )
    made.save()
    record(act="task.saved", actor=by, subject=made.public_id, before=before, after=figures(made))
    return made


def task_by_code(code: str) -> Task:
    """One task that can be done. Raises `NotFound`."""
    found = Task.objects.select_related("rule").filter(code=code[:40], is_active=True).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, kw_only=True)
class TaskState:
    """A task as a member sees it."""

    task: Task
    is_done: bool


def tasks_for(member: Member) -> list[TaskState]:
    """The tasks there are, and which of them the member has done in their time."""
    found = list(Task.objects.select_related("rule").filter(is_active=True).order_by("pk"))
    if not found:
        return []
    today = clock.today()
    named = {task.pk: occasion_of_task(task, today) for task in found}
    done = set(Award.objects.filter(member=member, occasion__in=named.values()).values_list("occasion", flat=True))
    return [TaskState(task=task, is_done=named[task.pk] in done) for task in found]


def occasion_of_task(task: Task, on: dt.date) -> str:
    """The occasion of doing a task on a day: once, or once in its period."""
    return f"{TASK_PREFIX}{task.code}:{period_key(task.period, on)}"


@transaction.atomic
def mark_done(*, task: Task, member: Member, by: str, on: dt.date | None = None) -> TaskDone:
    """Say that a member has done a task: its reward comes once, or once in each of its periods; repeating is safe.

    Raises `InvalidInput` (field `task`) for a task that is switched off.
    """
    if not task.is_active:
        raise InvalidInput(_("This task is switched off."), field="task")
    day = on or clock.today()
    occasion = occasion_of_task(task, day)
    had = set(Award.objects.filter(member=member, occasion=occasion).values_list("pk", flat=True))
    awards = give(trigger=f"{TASK_PREFIX}{task.code}", member=member, occasion=occasion, on=day)
    points = sum(award.points for award in awards if award.pk not in had)
    if points:
        record(
            act="task.done",
            actor=by,
            subject=member.public_id,
            detail={"task": task.code, "points": points},
            member=member,
        )
    return TaskDone(task=task, points=points)


def event_happened(*, code: str, key: str, member: Member, amount: int = 0) -> list[Award]:
    """Something that another system reports has happened, once for each key. Raises `InvalidInput` naming the field."""
    if not CODE.fullmatch(code):
        raise InvalidInput(
            _("Name the event with small letters, figures, dots and hyphens, for example “signed-book”."), field="code"
        )
    if not 1 <= len(key) <= 50 or not key.isprintable():
        raise InvalidInput(_("A key of 1 to 50 characters is needed to make this safe to repeat."), field="key")
    if not 0 <= amount <= LARGEST_AMOUNT:
        raise InvalidInput(_("This amount is not possible. Check the number of zeros."), field="amount")
    context = {"sale.amount": amount} if amount else {}
    return give(
        trigger=f"{EVENT_PREFIX}{code}",
        member=member,
        occasion=f"{EVENT_PREFIX}{code}:{key}",
        on=clock.today(),
        context=context,
    )
