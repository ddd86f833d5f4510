"""What a refund found missing of the points it takes back, and the money kept back for them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sales", "0004_value")]

    operations = [
        migrations.AddField(
            "refund", "points_missing", models.BigIntegerField(db_default=0, default=0, verbose_name="points missing")
        ),
        migrations.AddField(
            "refund",
            "points_charged",
            models.BigIntegerField(db_default=0, default=0, verbose_name="of these paid for"),
        ),
        migrations.AddField(
            "refund", "charged", models.BigIntegerField(db_default=0, default=0, verbose_name="kept back for points")
        ),
        migrations.AddConstraint(
            "refund",
            models.CheckConstraint(
                condition=models.Q(
                    ("charged__gte", 0),
                    ("charged__lte", models.F("amount")),
                    ("points_charged__gte", 0),
                    ("points_charged__lte", models.F("points_missing")),
                ),
                name="sales_refund_missing",
            ),
        ),
    ]
