"""Jobs."""

import django.db.models.deletion
import regulars.public_ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("operations", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    regulars.public_ids.PublicIdField(
                        default=regulars.public_ids._Default("job"), editable=False, max_length=24, prefix="job"
                    ),
                ),
                ("kind", models.CharField(max_length=60)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("stopped", "Stopped"),
                            ("failed", "Failed"),
                            ("undoing", "Being undone"),
                            ("undone", "Undone"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("params", models.JSONField(default=dict)),
                ("requested_by", models.CharField(max_length=80, verbose_name="by")),
                ("language", models.CharField(default="en", max_length=10)),
                ("scope", models.JSONField(null=True)),
                ("total", models.PositiveIntegerField(default=0, verbose_name="records")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="done")),
                ("failed", models.PositiveIntegerField(default=0, verbose_name="failed")),
                ("undone", models.PositiveIntegerField(default=0, verbose_name="undone")),
                ("left_alone", models.PositiveIntegerField(default=0, verbose_name="left alone")),
                ("error", models.CharField(blank=True, default="", max_length=300, verbose_name="what went wrong")),
                ("result", models.BinaryField(null=True)),
                ("result_name", models.CharField(blank=True, default="", max_length=80)),
                ("requested_at", models.DateTimeField(verbose_name="asked for")),
                ("started_at", models.DateTimeField(null=True, verbose_name="begun")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                ("expires_at", models.DateTimeField(null=True, verbose_name="file kept until")),
            ],
            options={
                "verbose_name": "job",
                "verbose_name_plural": "jobs",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["requested_by", "-id"], name="operations_job_of")],
                "constraints": [models.UniqueConstraint(fields=("public_id",), name="operations_job_public_id")],
            },
        ),
        migrations.CreateModel(
            name="JobChunk",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("to_undo", "To be undone"),
                            ("undone", "Undone"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("items", models.JSONField(default=list)),
                ("kept", models.JSONField(default=list)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField()),
                (
                    "job",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chunks",
                        to="operations.job",
                    ),
                ),
            ],
            options={
                "verbose_name": "piece of a job",
                "verbose_name_plural": "pieces of a job",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "to_undo"])),
                        fields=["next_attempt_at"],
                        name="operations_chunk_due",
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("job", "number"), name="operations_chunk_number")],
            },
        ),
    ]
