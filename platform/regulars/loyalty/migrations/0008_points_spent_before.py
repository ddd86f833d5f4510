"""What a refund does where the points it takes back are spent already, and what it found missing of each award."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0007_room")]

    operations = [
        migrations.AddField(
            "pointssettings",
            "if_spent",
            models.CharField(
                choices=[
                    ("clamp", "only what is left is taken back"),
                    ("negative", "the balance goes below zero, and the next points pay it back"),
                    ("charge", "what is missing is kept back from the money"),
                ],
                default="negative",
                max_length=8,
                verbose_name="a refund whose points are spent",
            ),
        ),
        migrations.AddField(
            "pointssettings",
            "hundred_worth",
            models.PositiveBigIntegerField(default=0, verbose_name="worth of 100 points"),
        ),
        migrations.AddField(
            "award", "missing", models.BigIntegerField(db_default=0, default=0, verbose_name="missing")
        ),
        migrations.RemoveConstraint("award", "loyalty_award_taken_back"),
        migrations.AddConstraint(
            "award",
            models.CheckConstraint(
                condition=models.Q(
                    ("missing__gte", 0),
                    ("taken_back__gte", 0),
                    ("taken_back__lte", models.F("points") - models.F("missing")),
                ),
                name="loyalty_award_taken_back",
            ),
        ),
        migrations.AddConstraint(
            "pointssettings",
            models.CheckConstraint(
                condition=models.Q(("if_spent", "charge"), _negated=True) | models.Q(("hundred_worth__gt", 0)),
                name="loyalty_points_worth",
            ),
        ),
    ]
