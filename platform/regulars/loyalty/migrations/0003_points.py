from pathlib import Path

import django.db.models.deletion
import regulars.public_ids
from django.db import migrations, models

from regulars.sql_functions import define


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0004_holds'),
        ('loyalty', '0002_functions'),
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Award',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('occasion', models.CharField(max_length=100)),
                ('points', models.BigIntegerField(verbose_name='points')),
                ('taken_back', models.BigIntegerField(default=0, verbose_name='taken back')),
                ('base', models.BigIntegerField(default=0)),
                ('lines', models.JSONField(default=list)),
                ('counted', models.JSONField(default=list)),
                ('awarded_on', models.DateField(verbose_name='day')),
            ],
            options={
                'verbose_name': 'award',
                'verbose_name_plural': 'awards',
            },
        ),
        migrations.CreateModel(
            name='CapUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('holder', models.BigIntegerField()),
                ('period', models.CharField(max_length=16)),
                ('used', models.BigIntegerField()),
            ],
            options={
                'verbose_name': 'use of a cap',
                'verbose_name_plural': 'uses of caps',
            },
        ),
        migrations.CreateModel(
            name='Cause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', regulars.public_ids.PublicIdField(default=regulars.public_ids._Default('cau'), editable=False, max_length=24, prefix='cau')),
                ('words', models.JSONField(default=dict, verbose_name='name')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
            ],
            options={
                'verbose_name': 'cause',
                'verbose_name_plural': 'causes',
            },
        ),
        migrations.CreateModel(
            name='PointsSettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('gifts', models.BooleanField(default=False, verbose_name='members may give points to each other')),
                ('gift_least', models.PositiveIntegerField(default=10, verbose_name='smallest gift')),
                ('gift_cap_day', models.PositiveIntegerField(default=500, verbose_name='most that a member gives in a day')),
                ('idle_months', models.PositiveSmallIntegerField(default=0, verbose_name='points end after so many months without a purchase')),
                ('reinstate_days', models.PositiveSmallIntegerField(default=30, verbose_name='expired points can come back for so many days')),
            ],
            options={
                'verbose_name': 'settings of points',
                'verbose_name_plural': 'settings of points',
            },
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', regulars.public_ids.PublicIdField(default=regulars.public_ids._Default('tsk'), editable=False, max_length=24, prefix='tsk')),
                ('code', models.CharField(max_length=40, verbose_name='code')),
                ('words', models.JSONField(default=dict, verbose_name='name')),
                ('period', models.CharField(choices=[('once', 'once'), ('day', 'every day'), ('week', 'every week'), ('month', 'every month'), ('year', 'every year')], default='once', max_length=5, verbose_name='counts')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
            ],
            options={
                'verbose_name': 'task',
                'verbose_name_plural': 'tasks',
            },
        ),
        migrations.RemoveConstraint(
            model_name='pointsrule',
            name='loyalty_rule_per_amount',
        ),
        migrations.RemoveConstraint(
            model_name='pointsrule',
            name='loyalty_rule_points',
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='around_birthday',
            field=models.CharField(blank=True, choices=[('', 'on any day'), ('day', 'on the birthday'), ('week', 'in the week of the birthday'), ('month', 'in the month of the birthday')], default='', max_length=5, verbose_name='birthday'),
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='branches',
            field=models.JSONField(blank=True, default=list, verbose_name='branches'),
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='cap_day',
            field=models.PositiveBigIntegerField(blank=True, null=True, verbose_name='at most, per member and day'),
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='cap_month',
            field=models.PositiveBigIntegerField(blank=True, null=True, verbose_name='at most, per member and month'),
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='cap_sale',
            field=models.PositiveBigIntegerField(blank=True, null=True, verbose_name='at most, per purchase'),
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='cap_total',
            field=models.PositiveBigIntegerField(blank=True, null=True, verbose_name='at most, for everybody in all'),
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='cap_week',
            field=models.PositiveBigIntegerField(blank=True, null=True, verbose_name='at most, per member and week'),
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='cap_year',
            field=models.PositiveBigIntegerField(blank=True, null=True, verbose_name='at most, per member and year'),
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='categories',
            field=models.JSONField(blank=True, default=list, verbose_name='kinds of goods'),
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='condition',
            field=models.JSONField(blank=True, default=dict, verbose_name='condition'),
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='ends_on',
            field=models.DateField(blank=True, null=True, verbose_name='until'),
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='expiry',
            field=models.JSONField(blank=True, default=dict, verbose_name='expiry'),
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='factor',
            field=models.PositiveIntegerField(default=100, verbose_name='times'),
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='kind',
            field=models.CharField(choices=[('per_amount', 'points for what is spent'), ('fixed', 'a fixed number of points'), ('multiplier', 'a multiple of the points for what is spent')], default='per_amount', max_length=12, verbose_name='how'),
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='least_amount',
            field=models.PositiveBigIntegerField(default=0, verbose_name='from a spending of'),
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='month_days',
            field=models.JSONField(blank=True, default=list, verbose_name='days of the month'),
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='priority',
            field=models.SmallIntegerField(default=0, verbose_name='priority'),
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='stacking_group',
            field=models.CharField(blank=True, default='', max_length=40, verbose_name='group'),
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='starts_on',
            field=models.DateField(blank=True, null=True, verbose_name='from'),
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='terminals',
            field=models.JSONField(blank=True, default=list, verbose_name='tills'),
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='tiers',
            field=models.JSONField(blank=True, default=list, verbose_name='tiers'),
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='trigger',
            field=models.CharField(default='sale', max_length=60, verbose_name='when'),
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='weekdays',
            field=models.JSONField(blank=True, default=list, verbose_name='weekdays'),
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='whole_steps',
            field=models.BooleanField(default=False, verbose_name='only for full amounts'),
        ),
        migrations.AddField(
            model_name='pointsrule',
            name='within',
            field=models.CharField(choices=[('sale', 'in one purchase'), ('month', 'in a calendar month'), ('year', 'in a calendar year'), ('ever', 'in all')], default='sale', max_length=6, verbose_name='added up'),
        ),
        migrations.AlterField(
            model_name='pointsrule',
            name='per_amount',
            field=models.PositiveBigIntegerField(default=0, verbose_name='for every'),
        ),
        migrations.AddConstraint(
            model_name='pointsrule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'per_amount'), _negated=True), ('per_amount__gt', 0), _connector='OR'), name='loyalty_rule_amount'),
        ),
        migrations.AddConstraint(
            model_name='pointsrule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('factor__gt', 100), ('kind', 'multiplier')), models.Q(models.Q(('kind', 'multiplier'), _negated=True), ('points__gt', 0)), _connector='OR'), name='loyalty_rule_gives'),
        ),
        migrations.AddConstraint(
            model_name='pointsrule',
            constraint=models.CheckConstraint(condition=models.Q(('starts_on__isnull', True), ('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='loyalty_rule_days'),
        ),
        migrations.AddField(
            model_name='award',
            name='member',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='awards', to='people.member'),
        ),
        migrations.AddField(
            model_name='award',
            name='rule',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='awards', to='loyalty.pointsrule'),
        ),
        migrations.AddField(
            model_name='award',
            name='transaction',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.transaction'),
        ),
        migrations.AddField(
            model_name='capuse',
            name='rule',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='loyalty.pointsrule'),
        ),
        migrations.AddConstraint(
            model_name='cause',
            constraint=models.UniqueConstraint(fields=('public_id',), name='loyalty_cause_public_id'),
        ),
        migrations.AddConstraint(
            model_name='pointssettings',
            constraint=models.CheckConstraint(condition=models.Q(('id', 1)), name='loyalty_points_one_row'),
        ),
        migrations.AddField(
            model_name='task',
            name='rule',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='task', to='loyalty.pointsrule'),
        ),
        migrations.AddConstraint(
            model_name='award',
            constraint=models.UniqueConstraint(fields=('member', 'occasion', 'rule'), name='loyalty_award_once'),
        ),
        migrations.AddConstraint(
            model_name='award',
            constraint=models.CheckConstraint(condition=models.Q(('points__gt', 0)), name='loyalty_award_points'),
        ),
        migrations.AddConstraint(
            model_name='award',
            constraint=models.CheckConstraint(condition=models.Q(('taken_back__gte', 0), ('taken_back__lte', models.F('points'))), name='loyalty_award_taken_back'),
        ),
        migrations.AddConstraint(
            model_name='capuse',
            constraint=models.UniqueConstraint(fields=('rule', 'holder', 'period'), name='loyalty_capuse_one'),
        ),
        migrations.AddConstraint(
            model_name='capuse',
            constraint=models.CheckConstraint(condition=models.Q(('used__gte', 0)), name='loyalty_capuse_used'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.UniqueConstraint(fields=('public_id',), name='loyalty_task_public_id'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.UniqueConstraint(fields=('code',), name='loyalty_task_code'),
        ),
        define(Path(__file__).parents[1] / "sql" / "awards.sql"),
    ]
