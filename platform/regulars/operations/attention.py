"""What of the work behind the doors waits for a person: facts that a listener could not take, try as it may."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from regulars.hooks import NeedsYou, hookimpl
from regulars.operations.models import Delivery, DeliveryState
from regulars.organisation.models import Staff
from regulars.organisation.permissions import allows

PERMISSION = "settings.change"


@hookimpl
def needs_you(staff: Staff) -> list[NeedsYou]:
    """Work that was set aside, for those who may set up the business."""
    if not allows(staff, PERMISSION):
        return []
    waiting = Delivery.objects.filter(state=DeliveryState.SET_ASIDE).count()
    return [NeedsYou(label=_("Work that failed"), count=waiting, url=reverse("backoffice:set_aside"), order=300)]
