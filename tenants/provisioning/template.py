"""Makes the template of a fresh business: its schema once by migrations, then what each trade starts with.

Both are kept as scripts. `Template.script` holds DDL and the rows that migrations write; `Template.seeds` holds, by
`trade:language`, what the preset of that trade changes. In the scripts the schema's name, public ids and instants are
placeholders, so that no two businesses share an id and nothing in them is older than they are.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import structlog
from django.apps import apps
from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.dummy import DummyCache
from django.core.management import call_command
from django.db import connection, transaction
from django.utils.module_loading import import_string

from regulars import clock
from regulars.operations import trail
from regulars.organisation.models import Language, Trade
from regulars.public_ids import PublicIdField
from regulars.sql_functions import define_again
from tenants.context import public_context, schema_context
from tenants.models import PoolSchema, Template
from tenants.provisioning import dump, rows
from tenants.provisioning.schemas import TOKEN, drop_schema, forget, new_schema_name
from tenants.provisioning.versions import current_version

log = structlog.get_logger(__name__)
SCRATCH = "being made"
"""The version in `PoolSchema` of a schema that a template is being made in, so that one left behind is found."""
INSTANT = re.compile(r"'(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?)\+00'")

_remembered: dict[str, Template] = {}


class Undone(Exception):
    """Raised to take back what a preset has written, once it is read."""


def current_template() -> Template:
    """The template of this code, from memory or the database. Raises `Template.DoesNotExist` when it is not built."""
    version = current_version()
    if version not in _remembered:
        with public_context():
            _remembered[version] = Template.objects.get(version=version)
    return _remembered[version]


def build_template(*, say: Callable[[str], None] = lambda _: None) -> Template:
    """The template of this code, made now if it is not there; older ones are forgotten.

    Takes some seconds and works in a schema of its own, outside any transaction. Two at once do no harm: the first to
    end is kept. Raises `NoDump` when there is no pg_dump for this server.
    """
    try:
        return current_template()
    except Template.DoesNotExist:
        pass
    schema_name, version = new_schema_name(), current_version()
    with public_context():
        PoolSchema.objects.create(schema_name=schema_name, version=SCRATCH, made_at=clock.now())
    try:
        say("Migrating a schema to copy from …")
        _migrate(schema_name)
        say("Writing it down …")
        script, seeds = _script(schema_name), dict(_seeds(schema_name, say))
    finally:
        drop_schema(schema_name)
        with public_context():
            PoolSchema.objects.filter(schema_name=schema_name).delete()
    with public_context(), transaction.atomic():
        template, _ = Template.objects.get_or_create(
            version=version, defaults={"script": script, "seeds": seeds, "built_at": clock.now()}
        )
        Template.objects.exclude(version=version).delete()
    log.info("template_built", version=version, tables=script.count("\nCREATE TABLE "))
    return template


def prepare_database() -> None:
    """Make the schema of the extensions and the extensions themselves, where they are missing."""
    with public_context(), connection.cursor() as cursor:
        for schema_name in settings.PG_EXTRA_SEARCH_PATHS:
            cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema_name}"')
        cursor.execute(f'CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA "{settings.PG_EXTRA_SEARCH_PATHS[0]}"')


def migrate_schema(schema_name: str) -> None:
    """Apply every missing migration of a business to one schema, and define its functions as they are today."""
    with schema_context(schema_name):
        call_command(_plain_migrate(), verbosity=0, interactive=False, skip_checks=True)
        with transaction.atomic():
            define_again()
    forget(schema_name)


def _plain_migrate() -> Any:
    """Django's own command: django-tenants puts another one in its place."""
    return import_string("django.core.management.commands.migrate.Command")()


def _migrate(schema_name: str) -> None:
    with public_context(), connection.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA "{schema_name}"')
    migrate_schema(schema_name)


def _script(schema_name: str) -> str:
    before, after = dump.ddl(schema_name)
    with schema_context(schema_name):
        tables = rows.tables_of(schema_name)
        filled = rows.snapshot(schema_name, tables)
        parts = ["SET LOCAL check_function_bodies = false;", before]
        for table in tables:
            parts.extend(rows.inserts(table, filled[table.name].values(), schema_name))
        used = {name: value for name, value in rows.sequences(schema_name).items() if value}
        parts += [rows.counted(used, schema_name), after]
    return "\n".join(parts).replace(schema_name, TOKEN)


