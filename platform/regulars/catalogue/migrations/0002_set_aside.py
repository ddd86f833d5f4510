"""Pieces of limited editions that are set aside for a sale on hold count as taken."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial")]

    operations = [
        migrations.AddField(
            "taking", "reserved_for", models.CharField(blank=True, db_default="", default="", max_length=24)
        ),
        migrations.AlterField(
            "taking",
            "sale",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="sales.sale",
            ),
        ),
        migrations.AddConstraint(
            "taking",
            models.UniqueConstraint(
                condition=~Q(reserved_for=""), fields=("reserved_for", "product"), name="catalogue_taking_aside"
            ),
        ),
        migrations.AddConstraint(
            "taking",
            models.CheckConstraint(
                condition=Q(sale__isnull=False, reserved_for="") | (Q(sale__isnull=True) & ~Q(reserved_for="")),
                name="catalogue_taking_of_one",
            ),
        ),
    ]
