"""Goods of the catalogue with the tax they contain, and sales that are paid with several things."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("sales", "0006_read_by_indexes")]

    operations = [
        migrations.AddField(
            "saleline",
            "product",
            models.CharField(blank=True, db_default="", default="", max_length=24, verbose_name="product"),
        ),
        migrations.AddField(
            "saleline",
            "tax_rate",
            models.PositiveIntegerField(db_default=0, default=0, verbose_name="tax rate"),
        ),
        migrations.AddField(
            "saleline", "tax", models.BigIntegerField(db_default=0, default=0, verbose_name="tax contained")
        ),
        migrations.AddField(
            "refund", "payments", models.JSONField(db_default=[], default=list, verbose_name="to each payment")
        ),
        migrations.CreateModel(
            "SalePayment",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=40, verbose_name="paid by")),
                ("amount", models.BigIntegerField(verbose_name="amount")),
                ("received", models.BigIntegerField(default=0, verbose_name="cash received")),
                ("asset", models.CharField(blank=True, default="", max_length=40, verbose_name="kind of value")),
                ("units", models.BigIntegerField(default=0, verbose_name="units")),
                ("reference", models.CharField(blank=True, default="", max_length=80, verbose_name="reference")),
                ("refunded", models.BigIntegerField(default=0, verbose_name="refunded")),
                (
                    "sale",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="sales.sale"
                    ),
                ),
                (
                    "transaction",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.transaction",
                    ),
                ),
            ],
            options={
                "verbose_name": "payment",
                "verbose_name_plural": "payments",
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(amount__gt=0) & Q(refunded__gte=0) & Q(refunded__lte=F("amount")),
                        name="sales_salepayment_refunded",
                    ),
                    models.CheckConstraint(
                        condition=Q(asset="", units=0, transaction=None) | (~Q(asset="") & Q(units__gt=0)),
                        name="sales_salepayment_units",
                    ),
                ],
            },
        ),
    ]
