"""Indexes that answer what was spent, by whom and on which day, without reading the sales themselves."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sales", "0005_points_missing")]

    operations = [
        migrations.AddIndex(
            "sale",
            models.Index(
                fields=["member", "business_date"], include=["total", "refunded_total"], name="sales_sale_by_member"
            ),
        ),
        migrations.AddIndex(
            "sale",
            models.Index(
                fields=["business_date"], include=["member", "total", "refunded_total"], name="sales_sale_by_day"
            ),
        ),
        migrations.RemoveIndex("sale", "sales_sale_member"),
        migrations.RemoveIndex("sale", "sales_sale_day"),
    ]
