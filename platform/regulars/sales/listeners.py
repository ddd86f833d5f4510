"""What selling tells the first page of the back office: money that came too late and is to be paid back."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from regulars.hooks import NeedsYou, hookimpl
from regulars.organisation.models import Staff
from regulars.organisation.permissions import allows
from regulars.organisation.scope import scope_of
from regulars.sales.holding import to_pay_back

PERMISSION = "counter.refund"


@hookimpl
def needs_you(staff: Staff) -> list[NeedsYou]:
    """Payments to give back, for those who may refund, of their branches."""
    if not allows(staff, PERMISSION):
        return []
    count = scope_of(staff).limit(to_pay_back(), "branch").count()
    return [NeedsYou(label=_("Payments to give back"), count=count, url=reverse("office_payments:list"), order=55)]
