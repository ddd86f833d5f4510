"""Which members a list shows; each filter is a part of a sentence: "Members of the tier Gold who …"."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from django.forms import HiddenInput
from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.widgets import AdminDateInput

from regulars import clock
from regulars.conditions import Condition, stored
from regulars.ledger.models import Account
from regulars.ledger.selectors import POINTS
from regulars.loyalty.models import Tier
from regulars.organisation.models import Branch, Region
from regulars.organisation.scope import branches_in
from regulars.people.models import Member, Source, Tag
from regulars.sales.models import Sale


def branches_of(request: Any) -> QuerySet[Branch]:
    """The branches that whoever asks may choose from."""
    branches: QuerySet[Branch] = request.scope.limit(Branch.objects.order_by("name"), "")
    return branches


def regions_of(request: Any) -> QuerySet[Region]:
    """The regions that whoever asks may choose from: those in which they have a branch."""
    regions = Region.objects.order_by("name")
    return regions if request.scope.is_whole else regions.filter(branches__in=request.scope.branch_ids).distinct()


def condition_of(raw: str) -> Condition:
    """The condition that a list's address carries."""
    try:
        return stored(json.loads(raw))
    except (ValueError, RecursionError):
        return stored([])


class WhoWidget(HiddenInput):
    """A condition is put together on a page of its own, to which this leads."""

    template_name = "regulars/conditions/who.html"
    input_type = "hidden"
    is_hidden = False


class MemberFilters(WagtailFilterSet):  # type: ignore[misc]
    """Which members to show."""

    tier = django_filters.ModelChoiceFilter(
        field_name="standing__tier",
        to_field_name="code",
        queryset=lambda _request: Tier.objects.filter(track__is_default=True).order_by("threshold"),
        label=gettext_lazy("Tier"),
    )
    tag = django_filters.ModelChoiceFilter(
        field_name="taggings__tag",
        to_field_name="public_id",
        queryset=lambda _request: Tag.objects.all(),
        label=gettext_lazy("Tag"),
    )
    quiet_for = django_filters.NumberFilter(
        method="not_bought_for", min_value=1, max_value=3650, label=gettext_lazy("Has not bought for so many days")
    )
    points_from = django_filters.NumberFilter(
        method="with_points", min_value=1, max_value=10**9, label=gettext_lazy("Has at least so many points")
    )
    birthday_month = django_filters.ChoiceFilter(
        field_name="birthday__month",
        choices=[(str(number), name) for number, name in MONTHS.items()],
        label=gettext_lazy("Birthday in"),
    )
    who = django_filters.CharFilter(
        method="of_whom", label=gettext_lazy("A condition put together"), max_length=4000, widget=WhoWidget
    )
    joined_from = django_filters.DateFilter(
        field_name="joined_on", lookup_expr="gte", widget=AdminDateInput, label=gettext_lazy("Joined from")
    )
    joined_until = django_filters.DateFilter(
        field_name="joined_on", lookup_expr="lte", widget=AdminDateInput, label=gettext_lazy("Joined until")
    )
    source = django_filters.ChoiceFilter(choices=Source.choices, label=gettext_lazy("Joined through"))
    branch = django_filters.ModelChoiceFilter(
        to_field_name="public_id", queryset=branches_of, label=gettext_lazy("Branch")
    )
    region = django_filters.ModelChoiceFilter(
        method="in_region", to_field_name="public_id", queryset=regions_of, label=gettext_lazy("Region")
    )

    class Meta:
        model = Member
        fields: list[str] = []

    def not_bought_for(self, members: QuerySet[Member], _name: str, days: Any) -> QuerySet[Member]:
        """Those without a purchase in the last so many days, whoever never bought included."""
        since = clock.today() - dt.timedelta(days=int(days))
        return members.exclude(Exists(Sale.objects.filter(member=OuterRef("pk"), business_date__gt=since)))

    def with_points(self, members: QuerySet[Member], _name: str, points: Any) -> QuerySet[Member]:
        """Those whose balance is at least this."""
        rich = Account.objects.filter(asset=POINTS, wallet__isnull=False, balance__gte=int(points))
        return members.filter(wallet__in=rich.values("wallet"))

    def in_region(self, members: QuerySet[Member], _name: str, region: Region) -> QuerySet[Member]:
        """Those of any branch in the region."""
        return members.filter(branch__in=branches_in(region.pk))

    def of_whom(self, members: QuerySet[Member], _name: str, raw: str) -> QuerySet[Member]:
        """Those of whom a condition is true; nobody where it cannot be read or asks what nobody can answer."""
        condition = condition_of(raw)
        return condition.members(members) if condition.is_for_sets else members.none()

    def phrase_of(self, name: str, value: Any) -> str:
        """What a filter says in the sentence above the list."""
        if name == "quiet_for":
            return ngettext(
                "who have not bought for %(days)s day", "who have not bought for %(days)s days", int(value)
            ) % {"days": int(value)}
        if name == "who":
            value = condition_of(str(value)).words()
        if name in {"joined_from", "joined_until"}:
            value = date_format(value)
        if name in {"birthday_month", "source"}:
            value = dict(self.filters[name].field.choices).get(value, value)
        return PHRASES[name]() % {"value": value}


PHRASES = {
    "tier": lambda: _("of the tier %(value)s"),
    "tag": lambda: _("tagged “%(value)s”"),
    "points_from": lambda: _("who have at least %(value)s points"),
    "birthday_month": lambda: _("whose birthday is in %(value)s"),
    "who": lambda: _("of whom this is true: %(value)s"),
    "joined_from": lambda: _("who joined from %(value)s"),
    "joined_until": lambda: _("who joined until %(value)s"),
    "source": lambda: _("who joined through: %(value)s"),
    "branch": lambda: _("of %(value)s"),
    "region": lambda: _("in the region %(value)s"),
}
