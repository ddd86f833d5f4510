"""The place that holds every page is called so in the language of the business, not "Root"."""

from typing import Any

from django.db import migrations

TITLES = {"en": "All pages", "zh-hans": "全部页面"}


def rename(apps: Any, schema_editor: Any) -> None:
    """Name it where it still has the name that it came with."""
    business = apps.get_model("organisation", "Organisation").objects.first()
    title = TITLES.get(business.language if business else "", TITLES["en"])
    apps.get_model("wagtailcore", "Page").objects.filter(depth=1, title="Root").update(title=title, draft_title=title)


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0001_initial"),
        ("organisation", "0001_initial"),
    ]

    operations = [migrations.RunPython(rename, migrations.RunPython.noop)]
