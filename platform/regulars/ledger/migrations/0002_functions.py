from pathlib import Path

from django.db import migrations

from regulars.sql_functions import define


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [define(Path(__file__).parents[1] / "sql" / "post.sql")]
