"""A key per member, with which personal values are encrypted where they may never be changed."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0002_tags")]

    operations = [
        migrations.CreateModel(
            name="MemberKey",
            fields=[
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="key",
                        serialize=False,
                        to="people.member",
                    ),
                ),
                ("wrapped", models.CharField(editable=False, max_length=120)),
                ("made_at", models.DateTimeField()),
                ("destroyed_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "key of a member",
                "verbose_name_plural": "keys of members",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("destroyed_at__isnull", True), ("wrapped", ""), _connector="OR"),
                        name="people_key_destroyed_is_gone",
                    )
                ],
            },
        ),
    ]
