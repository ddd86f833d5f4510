"""Schemas made ahead, so that a sign-up waits for none: each carries its template's version and is dropped when old."""

from __future__ import annotations

import datetime as dt

import structlog
from django.db import transaction

from regulars import clock
from tenants.context import public_context
from tenants.models import PoolSchema
from tenants.provisioning.schemas import drop_schema, new_schema_name, open_schema, schema_exists
from tenants.provisioning.template import SCRATCH, build_template
from tenants.provisioning.versions import current_version

log = structlog.get_logger(__name__)
PATIENCE = dt.timedelta(minutes=30)
"""How long a template may be in the making before its schema counts as left behind."""


def claim_schema() -> str | None:
    """Take a ready schema out of the pool, within the caller's transaction; None when there is none.

    If the transaction is rolled back the schema is in the pool again.
    """
    with public_context(), transaction.atomic():
        waiting = PoolSchema.objects.filter(version=current_version()).order_by("id")
        ready = waiting.select_for_update(skip_locked=True).first()
        if ready is None:
            return None
        ready.delete()
        return ready.schema_name


def fill_pool(size: int) -> int:
    """Drop what is old and make schemas until `size` are ready; returns how many were made.

    Raises `NoDump` when the template has to be built and cannot be.
    """
    template = build_template()
    drop_stale()
    made = 0
    with public_context():
        ready = PoolSchema.objects.filter(version=template.version).count()
    while ready + made < size:
        schema_name = new_schema_name()
        with public_context(), transaction.atomic():
            open_schema(schema_name, template)
            PoolSchema.objects.create(schema_name=schema_name, version=template.version, made_at=clock.now())
        made += 1
    if made:
        log.info("pool_filled", made=made, ready=ready + made)
    return made


def is_being_built() -> bool:
    """Whether some process is making a template right now."""
    with public_context():
        return PoolSchema.objects.filter(version=SCRATCH, made_at__gte=clock.now() - PATIENCE).exists()


def drop_stale() -> int:
    """Drop the schemas of older templates and what an interrupted build left; returns how many."""
    dropped = 0
    while _drop_one():
        dropped += 1
    return dropped


def _drop_one() -> bool:
    with public_context(), transaction.atomic():
        old = PoolSchema.objects.exclude(version__in=[current_version(), SCRATCH])
        left_behind = PoolSchema.objects.filter(version=SCRATCH, made_at__lt=clock.now() - PATIENCE)
        stale = (old | left_behind).select_for_update(skip_locked=True).first()
        if stale is None:
            return False
        drop_schema(stale.schema_name)
        stale.delete()
        return True


def discard(schema_name: str) -> None:
    """Throw a schema away that came out of the pool and saw something fail."""
    with public_context(), transaction.atomic():
        PoolSchema.objects.filter(schema_name=schema_name).delete()
        if schema_exists(schema_name):
            drop_schema(schema_name)
