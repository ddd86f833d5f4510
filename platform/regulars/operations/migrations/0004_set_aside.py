"""What was set aside is found without reading what was done."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("operations", "0003_trail")]
    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "set_aside")), fields=["id"], name="operations_delivery_aside"
            ),
        ),
    ]
