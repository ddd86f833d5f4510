"""A payment without a reference is told from another one by the key of its notice."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sales", "0009_beside")]
    operations = [
        migrations.AddField(
            "saleonhold", "notice", models.CharField(blank=True, db_default="", default="", max_length=80)
        ),
    ]
