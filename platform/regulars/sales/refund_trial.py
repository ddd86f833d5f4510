"""What a refund would do to a member's tier: it is done, looked at and undone again, so that no rule is told twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Max

from regulars.loyalty.models import TierMove
from regulars.loyalty.tiers.standing import refunds_count_at_once
from regulars.public_ids import new_public_id
from regulars.sales.models import Sale
from regulars.sales.services import refund


@transaction.atomic
def moves_of_refund(
    sale: Sale, *, amount: int | None = None, lines: Mapping[int, int] | None = None
) -> Sequence[TierMove]:
    """The moves of tier that a refund would bring at once; none where refunds are counted later, or not at all.

    Writes nothing that stays. Raises what the refund raises.
    """
    if sale.member_id is None or not refunds_count_at_once():
        return ()
    own = TierMove.objects.filter(member_id=sale.member_id)
    before = own.aggregate(newest=Max("pk"))["newest"] or 0
    with transaction.atomic():
        refund(sale=sale, key=new_public_id("try"), amount=amount, lines=lines, reason="", cashier=None)
        moves = list(own.filter(pk__gt=before).select_related("previous", "current").order_by("pk"))
        transaction.set_rollback(True)
    return moves
