"""`regulars verify-trail`: is the trail of each business as it was written? Names every row that is not."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from regulars.operations.sealing.chains import TRAIL
from regulars.operations.sealing.verifier import verify
from tenants.context import business_context
from tenants.models import Business
from tenants.selectors import business_with_address, list_businesses


class Command(BaseCommand):
    """One line a business when all is well, one more for each row or seal that is not."""

    help = (
        "Check that no entry of the trail was changed, deleted, inserted or exchanged since it was written. "
        "Reads every entry. The exit status is 1 when something is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """All businesses, or one."""
        parser.add_argument("--business", default="", help="the address (slug) of one business; without it, all")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check each. Raises `CommandError` for an unknown business, and at the end when something is wrong."""
        businesses = self._asked(options["business"])
        wrong = [business.slug for business in businesses if not self._is_intact(business)]
        if wrong:
            raise CommandError(f"The trail is not as it was written at: {', '.join(wrong)}", returncode=1)

    def _asked(self, slug: str) -> list[Business]:
        if not slug:
            return list_businesses()
        found = business_with_address(slug)
        if found is None:
            raise CommandError(f"There is no business with the address “{slug}”. See: regulars list-businesses")
        return [found]

    def _is_intact(self, business: Business) -> bool:
        with business_context(business):
            verdict = verify(TRAIL)
        count = len(verdict.findings)
        state = "intact" if verdict.is_intact else f"NOT INTACT, {count} finding{'' if count == 1 else 's'}"
        self.stdout.write(
            f"{business.slug}: {state}. {verdict.sealed} entries under {verdict.links} seals, "
            f"{verdict.unsealed} not sealed yet. Head: {verdict.head or 'none'}"
        )
        for finding in verdict.findings:
            self.stdout.write(f"  {finding.kind}: {finding.words}")
        return verdict.is_intact
