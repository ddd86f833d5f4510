"""Questions of the back office's first page: what is still to do, how today stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from regulars import clock, hooks, plugins
from regulars.hooks import ChecklistStep
from regulars.operations.models import TrailEntry
from regulars.organisation import selectors as organisation
from regulars.organisation.models import Branch, Role, Staff
from regulars.people.models import Member
from regulars.sales.models import Sale


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Today beside yesterday: sales in minor units less refunds of these sales, counts, points earned by sales."""

    sold_today: int
    sold_yesterday: int
    sales_today: int
    joined_today: int
    joined_yesterday: int
    points_today: int
    points_yesterday: int
    members: int


def figures(day: dt.date | None = None) -> Figures:
    """The four figures of a day (today), two questions to the database."""
    today = day or clock.today()
    yesterday = today - dt.timedelta(days=1)
    on_today, on_yesterday = Q(business_date=today), Q(business_date=yesterday)
    sales = Sale.objects.filter(business_date__gte=yesterday, business_date__lte=today).aggregate(
        sold_today=Sum("total", filter=on_today),
        back_today=Sum("refunded_total", filter=on_today),
        sold_yesterday=Sum("total", filter=on_yesterday),
        back_yesterday=Sum("refunded_total", filter=on_yesterday),
        sales_today=Count("id", filter=on_today),
        points_today=Sum("points_earned", filter=on_today),
        points_yesterday=Sum("points_earned", filter=on_yesterday),
    )
    members = Member.objects.aggregate(
        members=Count("id", filter=Q(is_active=True)),
        joined_today=Count("id", filter=Q(joined_on=today)),
        joined_yesterday=Count("id", filter=Q(joined_on=yesterday)),
    )
    known = {name: value or 0 for name, value in {**sales, **members}.items()}
    return Figures(
        sold_today=known["sold_today"] - known["back_today"],
        sold_yesterday=known["sold_yesterday"] - known["back_yesterday"],
        **{name: known[name] for name in ("sales_today", "points_today", "points_yesterday")},
        **{name: known[name] for name in ("joined_today", "joined_yesterday", "members")},
    )


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
            label=_("Choose your name and colour"),
            help=_("Cards, buttons and messages take them at once."),
            url=reverse("office_settings:business"),
            done=TrailEntry.objects.filter(act="organisation.changed", detail__after__has_key="accent").exists(),
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
