"""A reward may have a picture, with words for who cannot see it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0008_points_spent_before"), ("wagtailimages", "0027_image_description")]

    operations = [
        migrations.AddField(
            "reward",
            "picture",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="wagtailimages.image",
                verbose_name="picture",
            ),
        ),
        migrations.AddField(
            "reward", "picture_words", models.JSONField(default=dict, verbose_name="what the picture shows")
        ),
    ]
