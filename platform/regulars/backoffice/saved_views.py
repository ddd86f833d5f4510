"""Acts and questions about the views that people keep of lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q, QuerySet

from regulars import clock
from regulars.backoffice.models import SavedView
from regulars.errors import InvalidInput, NotFound
from regulars.organisation.models import Staff
from regulars.text import plain_text

KEPT = dt.timedelta(days=30)
"""How long a view thrown away can be had back."""


def _visible(staff: Staff, of_list: str) -> QuerySet[SavedView]:
    return SavedView.objects.filter(Q(owner=staff) | Q(is_shared=True), of_list=of_list).exclude(name="")


def views_of(staff: Staff, of_list: str) -> list[SavedView]:
    """The views of a list that somebody sees: their own and the team's."""
    return list(_visible(staff, of_list).filter(deleted_at__isnull=True))


def kept_of(staff: Staff, of_list: str) -> tuple[list[str], list[SavedView]]:
    """What `columns_of` and `views_of` say of a list, in one question."""
    mine = Q(owner=staff) | (Q(is_shared=True) & ~Q(name=""))
    rows = list(SavedView.objects.filter(mine, of_list=of_list, deleted_at__isnull=True))
    columns = next((row.columns for row in rows if not row.name), None)
    return [str(name) for name in columns or []], [row for row in rows if row.name]


def find(staff: Staff, of_list: str, public_id: str) -> SavedView | None:
    """One of these views, None for any other."""
    return _visible(staff, of_list).filter(public_id=public_id[:40], deleted_at__isnull=True).first()


def columns_of(staff: Staff, of_list: str) -> list[str]:
    """The columns that somebody chose for a list, empty for the standard ones."""
    kept = SavedView.objects.filter(owner=staff, of_list=of_list, name="").values_list("columns", flat=True).first()
    return [str(name) for name in kept or []]


@transaction.atomic
def choose_columns(*, staff: Staff, of_list: str, columns: Sequence[str]) -> None:
    """Keep the columns that somebody wants to see in a list."""
    SavedView.objects.update_or_create(
        owner=staff,
        of_list=of_list,
        name="",
        deleted_at=None,
        defaults={"columns": list(columns), "saved_at": clock.now()},
    )


@transaction.atomic
def save_view(
    *, staff: Staff, of_list: str, name: str, query: str, columns: Sequence[str], is_shared: bool
) -> SavedView:
    """Keep a list as it stands under a name; one of the same name is replaced. Raises `InvalidInput`."""
    words = plain_text(name, field="name", longest=60)
    if len(query) > 2000:
        raise InvalidInput(field="query")
    SavedView.objects.filter(owner=staff, deleted_at__lte=clock.now() - KEPT).delete()
    kept, _is_new = SavedView.objects.update_or_create(
        owner=staff,
        of_list=of_list,
        name=words,
        deleted_at=None,
        defaults={"query": query, "columns": list(columns), "is_shared": is_shared, "saved_at": clock.now()},
    )
    return kept


@transaction.atomic
def throw_away(*, staff: Staff, of_list: str, public_id: str) -> SavedView:
    """Take one's own view off the list. Raises `NotFound` for somebody else's."""
    mine = SavedView.objects.filter(owner=staff, of_list=of_list, public_id=public_id[:40]).exclude(name="").first()
    if mine is None:
        raise NotFound
    mine.deleted_at = mine.deleted_at or clock.now()
    mine.save(update_fields=["deleted_at"])
    return mine


@transaction.atomic
def have_back(*, staff: Staff, of_list: str, public_id: str) -> SavedView:
    """Put one's own view back. Raises `NotFound`, and `InvalidInput` when another has taken its name since."""
    mine = SavedView.objects.filter(owner=staff, of_list=of_list, public_id=public_id[:40]).exclude(name="").first()
    if mine is None:
        raise NotFound
    if mine.deleted_at is not None:
        if SavedView.objects.filter(owner=staff, of_list=of_list, name=mine.name, deleted_at=None).exists():
            raise InvalidInput(field="name")
        mine.deleted_at = None
        mine.save(update_fields=["deleted_at"])
    return mine
