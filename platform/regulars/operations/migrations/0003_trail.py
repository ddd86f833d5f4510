"""The trail: where an act came from, before and after, hashed as written and sealed."""

from typing import Any

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

from regulars.operations.sealing.canonical import hash_of
from regulars.operations.sealing.chains import TRAIL

AT_ONCE = 1000


def hash_what_is_there(apps: Any, _schema_editor: Any) -> None:
    """Entries of before bear the hash of what stands in them now."""
    entries = apps.get_model("operations", "TrailEntry").objects
    last = 0
    while found := list(entries.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        for entry in found:
            entry.hash = hash_of([getattr(entry, column) for column in TRAIL.columns])
        entries.bulk_update(found, ["hash"])
        last = found[-1].pk


class Migration(migrations.Migration):
    dependencies = [("operations", "0002_jobs"), ("organisation", "0001_initial")]

    operations = [
        migrations.AddField("trailentry", "before", models.JSONField(null=True)),
        migrations.AddField("trailentry", "after", models.JSONField(null=True)),
        migrations.AddField(
            "trailentry",
            "branch",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="organisation.branch",
                verbose_name="branch",
            ),
        ),
        migrations.AddField(
            "trailentry", "door", models.CharField(blank=True, default="", max_length=12, verbose_name="through")
        ),
        migrations.AddField(
            "trailentry", "terminal", models.CharField(blank=True, default="", max_length=24, verbose_name="till")
        ),
        migrations.AddField(
            "trailentry", "address", models.CharField(blank=True, default="", max_length=200, verbose_name="address")
        ),
        migrations.AddField("trailentry", "hash", models.CharField(default="", max_length=64)),
        migrations.AddIndex("trailentry", models.Index(fields=["actor", "-id"], name="operations_trail_actor")),
        migrations.AddIndex("trailentry", models.Index(fields=["act", "-id"], name="operations_trail_act")),
        migrations.AddIndex(
            "trailentry",
            django.contrib.postgres.indexes.BrinIndex(
                fields=["occurred_at"], name="operations_trail_days", pages_per_range=16
            ),
        ),
        migrations.AlterModelOptions(
            name="trailentry",
            options={
                "base_manager_name": "objects",
                "verbose_name": "trail entry",
                "verbose_name_plural": "trail",
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("chain", models.CharField(max_length=40)),
                ("number", models.PositiveIntegerField()),
                ("last_id", models.BigIntegerField()),
                ("count", models.PositiveIntegerField()),
                ("leaves", models.BinaryField()),
                ("previous", models.CharField(blank=True, default="", max_length=64)),
                ("hash", models.CharField(max_length=64)),
                ("sealed_at", models.DateTimeField(verbose_name="sealed")),
            ],
            options={
                "verbose_name": "seal",
                "verbose_name_plural": "seals",
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("chain", "number"), name="operations_seal_number")],
            },
        ),
        migrations.RunPython(hash_what_is_there, migrations.RunPython.noop),
    ]
