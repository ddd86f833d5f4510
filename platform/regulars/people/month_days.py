"""Days that come every year: month and day of a date as one number, 229 for 29 February, for index and question."""

from __future__ import annotations

from typing import Any

from django.db.models import Func, IntegerField


class MonthDay(Func):
    """The month-day of a date, written in SQL without parameters, so that a question finds the index."""

    template = "((EXTRACT(MONTH FROM %(expressions)s) * 100 + EXTRACT(DAY FROM %(expressions)s))::integer)"
    arity = 1

    def __init__(self, of: Any, **options: Any) -> None:
        super().__init__(of, output_field=IntegerField(), **options)
