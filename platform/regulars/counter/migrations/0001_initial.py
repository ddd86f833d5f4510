import django.core.validators
import django.db.models.deletion
import regulars.public_ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('organisation', '0007_invitations'),
    ]

    operations = [
        migrations.CreateModel(
            name='CounterSettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lock_after', models.PositiveSmallIntegerField(default=10, validators=[django.core.validators.MaxValueValidator(240)], verbose_name='a till locks after so many idle minutes')),
                ('void_within', models.PositiveSmallIntegerField(default=15, validators=[django.core.validators.MaxValueValidator(240)], verbose_name='the last sale can be voided for so many minutes')),
                ('needs_shift', models.BooleanField(default=False, verbose_name='nothing is sold without an open shift')),
            ],
            options={
                'verbose_name': 'settings of the counter',
                'verbose_name_plural': 'settings of the counter',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='counter_settings_one_row')],
            },
        ),
        migrations.CreateModel(
            name='Shift',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', regulars.public_ids.PublicIdField(default=regulars.public_ids._Default('shf'), editable=False, max_length=24, prefix='shf')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('business_date', models.DateField(verbose_name='day')),
                ('key', models.CharField(max_length=80)),
                ('opening_float', models.BigIntegerField(verbose_name='float')),
                ('opened_at', models.DateTimeField(verbose_name='opened')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='closed')),
                ('closing_key', models.CharField(blank=True, default='', max_length=80)),
                ('counts', models.JSONField(default=dict)),
                ('counted', models.BigIntegerField(null=True, verbose_name='counted')),
                ('expected', models.BigIntegerField(null=True, verbose_name='expected')),
                ('kept', models.BigIntegerField(null=True, verbose_name='stays in the drawer')),
                ('reason', models.CharField(blank=True, default='', max_length=200, verbose_name='reason')),
                ('figures', models.JSONField(default=dict)),
                ('branch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.branch', verbose_name='branch')),
                ('closed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.staff', verbose_name='closed by')),
                ('opened_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.staff', verbose_name='opened by')),
                ('terminal', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.terminal', verbose_name='till')),
            ],
            options={
                'verbose_name': 'shift',
                'verbose_name_plural': 'shifts',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='CashMovement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=80)),
                ('amount', models.BigIntegerField(verbose_name='amount')),
                ('reason', models.CharField(max_length=200, verbose_name='reason')),
                ('moved_at', models.DateTimeField(verbose_name='at')),
                ('moved_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.staff')),
                ('shift', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='movements', to='counter.shift')),
            ],
            options={
                'verbose_name': 'cash in or out',
                'verbose_name_plural': 'cash in and out',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='TillRefund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=80)),
                ('branch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.branch')),
                ('terminal', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.terminal')),
            ],
            options={
                'verbose_name': 'refund at a till',
                'verbose_name_plural': 'refunds at tills',
            },
        ),
        migrations.AddConstraint(
            model_name='shift',
            constraint=models.UniqueConstraint(fields=('public_id',), name='counter_shift_public_id'),
        ),
        migrations.AddConstraint(
            model_name='shift',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('branch', 'terminal'), name='counter_shift_one_open', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='shift',
            constraint=models.CheckConstraint(condition=models.Q(('opening_float__gte', 0)), name='counter_shift_float'),
        ),
        migrations.AddConstraint(
            model_name='shift',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('closed_by__isnull', True), ('counted__isnull', True), ('expected__isnull', True)), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False), ('counted__gte', 0), ('expected__isnull', False), ('kept__gte', 0), ('kept__lte', models.F('counted'))), _connector='OR'), name='counter_shift_closed'),
        ),
        migrations.AddConstraint(
            model_name='shift',
            constraint=models.CheckConstraint(condition=models.Q(('closed_at__isnull', True), ('counted', models.F('expected')), models.Q(('reason', ''), _negated=True), _connector='OR'), name='counter_shift_difference'),
        ),
        migrations.AddConstraint(
            model_name='cashmovement',
            constraint=models.UniqueConstraint(fields=('shift', 'key'), name='counter_movement_key'),
        ),
        migrations.AddConstraint(
            model_name='cashmovement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount', 0), _negated=True), models.Q(('reason', ''), _negated=True)), name='counter_movement_amount'),
        ),
        migrations.AddConstraint(
            model_name='tillrefund',
            constraint=models.UniqueConstraint(fields=('key',), name='counter_refund_key'),
        ),
    ]
