"""Below /api/v1/modules/specimen/."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from specimen.models import Note

router = Router()


class Promises(Schema):
    """How many promises there are."""

    promises: int


@router.get("/promises", response=Promises)
def promises(request: HttpRequest) -> Promises:
    """How many promises there are."""
    return Promises(promises=Note.objects.filter(kind="promise").count())
