"""`regulars verify-ledger`: is the ledger of each business as it was written, and do its books balance?"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from regulars.ledger.books import faults
from regulars.ledger.sealed import LEDGER, postings_of
from regulars.operations.sealing.verifier import Finding, verify
from tenants.context import business_context
from tenants.models import Business
from tenants.selectors import business_with_address, list_businesses

MOST_NAMED = 100
"""So many findings of each kind are named; how many more there are is told."""


class Command(BaseCommand):
    """One line a business when all is well, one more for each transaction, posting, lot, account or hold at fault."""

    help = (
        "Check that no transaction, posting or lot was changed, deleted or inserted since it was written, and that "
        "balances, lots and holds are what the postings lead to. Reads everything. The exit status is 1 when "
        "something is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """All businesses, or one."""
        parser.add_argument("--business", default="", help="the address (slug) of one business; without it, all")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check each. Raises `CommandError` for an unknown business, and at the end when something is wrong."""
        businesses = self._asked(options["business"])
        wrong = [business.slug for business in businesses if not self._is_intact(business)]
        if wrong:
            raise CommandError(f"The ledger is not as it was written at: {', '.join(wrong)}", returncode=1)

    def _asked(self, slug: str) -> list[Business]:
        if not slug:
            return list_businesses()
        found = business_with_address(slug)
        if found is None:
            raise CommandError(f"There is no business with the address “{slug}”. See: regulars list-businesses")
        return [found]

    def _is_intact(self, business: Business) -> bool:
        with business_context(business):
            verdict, wrong = verify(LEDGER), faults(limit=MOST_NAMED)
            named = [f"  {found.kind}: {_in_words(found)}" for found in verdict.findings[:MOST_NAMED]]
        count = len(verdict.findings) + len(wrong)
        state = f"NOT INTACT, {count} finding{'' if count == 1 else 's'}" if count else "intact"
        self.stdout.write(
            f"{business.slug}: {state}. {verdict.sealed} transactions under {verdict.links} seals, "
            f"{verdict.unsealed} not sealed yet. Head: {verdict.head or 'none'}"
        )
        for line in [*named, *(f"  wrong: {fault.words}" for fault in wrong)]:
            self.stdout.write(line)
        if len(verdict.findings) > MOST_NAMED:
            self.stdout.write(f"  and {len(verdict.findings) - MOST_NAMED} more")
        return not count


def _in_words(found: Finding) -> str:
    """A finding of the chain, with the postings and lots among which the changed row is."""
    words = found.words.replace("row ", "transaction ")
    if found.kind != "changed":
        return words
    postings, lots = postings_of(found.id)
    of = [f"{name} {', '.join(map(str, ids))}" for name, ids in (("postings", postings), ("lots", lots)) if ids]
    return f"{words} ({'; '.join(['it or one of its rows', *of])})"
