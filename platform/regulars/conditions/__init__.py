"""The one condition language: who is meant, and when, asked in SQL for sets and in memory for one with one answer.

A condition is a tree of statements about fields, joined by `all`, `any` and `not` and kept as JSON:
`{"all": [{"field": "sales.spent", "is": "at_least", "value": 50000, "within": {"days": 90}}, …]}`.
`parse` reads what somebody wants to save and refuses in words; `stored` reads what was saved, without a query, and is
what an act uses at the till. `facts_of(member, *conditions, context=…)` asks the database once, then
`condition.holds(facts)` and `condition.explain(facts)` answer; `condition.members()` and `.count()` are the sets.
Rooms declare fields as `FIELDS` in their `conditions.py`, modules by the hook `condition_fields`.
"""

from __future__ import annotations

from regulars.conditions.contradictions import contradictions
from regulars.conditions.facts import Facts, facts_of, facts_of_many
from regulars.conditions.fields import Field, Window
from regulars.conditions.parsing import parse, stored
from regulars.conditions.registry import currency, fields
from regulars.conditions.tree import ALWAYS, Condition, Why

__all__ = [
    "ALWAYS",
    "Condition",
    "Facts",
    "Field",
    "Why",
    "Window",
    "contradictions",
    "currency",
    "facts_of",
    "facts_of_many",
    "fields",
    "parse",
    "stored",
]
