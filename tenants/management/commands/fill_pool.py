"""`regulars fill-pool`: make schemas ahead of the next sign-ups."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tenants import provisioning
from tenants.provisioning.dump import NoDump


class Command(BaseCommand):
    """Fill the pool."""

    help = "Keep schemas ready for the next sign-ups; those of an older template are dropped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many."""
        parser.add_argument(
            "size", type=int, nargs="?", default=settings.WARM_POOL_SIZE, help="how many are to be ready"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Fill it and say how many were made."""
        try:
            made = provisioning.fill_pool(options["size"])
        except NoDump as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{made} made, {options['size']} ready.")
