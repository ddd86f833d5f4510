"""How a room's SQL functions come into a business's schema: written in `.sql` files, defined by migrations.

A function names every table with its schema, `{schema}` in the file: the name of the schema being migrated. A business
opened from the template gets them with the template's script.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection
from django.db.migrations import RunPython

from regulars.errors import KeyUsedBefore, NotEnough, RegularsError, StaleQuote

REFUSALS: dict[str, type[RegularsError]] = {"RG402": NotEnough, "RG409": KeyUsedBefore, "RG412": StaleQuote}
"""What our functions raise, by SQLSTATE."""


def define(file: Path) -> RunPython:
    """The migration step that defines (or redefines) the functions of one file."""
    statements = file.read_text()

    def forwards(_apps: Any, schema_editor: Any) -> None:
        schema = schema_editor.connection.schema_name
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(statements.replace("{schema}", f'"{schema}"'))

    return RunPython(forwards, RunPython.noop)


def call(function: str, document: dict[str, Any]) -> Any:
    """Call one of our functions with one JSON document, in one round trip.

    Raises the refusal that the function's SQLSTATE stands for.
    """
    with connection.cursor() as cursor:
        schema = connection.ops.quote_name(connection.schema_name)  # type: ignore[attr-defined]
        try:
            cursor.execute(f"SELECT {schema}.{function}(%s::jsonb)", [json.dumps(document)])  # noqa: S608
        except DatabaseError as error:
            state = getattr(error.__cause__, "sqlstate", None)
            if state in REFUSALS:
                raise REFUSALS[state] from error
            raise
        answer = cursor.fetchone()[0]
    return json.loads(answer) if isinstance(answer, str) else answer
