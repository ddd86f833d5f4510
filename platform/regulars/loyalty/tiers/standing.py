"""Where a member stands on the ladder, and how an evaluation moves and explains it."""

from __future__ import annotations

from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import transaction

from regulars import clock
from regulars.loyalty.models import Standing, Tier
from regulars.operations.outbox import new_event_id, wake_after_commit
from regulars.people.models import Member
from regulars.sql_functions import call

WINDOW = relativedelta(months=12)
"""How far back spending counts towards a tier."""


def place_at_the_start(*, member: Member) -> Standing | None:
    """Put a new member on the lowest tier; a business without tiers has no standings."""
    lowest = Tier.objects.order_by("threshold").first()
    if lowest is None:
        return None
    return Standing.objects.create(member=member, tier=lowest, since=clock.now())


def evaluation_document(*, member: Member, may_fall: bool) -> dict[str, Any]:
    """An evaluation as the SQL function reads it; spending after `spent_after` up to today counts."""
    return {
        "member": member.pk,
        "member_public_id": member.public_id,
        "occurred_at": clock.now().isoformat(),
        "spent_after": (clock.today() - WINDOW).isoformat(),
        "may_fall": may_fall,
        "event_id": new_event_id(),
    }


@transaction.atomic
def evaluate(*, member: Member, may_fall: bool = False) -> dict[str, Any] | None:
    """Move a member to the tier that the spend of twelve months reaches, and store why.

    At a sale members only rise (`may_fall=False`); falling is the business of the nightly evaluation. Returns
    `{previous, current, spent}` (codes, minor units), None when nothing moved.
    """
    move: dict[str, Any] | None = call("loyalty_evaluate", evaluation_document(member=member, may_fall=may_fall))
    wake_after_commit()
    return move
