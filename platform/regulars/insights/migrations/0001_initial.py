"""Facts of each day, and the functions that note and recount them."""

from pathlib import Path

import django.contrib.postgres.fields
from django.db import migrations, models

import regulars.insights.models
from regulars.sql_functions import define

SQL = Path(__file__).parents[1] / "sql"


def counted(words):
    return models.BigIntegerField(default=0, verbose_name=words)


def by_hour(words):
    return django.contrib.postgres.fields.ArrayField(
        base_field=models.BigIntegerField(), default=regulars.insights.models.no_hours, size=None, verbose_name=words
    )


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Day",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("business_date", models.DateField(verbose_name="day")),
                ("branch", counted("branch")),
                ("tier", models.CharField(blank=True, default="", max_length=20, verbose_name="tier")),
                ("sales", counted("sales")),
                ("total", counted("sold")),
                ("discounts", counted("discounts")),
                ("member_sales", counted("sales to members")),
                ("member_total", counted("sold to members")),
                ("refunds", counted("refunds")),
                ("refunded", counted("refunded")),
                ("joined", counted("new members")),
                ("points_issued", counted("points issued")),
                ("points_taken_back", counted("points taken back")),
                ("points_spent", counted("points spent")),
                ("points_adjusted", counted("points adjusted")),
                ("hourly_sales", by_hour("sales by hour")),
                ("hourly_total", by_hour("sold by hour")),
                ("hourly_refunded", by_hour("refunded by hour")),
            ],
            options={
                "verbose_name": "day",
                "verbose_name_plural": "days",
                "indexes": [models.Index(fields=["business_date", "branch", "tier"], name="insights_day_key")],
            },
        ),
        define(SQL / "note.sql"),
        define(SQL / "recount.sql"),
    ]
