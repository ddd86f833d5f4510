"""How far the yearly gifts of a tier are given, and standings in the order in which members came to their tier.

Standings held for ever by what a module counts get the day on which they are looked at.
"""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from regulars.sql_functions import define


def plan(_apps, schema_editor):
    """Give each standing that no night would look at its day."""
    schema = schema_editor.quote_name(schema_editor.connection.schema_name)
    schema_editor.execute(f"SELECT {schema}.loyalty_plan_reviews('{{}}'::jsonb)")


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0013_coupons_given")]

    operations = [
        migrations.AddField("tierbenefit", "gifts_of", models.CharField(default="", max_length=12)),
        migrations.AddField("tierbenefit", "gifts_until", models.DateTimeField(null=True)),
        migrations.AlterField(
            "standing",
            "tier",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="loyalty.tier",
            ),
        ),
        migrations.AlterField(
            "trackstanding",
            "tier",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="loyalty.tier",
            ),
        ),
        migrations.AddIndex("standing", models.Index(fields=["tier", "since"], name="loyalty_standing_arrived")),
        migrations.AddIndex(
            "trackstanding", models.Index(fields=["tier", "since"], name="loyalty_trackstanding_arrived")
        ),
        define(Path(__file__).parents[1] / "sql" / "reviews.sql"),
        migrations.RunPython(plan, migrations.RunPython.noop),
    ]
