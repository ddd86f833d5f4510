"""Facts kept by the sale: the functions that sell and refund note what they do, and what was before is counted once."""

from pathlib import Path

from django.db import migrations

from regulars.sql_functions import define


def count_what_was_before(_apps, schema_editor):
    schema = schema_editor.connection.ops.quote_name(schema_editor.connection.schema_name)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"SELECT {schema}.insights_recount('-infinity', 'infinity')")


class Migration(migrations.Migration):
    dependencies = [
        ("sales", "0002_functions"),
        ("ledger", "0003_facts"),
        ("people", "0001_initial"),
        ("insights", "0001_initial"),
    ]
    operations = [
        define(Path(__file__).parents[1] / "sql" / "sale.sql"),
        migrations.RunPython(count_what_was_before, migrations.RunPython.noop),
    ]
