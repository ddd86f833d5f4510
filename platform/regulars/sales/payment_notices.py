"""What a notice of a payment says, and whether it tells of a payment that was told of before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from regulars.errors import InvalidInput
from regulars.money import LARGEST_AMOUNT
from regulars.text import plain_text

if TYPE_CHECKING:
    from regulars.sales.models import SaleOnHold


@dataclass(frozen=True, kw_only=True)
class PaymentNotice:
    """Money that somebody says has come: `amount` minor units, None for what was asked for.

    The payment is known by its `reference`; only where it has none by the `key` under which it was told.
    """

    reference: str
    key: str
    amount: int | None

    def is_of_another_than(self, ended: SaleOnHold) -> bool:
        """Whether it tells of another payment than the one that ended a sale on hold.

        One that was told with its reference and once without is one: by the source, and by whoever saw it come.
        """
        if self.reference:
            return bool(ended.reference) and self.reference != ended.reference
        return bool(self.key and ended.notice) and self.key != ended.notice


def read_notice(*, reference: str, amount: int | None, key: str) -> PaymentNotice:
    """A notice as it was sent. Raises `InvalidInput` (fields `reference`, `amount`)."""
    named = plain_text(reference, field="reference", longest=80, required=False)
    if amount is not None and not 0 < amount <= LARGEST_AMOUNT:
        raise InvalidInput(_("Enter an amount greater than zero."), field="amount")
    return PaymentNotice(reference=named, key="" if named else key[:80], amount=amount)
