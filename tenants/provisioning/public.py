"""Brings the public schema to this code: the apps that have tables there, with what those are built on, and no others.

Django would also run through every migration of the rooms, which make no table in public, and take most of a first
start for it.
"""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tenants.context import public_context


def is_behind() -> bool:
    """Whether a migration of the public schema is missing."""
    with public_context():
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(_targets(executor)))


def migrate_public(*, verbosity: int = 0) -> None:
    """Apply every missing migration of the public schema; nothing missing costs one look at the history."""
    with public_context():
        executor = MigrationExecutor(connection)
        executor.loader.check_consistent_history(connection)
        targets = _targets(executor)
        plan = executor.migration_plan(targets)
        if not plan:
            return
        emit_pre_migrate_signal(verbosity, False, connection.alias, plan=plan)
        state = executor.migrate(targets, plan)
        emit_post_migrate_signal(verbosity, False, connection.alias, apps=state.apps, plan=plan)


def _targets(executor: MigrationExecutor) -> list[tuple[str, str]]:
    """The newest migrations of the apps that live in public."""
    labels = {config.label for config in apps.get_app_configs() if config.name in settings.SHARED_APPS}
    return [node for node in executor.loader.graph.leaf_nodes() if node[0] in labels]
