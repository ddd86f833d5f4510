"""`regulars migrate`: the public schema, then each business whose tables are older than this code, then the template.

Which businesses are behind is seen from one column, so a release that changes no table costs no visit to any of them.
One that fails is named and left as it was; the others go on, and the exit status says that one failed.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from tenants import provisioning
from tenants.context import public_context
from tenants.models import Business
from tenants.provisioning.dump import NoDump
from tenants.provisioning.pool import drop_stale
from tenants.provisioning.public import migrate_public
from tenants.provisioning.template import migrate_schema
from tenants.provisioning.versions import current_version, tables_version


class Command(BaseCommand):
    """Bring the database to this version of the code."""

    help = "Migrate the public schema, the businesses that are behind, and the template of the next ones."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """All, or public alone."""
        parser.add_argument("--shared", action="store_true", help="the public schema only")
        parser.add_argument("--without-template", action="store_true", help="let the worker build the template")

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, and name what failed."""
        provisioning.prepare_database()
        migrate_public(verbosity=options["verbosity"])
        if options["shared"]:
            return
        failed = [business.slug for business in self._behind() if not self._migrated(business)]
        if not options["without_template"]:
            try:
                provisioning.build_template(say=self.stdout.write)
            except NoDump as error:
                raise CommandError(str(error)) from error
            drop_stale()
        if failed:
            raise CommandError(f"These businesses could not be migrated: {', '.join(failed)}.")
        self.stdout.write("The database is at this version.")

    def _behind(self) -> list[Business]:
        wanted = tables_version(current_version())
        with public_context():
            found = Business.objects.exclude(template_version__startswith=f"{wanted}-").order_by("pk")
            return list(found)

    def _migrated(self, business: Business) -> bool:
        self.stdout.write(f"Migrating {business.slug} ({business.schema_name}) …")
        try:
            migrate_schema(business.schema_name)
        except DatabaseError as error:
            self.stderr.write(f"{business.slug}: {str(error).strip()}")
            return False
        with public_context():
            Business.objects.filter(pk=business.pk).update(template_version=current_version())
        return True
