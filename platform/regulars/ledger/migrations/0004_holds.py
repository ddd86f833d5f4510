"""Holds, restrictions and hashes; expiry is a posting."""

from pathlib import Path

import django.db.models.deletion
import regulars.public_ids
from django.db import migrations, models

from regulars.sql_functions import define

SQL = Path(__file__).parents[1] / "sql"


def hash_what_is_there(apps, schema_editor):
    schema = schema_editor.connection.ops.quote_name(schema_editor.connection.schema_name)
    schema_editor.execute(f"SELECT {schema}.ledger_hash(ARRAY(SELECT id FROM {schema}.ledger_transaction))")


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0003_facts'),
    ]

    operations = [
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', regulars.public_ids.PublicIdField(default=regulars.public_ids._Default('hld'), editable=False, max_length=24, prefix='hld')),
                ('key', models.CharField(max_length=80)),
                ('request_hash', models.CharField(max_length=64)),
                ('amount', models.BigIntegerField(verbose_name='amount')),
                ('captured', models.BigIntegerField(default=0)),
                ('state', models.CharField(choices=[('held', 'Held'), ('captured', 'Spent'), ('released', 'Released'), ('expired', 'Expired')], default='held', max_length=10, verbose_name='state')),
                ('reason', models.CharField(blank=True, default='', max_length=200, verbose_name='reason')),
                ('actor', models.CharField(blank=True, default='', max_length=80, verbose_name='by')),
                ('made_at', models.DateTimeField(verbose_name='at')),
                ('expires_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'hold',
                'verbose_name_plural': 'holds',
            },
        ),
        migrations.CreateModel(
            name='HoldPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.BigIntegerField()),
            ],
            options={
                'verbose_name': 'part of a hold',
                'verbose_name_plural': 'parts of holds',
            },
        ),
        migrations.AddField(
            model_name='account',
            name='held',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='lot',
            name='held',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='lot',
            name='restrictions',
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.AddField(
            model_name='lot',
            name='source',
            field=models.CharField(blank=True, db_default='', default='', max_length=40),
        ),
        migrations.AddField(
            model_name='transaction',
            name='hash',
            field=models.CharField(db_default='', default='', max_length=64),
        ),
        migrations.AlterField(
            model_name='account',
            name='wallet',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='people.wallet'),
        ),
        migrations.AlterField(
            model_name='lot',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lots', to='ledger.account'),
        ),
        migrations.AddIndex(
            model_name='lot',
            index=models.Index(condition=models.Q(('remaining__gt', 0), ('expires_at__isnull', False)), fields=['expires_at'], name='ledger_lot_expires'),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(('held__gte', 0)), name='ledger_account_held'),
        ),
        migrations.AddConstraint(
            model_name='lot',
            constraint=models.CheckConstraint(condition=models.Q(('held__gte', 0), ('held__lte', models.F('remaining'))), name='ledger_lot_held'),
        ),
        migrations.AddField(
            model_name='hold',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='ledger.account'),
        ),
        migrations.AddField(
            model_name='hold',
            name='transaction',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='ledger.transaction'),
        ),
        migrations.AddField(
            model_name='holdpart',
            name='hold',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='ledger.hold'),
        ),
        migrations.AddField(
            model_name='holdpart',
            name='lot',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='held_parts', to='ledger.lot'),
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(condition=models.Q(('state', 'held')), fields=['expires_at'], name='ledger_hold_due'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.UniqueConstraint(fields=('public_id',), name='ledger_hold_public_id'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.UniqueConstraint(fields=('key',), name='ledger_hold_key'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('captured__gte', 0), ('captured__lte', models.F('amount'))), name='ledger_hold_amount'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('captured__gt', 0), ('state', 'captured'), ('transaction__isnull', False)), models.Q(('captured', 0), ('state__in', ['held', 'released', 'expired']), ('transaction__isnull', True)), _connector='OR'), name='ledger_hold_state'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('state', 'held')), models.Q(models.Q(('state', 'held'), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='ledger_hold_ended'),
        ),
        migrations.AddConstraint(
            model_name='holdpart',
            constraint=models.UniqueConstraint(fields=('hold', 'lot'), name='ledger_holdpart_lot'),
        ),
        migrations.AddConstraint(
            model_name='holdpart',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='ledger_holdpart_amount'),
        ),
        define(SQL / "post.sql"),
        define(SQL / "holds.sql"),
        define(SQL / "expiry.sql"),
        migrations.RunPython(hash_what_is_there, migrations.RunPython.noop),
    ]
