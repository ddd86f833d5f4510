"""`regulars open-business`: open a business from a shell."""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from regulars.errors import RegularsError
from regulars.organisation.models import Language, Trade
from tenants import hosts, services
from tenants.selectors import primary_host


class Command(BaseCommand):
    """Open a business and say where it is."""

    help = "Open a business: its schema, its address and its owner."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What is asked at sign-up too."""
        parser.add_argument("--name", required=True, help="the name customers know")
        parser.add_argument("--address", required=True, help="the first part of its host")
        parser.add_argument("--trade", required=True, choices=Trade.values)
        parser.add_argument("--language", default="en", choices=Language.values)
        parser.add_argument("--owner-email", required=True)
        parser.add_argument("--owner-name", default="")
        parser.add_argument("--password", default="", help="the owner's; made and printed when left out")
        parser.add_argument("--currency", default="CNY")
        parser.add_argument("--zone", default="Asia/Shanghai")
        parser.add_argument("--country", default="CN")

    def handle(self, *args: Any, **options: Any) -> None:
        """Open it, or say what is wrong."""
        password = options["password"] or secrets.token_urlsafe(12)
        try:
            business = services.open_business(
                name=options["name"],
                slug=options["address"],
                trade=options["trade"],
                language=options["language"],
                owner_email=options["owner_email"],
                owner_name=options["owner_name"],
                password=password,
                currency=options["currency"],
                zone=options["zone"],
                country=options["country"],
            )
        except RegularsError as refusal:
            free = ", ".join(getattr(refusal, "suggestions", []))
            raise CommandError(f"{refusal.field}: {refusal}{f' Free: {free}.' if free else ''}") from refusal
        self.stdout.write(
            f"{business.name} is open at {settings.PUBLIC_SCHEME}://{primary_host(business)}{hosts.port()}/"
        )
        self.stdout.write(f"Owner: {business.owner_email}" + ("" if options["password"] else f", password {password}"))
