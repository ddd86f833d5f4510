"""Reports in the menu of the back office."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem

from regulars.backoffice.answers import answers
from regulars.backoffice.menu import OfficeItem
from regulars.organisation.scope import scope_of
from regulars.organisation.selectors import staff_of


@answers("register_money_menu_item")
def sales_report() -> MenuItem:
    """What was sold, told apart as one likes."""
    return OfficeItem(
        _("Sales report"),
        reverse("insights:sales"),
        name="sales-report",
        icon="chart",
        order=100,
        permission="reports.view",
    )


class WholeItem(OfficeItem):
    """An entry for those whose rights hold for the whole business."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether whoever asks holds the permission, everywhere."""
        staff = staff_of(request.user)
        return staff is not None and scope_of(staff).is_whole and super().is_shown(request)


@answers("register_money_menu_item")
def points_report() -> MenuItem:
    """What points were issued, spent and expired, and what is owed in them."""
    return WholeItem(
        _("Points report"),
        reverse("insights:points"),
        name="points-report",
        icon="chart",
        order=110,
        permission="reports.view",
    )
