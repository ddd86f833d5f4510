"""How a business comes by its schema: a template made once from the migrations, replayed as one script for each.

Migrating a fresh schema takes ten seconds or more, replaying takes a fraction of one. `template` makes the script and
the rows each trade starts with, `schemas` replays and drops, `pool` keeps a few schemas ready for the next sign-ups.
"""

from __future__ import annotations

from tenants.provisioning.pool import claim_schema, fill_pool
from tenants.provisioning.schemas import drop_schema, new_schema_name, open_schema, schema_exists
from tenants.provisioning.template import build_template, current_template, prepare_database
from tenants.provisioning.versions import current_version

__all__ = [
    "build_template",
    "claim_schema",
    "current_template",
    "current_version",
    "drop_schema",
    "fill_pool",
    "new_schema_name",
    "open_schema",
    "prepare_database",
    "schema_exists",
]