def _seeds(schema_name: str, say: Callable[[str], None]) -> Iterator[tuple[str, str]]:
    apply = import_string(settings.PRESET)
    with schema_context(schema_name), _without_cache(), _quietly(), trail.paused():
        tables = rows.tables_of(schema_name)
        before, counted = rows.snapshot(schema_name, tables), rows.sequences(schema_name)
        for trade in Trade.values:
            for language in Language.values:
                say(f"What a business starts with: {trade}, {language} …")
                script = _seed(schema_name, tables, before, partial(apply, trade, language))
                yield f"{trade}:{language}", script
                with connection.cursor() as cursor:
                    cursor.execute(rows.counted(counted, schema_name))


def _seed(schema_name: str, tables: list[rows.Table], before: dict[str, rows.Rows], apply: Callable[[], None]) -> str:
    """What a preset changes, as a script; the preset's own work is taken back."""
    begun, script = _begun(), ""
    try:
        with transaction.atomic():
            apply()
            _run_what_waits()
            after = rows.snapshot(schema_name, tables)
            used = {name: value for name, value in rows.sequences(schema_name).items() if value}
            after = {table.name: _undated(table, after[table.name], begun) for table in tables}
            statements = [*rows.changes(tables, before, after, schema_name), rows.counted(used, schema_name)]
            script = "\n".join(statements)
            raise Undone
    except Undone:
        forget(schema_name)
    return _anonymous(script, after, tables).replace(schema_name, TOKEN)


@contextmanager
def _without_cache() -> Iterator[None]:
    """Nothing is remembered of rows that will be taken back."""
    present = caches["default"]
    caches["default"] = DummyCache("", {})
    try:
        yield
    finally:
        caches["default"] = present


@contextmanager
def _quietly() -> Iterator[None]:
    """Fourteen presets make pages that nobody wants a line in the log for."""
    loggers = {logging.getLogger(name): logging.getLogger(name).level for name in ("wagtail", "django_tasks")}
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger, level in loggers.items():
            logger.setLevel(level)


def _begun() -> dt.datetime:
    """The earlier of the clock's present and the database's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        present: dt.datetime = cursor.fetchone()[0]
        return min(present, clock.now())


def _run_what_waits() -> None:
    """Let what waits for the commit happen now: there will be none."""
    while connection.run_on_commit:
        waiting: Any = connection.run_on_commit.pop(0)
        waiting[1]()


def _undated(table: rows.Table, found: rows.Rows, begun: dt.datetime) -> rows.Rows:
    """Rows whose instants since `begun` are placeholders for the moment at which a business opens."""
    dated = [place for place, kind in enumerate(table.types) if kind == "timestamp with time zone"]
    if not dated:
        return found
    changed = {}
    for key, row in found.items():
        values = list(row)
        for place in dated:
            instant = INSTANT.fullmatch(values[place])
            if instant and dt.datetime.fromisoformat(f"{instant[1]}+00:00") >= begun:
                values[place] = "'~now~'"
        changed[key] = tuple(values)
    return changed


def _anonymous(script: str, after: dict[str, rows.Rows], tables: list[rows.Table]) -> str:
    """A script in which every public id is a placeholder, wherever it stands."""
    prefixes = _public_id_columns()
    found: dict[str, str] = {}
    for table in tables:
        for place, column in enumerate(table.columns):
            prefix = prefixes.get((table.name, column))
            for row in after[table.name].values() if prefix else ():
                found.setdefault(row[place].strip("'"), f"~{prefix}_{len(found) + 1}~")
    pattern = re.compile("|".join(re.escape(public_id) for public_id in found if public_id)) if found else None
    return pattern.sub(lambda match: found[match[0]], script) if pattern else script


def _public_id_columns() -> dict[tuple[str, str], str]:
    return {
        (model._meta.db_table, str(field.column)): field.prefix
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_concrete_fields
        if isinstance(field, PublicIdField)
    }
