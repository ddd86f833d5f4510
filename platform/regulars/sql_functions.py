"""How a room's SQL functions come into a business's schema: written in `.sql` files, defined by migrations.

A function names every table with its schema, `{schema}` in the file: the name of the schema being migrated. A business
opened from the template gets them with the template's script.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import DatabaseError, connection
from django.db.migrations import RunPython

from regulars.errors import KeyUsedBefore, NotEnough, RegularsError, StaleQuote

REFUSALS: dict[str, type[RegularsError]] = {"RG402": NotEnough, "RG409": KeyUsedBefore, "RG412": StaleQuote}
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


def call(function: str, document: dict[str, Any]) -> Any:
    """Call one of our functions with one JSON document, in one round trip.

    Raises the refusal that the function's SQLSTATE stands for.
    """
    with connection.cursor() as cursor:
        schema = connection.ops.quote_name(connection.schema_name)  # type: ignore[attr-defined]
        try:
            cursor.execute(f"SELECT {schema}.{function}(%s::jsonb)", [json.dumps(document)])
        except DatabaseError as error:
            state = getattr(error.__cause__, "sqlstate", None)
            if state in REFUSALS:
                raise REFUSALS[state] from error
            raise
        answer = cursor.fetchone()[0]
    return json.loads(answer) if isinstance(answer, str) else answer
