"""Members in the back office: a list to search, filter and download, and a page for each."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn
from wagtail.permissions import register_permission_policy

from regulars.backoffice.answers import answers
from regulars.backoffice.policies import ReadPolicy
from regulars.backoffice.records import RecordIndexView, RecordInspectView, RecordViewSet
from regulars.ledger import selectors as ledger
from regulars.ledger.models import Account
from regulars.loyalty import selectors as loyalty
from regulars.loyalty.models import Tier
from regulars.organisation.models import Branch
from regulars.organisation.selectors import organisation
from regulars.people import selectors
from regulars.people.models import Card, CardState, Member, Source
from regulars.sales import selectors as sales

register_permission_policy(Member, ReadPolicy(Member))


def with_figures(members: QuerySet[Member]) -> QuerySet[Member]:
    """Members with tier, points and card number, in one question however many they are."""
    points = Account.objects.filter(wallet=OuterRef("wallet"), asset=ledger.POINTS).values("balance")[:1]
    card = Card.objects.filter(member=OuterRef("pk"), state=CardState.ACTIVE).order_by("-id").values("number")[:1]
    return members.select_related("standing__tier", "branch").annotate(
        points=Coalesce(Subquery(points), 0), card_number=Subquery(card)
    )


class MemberFilters(WagtailFilterSet):  # type: ignore[misc]
    """Which members to show."""

    tier = django_filters.ModelChoiceFilter(
        field_name="standing__tier", queryset=Tier.objects.order_by("threshold"), label=_("Tier")
    )
    source = django_filters.ChoiceFilter(choices=Source.choices, label=_("Joined through"))
    branch = django_filters.ModelChoiceFilter(queryset=Branch.objects.order_by("name"), label=_("Branch"))

    class Meta:
        model = Member
        fields: list[str] = []


class MemberIndexView(RecordIndexView):
    """The list of members."""

    def get_base_queryset(self) -> QuerySet[Member]:
        """Every member with the figures the list shows."""
        return with_figures(super().get_base_queryset())

    def search_queryset(self, queryset: QuerySet[Member]) -> QuerySet[Member]:
        """By name, phone or its tail, e-mail, or card number with or without its gaps."""
        if not self.is_searching:
            return queryset
        typed = self.search_query.strip()
        squeezed = "".join(typed.split())
        by_card = Card.objects.filter(number__contains=squeezed).values("member")
        found = Q(name__icontains=typed) | Q(email__icontains=typed) | Q(phone__contains=squeezed)
        return queryset.filter(found | (Q(pk__in=by_card) if squeezed.isalnum() else Q()))


class MemberInspectView(RecordInspectView):
    """One member: card, tier, points, purchases, consents."""

    page_title = _("Member")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """What the other rooms know of this member."""
        member = selectors.member_by_public_id(self.object.public_id)
        found: dict[str, Any] = super().get_context_data(
            member=member,
            cards=member.cards.order_by("-id"),
            balance=ledger.balance(member.wallet),
            progress=loyalty.progress_of(member),
            entries=ledger.history(member.wallet, limit=20),
            purchases=sales.sales_of(member, limit=20),
            consents=member.consents.order_by("-given_at", "-id")[:20],
            currency=organisation().currency,
            **context,
        )
        return found


class MemberViewSet(RecordViewSet):
    """Members: read here, joined at the counter and the portal."""

    model = Member
    index_view_class = MemberIndexView
    inspect_view_class = MemberInspectView
    inspect_template_name = "backoffice/member.html"
    icon = "members"
    url_prefix = "members"
    url_namespace = "office_members"
    menu_name = "members"
    menu_label = _("Members")
    menu_order = 200
    ordering = "-joined_at"
    filterset_class = MemberFilters
    search_fields = ("name",)
    list_display = (
        "__str__",
        Column("phone", label=_("Phone"), classname="office-figure"),
        Column("tier", label=_("Tier"), accessor="standing.tier"),
        NumberColumn("points", label=_("Points"), sort_key="points", classname="office-figure"),
        DateColumn("joined_at", label=_("Joined"), sort_key="joined_at", accessor="joined_at"),
    )
    list_export = (
        "public_id",
        "name",
        "phone",
        "email",
        "card_number",
        "standing.tier",
        "points",
        "birthday",
        "joined_on",
        "source",
        "language",
    )
    export_headings = {
        "public_id": _("Member"),
        "card_number": _("Card number"),
        "standing.tier": _("Tier"),
        "points": _("Points"),
    }
    export_filename = "members"


@answers("register_admin_viewset")
def members() -> MemberViewSet:
    """Everything below `/office/members/`."""
    return MemberViewSet()
