"""Facts kept by postings: the function that posts notes the points it moves."""

from pathlib import Path

from django.db import migrations

from regulars.sql_functions import define


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_functions"), ("insights", "0001_initial")]
    operations = [define(Path(__file__).parents[1] / "sql" / "post.sql")]
