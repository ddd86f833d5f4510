"""The newest seal of each business's trail is noted outside of the business."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_practice")]

    operations = [
        migrations.CreateModel(
            name="ChainHead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("schema_name", models.CharField(max_length=63)),
                ("chain", models.CharField(max_length=40)),
                ("number", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("noted_at", models.DateTimeField()),
            ],
            options={
                "db_table": '"public"."tenants_chain_head"',
                "constraints": [
                    models.UniqueConstraint(fields=("schema_name", "chain"), name="tenants_chain_head_once")
                ],
            },
        ),
    ]
