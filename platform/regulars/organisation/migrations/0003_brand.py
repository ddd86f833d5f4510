"""The brand: a logo, a second colour, the pattern of the card, and what the last change replaced."""

from typing import ClassVar

from django.db import migrations, models

PATTERNS = [
    ("plain", "Two arcs"),
    ("retail", "Bags"),
    ("restaurant", "Waves"),
    ("hotel", "Diamonds"),
    ("salon", "Ripples"),
    ("gym", "Stripes"),
    ("school", "Exercise book"),
    ("dealers", "Network"),
]


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("organisation", "0002_team")]

    operations: ClassVar[list[object]] = [
        migrations.AddField(
            "organisation",
            "second_colour",
            models.CharField(blank=True, default="", max_length=7, verbose_name="second colour"),
        ),
        migrations.AddField(
            "organisation",
            "card_pattern",
            models.CharField(
                blank=True, choices=PATTERNS, default="", max_length=20, verbose_name="pattern of the card"
            ),
        ),
        migrations.AddField(
            "organisation",
            "logo",
            models.FileField(
                blank=True, default="", editable=False, max_length=120, upload_to="brand", verbose_name="logo"
            ),
        ),
        migrations.AddField(
            "organisation",
            "logo_square",
            models.FileField(blank=True, default="", editable=False, max_length=120, upload_to="brand"),
        ),
        migrations.AddField(
            "organisation",
            "logo_ground",
            models.CharField(blank=True, default="", editable=False, max_length=7),
        ),
        migrations.AddField(
            "organisation", "brand_before", models.JSONField(blank=True, default=dict, editable=False)
        ),
    ]
