"""How a room's SQL functions come into a business's schema: written in `.sql` files, defined by migrations.

A function names every table with its schema, `{schema}` in the file: the name of the schema being migrated. A business
opened from the template gets them with the template's script.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.migrations import RunPython

from regulars.errors import (
    Gone,
    HoldEnded,
    KeyUsedBefore,
    NotEnough,
    RegularsError,
    StaleQuote,
    UndoneBefore,
    UsedUp,
)

REFUSALS: dict[str, type[RegularsError]] = {
    "RG402": NotEnough,
    "RG409": KeyUsedBefore,
    "RG412": StaleQuote,
    "RG414": HoldEnded,
    "RG424": UndoneBefore,
    "RG410": Gone,
    "RG423": UsedUp,
}
"""What our functions raise, by SQLSTATE."""


def define(file: Path) -> RunPython:
    """The migration step that defines the functions of one file."""

    def forwards(_apps: Any, schema_editor: Any) -> None:
        _run(file, schema_editor.connection)

    return RunPython(forwards, RunPython.noop)


def define_again() -> None:
    """Define the functions of every room as they are written today, in the schema this thread is in.

    A changed function needs no migration of its own: whoever has migrated a business asks for this.
    """
    for config in apps.get_app_configs():
        for file in sorted(Path(config.path).glob("sql/*.sql")):
            _run(file, connection)


def _run(file: Path, on: Any) -> None:
    with on.cursor() as cursor:
        cursor.execute(file.read_text().replace("{schema}", f'"{on.schema_name}"'))


def call(function: str, document: dict[str, Any] | list[dict[str, Any]]) -> Any:
    """Call one of our functions with one JSON document, in one round trip.

    Raises the refusal that the function's SQLSTATE stands for.
    """
    schema = connection.ops.quote_name(connection.schema_name or "")  # type: ignore[attr-defined]
    try:
        answer = prepared(f"SELECT {schema}.{function}(%s::jsonb)", json.dumps(document))
    except DatabaseError as error:
        state = getattr(error.__cause__, "sqlstate", None)
        if state in REFUSALS:
            raise REFUSALS[state] from error
        raise
    return json.loads(answer) if isinstance(answer, str) else answer


def prepared(statement: str, *values: Any) -> Any:
    """The first value that a statement answers, None for no row; see `prepared_row`.

    The statement names every table and function with its schema.
    """
    row = prepared_row(statement, values)
    return row[0] if row else None


def prepared_row(statement: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
    """The first row that a statement answers, in the present business; the server plans it once per connection.

    Where statements are watched (`execute_wrapper`, `CaptureQueriesContext`) it goes the way of all others, so that
    they are seen. None for no row, and for a statement that answers none.
    """
    own: Any = connections[DEFAULT_DB_ALIAS]  # looked up once: the proxy does so for every attribute
    own.ensure_connection()
    if own.execute_wrappers or own.queries_logged:
        with own.cursor() as watched:
            watched.execute(statement, values)
            return watched.fetchone() if watched.description else None
    if not own.search_path_set_schemas:
        own.cursor().close()  # which sets it, or refuses where no business is chosen
    own.validate_no_broken_transaction()
    with own.wrap_database_errors, psycopg.Cursor(own.connection) as cursor:
        cursor.execute(statement, values, prepare=True)
        return cursor.fetchone() if cursor.pgresult and cursor.pgresult.nfields else None
