"""Where the nights stand, and how members are reminded."""

import django.contrib.postgres.fields
from django.db import migrations, models

import regulars.loyalty.nights.models


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0005_benefits"), ("ledger", "0005_pending"), ("people", "0004_month_days")]

    operations = [
        migrations.CreateModel(
            name="NightMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("next_on", models.DateField(null=True)),
                ("cursor", models.BigIntegerField(default=0)),
            ],
            options={
                "verbose_name": "mark of the nights",
                "verbose_name_plural": "marks of the nights",
                "constraints": [models.UniqueConstraint(fields=("kind",), name="loyalty_nightmark_kind")],
            },
        ),
        migrations.CreateModel(
            name="NightRules",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "notice_days",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(),
                        default=regulars.loyalty.nights.models.notice_days,
                        size=None,
                        verbose_name="days before",
                    ),
                ),
                ("idle_from", models.DateField(null=True, verbose_name="idleness counts from")),
            ],
            options={
                "verbose_name": "rules of reminders",
                "verbose_name_plural": "rules of reminders",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="loyalty_nightrules_one_row")
                ],
            },
        ),
    ]
