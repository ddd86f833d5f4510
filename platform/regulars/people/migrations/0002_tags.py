"""Tags, and indexes for the search."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import regulars.public_ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="MemberTag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tagged_at", models.DateTimeField(verbose_name="since")),
                ("tagged_by", models.CharField(blank=True, default="", max_length=80, verbose_name="by")),
            ],
            options={
                "verbose_name": "tag of a member",
                "verbose_name_plural": "tags of members",
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    regulars.public_ids.PublicIdField(
                        default=regulars.public_ids._Default("tag"), editable=False, max_length=24, prefix="tag"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="tag")),
            ],
            options={
                "verbose_name": "tag",
                "verbose_name_plural": "tags",
                "ordering": ["name"],
            },
        ),
        migrations.AlterField(
            model_name="member",
            name="branch",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisation.branch",
            ),
        ),
        migrations.AddIndex(
            model_name="card",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(models.F("number"), name="gin_trgm_ops"),
                name="people_card_search",
            ),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(fields=["branch", "-joined_at"], name="people_member_branch"),
        ),
        migrations.AddIndex(
            model_name="member",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("name"), name="gin_trgm_ops"
                ),
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("email"), name="gin_trgm_ops"
                ),
                django.contrib.postgres.indexes.OpClass(models.F("phone"), name="gin_trgm_ops"),
                name="people_member_search",
            ),
        ),
        migrations.AddField(
            model_name="membertag",
            name="member",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="taggings", to="people.member"
            ),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(fields=("public_id",), name="people_tag_public_id"),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(django.db.models.functions.text.Upper("name"), name="people_tag_name"),
        ),
        migrations.AddField(
            model_name="membertag",
            name="tag",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="taggings", to="people.tag"
            ),
        ),
        migrations.AddConstraint(
            model_name="membertag",
            constraint=models.UniqueConstraint(fields=("member", "tag"), name="people_membertag_once"),
        ),
    ]
