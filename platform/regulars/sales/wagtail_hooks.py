"""Sales in the back office: a list to search, filter, keep and download, and the receipt behind each."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.urls import include, path, reverse_lazy
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.widgets import AdminDateInput
from wagtail.permissions import register_permission_policy

from regulars.backoffice.answers import answers
from regulars.backoffice.columns import Asker, RecordColumn
from regulars.backoffice.menu import OfficeItem
from regulars.backoffice.policies import ReadPolicy
from regulars.backoffice.records import RecordInspectView, RecordViewSet
from regulars.insights.selectors import sales_so_far
from regulars.money import format_count, format_money, to_decimal
from regulars.organisation.models import Branch
from regulars.organisation.scope import Scope
from regulars.people.finding import found_by
from regulars.people.models import Member
from regulars.sales import selectors
from regulars.sales.finding import numbered
from regulars.sales.models import Sale
from regulars.sales.payments_page import PaymentsPage

register_permission_policy(Sale, ReadPolicy(Sale))

MOST_BUYERS = 500
"""Members whose sales are found by a few figures; whoever wants another types on."""


def branches_of(request: Any) -> QuerySet[Branch]:
    """The branches that whoever asks may choose from."""
    branches: QuerySet[Branch] = request.scope.limit(Branch.objects.order_by("name"), "")
    return branches


class SaleFilters(WagtailFilterSet):  # type: ignore[misc]
    """Which sales to show."""

    branch = django_filters.ModelChoiceFilter(
        to_field_name="public_id", queryset=branches_of, label=gettext_lazy("Branch")
    )
    business_date = django_filters.DateFilter(label=gettext_lazy("Day"), widget=AdminDateInput)
    sold_from = django_filters.DateFilter(
        field_name="business_date", lookup_expr="gte", label=gettext_lazy("From"), widget=AdminDateInput
    )
    sold_until = django_filters.DateFilter(
        field_name="business_date", lookup_expr="lte", label=gettext_lazy("Until"), widget=AdminDateInput
    )
    refunded = django_filters.ChoiceFilter(
        label=gettext_lazy("Refunds"),
        method="with_refunds",
        choices=[("true", gettext_lazy("Refunded, whole or in part")), ("false", gettext_lazy("Not refunded"))],
    )

    def with_refunds(self, queryset: QuerySet[Sale], _name: str, value: str) -> QuerySet[Sale]:
        """Those with a refund, or those without one."""
        return queryset.filter(refunded_total__gt=0) if value == "true" else queryset.filter(refunded_total=0)

    def phrase_of(self, name: str, value: Any) -> str:
        """What a filter says in the sentence above the list."""
        if name == "refunded":
            return _("refunded, whole or in part") if value == "true" else _("not refunded")
        words = {
            "branch": _("at %(value)s"),
            "business_date": _("on %(value)s"),
            "sold_from": _("from %(value)s"),
            "sold_until": _("until %(value)s"),
        }[name]
        return words % {"value": value if name == "branch" else date_format(value)}

    class Meta:
        model = Sale
        fields: list[str] = []


def _buyer(sale: Sale, asker: Asker) -> str:
    """The member's name; a contact in its place is not shown to whoever may not see members."""
    if sale.member is None:
        return ""
    return sale.member.name or (str(sale.member) if asker.may("members.contacts") else _("Member"))


def _amount(name: str) -> Any:
    return lambda sale, _asker: to_decimal(getattr(sale, name), sale.currency)


def _money(name: str) -> Any:
    return lambda sale, _asker: format_money(getattr(sale, name), sale.currency) if getattr(sale, name) else ""


