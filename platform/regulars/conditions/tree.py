"""A condition as a tree, its SQL for sets of members and its answer in memory for one: the same question twice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as given
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import BigAutoField, QuerySet
from django.db.models.expressions import RawSQL

from regulars.conditions import words as said
from regulars.conditions.fields import Field, Sql, Window, choices_once
from regulars.conditions.operators import Operator

if TYPE_CHECKING:
    from regulars.conditions.facts import Facts
    from regulars.organisation.scope import Scope
    from regulars.people.models import Member


@dataclass(frozen=True)
class Leaf:
    """One statement about one field, for a time if the field takes one."""

    field: Field
    operator: Operator
    value: Any = None
    window: Window | None = None

    def fragment(self) -> Sql:
        """What the field answers for the row `member`; figures are whole numbers in both evaluations."""
        assert self.field.sql is not None
        text, params = self.field.sql(self.window)
        return (f"({text})::bigint" if self.field.kind in ("number", "money") else text), params

    def as_sql(self, joins: Joins) -> Sql:
        """The statement about the row `member`, true or false."""
        return self.operator.as_sql(joins.fragment(self), self.value)

    def holds(self, facts: Facts) -> bool:
        """The statement in memory."""
        return self.operator.answer(facts.value(self), self.value)

    def as_json(self) -> dict[str, Any]:
        """The statement as it is stored."""
        stored: dict[str, Any] = {"field": self.field.code, "is": self.operator.code}
        if self.operator.takes != "nothing":
            stored["value"] = json.loads(json.dumps(self.value, default=str))
        if self.window is not None:
            stored["within"] = self.window.as_json()
        return stored


@dataclass(frozen=True)
class Joins:
    """What a set is asked over beside the table of members: each query over everybody once, by field and time."""

    found: dict[tuple[str, Window | None], Sql] = given(default_factory=dict)

    def fragment(self, leaf: Leaf) -> Sql:
        """What a field answers for the row `member`, from a query over everybody where the field has one."""
        if leaf.field.sql_of_all is None:
            return leaf.fragment()
        since = leaf.operator.since if leaf.field.is_newest else None
        asked = leaf.field.code, Window(since=since(leaf.value)) if since else leaf.window
        if asked not in self.found:
            self.found[asked] = leaf.field.sql_of_all(asked[1])
        value = f"COALESCE(all_{list(self.found).index(asked)}.value, {leaf.field.otherwise})"
        return (f"({value})::bigint" if leaf.field.kind in ("number", "money") else value), []

    def as_sql(self) -> Sql:
        """The queries, joined to `member`."""
        text = "".join(
            f" LEFT JOIN ({query}) all_{number} ON all_{number}.member_id = member.id"
            for number, (query, _params) in enumerate(self.found.values())
        )
        return text, [param for _query, params in self.found.values() for param in params]


@dataclass(frozen=True)
class Missing:
    """A statement that nobody here can answer: its module is off, its field is gone or it cannot be read."""

    code: str
    raw: Any = None

    def as_json(self) -> Any:
        """As it was stored."""
        return self.raw


@dataclass(frozen=True)
class Joined:
    """Several parts: all of them hold, or at least one does."""

    parts: tuple[Node, ...]
    every: bool

    def as_json(self) -> dict[str, Any]:
        """The parts as they are stored."""
        return {"all" if self.every else "any": [part.as_json() for part in self.parts]}


@dataclass(frozen=True)
class Negated:
    """The contrary of a part."""

    part: Node

    def as_json(self) -> dict[str, Any]:
        """The part as it is stored."""
        return {"not": self.part.as_json()}


Node = Leaf | Missing | Joined | Negated


@dataclass(frozen=True)
class Why:
    """One statement of an answer: in words, whether it holds, and what is the case, in words too."""

    words: str
    holds: bool
    actual: str


def leaves(node: Node | None) -> Iterator[Leaf | Missing]:
    """Every statement of a tree, in the order in which they were written."""
    if isinstance(node, Joined):
        for part in node.parts:
            yield from leaves(part)
    elif isinstance(node, Negated):
        yield from leaves(node.part)
    elif node is not None:
        yield node


def _sql(node: Node, joins: Joins) -> Sql:
    if isinstance(node, Leaf):
        return node.as_sql(joins)
    if isinstance(node, Negated):
        text, params = _sql(node.part, joins)
        return f"NOT ({text})", params
    assert isinstance(node, Joined)
    parts = [_sql(part, joins) for part in node.parts]
    text = (" AND " if node.every else " OR ").join(f"({part})" for part, _ in parts)
    return text, [param for _, params in parts for param in params]


def _holds(node: Node, facts: Facts) -> bool:
    if isinstance(node, Leaf):
        return node.holds(facts)
    if isinstance(node, Negated):
        return not _holds(node.part, facts)
    assert isinstance(node, Joined)
    return (all if node.every else any)(_holds(part, facts) for part in node.parts)


def _why(node: Node, facts: Facts, *, turned: bool) -> Iterator[Why]:
    if isinstance(node, Joined):
        for part in node.parts:
            yield from _why(part, facts, turned=turned)
    elif isinstance(node, Negated):
        yield from _why(node.part, facts, turned=not turned)
    elif isinstance(node, Missing):
        yield Why(said.missing(node.code), False, said.unknown())
    else:
        sentence, holds = said.leaf(node), node.holds(facts)
        actual = said.actual(node.field, facts.value(node))
        yield Why(said.contrary(sentence) if turned else sentence, holds != turned, actual)


def _possible(node: Node, *, turned: bool = False) -> Node | None:
    """What a tree asks of the member alone, where the occasion may be any: None where that is nothing."""
    if isinstance(node, Negated):
        return _possible(node.part, turned=not turned)
    if isinstance(node, Joined):
        every = node.every != turned
        parts = [_possible(part, turned=turned) for part in node.parts]
        left = tuple(part for part in parts if part is not None)
        if not left or (not every and len(left) < len(parts)):
            return None
        return Joined(left, every)
    if isinstance(node, Leaf) and node.field.is_of_occasion:
        return None
    return Negated(node) if turned else node


@dataclass(frozen=True)
class Condition:
    """A question about a member, asked in SQL for many (`members`, `count`) or in memory for one (`holds`).

    Without a tree it always holds. One of which a part is `missing` (its module was switched off, say) never holds,
    for nobody can say whether it does; its words name what is missing.
    """

    node: Node | None = given(default=None)

    @property
    def is_always(self) -> bool:
        """Whether it asks nothing."""
        return self.node is None

    @property
    def fields(self) -> frozenset[str]:
        """The codes of all fields it asks about."""
        return frozenset(each.field.code if isinstance(each, Leaf) else each.code for each in leaves(self.node))

    @property
    def missing(self) -> frozenset[str]:
        """The codes of what nobody can answer here; with any of them the condition never holds."""
        return frozenset(each.code for each in leaves(self.node) if isinstance(each, Missing))

    @property
    def is_for_sets(self) -> bool:
        """Whether the member alone answers it, without an occasion."""
        return not any(isinstance(each, Leaf) and each.field.is_of_occasion for each in leaves(self.node))

    def as_json(self) -> dict[str, Any]:
        """The condition as it is stored; `{}` for one that always holds."""
        stored: dict[str, Any] = {} if self.node is None else self.node.as_json()
        return stored

    def as_sql(self) -> Sql:
        """A query of the ids of all members for whom it holds. Raises `ValueError` if not `is_for_sets`."""
        if not self.is_for_sets:
            raise ValueError("a condition about an occasion has no set of members")
        table, joins = apps.get_model("people", "Member")._meta.db_table, Joins()
        text, params = ("TRUE", []) if self.node is None else ("FALSE", []) if self.missing else _sql(self.node, joins)
        joined, before = joins.as_sql()
        return f"SELECT member.id FROM {table} member{joined} WHERE {text}", [*before, *params]  # noqa: S608

    def members(self, queryset: QuerySet[Member] | None = None) -> QuerySet[Member]:
        """The members for whom it holds, of those given; of all active members where none are."""
        model = apps.get_model("people", "Member")
        chosen: QuerySet[Member] = model._default_manager.filter(is_active=True) if queryset is None else queryset
        if self.node is None:
            return chosen
        query, params = self.as_sql()
        return chosen.filter(pk__in=RawSQL(query, params, output_field=BigAutoField()))  # noqa: S611 # nosec B611

    def count(self, scope: Scope | None = None) -> int:
        """For how many active members it holds, of those in a scope; one query."""
        members = self.members().order_by()
        return (members if scope is None else scope.limit(members)).count()

    def for_members(self) -> Condition:
        """What it asks of the member alone, whatever the occasion: whom it may hold for at all."""
        return Condition(None if self.node is None or self.missing else _possible(self.node))

    def holds(self, facts: Facts) -> bool:
        """Whether it holds for the member and the occasion that these facts are of; see `facts_of`."""
        if self.node is None:
            return True
        return not self.missing and _holds(self.node, facts)

    def explain(self, facts: Facts) -> list[Why]:
        """Each of its statements with whether it holds and what is the case, in the active language."""
        with choices_once():
            return [] if self.node is None else list(_why(self.node, facts, turned=False))

    def words(self) -> str:
        """The whole in one sentence of the active language."""
        with choices_once():
            return said.condition(self.node)


ALWAYS = Condition()
Context = Mapping[str, Any]
