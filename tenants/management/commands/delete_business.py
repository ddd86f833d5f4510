"""`regulars delete-business`: delete an archived business, its files and its addresses, for good."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from regulars.errors import RegularsError
from tenants import services
from tenants.selectors import business_with_address


class Command(BaseCommand):
    """Delete a business whose notice has run out."""

    help = "Delete an archived business for good. There is no way back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which one, and why it may be now."""
        parser.add_argument("address", help="the first part of its host")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument(
            "--owner-asked", action="store_true", help="the owner asked for it, so the notice is waived"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete it, or say why not."""
        business = business_with_address(options["address"])
        if business is None:
            raise CommandError(f"No business has the address {options['address']!r}.")
        if not options["yes"] and input(f"Type {business.slug} to delete {business.name} for good: ") != business.slug:
            raise CommandError("Nothing was deleted.")
        try:
            services.delete_business(business=business, is_requested_by_owner=options["owner_asked"])
        except RegularsError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{business.name} is deleted.")
