"""Payments that come beside the one a sale waits for; its limited editions are set aside where they are counted."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


def _set_aside(apps, _schema_editor):
    """What sales on hold have set aside counts as taken."""
    product, taking = apps.get_model("catalogue", "Product"), apps.get_model("catalogue", "Taking")
    waiting = apps.get_model("sales", "SaleOnHold").objects.filter(state="waiting").exclude(goods=[])
    for held in waiting.select_related("quote"):
        for line in held.goods:
            taking.objects.create(
                product=product.objects.get(public_id=line["product"]),
                reserved_for=held.quote.public_id,
                member_id=held.quote.member_id,
                quantity=line["quantity"],
                taken_at=held.held_at,
            )


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0002_set_aside"), ("sales", "0008_on_hold")]

    operations = [
        migrations.RunPython(_set_aside, migrations.RunPython.noop),
        migrations.RemoveField("saleonhold", "goods"),
        migrations.AddField("saleonhold", "number", models.PositiveSmallIntegerField(default=0)),
        migrations.AlterField(
            "saleonhold",
            "quote",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="on_hold",
                to="sales.quote",
            ),
        ),
        migrations.AddConstraint(
            "saleonhold", models.UniqueConstraint(fields=("quote", "number"), name="sales_onhold_quote")
        ),
        migrations.AddConstraint(
            "saleonhold",
            models.CheckConstraint(
                condition=Q(number=0) | Q(state__in=["to_pay_back", "paid_back"]), name="sales_onhold_beside"
            ),
        ),
    ]
