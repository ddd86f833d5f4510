from pathlib import Path

from django.db import migrations

from regulars.sql_functions import define


class Migration(migrations.Migration):
    dependencies = [
        ("sales", "0001_initial"),
        ("ledger", "0002_functions"),
        ("loyalty", "0002_functions"),
        ("operations", "0001_initial"),
    ]
    operations = [define(Path(__file__).parents[1] / "sql" / "sale.sql")]
