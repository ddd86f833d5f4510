"""Questions for one row that are asked at nearly every request: who is signed in, which member of staff that is.

Django writes the SQL of a question anew each time it is asked, which for a simple one takes several times as long as
the answer. Here a question is written once for each process, from the same queryset, and planned once for each
connection. What comes back are the same objects, and it is asked in the same business, or refused where there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.query import get_related_populators

from regulars.sql_functions import prepared_row
from regulars.written_rows import written_row

M = TypeVar("M", bound=Model)


class AskedOften(Generic[M]):
    """`AskedOften(lambda: Staff.objects.select_related("branch"), by="user_id")`: one row by one field's value.

    The queryset may choose, follow foreign keys and leave fields out; what it says of rows in another way (an order,
    what is computed or fetched beside it) it may not. Where several rows have the value, any one answers.
    """

    def __init__(self, asked: Callable[[], QuerySet[M]], *, by: str) -> None:
        self._asked, self._by = asked, by
        self._written: _Written | None = None

    def first(self, value: Any) -> M | None:
        """The row that has this value, None for none."""
        if self._written is None:
            self._written = _Written(self._asked(), self._by)
        found: M | None = self._written.answer(value)
        return found


class _Written:
    """What Django's compiler makes of a question, kept."""

    def __init__(self, asked: QuerySet[Any], by: str) -> None:
        place = object()
        limited = asked.order_by().filter(**{by: RawSQL("%s", (place,))})[:1]
        compiler = limited.query.get_compiler(DEFAULT_DB_ALIAS)
        self._sql, params = compiler.as_sql()
        self._params = tuple(None if each is place else each for each in params)
        self._at = [each is place for each in params].index(True)
        self._field = asked.model._meta.get_field(by)
        klass_info: Any = compiler.klass_info
        select: Any = compiler.select
        self._model, self._columns = klass_info["model"], klass_info["select_fields"]
        self._names = [select[column][0].target.attname for column in self._columns]
        self._related = get_related_populators(klass_info, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]
        self._converters = compiler.get_converters([each[0] for each in select])

    def answer(self, value: Any) -> Any:
        """The object, None for no row."""
        connection = connections[DEFAULT_DB_ALIAS]
        known = self._field.get_db_prep_value(value, connection)
        row = prepared_row(self._sql, (*self._params[: self._at], known, *self._params[self._at + 1 :]))
        if row is None:
            return None
        values = list(row)
        for column, (converters, expression) in self._converters.items():
            for convert in converters:
                values[column] = convert(values[column], expression, connection)
        first, last = self._columns[0], self._columns[-1] + 1
        found = written_row(self._model, dict(zip(self._names, values[first:last], strict=True)))
        for each in self._related:
            each.populate(values, found)
        return found
