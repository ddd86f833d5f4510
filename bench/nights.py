"""Figure 9: nights cost what is due, not how many businesses there are.

`nights-10000-over-100`: one turn of the worker that wakes businesses, with 10,000 registered that have nothing due,
over the same with 100. Only some have a schema; of the others the registry knows a row and a hint, which must stay as
they are, as must the schemas. `nights-visit-over-wake`: asking each of the 10,000 instead, by the cost of a visit as it
was measured on the real ones, over that one turn. `nights-per-due-item`: one lot that ends, in a night of many, over
the same five writes as one set-wise statement of plain SQL.
"""

from __future__ import annotations

import datetime as dt
import os
import statistics
from functools import partial
from typing import Any

from django.db import connection, transaction

from bench.ratio import ROUNDS, Measured, Report, seconds_of
from regulars import clock
from regulars.ledger.models import Lot
from regulars.loyalty.nights.services import run_due
from regulars.operations.services import run_due_work
from tenants import tasks
from tenants.context import business_context, public_context
from tenants.models import Business, WorkHint
from tenants.services import open_business

MANY, FEW = 10_000, 100
REAL = int(os.environ.get("SCHEMAS", "20"))
TURNS = 50
LOTS = 1_000

REGISTER = """
INSERT INTO "public"."tenants_business"
    (public_id, schema_name, name, slug, trade, language, zone, owner_email, template_version, state, opened_at,
     trial_ends_at)
SELECT 'biz_idle' || n, 't_idle' || lpad(n::text, 8, '0'), 'Idle ' || n, 'idle-' || n, 'retail', 'en', 'Asia/Shanghai',
       'owner@idle.example', '', 'open', now(), now() FROM generate_series(1, %s) n;
"""
HINT = """
INSERT INTO "public"."tenants_work_hint" (schema_name, due_at)
SELECT schema_name, now() + '365 days'::interval * random() + '1 day'::interval FROM "public"."tenants_business"
WHERE slug LIKE 'idle-%%' ORDER BY id LIMIT %s ON CONFLICT DO NOTHING;
"""
HOLDERS = """
WITH wallets AS (
    INSERT INTO people_wallet (public_id, opened_at)
    SELECT 'wal_night' || n, %(now)s FROM generate_series(1, %(lots)s) n RETURNING id
), houses AS (
    INSERT INTO ledger_account (house, asset, balance) VALUES ('points.plain', 'points', 0) RETURNING id
)
INSERT INTO ledger_account (wallet_id, house, asset, balance, floor) SELECT id, '', 'points', 0, 0 FROM wallets
"""
GRANT = """
WITH holder AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM ledger_account WHERE wallet_id IS NOT NULL
                AND asset = 'points' ORDER BY id LIMIT %(lots)s),
opened AS (
    INSERT INTO ledger_transaction (public_id, key, request_hash, kind, reason, actor, occurred_at, business_date)
    SELECT 'txn_g' || %(turn)s || 'n' || n, 'granted:' || %(turn)s || ':' || n, '', 'gift', '', '', %(now)s, %(day)s
    FROM holder RETURNING id, key
), numbered AS (SELECT opened.id AS opened, holder.id AS account FROM opened
                JOIN holder ON opened.key = 'granted:' || %(turn)s || ':' || holder.n),
lots AS (
    INSERT INTO ledger_lot (account_id, opened_by_id, amount, remaining, available_from, expires_at)
    SELECT account, opened, 10, 10, %(now)s, %(now)s FROM numbered RETURNING id, account_id, opened_by_id
), postings AS (
    INSERT INTO ledger_posting (transaction_id, account_id, lot_id, amount, balance_after)
    SELECT opened_by_id, account_id, id, 10, 10 FROM lots RETURNING 1
)
UPDATE ledger_account account SET balance = balance + 10 FROM lots WHERE account.id = lots.account_id
"""
PLAIN = """
WITH due AS (
    SELECT id, account_id, remaining FROM ledger_lot
    WHERE remaining > 0 AND expires_at <= %(now)s ORDER BY expires_at, id LIMIT %(lots)s FOR UPDATE
), numbered AS (SELECT *, row_number() OVER (ORDER BY id) AS n FROM due),
emptied AS (UPDATE ledger_lot lot SET remaining = 0 FROM due WHERE lot.id = due.id RETURNING 1),
lowered AS (
    UPDATE ledger_account account SET balance = balance - taken.points
    FROM (SELECT account_id, sum(remaining) AS points FROM due GROUP BY 1) taken WHERE account.id = taken.account_id
    RETURNING 1
), made AS (
    INSERT INTO ledger_transaction (public_id, key, request_hash, kind, reason, actor, occurred_at, business_date)
    SELECT 'txn_p' || %(turn)s || 'n' || n, 'plain:' || %(turn)s || ':' || n, '', 'expiry', '', '', %(now)s, %(day)s
    FROM numbered RETURNING id, key
)
INSERT INTO ledger_posting (transaction_id, account_id, lot_id, amount, balance_after)
SELECT made.id, side.account, side.lot, side.amount, side.after
FROM made JOIN numbered ON made.key = 'plain:' || %(turn)s || ':' || numbered.n
CROSS JOIN LATERAL (VALUES
    (numbered.account_id, numbered.id, -numbered.remaining, 0),
    ((SELECT id FROM ledger_account WHERE house = 'points.plain' AND asset = 'points'), NULL, numbered.remaining, NULL)
) AS side (account, lot, amount, after)
"""


