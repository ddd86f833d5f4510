import django.db.models.deletion
import regulars.clock
import regulars.public_ids
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("organisation", "0008_tokens_elsewhere")]

    operations = [
        migrations.CreateModel(
            name="Token",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    regulars.public_ids.PublicIdField(
                        default=regulars.public_ids._Default("tok"), editable=False, max_length=24, prefix="tok"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("token_hash", models.CharField(editable=False, max_length=64)),
                ("scopes", models.JSONField(default=list, verbose_name="may")),
                ("per_minute", models.PositiveIntegerField(default=600, verbose_name="requests a minute")),
                ("made_at", models.DateTimeField(default=regulars.clock.now, verbose_name="made")),
                ("made_by", models.CharField(blank=True, default="", max_length=24, verbose_name="made by")),
                ("last_used_at", models.DateTimeField(null=True, verbose_name="last used")),
                ("revoked_at", models.DateTimeField(null=True, verbose_name="revoked")),
                (
                    "staff",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.staff",
                        verbose_name="acts for",
                    ),
                ),
                (
                    "terminal",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tokens",
                        to="organisation.terminal",
                        verbose_name="terminal",
                    ),
                ),
            ],
            options={
                "verbose_name": "token",
                "verbose_name_plural": "tokens",
                "ordering": ["-made_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(fields=["public_id"], name="api_token_public_id"),
                    models.UniqueConstraint(fields=["token_hash"], name="api_token_hash"),
                    models.CheckConstraint(
                        condition=models.Q(("per_minute__range", (1, 6000))), name="api_token_per_minute"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=80)),
                ("request_hash", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField(default=0)),
                ("body", models.TextField(default="")),
                ("answered_at", models.DateTimeField(default=regulars.clock.now)),
                (
                    "token",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="api.token",
                    ),
                ),
            ],
            options={
                "verbose_name": "answer",
                "verbose_name_plural": "answers",
                "indexes": [models.Index(fields=["answered_at"], name="api_answer_age")],
                "constraints": [models.UniqueConstraint(fields=("token", "key"), name="api_answer_key")],
            },
        ),
    ]
