from pathlib import Path

from django.db import migrations, models

from regulars.sql_functions import define


class Migration(migrations.Migration):

    dependencies = [
        ('loyalty', '0003_points'),
        ('sales', '0003_facts'),
    ]

    operations = [
        migrations.AddField(
            model_name='saleline',
            name='category',
            field=models.CharField(blank=True, default='', max_length=40, verbose_name='kind of goods'),
        ),
        migrations.AddField(
            model_name='saleline',
            name='refunded',
            field=models.BigIntegerField(default=0, verbose_name='refunded'),
        ),
        migrations.AddConstraint(
            model_name='saleline',
            constraint=models.CheckConstraint(condition=models.Q(('refunded__gte', 0), ('refunded__lte', models.F('amount'))), name='sales_saleline_refunded'),
        ),
        define(Path(__file__).parents[1] / "sql" / "sale.sql"),
    ]
