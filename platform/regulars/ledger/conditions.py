"""What conditions can ask about a member's points: how many there are, how many came and went."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from regulars.conditions.fields import Field, Sql, Window
from regulars.ledger.selectors import POINTS

GROUP = _("Points")


def balance_of(asset: str) -> Sql:
    """What the member's wallet holds of an asset, pending lots included; nought without an account."""
    return (
        """COALESCE((
            SELECT account.balance FROM ledger_account account
            WHERE account.wallet_id = member.wallet_id AND account.asset = %s
        ), 0)""",
        [asset],
    )


@dataclass(frozen=True)
class Moved:
    """What came to wallets or went from them in a time; `counted` says how much of each posting."""

    counted: str

    def of_one(self, window: Window | None) -> Sql:
        """For the row `member`."""
        text, params = self._read(window)
        return f"COALESCE((SELECT {self._sum} {text} AND account.wallet_id = member.wallet_id), 0)", params

    def of_all(self, window: Window | None) -> Sql:
        """For everybody whose wallet moved."""
        text, params = self._read(window)
        return (
            f"""SELECT owner.id AS member_id, moved.value FROM people_member owner JOIN (
                SELECT account.wallet_id, {self._sum} AS value {text} GROUP BY account.wallet_id
            ) moved ON moved.wallet_id = owner.wallet_id""",  # noqa: S608
            params,
        )

    @property
    def _sum(self) -> str:
        return f"GREATEST(SUM({self.counted}), 0)"

    def _read(self, window: Window | None) -> Sql:
        time, days = (" AND made.business_date >= %s::date", [window.first]) if window else ("", [])
        return (
            "FROM ledger_account account"
            " JOIN ledger_posting posting ON posting.account_id = account.id"
            " JOIN ledger_transaction made ON made.id = posting.transaction_id"
            f" WHERE account.asset = %s{time}",
            [POINTS, *days],
        )


EARNED = Moved("CASE WHEN (made.reverses_id IS NULL) = (posting.amount > 0) THEN posting.amount ELSE 0 END")
"""Points that came, less those that a refund or an undoing took back."""
SPENT = Moved(
    "CASE WHEN made.kind <> 'expiry' AND (made.reverses_id IS NULL) = (posting.amount < 0)"
    " THEN -posting.amount ELSE 0 END"
)
"""Points that went, less those that were given back; what expired was not spent."""

FIELDS = [
    Field(
        code="ledger.points",
        is_always_known=True,
        label=_("points balance"),
        kind="number",
        sql=lambda _w: balance_of(POINTS),
        group=GROUP,
        unit=pgettext_lazy("unit", "points"),
    ),
    Field(
        code="ledger.points_earned",
        is_always_known=True,
        label=_("points earned"),
        kind="number",
        sql=EARNED.of_one,
        sql_of_all=EARNED.of_all,
        otherwise="0",
        group=GROUP,
        unit=pgettext_lazy("unit", "points"),
        takes_window=True,
        least=0,
        help=_("Less those that a refund took back."),
    ),
    Field(
        code="ledger.points_spent",
        is_always_known=True,
        label=_("points spent"),
        kind="number",
        sql=SPENT.of_one,
        sql_of_all=SPENT.of_all,
        otherwise="0",
        group=GROUP,
        unit=pgettext_lazy("unit", "points"),
        takes_window=True,
        least=0,
        help=_("Points that expired do not count."),
    ),
]
