"""Questions of the back office's first page: what is still to do, how today stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from allauth.account.models import EmailAddress
from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from regulars import clock, hooks, plugins
from regulars.hooks import ChecklistStep, NeedsYou
from regulars.insights import selectors as insights
from regulars.insights.selectors import NOTHING, Span, Totals
from regulars.operations.models import TrailEntry
from regulars.organisation import selectors as organisation
from regulars.organisation.models import Branch, Role, Staff
from regulars.organisation.scope import Scope
from regulars.people.models import Member
from regulars.sales.models import Sale


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Today beside the same day of last week, and the last seven whole days beside the seven before them."""

    today: Totals
    same_day: Totals
    week: Totals
    week_before: Totals


def figures(scope: Scope, day: dt.date | None = None) -> Figures:
    """The figures of a day (today) within a scope; one question to the database, however much was sold."""
    today = day or clock.today()
    days = insights.by_day(scope, Span(first=today - dt.timedelta(days=14), last=today))

    def between(most: int, least: int) -> Totals:
        return sum((days[today - dt.timedelta(days=ago)] for ago in range(least, most + 1)), NOTHING)

    return Figures(
        today=days[today],
        same_day=days[today - insights.WEEK],
        week=between(7, 1),
        week_before=between(14, 8),
    )


def needs_you(staff: Staff) -> list[NeedsYou]:
    """What waits for somebody, in its order: what the rooms and the modules of this business answer."""
    found = plugins.ask(hooks.needs_you, staff=staff)
    return sorted((each for each in found if each.count), key=lambda each: each.order)


def checklist() -> list[ChecklistStep]:
    """The steps of setting up, in their order; each is done when the data says so."""
    steps = [*_own_steps(), *plugins.ask(hooks.checklist_steps)]
    return sorted(steps, key=lambda step: step.order)


@dataclass(frozen=True)
class _Begun:
    """Which of our own steps the data says are done."""

    email: bool = False
    brand: bool = False
    team: bool = False
    member: bool = False
    sale: bool = False


def _begun() -> _Begun:
    """All of it in one question."""
    words, values = _question()
    with connection.cursor() as cursor:
        cursor.execute(words, values)
        found = cursor.fetchone()
    return _Begun(*found) if found else _Begun()


@lru_cache(maxsize=1)
def _question() -> tuple[str, tuple[Any, ...]]:
    """The question in the words of the database, the same for every business; putting it takes longer than asking."""
    owners = EmailAddress.objects.filter(user__staff__role=Role.OWNER, user__staff__is_active=True, verified=True)
    coloured = TrailEntry.objects.filter(
        Q(after__has_key="accent") | Q(detail__after__has_key="accent"), act="organisation.changed"
    )
    colleagues = Staff.objects.filter(is_active=True).exclude(pk=OuterRef("pk"))
    facts: tuple[Any, ...] = (
        Exists(owners),
        Exists(coloured),
        Exists(colleagues) | Exists(Branch.objects.exclude(address="")),
        Exists(Member.objects.all()),
        Exists(Sale.objects.all()),
    )
    somebody = Staff.objects.filter(is_active=True).order_by().values_list(*facts)[:1]
    words, values = somebody.query.sql_with_params()
    return words, tuple(values)


def _own_steps() -> list[ChecklistStep]:
    begun = _begun()
    return [
        ChecklistStep(
            code="email",
            label=_("Confirm your e-mail address"),
            help=_("We sent you a link. It lets you reset your password and receive reports."),
            url=reverse("account_email"),
            done=begun.email,
            order=100,
        ),
        ChecklistStep(
            code="site",
            label=_("Look at your site"),
            help=_("This is what your customers see before they join. Change any word of it."),
            url=reverse("backoffice:site"),
            done=organisation.organisation().is_published,
            order=200,
        ),
        ChecklistStep(
            code="brand",
            label=_("Choose your logo and colours"),
            help=_("Cards, buttons and messages take them at once."),
            url=reverse("office_settings:brand"),
            done=begun.brand,
            order=300,
        ),
        ChecklistStep(
            code="team",
            label=_("Enter your address and invite your team"),
            help=_("Each cashier gets a sign-in of their own, for the counter only."),
            url=reverse("office_settings:places"),
            done=begun.team,
            order=400,
        ),
        ChecklistStep(
            code="member",
            label=_("Take in your first member"),
            help=_("Join yourself, with your own phone: it takes a minute."),
            url=reverse("portal:join"),
            done=begun.member,
            order=500,
        ),
        ChecklistStep(
            code="sale",
            label=_("Ring up your first sale"),
            help=_("At the counter. You can refund it afterwards, nothing is left."),
            url=reverse("counter:home"),
            done=begun.sale,
            order=600,
        ),
    ]
