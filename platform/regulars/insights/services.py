"""Acts on facts: what Python notes among them, and counting them anew where something was missed."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction


def note_member(*, business_date: dt.date, branch: int = 0) -> None:
    """Count a new member among the facts of a day, in the transaction of the act; `branch` 0 for none. Never waits."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_schema()}.insights_note(%s::date, %s::bigint, new_members => 1)", [business_date, branch]
        )


@transaction.atomic
def recount(*, first: dt.date, last: dt.date) -> int:
    """Count the facts of a span of days anew from what they are facts of; returns how many rows that made.

    Acts that are under way wait until it is done, so call it for single days while the business is open.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_schema()}.insights_recount(%s, %s)", [first, last])
        return int(cursor.fetchone()[0])


def _schema() -> str:
    return str(connection.ops.quote_name(connection.schema_name))  # type: ignore[attr-defined]
