"""What is the case for one member and one occasion, asked of the database once for any number of conditions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import connection

from regulars.conditions.fields import Field, Window
from regulars.conditions.tree import Condition, Leaf, leaves

if TYPE_CHECKING:
    from regulars.people.models import Member

Asked = tuple[str, Window | None]


@dataclass(frozen=True)
class Facts:
    """The values of the fields asked, by code and time; and of the occasion, by code.

    What is unknown is None; of an occasion an empty text says the same (a sale at no terminal).
    """

    values: Mapping[Asked, Any]
    context: Mapping[str, Any]

    def value(self, leaf: Leaf) -> Any:
        """What is the case. Raises `LookupError` for a field of the member that was not asked."""
        if leaf.field.is_of_occasion:
            told = self.context.get(leaf.field.code)
            return _of_kind(leaf.field, None if told == "" else told)
        try:
            return self.values[leaf.field.code, leaf.window]
        except KeyError:
            raise LookupError(f"these facts were made without {leaf.field.code}") from None


def _asked(conditions: Iterable[Condition]) -> dict[Asked, Leaf]:
    return {
        (leaf.field.code, leaf.window): leaf
        for condition in conditions
        for leaf in leaves(condition.node)
        if isinstance(leaf, Leaf) and not leaf.field.is_of_occasion
    }


def _of_kind(field: Field, value: Any) -> Any:
    """A value as conditions compare it: days without their hour, several choices as a set of texts."""
    if value is None:
        return None
    if field.kind in ("number", "money"):
        return int(value)
    if field.kind == "choices":
        return frozenset([value] if isinstance(value, str) else map(str, value))
    if field.kind == "yes_no":
        return bool(value)
    if field.kind == "date":
        return dt.date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return str(value)


def facts_of(member: Member | None, *conditions: Condition, context: Mapping[str, Any] | None = None) -> Facts:
    """What these conditions ask about a member, in one query (none where they ask nothing of the member).

    `context` says the occasion by code of field: `{"sale.branch": public id, "sale.amount": minor units}`. Of a guest
    (None) everything is unknown.
    """
    asked = _asked(conditions)
    if member is None or not asked:
        return Facts(dict.fromkeys(asked), dict(context or {}))
    return facts_of_many([member.pk], *conditions, context=context).get(
        member.pk, Facts(dict.fromkeys(asked), dict(context or {}))
    )


def facts_of_many(
    members: Iterable[int], *conditions: Condition, context: Mapping[str, Any] | None = None
) -> dict[int, Facts]:
    """The same for several members by database id, in one query."""
    asked, occasion = _asked(conditions), dict(context or {})
    fragments = [leaf.fragment() for leaf in asked.values()]
    table = apps.get_model("people", "Member")._meta.db_table
    columns = "".join(f", ({text})" for text, _ in fragments)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT member.id{columns} FROM {table} member WHERE member.id = ANY(%s::bigint[])",  # noqa: S608
            [*(param for _, params in fragments for param in params), list(members)],
        )
        return {
            int(row[0]): Facts(
                {key: _of_kind(leaf.field, value) for (key, leaf), value in zip(asked.items(), row[1:], strict=True)},
                occasion,
            )
            for row in cursor.fetchall()
        }
