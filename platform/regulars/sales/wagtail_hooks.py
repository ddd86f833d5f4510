"""Sales in the back office: a list to search, filter and download, and the receipt behind each."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn
from wagtail.admin.widgets import AdminDateInput
from wagtail.permissions import register_permission_policy

from regulars.backoffice.answers import answers
from regulars.backoffice.policies import ReadPolicy
from regulars.backoffice.records import RecordIndexView, RecordInspectView, RecordViewSet
from regulars.money import format_money, to_decimal
from regulars.organisation.models import Branch
from regulars.sales import selectors
from regulars.sales.models import Sale

register_permission_policy(Sale, ReadPolicy(Sale))


class SaleFilters(WagtailFilterSet):  # type: ignore[misc]
    """Which sales to show."""

    branch = django_filters.ModelChoiceFilter(queryset=Branch.objects.order_by("name"), label=_("Branch"))
    business_date = django_filters.DateFilter(label=_("Day"), widget=AdminDateInput)
    refunded = django_filters.BooleanFilter(
        label=_("Refunded, whole or in part"), method="with_refunds", widget=django_filters.widgets.BooleanWidget
    )

    def with_refunds(self, queryset: QuerySet[Sale], name: str, value: bool) -> QuerySet[Sale]:
        """Those with a refund, or those without one."""
        return queryset.filter(refunded_total__gt=0) if value else queryset.filter(refunded_total=0)

    class Meta:
        model = Sale
        fields: list[str] = []


def total_of(sale: Sale) -> str:
    """What was paid, as the reader's locale writes it."""
    return format_money(sale.total, sale.currency)


def refunded_of(sale: Sale) -> str:
    """What went back; empty for nothing."""
    return format_money(sale.refunded_total, sale.currency) if sale.refunded_total else ""


class SaleIndexView(RecordIndexView):
    """The list of sales."""

    def get_base_queryset(self) -> QuerySet[Sale]:
        """Every sale with its member and branch."""
        found: QuerySet[Sale] = super().get_base_queryset().select_related("member", "branch", "cashier")
        return found

    def search_queryset(self, queryset: QuerySet[Sale]) -> QuerySet[Sale]:
        """By receipt number, or by the member's name or phone."""
        if not self.is_searching:
            return queryset
        typed = self.search_query.strip()
        found = Q(number__icontains=typed) | Q(member__name__icontains=typed)
        return queryset.filter(found | Q(member__phone__contains="".join(typed.split())))

    def to_row_dict(self, item: Sale) -> Any:
        """Amounts of a download in major units, as figures."""
        row = super().to_row_dict(item)
        for name in ("list_total", "discount_total", "total", "refunded_total"):
            row[name] = to_decimal(getattr(item, name), item.currency)
        return row


class SaleInspectView(RecordInspectView):
    """One sale: its lines, how the price came about, refunds."""

    page_title = _("Receipt")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The sale with everything on it."""
        sale = selectors.sale_by_public_id(self.object.public_id)
        found: dict[str, Any] = super().get_context_data(sale=sale, left=sale.total - sale.refunded_total, **context)
        return found


class SaleViewSet(RecordViewSet):
    """Sales: read here, made and refunded at the counter."""

    model = Sale
    index_view_class = SaleIndexView
    inspect_view_class = SaleInspectView
    inspect_template_name = "backoffice/sale.html"
    icon = "receipt"
    url_prefix = "sales"
    url_namespace = "office_sales"
    menu_name = "sales"
    menu_label = _("Sales")
    menu_order = 400
    ordering = "-confirmed_at"
    filterset_class = SaleFilters
    search_fields = ("number",)
    list_display = (
        "number",
        Column("total", label=_("Total"), accessor=total_of, sort_key="total", classname="office-figure"),
        Column("member", label=_("Member")),
        Column("branch", label=_("Branch")),
        NumberColumn("points_earned", label=_("Points"), classname="office-figure"),
        Column("refunded_total", label=_("Refunded"), accessor=refunded_of, classname="office-figure"),
        DateColumn("confirmed_at", label=_("At"), sort_key="confirmed_at"),
    )
    list_export = (
        "number",
        "business_date",
        "branch",
        "member",
        "currency",
        "list_total",
        "discount_total",
        "total",
        "refunded_total",
        "points_earned",
        "points_taken_back",
        "payment_source",
    )
    export_filename = "sales"


@answers("register_admin_viewset")
def sales() -> SaleViewSet:
    """Everything below `/office/sales/`."""
    return SaleViewSet()
