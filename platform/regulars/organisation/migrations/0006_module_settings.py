"""What a business has set about its modules, beside whether they are on."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("organisation", "0005_practice")]

    operations: ClassVar[list[object]] = [
        migrations.AddField(
            model_name="enabledplugin",
            name="settings",
            field=models.JSONField(default=dict, verbose_name="settings"),
        ),
    ]
