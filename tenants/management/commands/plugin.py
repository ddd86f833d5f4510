"""`regulars plugin list|on|closing|off`: what is installed, what was refused, and switching modules for a business."""

from __future__ import annotations

import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from regulars import plugins
from regulars.errors import RegularsError
from regulars.plugins import switch
from tenants.context import business_context, public_context
from tenants.models import Business, BusinessState

ACTS = {"on": switch.switch_on, "closing": switch.close, "off": switch.switch_off}


class Command(BaseCommand):
    """Lists modules, or moves one of them between its states in one business."""

    help = "List the modules, or switch one on, to closing or off for a business."

    def add_arguments(self, parser: CommandParser) -> None:
        """`plugin list [--business SLUG]` or `plugin on|closing|off NAME --business SLUG`."""
        parser.add_argument("act", choices=["list", *ACTS])
        parser.add_argument("name", nargs="?", default="", help="the module's name, as the list shows it")
        parser.add_argument("--business", default="", help="the address (slug) of the business")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked. Raises `CommandError` in words for what is not possible."""
        if options["act"] == "list":
            self._list(options["business"])
            return
        if not options["name"] or not options["business"]:
            raise CommandError(f"Say which module and which business: plugin {options['act']} NAME --business SLUG")
        with business_context(_business(options["business"])):
            try:
                row = ACTS[options["act"]](name=options["name"], by=f"operator {_operator()}")
            except RegularsError as refusal:
                raise CommandError(str(refusal)) from refusal
            self.stdout.write(f"{row.name}: {row.state}")

    def _list(self, slug: str) -> None:
        if slug:
            with business_context(_business(slug)):
                shelf = switch.shelf()
        else:
            shelf = switch.shelf()
        for each in shelf:
            state = each.state if slug else "installed"
            self.stdout.write(f"{each.name:<24} {state:<10} {each.title}")
        for refusal in plugins.refused():
            self.stdout.write(f"{refusal.name:<24} {'refused':<10} {refusal.reason}")
        if not shelf and not plugins.refused():
            self.stdout.write("No module is installed.")


def _business(slug: str) -> Business:
    with public_context():
        found: Business | None = Business.objects.filter(slug__iexact=slug, state=BusinessState.OPEN).first()
    if found is None:
        raise CommandError(f"There is no open business with the address “{slug}”. See: regulars list-businesses")
    return found


def _operator() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
