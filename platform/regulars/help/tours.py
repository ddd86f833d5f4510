"""The first look round: a few steps on real elements of the page, by what somebody may do; seen once by each person."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars import hooks, plugins
from regulars.organisation.models import Staff
from regulars.organisation.permissions import granted

FEWEST, MOST = 3, 6
OFFICE, COUNTER = "office", "counter"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: words beside the element that `target` (a CSS selector) finds, or in the middle where it finds none."""

    title: str | Promise
    words: str | Promise
    target: str
    permission: str = ""


def _menu(name: str) -> str:
    return f'#wagtail-sidebar a[href="{reverse(name)}"]'


def _office_steps() -> list[Step]:
    return [
        Step(
            title=_("Today"),
            words=_("What happened today beside a week ago, what needs you, and what is still to set up."),
            target=".office-today",
            permission="today.view",
        ),
        Step(
            title=_("Members"),
            words=_("Everybody who joined: look somebody up, filter, tag, download."),
            target=_menu("office_members:list"),
            permission="members.view",
        ),
        Step(
            title=_("Loyalty"),
            words=_("The points rule is one sentence, the tiers are a ladder. Change them when you like."),
            target=_menu("office_loyalty:programme"),
            permission="loyalty.change",
        ),
        Step(
            title=_("Your people"),
            words=_("Invite somebody, say what they may do and at which branch."),
            target=_menu("office_team:people"),
            permission="team.manage",
        ),
        Step(
            title=_("Sales"),
            words=_("Every sale with its prices, points and refunds, for you to answer questions and to download."),
            target=_menu("office_sales:list"),
            permission="sales.view",
        ),
    ]


def _counter_steps() -> list[Step]:
    return [
        Step(
            title=_("One field does everything"),
            words=_("Scan a card, type the end of a phone number or a name, or type an amount."),
            target=".counter-field-box",
            permission="counter.sell",
        ),
        Step(
            title=_("The sum and the keys"),
            words=_("The letter on a button is its key. Enter takes the money; nobody needs the mouse."),
            target=".counter-foot",
            permission="counter.sell",
        ),
        Step(
            title=_("Newest sales"),
            words=_("To give money back, choose the sale here. You see what will happen first."),
            target=f'.counter-nav a[href="{reverse("counter:sales")}"]',
            permission="counter.refund",
        ),
    ]


def _last_steps(door: str) -> list[Step]:
    bar = "#wagtail-sidebar" if door == OFFICE else ".counter-nav"
    practise = Step(
        title=_("Practise first"),
        words=_("A place where nothing is real: press every button there before a customer waits."),
        target=f'{bar} a[href*="/practice/"]',
    )
    help_ = Step(
        title=_("Help is here"),
        words=_("It opens the page of help for what you are looking at. This tour can be started again from there."),
        target="[data-help-link]",
    )
    is_practice = plugins.first(hooks.practice_page) is not None
    return [help_] if is_practice else [practise, help_]


def steps_for(staff: Staff, door: str) -> list[Step]:
    """The steps of somebody's tour of a door, three to six where they may do that much."""
    held = granted(staff)
    first = [
        step
        for step in (_office_steps() if door == OFFICE else _counter_steps())
        if not step.permission or step.permission in held
    ]
    last = _last_steps(door)
    return [*first[: MOST - len(last)], *last]


def is_due(staff: Staff, door: str) -> bool:
    """Whether somebody has not taken or put away this tour yet."""
    return door not in staff.tours_seen


@transaction.atomic
def remember(*, staff: Staff, door: str) -> None:
    """Somebody has taken a tour, or put it away. Doing so twice changes nothing."""
    found = Staff.objects.select_for_update().get(pk=staff.pk)
    if door in (OFFICE, COUNTER) and door not in found.tours_seen:
        found.tours_seen = [*found.tours_seen, door]
        found.save(update_fields=["tours_seen"])


def as_data(steps: list[Step]) -> str:
    """The steps as the script reads them, in the language of this request."""
    return json.dumps(
        [{"title": str(step.title), "words": str(step.words), "target": step.target} for step in steps],
        ensure_ascii=False,
    )