SALE_COLUMNS = (
    RecordColumn(name="number", label=gettext_lazy("Number"), value=lambda one, _a: one.number),
    RecordColumn(
        name="total",
        label=gettext_lazy("Total"),
        value=_amount("total"),
        shown=lambda one, _a: format_money(one.total, one.currency),
        sort_key="total",
        is_figure=True,
    ),
    RecordColumn(name="member", label=gettext_lazy("Member"), value=_buyer),
    RecordColumn(
        name="branch", label=gettext_lazy("Branch"), value=lambda one, _a: one.branch.name, sort_key="branch__name"
    ),
    RecordColumn(
        name="points_earned", label=gettext_lazy("Points"), value=lambda one, _a: one.points_earned, is_figure=True
    ),
    RecordColumn(
        name="refunded_total",
        label=gettext_lazy("Refunded"),
        value=_amount("refunded_total"),
        shown=_money("refunded_total"),
        sort_key="refunded_total",
        is_figure=True,
    ),
    RecordColumn(
        name="confirmed_at",
        label=gettext_lazy("At"),
        value=lambda one, _a: localtime(one.confirmed_at).strftime("%Y-%m-%d %H:%M"),
        shown=lambda one, _a: date_format(localtime(one.confirmed_at), "SHORT_DATETIME_FORMAT"),
        sort_key="confirmed_at",
    ),
    RecordColumn(
        name="business_date",
        label=gettext_lazy("Day"),
        value=lambda one, _a: one.business_date,
        shown=lambda one, _a: date_format(one.business_date, "SHORT_DATE_FORMAT"),
        is_standard=False,
    ),
    RecordColumn(
        name="list_total",
        label=gettext_lazy("List price"),
        value=_amount("list_total"),
        shown=_money("list_total"),
        is_figure=True,
        is_standard=False,
    ),
    RecordColumn(
        name="discount_total",
        label=gettext_lazy("Discount"),
        value=_amount("discount_total"),
        shown=_money("discount_total"),
        is_figure=True,
        is_standard=False,
    ),
    RecordColumn(
        name="currency", label=gettext_lazy("Currency"), value=lambda one, _a: one.currency, is_standard=False
    ),
    RecordColumn(
        name="cashier",
        label=gettext_lazy("Cashier"),
        value=lambda one, _a: one.cashier.name if one.cashier else "",
        prepare=lambda sales: sales.select_related("cashier"),
        is_standard=False,
    ),
)


class SaleInspectView(RecordInspectView):
    """One sale: its lines, how the price came about, refunds."""

    page_title = gettext_lazy("Receipt")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The sale with everything on it."""
        sale = selectors.sale_by_public_id(self.object.public_id)
        may_open = self.asker.may("members.view") and sale.member is not None
        found: dict[str, Any] = super().get_context_data(
            sale=sale,
            left=sale.total - sale.refunded_total,
            buyer=_buyer(sale, self.asker),
            may_refund=self.asker.may("counter.refund") and self.asker.may("counter.sell"),
            opens_member=may_open and self.scope.covers(sale.member.branch if sale.member else None),
            **context,
        )
        return found


class SaleViewSet(RecordViewSet):
    """Sales: read here, made and refunded at the counter."""

    model = Sale
    inspect_view_class = SaleInspectView
    inspect_template_name = "backoffice/sale.html"
    icon = "receipt"
    url_prefix = "sales"
    url_namespace = "office_sales"
    menu_name = "sales"
    menu_label = gettext_lazy("Sales")
    menu_order = 400
    ordering = "-confirmed_at"
    filterset_class = SaleFilters
    permission = "sales.view"
    export_permission = "sales.export"
    scope_field = "branch"
    record_columns = SALE_COLUMNS
    export_filename = "sales"
    sentence_start = gettext_lazy("Sales")
    empty_title = gettext_lazy("Nothing sold yet")
    empty_words = gettext_lazy(
        "Each sale at the counter appears here at once: what was bought, what was paid, the points it earned, and what "
        "went back. Ring up a first one; a refund leaves nothing behind."
    )
    empty_url = reverse_lazy("counter:home")
    empty_label = gettext_lazy("Open the counter")

    def prepared(self, records: QuerySet[Sale]) -> QuerySet[Sale]:
        """With member and branch."""
        return records.select_related("member", "branch")

    def search(self, records: QuerySet[Sale], typed: str, asker: Asker) -> QuerySet[Sale]:
        """By receipt number, or by the member's name, phone or card."""
        members = Member.objects.filter(found_by(typed, sees_contacts=asker.may("members.contacts")))
        by_number = numbered(typed)
        if by_number is None:
            return records.filter(member__in=members.values("pk"))
        few = list(members.order_by().values_list("pk", flat=True)[:MOST_BUYERS])
        return records.filter(by_number | Q(member__in=few))

    def count_of_all(self, scope: Scope) -> int:
        """As the facts of each day have it."""
        return sales_so_far(scope)

    def count_words(self, count: int) -> str:
        """`128 sales`."""
        figure = format_count(count)
        return ngettext("%(count)s sale", "%(count)s sales", count) % {"count": figure}


@answers("register_admin_viewset")
def sales() -> SaleViewSet:
    """Everything below `/office/sales/`."""
    return SaleViewSet()


@answers("register_admin_urls")
def addresses() -> list[Any]:
    """Payments on their way."""
    return [path("payments/", include(([path("", PaymentsPage.as_view(), name="list")], "office_payments")))]


@answers("register_money_menu_item")
def payments_entry() -> OfficeItem:
    """Payments on their way."""
    url = reverse_lazy("office_payments:list")
    return OfficeItem(_("Payments on their way"), url, name="payments", icon="time", order=35, permission="sales.view")
