"""Sales that wait for a payment which settles later; the refund of a sale that cost nothing."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import regulars.public_ids


def _to(model, **more):
    return models.ForeignKey(
        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=model, **more
    )


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0001_initial"),
        ("organisation", "0010_payment_code"),
        ("sales", "0007_payments"),
    ]

    operations = [
        migrations.RemoveConstraint("refund", "sales_refund_amount"),
        migrations.AddConstraint(
            "refund", models.CheckConstraint(condition=Q(amount__gte=0), name="sales_refund_amount")
        ),
        migrations.CreateModel(
            "SaleOnHold",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", regulars.public_ids.PublicIdField(prefix="soh")),
                ("key", models.CharField(max_length=80)),
                ("request_hash", models.CharField(max_length=64)),
                (
                    "quote",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="on_hold", to="sales.quote"
                    ),
                ),
                ("branch", _to("organisation.branch", verbose_name="branch")),
                ("terminal", _to("organisation.terminal", null=True, verbose_name="till")),
                ("cashier", _to("organisation.staff", null=True, verbose_name="cashier")),
                ("sale_key", models.CharField(max_length=80)),
                ("sale", _to("sales.sale", null=True)),
                ("source", models.CharField(max_length=40, verbose_name="paid by")),
                ("amount", models.BigIntegerField(verbose_name="amount")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("parts", models.JSONField(default=list)),
                ("goods", models.JSONField(default=list)),
                ("shown", models.JSONField(default=dict)),
                ("reference", models.CharField(blank=True, default="", max_length=80, verbose_name="reference")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for the payment"),
                            ("settled", "Paid and sold"),
                            ("given_up", "Given up"),
                            ("ended", "Time is over"),
                            ("to_pay_back", "To be paid back"),
                            ("paid_back", "Paid back"),
                        ],
                        default="waiting",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=200, verbose_name="reason")),
                ("held_at", models.DateTimeField(verbose_name="at")),
                ("ends_at", models.DateTimeField(verbose_name="waits until")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
            ],
            options={
                "verbose_name": "sale on hold",
                "verbose_name_plural": "sales on hold",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        fields=["state", "ends_at"],
                        name="sales_onhold_open",
                        condition=Q(state__in=["waiting", "to_pay_back"]),
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=["public_id"], name="sales_onhold_public_id"),
                    models.UniqueConstraint(fields=["key"], name="sales_onhold_key"),
                    models.CheckConstraint(condition=Q(amount__gt=0), name="sales_onhold_amount"),
                    models.CheckConstraint(
                        condition=Q(state="settled", sale__isnull=False) | (~Q(state="settled") & Q(sale__isnull=True)),
                        name="sales_onhold_sale",
                    ),
                    models.CheckConstraint(
                        condition=Q(state="waiting", ended_at__isnull=True)
                        | (~Q(state="waiting") & Q(ended_at__isnull=False)),
                        name="sales_onhold_ended",
                    ),
                ],
            },
        ),
    ]
