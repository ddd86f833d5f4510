"""Members by the thousand, made set-wise: a wallet, a card, a standing and an empty account for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from regulars import clock

if TYPE_CHECKING:
    from regulars.organisation.models import Branch

MAKE = """
WITH wallets AS (
    INSERT INTO people_wallet (public_id, opened_at)
    SELECT 'wal_' || substr(md5('w' || %(seed)s || n), 1, 16), %(now)s FROM generate_series(1, %(count)s) n
    ORDER BY n RETURNING id
), numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM wallets),
members AS (
    INSERT INTO people_member (public_id, wallet_id, name, phone, email, birthday, language, source, branch_id,
                               joined_at, joined_on, is_active)
    SELECT 'mem_' || substr(md5('m' || %(seed)s || n), 1, 16), id, 'Guest ' || lpad(n::text, 5, '0'),
           '+86139' || lpad(((%(offset)s + n) %% 100000000)::text, 8, '0'), '', NULL, 'en', 'import', %(branch)s,
           %(now)s::timestamptz - n * interval '1 minute', %(today)s, true
    FROM numbered ORDER BY n RETURNING id, wallet_id
), standings AS (
    INSERT INTO loyalty_standing (member_id, tier_id, since)
    SELECT members.id, tier.id, %(now)s FROM members,
        (SELECT id FROM loyalty_tier ORDER BY threshold LIMIT 1) AS tier
)
INSERT INTO people_card (public_id, member_id, wallet_id, number, code, state, issued_at)
SELECT 'crd_' || substr(md5('c' || %(seed)s || id), 1, 16), id, wallet_id,
      lpad(((%(offset)s + id) %% 1000000000000)::text, 13, '9'), md5('q' || %(seed)s || id), 'active', %(now)s
FROM members
"""


def many_members(count: int, *, branch: Branch, after: int = 0) -> None:
    """So many members of a branch, called `Guest 00001` and so on, with phones that nobody has; `after` keeps
    a second multitude apart from the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            MAKE,
            {
                "count": count,
                "seed": str(after),
                "offset": 10_000_000 + after,
                "branch": branch.pk,
                "now": clock.now(),
                "today": clock.today(),
            },
        )
