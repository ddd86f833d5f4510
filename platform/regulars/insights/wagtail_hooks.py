"""Reports in the menu of the back office."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem

from regulars.backoffice.answers import answers
from regulars.backoffice.menu import OfficeItem


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
