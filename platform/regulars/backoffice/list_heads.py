"""What stands above a list, its filters with all that can be chosen in them, kept for as long as it is true.

Drawing a dozen filters takes as long as drawing the list. They are kept in the cache of the business under everything
they follow from; whether something to choose came, went or changed its name the database says in one question.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import get_language

KEPT_SECONDS = 300
"""How long the head of a list is kept that nobody has a reason to draw anew."""
PLAIN = {"p", "ordering"}
"""What an address may say and still have the plain head of its list: nothing that is searched or filtered by."""


def name_of_head(view: Any) -> str:
    """Under which name the head of a list is kept, empty for one that is drawn each time."""
    if not PLAIN.issuperset(view.request.GET):
        return ""
    fields = view.filters.form.fields.values() if view.filters else ()
    parts = (
        view.viewset.url_namespace,
        get_language(),
        view.request.GET.urlencode(),
        sorted(view.asker.held),
        None if view.scope.branches is None else sorted(view.scope.branches),
        fingerprints([field.queryset for field in fields if getattr(field, "queryset", None) is not None]),
    )
    return "list_head:" + hashlib.sha256(repr(parts).encode()).hexdigest()[:40]


def fingerprints(choices: Iterable[QuerySet[Any]]) -> tuple[str, ...]:
    """One text for each of these sets of rows, another as soon as any row is another; one question to the database."""
    parts: list[str] = []
    values: list[Any] = []
    for rows in choices:
        try:
            sql, given = rows.order_by().query.sql_with_params()
        except EmptyResultSet:  # for whoever's scope holds nothing to choose from
            parts.append("NULL")
            continue
        parts.append(f"(SELECT md5(string_agg(one::text, '|' ORDER BY one::text)) FROM ({sql}) AS one)")  # noqa: S608
        values += given
    if not parts:
        return ()
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(parts), values)
        found = cursor.fetchone()
    return tuple(each or "" for each in found or ())
