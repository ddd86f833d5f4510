"""A mark of the nights says from which day on they are open; standings that no night would look at get their day."""

from pathlib import Path

from django.db import migrations, models

from regulars.sql_functions import define


def plan(_apps, schema_editor):
    """Give each standing from before the nights the day on which it is looked at."""
    schema = schema_editor.quote_name(schema_editor.connection.schema_name)
    schema_editor.execute(f"SELECT {schema}.loyalty_plan_reviews('{{}}'::jsonb)")


class Migration(migrations.Migration):
    dependencies = [
        ("loyalty", "0009_reward_picture"),
        ("organisation", "0001_initial"),
        ("people", "0005_birthday_entered"),
    ]

    operations = [
        migrations.RunSQL(
            "UPDATE loyalty_nightmark SET next_on = LEAST(COALESCE(next_on, CURRENT_DATE), CURRENT_DATE), cursor = 0"
            " WHERE next_on IS NULL OR next_on > CURRENT_DATE",
            migrations.RunSQL.noop,
        ),
        migrations.RenameField("nightmark", "next_on", "open_from"),
        migrations.AlterField("nightmark", "open_from", models.DateField()),
        define(Path(__file__).parents[1] / "sql" / "reviews.sql"),
        migrations.RunPython(plan, migrations.RunPython.noop),
    ]
