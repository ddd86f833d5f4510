"""A business of any size within minutes: members and sales are copies of two that the product's own acts made."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import connection, models


def grow(*, members: int, sales: int) -> None:
    """Make members and sales of the business this thread is in, over the last year, by one statement per table."""
    from regulars import clock
    from regulars.insights.services import recount
    from regulars.ledger.models import Account
    from regulars.loyalty.models import Standing
    from regulars.organisation.selectors import open_branches
    from regulars.people.contacts import Contact
    from regulars.people.models import Card, Member, Wallet
    from regulars.people.services import join
    from regulars.sales.models import Sale
    from regulars.sales.quoting import LineRequest
    from regulars.sales.services import confirm, quote

    branch = open_branches()[0]
    first = join(
        contact=Contact("phone", "+8613000000000"), name="Member 0", language="en", source="counter", branch=branch
    )
    priced = quote(branch=branch, member=first, lines=[LineRequest("Tea", 12_800)])
    sale = confirm(quote=priced, key=secrets.token_hex(16), cashier=None)
    card, account = Card.objects.get(member=first), Account.objects.get(wallet=first.wallet_id, asset="points")
    wallets, people = _highest(Wallet), _highest(Member)
    ago = f"({365} * power(n::float / {members}, 0.7))::int"
    _copies(first.wallet, members, {"public_id": "'wal_' || substr(md5('w' || n), 1, 16)"})
    _copies(
        first,
        members,
        {
            "public_id": "'mem_' || substr(md5('m' || n), 1, 16)",
            "wallet_id": f"{wallets} + n",
            "name": "'Member ' || n",
            "phone": "'+86138' || lpad(n::text, 8, '0')",
            "joined_on": f"joined_on - {ago}",
            "joined_at": f"joined_at - {ago} * interval '1 day'",
        },
    )
    _copies(
        card,
        members,
        {
            "public_id": "'crd_' || substr(md5('c' || n), 1, 16)",
            "member_id": f"{people} + n",
            "wallet_id": f"{wallets} + n",
            "number": "'7' || lpad(n::text, 15, '0')",
            "code": "'bench-' || n",
        },
    )
    _copies(account, members, {"wallet_id": f"{wallets} + n", "balance": "n % 500"})
    _copies(first.standing, members, {"member_id": f"{people} + n"})
    _copies_of_a_sale(sale, sales, of=range(people + 1, people + 1 + members))
    recount(first=clock.today().replace(year=clock.today().year - 2), last=clock.today())
    # as the server does by itself, a moment later
    tidied = "ANALYZE" if connection.in_atomic_block else "VACUUM ANALYZE"
    with connection.cursor() as cursor:
        for model in (Wallet, Member, Card, Account, Standing, Sale):
            cursor.execute(f"{tidied} {connection.ops.quote_name(model._meta.db_table)}")


def _copies_of_a_sale(sale: models.Model, count: int, *, of: range) -> None:
    """So many sales over the last year, in turn of all these members (database ids)."""
    _copies(
        sale,
        count,
        {
            "public_id": "'sal_' || substr(md5('s' || n), 1, 16)",
            "key": "'bench-' || n",
            "number": "'B' || n",
            "member_id": f"{of.start} + n % {len(of)}",
            "transaction_id": "NULL",
            "business_date": "business_date - n % 365",
            "confirmed_at": "confirmed_at - (n % 365) * interval '1 day' - (n % 36000) * interval '1 second'",
        },
    )


def _highest(model: type[models.Model]) -> int:
    return int(model._default_manager.aggregate(highest=models.Max("pk"))["highest"])


def _copies(row: models.Model, count: int, changed: dict[str, str]) -> None:
    """As many copies of a row, with other values in some columns, as SQL of `n` (1, 2, 3 …) and the row's own columns.

    Each copy has the row's id plus `n`, where ids are given by the database.
    """
    table: Any = row._meta
    columns = [field.column for field in table.concrete_fields if not isinstance(field, models.AutoField)]
    values = ", ".join(changed.get(column, connection.ops.quote_name(column)) for column in columns)
    named = ", ".join(connection.ops.quote_name(column) for column in columns)
    name = connection.ops.quote_name(table.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {name} ({named}) SELECT {values} FROM {name}, generate_series(1, {count}) AS n "
            f"WHERE {connection.ops.quote_name(table.pk.column)} = {int(row.pk)} ORDER BY n"
        )
