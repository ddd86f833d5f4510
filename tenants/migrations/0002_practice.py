"""A business may have a practice place: a second business whose rows nobody counts."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="business",
            name="slug",
            field=models.CharField(max_length=63, verbose_name="address"),
        ),
        migrations.AddField(
            model_name="business",
            name="practice_of",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="practice_place",
                to="tenants.business",
                verbose_name="practice place of",
            ),
        ),
        migrations.AddField(
            model_name="business",
            name="practised_at",
            field=models.DateTimeField(null=True, verbose_name="last practised in"),
        ),
        migrations.AddConstraint(
            model_name="business",
            constraint=models.CheckConstraint(
                condition=models.Q(("practice_of__isnull", True), ("practised_at__isnull", True))
                | models.Q(("practice_of__isnull", False), ("practised_at__isnull", False)),
                name="tenants_business_practice",
            ),
        ),
    ]
