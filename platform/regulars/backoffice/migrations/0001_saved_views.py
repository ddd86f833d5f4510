"""Views of lists that people keep."""

import django.db.models.deletion
import regulars.public_ids
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("organisation", "0002_team")]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    regulars.public_ids.PublicIdField(
                        default=regulars.public_ids._Default("svw"), editable=False, max_length=24, prefix="svw"
                    ),
                ),
                ("of_list", models.CharField(max_length=60)),
                ("name", models.CharField(blank=True, default="", max_length=60, verbose_name="name")),
                ("is_shared", models.BooleanField(default=False, verbose_name="for the whole team")),
                ("query", models.CharField(blank=True, default="", max_length=2000)),
                ("columns", models.JSONField(default=list)),
                ("saved_at", models.DateTimeField()),
                ("deleted_at", models.DateTimeField(null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to="organisation.staff",
                    ),
                ),
            ],
            options={
                "verbose_name": "saved view",
                "verbose_name_plural": "saved views",
                "ordering": ["name", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_shared", True)), fields=["of_list"], name="backoffice_view_shared"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("public_id",), name="backoffice_view_public_id"),
                    models.UniqueConstraint(
                        condition=models.Q(("deleted_at__isnull", True)),
                        fields=("owner", "of_list", "name"),
                        name="backoffice_view_name",
                    ),
                ],
            },
        ),
    ]
