from pathlib import Path

from django.db import migrations, models

from regulars.sql_functions import define


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0006_nights")]

    operations = [
        migrations.AddField("standing", "room", models.BigIntegerField(null=True)),
        migrations.AddField("standing", "room_basis", models.CharField(max_length=32, null=True)),
        define(Path(__file__).parents[1] / "sql" / "rising.sql"),
    ]
