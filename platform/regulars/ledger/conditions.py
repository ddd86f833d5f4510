"""What conditions can ask about a member's points: how many there are, how many came and went."""

from __future__ import annotations

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


def _moved(counted: str, asset: str, window: Window | None) -> Sql:
    time, days = (" AND made.business_date >= %s::date", [window.first]) if window else ("", [])
    return (
        f"""COALESCE((
            SELECT GREATEST(SUM({counted}), 0)
            FROM ledger_account account
            JOIN ledger_posting posting ON posting.account_id = account.id
            JOIN ledger_transaction made ON made.id = posting.transaction_id
            WHERE account.wallet_id = member.wallet_id AND account.asset = %s{time}
        ), 0)""",  # noqa: S608
        [asset, *days],
    )


def earned(window: Window | None) -> Sql:
    """Points that came, less those that a refund or an undoing took back."""
    counted = "CASE WHEN (made.reverses_id IS NULL) = (posting.amount > 0) THEN posting.amount ELSE 0 END"
    return _moved(counted, POINTS, window)


def spent(window: Window | None) -> Sql:
    """Points that went, less those that were given back; what expired was not spent."""
    counted = (
        "CASE WHEN made.kind <> 'expiry' AND (made.reverses_id IS NULL) = (posting.amount < 0)"
        " THEN -posting.amount ELSE 0 END"
    )
    return _moved(counted, POINTS, window)


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
        sql=earned,
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
        sql=spent,
        group=GROUP,
        unit=pgettext_lazy("unit", "points"),
        takes_window=True,
        least=0,
        help=_("Points that expired do not count."),
    ),
]
