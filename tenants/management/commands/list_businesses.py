"""`regulars list-businesses`: who is here."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from tenants.models import BusinessState
from tenants.selectors import list_businesses


class Command(BaseCommand):
    """One line a business."""

    help = "List the businesses: address, state, trade, schema, day of opening, name."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """All, or those in one state."""
        parser.add_argument("--state", choices=BusinessState.values)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print them, the oldest first."""
        state = BusinessState(options["state"]) if options["state"] else None
        for each in list_businesses(state=state):
            opened = each.opened_at.date().isoformat()
            self.stdout.write(
                f"{each.slug:<40}  {each.state:<8}  {each.trade:<10}  {each.schema_name}  {opened}  {each.name}"
            )
