"""The practice place: a business in which nothing is real, and which first looks round each person has taken."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("organisation", "0004_approvals")]

    operations: ClassVar[list[object]] = [
        migrations.AddField(
            model_name="organisation",
            name="is_practice",
            field=models.BooleanField(default=False, editable=False, verbose_name="for practice"),
        ),
        migrations.AddField(
            model_name="staff",
            name="tours_seen",
            field=models.JSONField(default=list, editable=False),
        ),
    ]
