"""What a business asks of its members beside name and birthday, and what they answered."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0005_birthday_entered")]

    operations = [
        migrations.CreateModel(
            name="ProfileField",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(db_index=False, max_length=30, verbose_name="code")),
                ("words", models.JSONField(default=dict, verbose_name="question")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "A text"),
                            ("choice", "One choice"),
                            ("choices", "Several choices"),
                            ("number", "A whole number"),
                            ("date", "A day"),
                            ("yes_no", "Yes or no"),
                        ],
                        max_length=10,
                        verbose_name="kind of answer",
                    ),
                ),
                ("choices", models.JSONField(default=list, verbose_name="choices")),
                (
                    "is_shown",
                    models.BooleanField(default=True, verbose_name="members see and answer it themselves"),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="is asked")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="place")),
            ],
            options={
                "verbose_name": "question of the profile",
                "verbose_name_plural": "questions of the profile",
                "ordering": ["position", "id"],
            },
        ),
        migrations.AddConstraint(
            "profilefield", models.UniqueConstraint(fields=("code",), name="people_profilefield_code")
        ),
        migrations.AddField(
            "member",
            "profile",
            models.JSONField(
                db_default=models.Value({}, models.JSONField()), default=dict, editable=False, verbose_name="profile"
            ),
        ),
        migrations.AddIndex(
            "member", django.contrib.postgres.indexes.GinIndex(fields=["profile"], name="people_member_profile")
        ),
    ]
