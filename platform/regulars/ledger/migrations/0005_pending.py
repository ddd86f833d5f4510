"""A lot that had to wait is marked until its member was told that it can be used."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_holds")]

    operations = [
        migrations.AddField(
            model_name="lot",
            name="is_pending",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name="lot",
            index=models.Index(
                condition=models.Q(("is_pending", True)), fields=["available_from"], name="ledger_lot_pending"
            ),
        ),
    ]
