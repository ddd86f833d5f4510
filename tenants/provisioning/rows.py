"""The rows of a schema as text: all of them for the template, or what an act has changed for the seed of a trade."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db import connection

Row = tuple[str, ...]
"""A row's values as SQL literals, in the order of its table's columns."""
Rows = dict[Row, Row]
"""The rows of a table by their key."""
AT_ONCE = 500
"""Rows in one INSERT."""

COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
       COALESCE(a.attnum = ANY (i.indkey), false)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
LEFT JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary
WHERE n.nspname = %s AND c.relkind = 'r'
ORDER BY c.relname, a.attnum
"""
REFERENCES = """
SELECT DISTINCT c.relname, t.relname
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_class t ON t.oid = k.confrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'f' AND n.nspname = %s AND c.oid <> t.oid
ORDER BY 1, 2
"""
SEQUENCES = "SELECT sequencename, last_value FROM pg_catalog.pg_sequences WHERE schemaname = %s ORDER BY 1"


@dataclass(frozen=True)
class Table:
    """A table: its columns with their types, and which of them are its key."""

    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    key: tuple[str, ...]


def tables_of(schema_name: str) -> list[Table]:
    """The tables of a schema, each after those it refers to as far as that can be."""
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [schema_name])
        found: dict[str, list[tuple[str, str, bool]]] = {}
        for table, column, kind, is_key in cursor.fetchall():
            found.setdefault(table, []).append((column, kind, is_key))
        cursor.execute(REFERENCES, [schema_name])
        needs: dict[str, list[str]] = {}
        for table, target in cursor.fetchall():
            needs.setdefault(table, []).append(target)
    tables = {
        name: Table(
            name,
            tuple(column for column, _, _ in columns),
            tuple(kind for _, kind, _ in columns),
            tuple(column for column, _, is_key in columns if is_key) or tuple(column for column, _, _ in columns),
        )
        for name, columns in found.items()
    }
    return [tables[name] for name in _in_order(list(tables), needs)]


def _in_order(names: list[str], needs: dict[str, list[str]]) -> list[str]:
    """Names after what they need; a circle is cut where it is met."""
    ordered: dict[str, None] = {}
    seen: set[str] = set()

    def place(name: str) -> None:
        if name not in seen:
            seen.add(name)
            for needed in needs.get(name, []):
                place(needed)
            ordered[name] = None

    for name in names:
        place(name)
    return [name for name in ordered if name in names]


def snapshot(schema_name: str, tables: list[Table]) -> dict[str, Rows]:
    """All rows of a schema, in one question."""
    quote = connection.ops.quote_name
    parts = []
    for number, table in enumerate(tables):
        values = ", ".join(f"quote_nullable({quote(column)}::text)" for column in table.columns)
        parts.append(f"SELECT {number} AS number, ARRAY[{values}] FROM {quote(schema_name)}.{quote(table.name)}")  # noqa: S608
    found: dict[str, Rows] = {table.name: {} for table in tables}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts) + " ORDER BY 1, 2")
        for number, values in cursor.fetchall():
            table = tables[number]
            row = dict(zip(table.columns, values, strict=True))
            found[table.name][tuple(row[column] for column in table.key)] = tuple(values)
    return found


def inserts(table: Table, rows: Iterable[Row], prefix: str) -> Iterator[str]:
    """INSERT statements for rows of a table; `prefix` is the schema's name."""
    quote = connection.ops.quote_name
    columns = ", ".join(quote(column) for column in table.columns)
    waiting = [f"({', '.join(row)})" for row in rows]
    for start in range(0, len(waiting), AT_ONCE):
        values = ",\n".join(waiting[start : start + AT_ONCE])
        yield f"INSERT INTO {prefix}.{quote(table.name)} ({columns}) VALUES\n{values};"


def changes(tables: list[Table], before: dict[str, Rows], after: dict[str, Rows], prefix: str) -> Iterator[str]:
    """The statements that make `before` into `after`: rows taken away first, then changed, then added."""
    for table in reversed(tables):
        for key in sorted(before[table.name].keys() - after[table.name].keys()):
            yield f"DELETE FROM {prefix}.{_quoted(table.name)} WHERE {_where(table, key)};"  # noqa: S608
    for table in tables:
        was, now = before[table.name], after[table.name]
        for key in (key for key in now if key in was and was[key] != now[key]):
            new = ", ".join(
                f"{_quoted(column)} = {value}"
                for column, old, value in zip(table.columns, was[key], now[key], strict=True)
                if old != value
            )
            yield f"UPDATE {prefix}.{_quoted(table.name)} SET {new} WHERE {_where(table, key)};"  # noqa: S608
        yield from inserts(table, (row for key, row in now.items() if key not in was), prefix)


def _where(table: Table, key: Row) -> str:
    return " AND ".join(f"{_quoted(column)} = {value}" for column, value in zip(table.key, key, strict=True))


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def sequences(schema_name: str) -> dict[str, int | None]:
    """How far each sequence has counted, None for one that was never asked."""
    with connection.cursor() as cursor:
        cursor.execute(SEQUENCES, [schema_name])
        return dict(cursor.fetchall())


def counted(values: Mapping[str, int | None], prefix: str) -> str:
    """A statement that lets the sequences of a fresh schema go on where these stand; empty for none."""
    calls = [
        f"pg_catalog.setval('{prefix}.{_quoted(name)}', {value or 1}, {'true' if value else 'false'})"
        for name, value in values.items()
    ]
    return f"SELECT {', '.join(calls)};" if calls else ""
