from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("insights", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="day",
            name="points_expired",
            field=models.BigIntegerField(db_default=0, default=0, verbose_name="points expired"),
        ),
    ]
