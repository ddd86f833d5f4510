"""The counter in the back office: shifts with their drawers, and what holds at every till."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import F, Q, QuerySet
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
from regulars.counter.models import Shift
from regulars.counter.settings_page import CounterPage
from regulars.counter.shifts import selectors
from regulars.counter.shifts.reports import report_of, signed
from regulars.money import format_count, format_money, to_decimal
from regulars.organisation.models import Branch

register_permission_policy(Shift, ReadPolicy(Shift))


def branches_of(request: Any) -> QuerySet[Branch]:
    """The branches that whoever asks may choose from."""
    branches: QuerySet[Branch] = request.scope.limit(Branch.objects.order_by("name"), "")
    return branches


class ShiftFilters(WagtailFilterSet):  # type: ignore[misc]
    """Which shifts to show."""

    branch = django_filters.ModelChoiceFilter(
        to_field_name="public_id", queryset=branches_of, label=gettext_lazy("Branch")
    )
    business_date = django_filters.DateFilter(label=gettext_lazy("Day"), widget=AdminDateInput)
    came_out = django_filters.ChoiceFilter(
        label=gettext_lazy("Count"),
        method="as_counted",
        choices=[
            ("open", gettext_lazy("Still open")),
            ("exact", gettext_lazy("Came out exactly")),
            ("differs", gettext_lazy("With a difference")),
        ],
    )

    def as_counted(self, queryset: QuerySet[Shift], _name: str, value: str) -> QuerySet[Shift]:
        """By how the count came out."""
        if value == "open":
            return queryset.filter(closed_at=None)
        exact = Q(counted=F("expected"))
        return queryset.filter(exact if value == "exact" else ~exact, closed_at__isnull=False)

    def phrase_of(self, name: str, value: Any) -> str:
        """What a filter says in the sentence above the list."""
        if name == "came_out":
            said = {"open": _("still open"), "exact": _("that came out exactly"), "differs": _("with a difference")}
            return said[value]
        words = {"branch": _("at %(value)s"), "business_date": _("on %(value)s")}[name]
        return words % {"value": value if name == "branch" else date_format(value)}

    class Meta:
        model = Shift
        fields: list[str] = []


def _amount(name: str) -> Any:
    def value(shift: Shift, _asker: Asker) -> Any:
        amount = getattr(shift, name)
        return "" if amount is None else to_decimal(amount, shift.currency)

    return value


def _money(name: str) -> Any:
    def shown(shift: Shift, _asker: Asker) -> str:
        amount = getattr(shift, name)
        return "" if amount is None else format_money(amount, shift.currency)

    return shown


def _instant(name: str, *, is_shown: bool) -> Any:
    def value(shift: Shift, _asker: Asker) -> str:
        at = getattr(shift, name)
        if at is None:
            return _("open") if is_shown else ""
        return date_format(localtime(at), "SHORT_DATETIME_FORMAT") if is_shown else f"{localtime(at):%Y-%m-%d %H:%M}"

    return value


def _till(shift: Shift, _asker: Asker) -> str:
    return f"{shift.branch.name} · {shift.terminal.name}" if shift.terminal else shift.branch.name


def _sum_column(name: str, label: Any, **more: Any) -> RecordColumn:
    return RecordColumn(name=name, label=label, value=_amount(name), shown=_money(name), is_figure=True, **more)


SHIFT_COLUMNS = (
    RecordColumn(name="till", label=gettext_lazy("Till"), value=_till, sort_key="branch__name"),
    RecordColumn(
        name="opened_at",
        label=gettext_lazy("Opened"),
        value=_instant("opened_at", is_shown=False),
        shown=_instant("opened_at", is_shown=True),
        sort_key="opened_at",
    ),
    RecordColumn(
        name="closed_at",
        label=gettext_lazy("Closed"),
        value=_instant("closed_at", is_shown=False),
        shown=_instant("closed_at", is_shown=True),
        sort_key="closed_at",
    ),
    _sum_column("expected", gettext_lazy("Expected")),
    _sum_column("counted", gettext_lazy("Counted")),
    RecordColumn(
        name="difference",
        label=gettext_lazy("Difference"),
        value=_amount("difference"),
        shown=lambda one, _a: "" if one.difference is None else signed(one),
        is_figure=True,
    ),
    RecordColumn(name="reason", label=gettext_lazy("Reason"), value=lambda one, _a: one.reason),
    RecordColumn(
        name="closed_by",
        label=gettext_lazy("Closed by"),
        value=lambda one, _a: one.closed_by.name if one.closed_by else "",
        is_standard=False,
    ),
    RecordColumn(
        name="opened_by", label=gettext_lazy("Opened by"), value=lambda one, _a: one.opened_by.name, is_standard=False
    ),
    _sum_column("opening_float", gettext_lazy("Float"), is_standard=False),
    _sum_column("kept", gettext_lazy("Stays in the drawer"), is_standard=False),
)


class ShiftInspectView(RecordInspectView):
    """One shift: what was sold and given back, what moved, what was counted."""

    page_title = gettext_lazy("Shift")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The shift with its report."""
        shift = selectors.shift_by_public_id(self.object.public_id)
        found: dict[str, Any] = super().get_context_data(
            shift=shift, report=report_of(shift), till=_till(shift, self.asker), **context
        )
        return found


