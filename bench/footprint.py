"""Figure 13: how heavy a business is. Relations per room against a budget, bytes of an empty business, and what one
database connection remembers after it has served a hundred businesses.
"""

from __future__ import annotations

from collections import Counter

from django.apps import apps
from django.db import connection
from django.test import Client

from bench.provision import sign_up_and_look
from bench.ratio import Report
from tenants.context import public_context
from tenants.models import Business

MOST_RELATIONS = 800
MOST_BYTES = 7 * 2**20
MOST_REMEMBERED = 100 * 2**20


def run(report: Report) -> None:
    """Print the budget per room and the three figures."""
    sign_up_and_look()
    with public_context():
        newest = Business.objects.order_by("-id")[0]
    rooms = relations_by_room(newest.schema_name)
    for room, count in rooms.most_common():
        report.say(f"  {room:<28} {count:>4} tables and indexes")
    report.figure("footprint-relations", sum(rooms.values()), MOST_RELATIONS)
    size = bytes_of(newest.schema_name)
    report.figure("footprint-bytes-of-an-empty-business", size, MOST_BYTES, note=f"{size / 2**20:.1f} MB")
    remembered = remembered_after_a_hundred()
    report.figure("footprint-backend-cache-after-100", remembered, MOST_REMEMBERED, note=f"{remembered / 2**20:.0f} MB")


def relations_by_room(schema_name: str) -> Counter[str]:
    """Tables and indexes by the app that owns them."""
    owner = {model._meta.db_table: model._meta.app_label for model in apps.get_models(include_auto_created=True)}
    with public_context(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.relname, 1 + (SELECT count(*) FROM pg_index i WHERE i.indrelid = t.oid) "
            "FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace WHERE n.nspname = %s AND t.relkind = 'r'",
            [schema_name],
        )
        found: Counter[str] = Counter()
        for table, relations in cursor.fetchall():
            found[owner.get(table, "django")] += relations
    return found


def bytes_of(schema_name: str) -> int:
    """Everything a business occupies on disk."""
    with public_context(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(sum(pg_total_relation_size(t.oid)), 0) FROM pg_class t "
            "JOIN pg_namespace n ON n.oid = t.relnamespace WHERE n.nspname = %s AND t.relkind IN ('r', 'S')",
            [schema_name],
        )
        return int(cursor.fetchone()[0])


def remembered_after_a_hundred() -> int:
    """Bytes in the memory contexts of one backend after it served the portal and the site of a hundred businesses."""
    with public_context():
        while Business.objects.count() < 100:
            sign_up_and_look()
        businesses = list(Business.objects.order_by("id")[:100])
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # who made the schemas remembers all their tables
    browser = Client()
    for business in businesses:
        for path in ("/me/", "/"):
            browser.get(path, follow=True, headers={"host": f"{business.slug}.regulars.test"})
    with public_context(), connection.cursor() as cursor:
        cursor.execute("SELECT sum(total_bytes) FROM pg_backend_memory_contexts")
        return int(cursor.fetchone()[0])