def run(report: Report) -> None:
    """Print figure 9 in its three parts."""
    shops = [_open(number) for number in range(REAL)]
    for shop in shops:
        _settle(shop)
    _register()
    _wakes(report, shops)
    _due_items(report, shops[0])


def _open(number: int) -> Business:
    return open_business(
        name=f"Night Shop {number}",
        slug=f"night-{number}",
        trade="retail",
        language="en",
        owner_email=f"owner{number}@night.example",
        owner_name="Nora",
        password="a-long-enough-pass-phrase",
        currency="CNY",
        zone="Asia/Shanghai",
        country="CN",
    )


def _settle(shop: Business) -> None:
    """Do what opening a place leaves to do, as workers would, until nothing is due for long."""
    now = clock.now()
    with business_context(shop):
        for step in range(60):
            due = run_due_work(now + dt.timedelta(minutes=step))
            if due is None or due > now + dt.timedelta(days=2):
                break
    WorkHint.objects.filter(schema_name=shop.schema_name).delete()


def _register() -> None:
    with public_context(), connection.cursor() as cursor:
        cursor.execute(REGISTER, [MANY])
        cursor.execute('ANALYZE "public"."tenants_business"')


def _hint(count: int) -> None:
    """So many businesses whose hint lies far ahead."""
    with public_context(), connection.cursor() as cursor:
        cursor.execute('DELETE FROM "public"."tenants_work_hint"')
        cursor.execute(HINT, [count])
        cursor.execute('VACUUM ANALYZE "public"."tenants_work_hint"')


def _wake(times: int = TURNS) -> None:
    for _turn in range(times):
        if tasks.wake() != 0:
            raise RuntimeError("something was due in an idle business")


def _wakes(report: Report, shops: list[Business]) -> None:
    written = [_written(shop) for shop in shops]
    many, few, visits = [], [], []
    for number in range(ROUNDS + 1):
        _hint(MANY)
        before = _hints()
        one = seconds_of(_wake)
        if _hints() != before:
            raise RuntimeError("a hint of an idle business was touched")
        _hint(FEW)
        other = seconds_of(_wake)
        seen = [seconds_of(partial(_visit, shop)) for shop in shops]
        if number:
            many.append(one)
            few.append(other)
            visits.append(statistics.median(seen))
    if [_written(shop) for shop in shops] != written:
        raise RuntimeError("something was written in an idle business")
    measured = Measured(many, few)
    report.figure("nights-10000-over-100", measured.ratio, 1.2, note=f"{TURNS} turns: {measured.note()}")
    visit, turn = statistics.median(visits), statistics.median(many) / TURNS
    note = f"{visit * 1000:.1f} ms a visit ({len(shops)} real ones) × {MANY:,}, over {turn * 1000:.2f} ms a turn"
    report.figure("nights-visit-over-wake", visit * MANY / turn, 50, at_least=True, note=note)


def _visit(shop: Business) -> None:
    with business_context(shop):
        due = run_due_work(clock.now())
    if due is not None and due <= clock.now():
        raise RuntimeError("something was due in an idle business")


def _hints() -> list[tuple[object, ...]]:
    """Every hint as it is stored, with what says when its row was written."""
    with public_context(), connection.cursor() as cursor:
        cursor.execute('SELECT schema_name, due_at, xmin::text FROM "public"."tenants_work_hint" ORDER BY 1')
        return cursor.fetchall()


def _written(shop: Business) -> int:
    """How many rows of a business's tables were written since its schema was made."""
    with business_context(shop), connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables WHERE schemaname = %s",
            [shop.schema_name],
        )
        return int(cursor.fetchone()[0] or 0)


def _due_items(report: Report, shop: Business) -> None:
    now = clock.now()

    def granted(turn: int) -> dict[str, Any]:
        values: dict[str, Any] = {"lots": LOTS, "turn": str(turn), "now": now, "day": now.date()}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(GRANT, values)
        return values

    def plain(values: dict[str, Any]) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(PLAIN, values)

    with business_context(shop):
        with connection.cursor() as cursor:
            cursor.execute(HOLDERS, {"lots": LOTS, "now": now})
        above, below = [], []
        for number in range(ROUNDS + 1):
            granted(2 * number)
            one = seconds_of(partial(run_due, now=clock.now(), limit=LOTS))
            other = seconds_of(partial(plain, granted(2 * number + 1)))
            if Lot.objects.filter(remaining__gt=0).exists():
                raise RuntimeError("something that was due did not end")
            if number:
                above.append(one)
                below.append(other)
    measured = Measured(above, below)
    report.figure("nights-per-due-item", measured.ratio, 4.0, note=f"{LOTS:,} lots that end: {measured.note()}")
