"""Members in the back office: a list to search, filter, keep, download and act on, and a page for each."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import URLPattern, include, path, reverse_lazy
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from wagtail.permissions import register_permission_policy

from regulars.backoffice.answers import answers
from regulars.backoffice.columns import Asker, RecordColumn
from regulars.backoffice.menu import OfficeItem
from regulars.backoffice.policies import ReadPolicy
from regulars.backoffice.records import RecordIndexView, RecordInspectView, RecordViewSet
from regulars.backoffice.views.profile import ADDRESSES, ASKED, TITLE, MemberAnswers
from regulars.ledger import selectors as ledger
from regulars.ledger.models import Account
from regulars.loyalty.tiers import selectors as tiers
from regulars.loyalty.tiers.words import counted_words, missing_words
from regulars.money import format_count
from regulars.operations import trail
from regulars.organisation.selectors import organisation
from regulars.people import profile, selectors, tags
from regulars.people.contacts import Contact
from regulars.people.finding import found_by
from regulars.people.member_acts import MEMBER_ACTS, TagAct
from regulars.people.member_filters import MemberFilters
from regulars.people.models import Card, CardState, Member, MemberTag, ProfileField
from regulars.sales.models import Sale

register_permission_policy(Member, ReadPolicy(Member))


def with_figures(members: QuerySet[Member]) -> QuerySet[Member]:
    """Members with tier, branch and points, in a fixed number of questions however many they are."""
    points = Account.objects.filter(wallet=OuterRef("wallet"), asset=ledger.POINTS).values("balance")[:1]
    return members.select_related("standing__tier", "branch").annotate(points=Coalesce(Subquery(points), 0))


def _with_purchase(members: QuerySet[Member]) -> QuerySet[Member]:
    bought = Sale.objects.filter(member=OuterRef("pk")).order_by("-business_date").values("business_date")[:1]
    return members.annotate(bought_on=Subquery(bought))


def _with_card(members: QuerySet[Member]) -> QuerySet[Member]:
    card = Card.objects.filter(member=OuterRef("pk"), state=CardState.ACTIVE).order_by("-id").values("number")[:1]
    return members.annotate(card_number=Subquery(card))


def _with_tags(members: QuerySet[Member]) -> QuerySet[Member]:
    return members.prefetch_related("taggings__tag")


def phone_of(member: Member, asker: Asker) -> str:
    """The phone, its middle hidden from whoever may not see contacts."""
    if not member.phone or asker.may("members.contacts"):
        return member.phone
    return Contact("phone", member.phone).masked


def email_of(member: Member, asker: Asker) -> str:
    """The e-mail address, hidden in the same way."""
    if not member.email or asker.may("members.contacts"):
        return member.email
    return Contact("email", member.email).masked


def name_of(member: Member, asker: Asker) -> str:
    """The name, else the contact as far as it may be seen."""
    return member.name or phone_of(member, asker) or email_of(member, asker)


def tier_of(member: Member, asker: Asker) -> str:
    """The tier in words, nothing without one."""
    standing = getattr(member, "standing", None)
    return str(standing.tier) if standing else ""


def tag_names(member: Member) -> list[str]:
    """The tags of a member whose tags were fetched."""
    taggings: list[MemberTag] = list(member.taggings.all())
    return sorted(tagging.tag.name for tagging in taggings)


MEMBER_COLUMNS = (
    RecordColumn(
        name="name",
        label=pgettext_lazy("person", "Name"),
        value=lambda one, _a: one.name,
        shown=name_of,
        sort_key="name",
    ),
    RecordColumn(name="phone", label=_("Phone"), value=phone_of),
    RecordColumn(name="tier", label=_("Tier"), value=tier_of, sort_key="standing__tier__threshold"),
    RecordColumn(name="points", label=_("Points"), value=lambda one, _a: one.points, sort_key="points", is_figure=True),
    RecordColumn(
        name="joined_on",
        label=_("Joined"),
        value=lambda one, _a: one.joined_on,
        shown=lambda one, _a: date_format(localtime(one.joined_at), "SHORT_DATE_FORMAT"),
        sort_key="joined_at",
    ),
    RecordColumn(
        name="bought_on",
        label=_("Last purchase"),
        value=lambda one, _a: one.bought_on,
        shown=lambda one, _a: date_format(one.bought_on, "SHORT_DATE_FORMAT") if one.bought_on else "",
        prepare=_with_purchase,
        is_standard=False,
    ),
    RecordColumn(
        name="tags",
        label=_("Tags"),
        value=lambda one, _a: ", ".join(tag_names(one)),
        prepare=_with_tags,
        is_standard=False,
    ),
    RecordColumn(
        name="branch",
        label=_("Branch"),
        value=lambda one, _a: one.branch.name if one.branch else "",
        sort_key="branch__name",
        is_standard=False,
    ),
    RecordColumn(name="email", label=_("E-mail"), value=email_of, is_standard=False),
    RecordColumn(
        name="card_number",
        label=_("Card number"),
        value=lambda one, _a: one.card_number or "",
        prepare=_with_card,
        is_standard=False,
    ),
    RecordColumn(
        name="birthday",
        label=_("Birthday"),
        value=lambda one, _a: one.birthday,
        shown=lambda one, _a: date_format(one.birthday, "MONTH_DAY_FORMAT") if one.birthday else "",
        is_standard=False,
    ),
    RecordColumn(
        name="source", label=_("Joined through"), value=lambda one, _a: one.get_source_display(), is_standard=False
    ),
)


def _answer_column(asked: ProfileField) -> RecordColumn:
    return RecordColumn(
        name=f"profile_{asked.code}",
        label=str(asked),
        value=lambda member, _asker: profile.answer_in_words(asked, member),
        is_standard=False,
    )


class MemberInspectView(RecordInspectView):
    """One member: card, tier, points, tags, purchases, consents."""

    page_title = _("Member")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """What the other rooms know of this member."""
        member = selectors.member_by_public_id(self.object.public_id)
        trail.seen(by=self.staff, subject=member.public_id, what="page", branch=member.branch)
        found: dict[str, Any] = super().get_context_data(
            member=member,
            name=name_of(member, self.asker),
            phone=phone_of(member, self.asker),
            email=email_of(member, self.asker),
            taggings=tags.tags_of(member),
            all_tags=tags.all_tags(),
            answers=[(asked, profile.answer_in_words(asked, member)) for asked in profile.asked()],
            asker_may_tag=self.asker.may("members.change"),
            cards=member.cards.order_by("-id"),
            balance=ledger.balance(member.wallet),
            progress=(progress := tiers.progress_of(member)),
            tier_missing=missing_words(progress),
            tier_counted=counted_words(progress),
            entries=ledger.history(member.wallet, limit=20),
            purchases=self.purchases_of(member),
            consents=member.consents.order_by("-given_at", "-id")[:20],
            currency=organisation().currency,
            **context,
        )
        return found

    def purchases_of(self, member: Member) -> list[Sale]:
        """The newest purchases at the branches of whoever asks."""
        bought = Sale.objects.filter(member=member).select_related("branch").order_by("-confirmed_at", "-id")
        return list(self.scope.limit(bought)[:20])


class MemberViewSet(RecordViewSet):
    """Members: read here, joined at the counter and the portal."""

    model = Member
    index_view_class = RecordIndexView
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
    permission = "members.view"
    export_permission = "members.export"
    scope_field = "branch"
    bulk_acts = MEMBER_ACTS
    export_filename = "members"
    sentence_start = _("Members")
    empty_title = _("Nobody has joined yet")
    empty_words = _(
        "Members join at the counter with a phone number, or by themselves on your site. Here you then find each of "
        "them by name, phone or card, keep lists like “has not bought for 60 days”, and act on many at once."
    )
    empty_url = reverse_lazy("portal:join")
    empty_label = _("Join yourself, as your first member")

    @property
    def record_columns(self) -> tuple[RecordColumn, ...]:  # type: ignore[override]
        """What is known of every member, then a column for each question the business asks."""
        return (*MEMBER_COLUMNS, *(_answer_column(asked) for asked in profile.asked()))

    def prepared(self, records: QuerySet[Member]) -> QuerySet[Member]:
        """With what most columns show."""
        return with_figures(records)

    def search(self, records: QuerySet[Member], typed: str, asker: Asker) -> QuerySet[Member]:
        """By name, phone or its tail, e-mail, or card number with or without its gaps."""
        return records.filter(found_by(typed, sees_contacts=asker.may("members.contacts")))

    def count_words(self, count: int) -> str:
        """`128 members`."""
        return ngettext("%(count)s member", "%(count)s members", count) % {"count": format_count(count)}

    def more_urlpatterns(self) -> list[URLPattern]:
        """Tags on one member, and what the business asked."""
        view = TagAct.as_view(permission="members.change")
        return [
            path("<slug:code>/tags/<slug:act>/", view, name="tag"),
            path("<slug:code>/profile/", MemberAnswers.as_view(), name="profile"),
        ]


@answers("register_admin_urls")
def profile_addresses() -> list[Any]:
    """Everything below `/office/settings/profile/`."""
    return [path("settings/profile/", include((ADDRESSES, "office_profile")))]


@answers("register_settings_menu_item")
def profile_entry() -> OfficeItem:
    """What members are asked."""
    return OfficeItem(TITLE, ASKED, name="profile", icon="members", order=50, permission="settings.change")


@answers("register_admin_viewset")
def members() -> MemberViewSet:
    """Everything below `/office/members/`."""
    return MemberViewSet()
