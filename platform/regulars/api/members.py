"""Members, as other systems may read them."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from regulars.ledger import selectors as ledger
from regulars.people import selectors as people

router = Router(tags=["members"])


class Points(Schema):
    """What a member holds: whole points."""

    member: str
    points: int


@router.get("/{public_id}/points", response=Points, summary="Points of a member")
def points(request: HttpRequest, public_id: str) -> Points:
    """The points a member holds now. 404 for an id that is nobody's here."""
    member = people.member_by_public_id(public_id)
    return Points(member=member.public_id, points=ledger.balance(member.wallet_id))
