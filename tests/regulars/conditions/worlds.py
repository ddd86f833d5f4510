"""Random conditions over whatever fields there are, every kind with every operator it has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from regulars.conditions.fields import Field
from regulars.conditions.operators import BY_KIND, Operator

NUMBERS = st.one_of(st.integers(-5, 60), st.sampled_from([365, 999, 1_000, 5_000, 25_000, 100_000, 10**12]))
DAYS = st.dates(dt.date(1950, 1, 1), dt.date(2026, 12, 31)) | st.dates(dt.date(2026, 1, 1), dt.date(2026, 6, 20))
WINDOWS = st.one_of(
    st.none(),
    st.integers(1, 120).map(lambda days: {"days": days}),
    st.integers(1, 15).map(lambda months: {"months": months}),
    st.dates(dt.date(2025, 1, 1), dt.date(2026, 6, 15)).map(lambda day: {"since": day.isoformat()}),
)


def one_value(field: Field) -> st.SearchStrategy[Any]:
    """A value that such a field can be compared with."""
    if field.kind in ("number", "money"):
        return NUMBERS
    if field.kind == "date":
        return DAYS.map(dt.date.isoformat)
    if field.kind == "text":
        return st.text("aBcÄé%_'\"\\ 茶", min_size=1, max_size=3).map(lambda text: f"{text}x")
    return st.sampled_from(sorted(field.all_choices()) or ["Tea", "Cake"])


def values(field: Field, operator: Operator) -> st.SearchStrategy[Any]:
    """What may stand behind an operator."""
    match operator.takes:
        case "nothing":
            return st.none()
        case "days":
            return st.integers(1, 400)
        case "two":
            return st.lists(one_value(field), min_size=2, max_size=2).map(sorted)
        case "list":
            return st.lists(one_value(field), min_size=1, max_size=3)
    return one_value(field)


@st.composite
def statements(draw: Any, fields: list[Field]) -> dict[str, Any]:
    """One statement about one field."""
    field = draw(st.sampled_from(fields))
    operator = draw(st.sampled_from(list(BY_KIND[field.kind].values())))
    raw = {"field": field.code, "is": operator.code}
    if (value := draw(values(field, operator))) is not None:
        raw["value"] = value
    if field.takes_window and (window := draw(WINDOWS)):
        raw["within"] = window
    return raw


def trees(fields: Mapping[str, Field]) -> st.SearchStrategy[Any]:
    """A tree of them, asked of members alone."""
    of_members = [field for field in fields.values() if not field.is_of_occasion]
    return st.recursive(
        statements(of_members),
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
            inner.map(lambda part: {"not": part}),
        ),
        max_leaves=6,
    )