class ShiftViewSet(RecordViewSet):
    """Shifts: read here, opened and closed at the counter."""

    model = Shift
    inspect_view_class = ShiftInspectView
    inspect_template_name = "counter/office/shift.html"
    icon = "cash"
    url_prefix = "shifts"
    url_namespace = "office_shifts"
    add_to_admin_menu = False
    ordering = "-id"
    filterset_class = ShiftFilters
    permission = "sales.view"
    export_permission = "sales.export"
    scope_field = "branch"
    record_columns = SHIFT_COLUMNS
    export_filename = "shifts"
    sentence_start = gettext_lazy("Shifts")
    empty_title = gettext_lazy("No shift yet")
    empty_words = gettext_lazy(
        "Each drawer that is opened at the counter stands here: with what float, what was sold, what should be in it, "
        "and what was counted at the end. A difference shows at once, with its reason."
    )
    empty_url = reverse_lazy("counter:shift")
    empty_label = gettext_lazy("Open a drawer")

    def prepared(self, records: QuerySet[Shift]) -> QuerySet[Shift]:
        """With till and people."""
        return records.select_related(*selectors.WITH_PEOPLE)

    def search(self, records: QuerySet[Shift], typed: str, asker: Asker) -> QuerySet[Shift]:
        """By the name of the till or branch, of who opened or closed it, or by the reason."""
        named = Q(branch__name__icontains=typed) | Q(terminal__name__icontains=typed) | Q(reason__icontains=typed)
        return records.filter(named | Q(opened_by__name__icontains=typed) | Q(closed_by__name__icontains=typed))

    def count_words(self, count: int) -> str:
        """`12 shifts`."""
        figure = format_count(count)
        return ngettext("%(count)s shift", "%(count)s shifts", count) % {"count": figure}


@answers("register_admin_viewset")
def shifts() -> ShiftViewSet:
    """Everything below `/office/shifts/`."""
    return ShiftViewSet()


@answers("register_money_menu_item")
def shifts_entry() -> OfficeItem:
    """The drawers that were counted."""
    url = reverse_lazy("office_shifts:list")
    return OfficeItem(_("Shifts"), url, name="shifts", icon="cash", order=30, permission="sales.view")


@answers("register_admin_urls")
def addresses() -> list[Any]:
    """What holds at every till."""
    pages = [path("", CounterPage.as_view(), name="settings")]
    return [path("settings/counter/", include((pages, "office_counter")))]


@answers("register_settings_menu_item")
def settings_entry() -> OfficeItem:
    """What holds at every till."""
    url = reverse_lazy("office_counter:settings")
    return OfficeItem(
        _("Counter"), url, name="counter_settings", icon="terminal", order=45, permission="settings.change"
    )
