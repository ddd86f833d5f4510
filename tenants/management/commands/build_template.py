"""`regulars build-template`: make what the next businesses are opened from."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenants import provisioning
from tenants.provisioning.dump import NoDump


class Command(BaseCommand):
    """Build the template of this version."""

    help = "Build the template of a fresh business, unless the one of this version is there."

    def handle(self, *args: Any, **options: Any) -> None:
        """Build it, saying what takes its time."""
        try:
            template = provisioning.build_template(say=self.stdout.write)
        except NoDump as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"The template {template.version} is ready.")
