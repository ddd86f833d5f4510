"""Making and dropping the schema of a business."""

from __future__ import annotations

import re

from django.db import connection, transaction

from regulars import clock
from regulars.public_ids import new_public_id, random_code
from tenants.context import public_context
from tenants.isolation import content_types
from tenants.models import Template

TOKEN = "t_schemaname"  # noqa: S105 - no secret: it stands for the schema's name in a template's script
NAME = re.compile(r"t_[a-z0-9]{12}")
PLACEHOLDER = re.compile(r"~(?:(?P<now>now)|(?P<today>today)|(?P<prefix>[a-z]{2,4})_\d+)~")


class SchemaIncomplete(Exception):
    """A replayed schema does not hold all the tables of its template."""


def new_schema_name() -> str:
    """A name made by us, never from a user's text: `t_` and 12 random characters."""
    return f"t_{random_code(12)}"


def open_schema(schema_name: str, template: Template) -> None:
    """Make a schema and fill it from a template: one script, one round trip, all or nothing.

    Raises `ValueError` for a name that is not one of ours and `SchemaIncomplete` when a table is missing afterwards.
    """
    _ours(schema_name)
    with public_context(), transaction.atomic():
        _run(template.script.replace(TOKEN, schema_name))
        check_schema(schema_name, template)


def sow(schema_name: str, script: str) -> None:
    """Write the rows that a trade starts with: with public ids of its own, as of now. Raises `ValueError` as above."""
    _ours(schema_name)
    with public_context(), transaction.atomic():
        _run(seeds_for(schema_name, script))


def seeds_for(schema_name: str, script: str) -> str:
    """A seed script with its placeholders filled in for one schema."""
    made: dict[str, str] = {}

    def fill(found: re.Match[str]) -> str:
        if found["now"]:
            return clock.now().isoformat()
        if found["today"]:
            return clock.today().isoformat()
        return made.setdefault(found[0], new_public_id(found["prefix"]))

    return PLACEHOLDER.sub(fill, script.replace(TOKEN, schema_name))


def check_schema(schema_name: str, template: Template) -> None:
    """Every table of the template is in the schema, or `SchemaIncomplete` is raised."""
    wanted = template.script.count("\nCREATE TABLE ")
    with public_context(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = %s AND c.relkind IN ('r', 'p')",
            [schema_name],
        )
        found = cursor.fetchone()[0]
    if found != wanted:
        raise SchemaIncomplete(f"{schema_name} has {found} tables instead of {wanted}.")


def drop_schema(schema_name: str) -> None:
    """Drop a schema with all that is in it; one that is gone already is no error. Raises `ValueError` as above."""
    _ours(schema_name)
    with public_context(), connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA IF EXISTS "{schema_name}" CASCADE')
        cursor.execute('DELETE FROM "public"."tenants_chain_head" WHERE schema_name = %s', [schema_name])
    forget(schema_name)


def forget(schema_name: str) -> None:
    """Let go of what this process remembers of a schema."""
    content_types.forget(schema_name)


def schema_exists(schema_name: str) -> bool:
    """Whether the database has a schema of this name."""
    with public_context(), connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = %s)", [schema_name])
        return bool(cursor.fetchone()[0])


def _ours(schema_name: str) -> None:
    if not NAME.fullmatch(schema_name):
        raise ValueError(f"{schema_name!r} is not the name of a business's schema.")


def _run(script: str) -> None:
    if script:
        with connection.cursor() as cursor:
            cursor.execute(script)
