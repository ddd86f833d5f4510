"""`regulars close-business`: put a business out of reach, with its data kept until the notice runs out."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from regulars.errors import RegularsError
from tenants import services
from tenants.selectors import business_with_address


class Command(BaseCommand):
    """Archive a business."""

    help = "Archive a business: its hosts answer 410, its data is kept. `--reopen` brings it back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which one, and who says so."""
        parser.add_argument("address", help="the first part of its host")
        parser.add_argument("--by", default="operator", help="who closes it, for the trail")
        parser.add_argument("--reopen", action="store_true", help="open an archived business again")

    def handle(self, *args: Any, **options: Any) -> None:
        """Close it, or open it again."""
        business = business_with_address(options["address"])
        if business is None:
            raise CommandError(f"No business has the address {options['address']!r}.")
        if options["reopen"]:
            services.reopen_business(business=business, by=options["by"])
            self.stdout.write(f"{business.name} is open again.")
            return
        try:
            closed = services.close_business(business=business, by=options["by"])
        except RegularsError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{closed.name} is archived; it may be deleted after {closed.delete_after}.")
