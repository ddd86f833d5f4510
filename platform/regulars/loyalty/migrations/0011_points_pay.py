"""Points pay a part of a sale: how much of it at most, and how many of them at least."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0010_nights_resume")]

    operations = [
        migrations.AddField(
            "pointssettings",
            "offset_share",
            models.PositiveSmallIntegerField(
                db_default=50, default=50, verbose_name="most of a sale that points pay, in %"
            ),
        ),
        migrations.AddField(
            "pointssettings",
            "offset_least",
            models.PositiveIntegerField(db_default=100, default=100, verbose_name="fewest points that pay"),
        ),
        migrations.AddConstraint(
            "pointssettings",
            models.CheckConstraint(condition=models.Q(("offset_share__lte", 100)), name="loyalty_points_offset"),
        ),
    ]
