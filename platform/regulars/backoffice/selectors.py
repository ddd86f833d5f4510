"""Questions of the back office's first page: what is still to do, how today stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db.models import Q
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


def _own_steps() -> list[ChecklistStep]:
    return [
        ChecklistStep(
            code="email",
            label=_("Confirm your e-mail address"),
            help=_("We sent you a link. It lets you reset your password and receive reports."),
            url=reverse("account_email"),
            done=_is_owner_confirmed(),
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
            done=TrailEntry.objects.filter(
                Q(after__has_key="accent") | Q(detail__after__has_key="accent"), act="organisation.changed"
            ).exists(),
            order=300,
        ),
        ChecklistStep(
            code="team",
            label=_("Enter your address and invite your team"),
            help=_("Each cashier gets a sign-in of their own, for the counter only."),
            url=reverse("office_settings:places"),
            done=Staff.objects.filter(is_active=True).count() > 1 or Branch.objects.exclude(address="").exists(),
            order=400,
        ),
        ChecklistStep(
            code="member",
            label=_("Take in your first member"),
            help=_("Join yourself, with your own phone: it takes a minute."),
            url=reverse("portal:join"),
            done=Member.objects.exists(),
            order=500,
        ),
        ChecklistStep(
            code="sale",
            label=_("Ring up your first sale"),
            help=_("At the counter. You can refund it afterwards, nothing is left."),
            url=reverse("counter:home"),
            done=Sale.objects.exists(),
            order=600,
        ),
    ]


def _is_owner_confirmed() -> bool:
    owners = EmailAddress.objects.filter(user__staff__role=Role.OWNER, user__staff__is_active=True)
    return bool(owners.filter(verified=True).exists())
