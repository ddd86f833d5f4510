"""The business's own words, the rules of sending, and what each message cost and when it may go."""

import datetime
import regulars.clock
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('outreach', '0001_initial'),
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='SendingRules',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quiet_from', models.TimeField(default=datetime.time(21, 0), verbose_name='quiet from')),
                ('quiet_until', models.TimeField(default=datetime.time(9, 0), verbose_name='quiet until')),
                ('offers_per_week', models.PositiveSmallIntegerField(default=2, verbose_name='offers a week')),
                ('sms_price', models.BigIntegerField(default=0, verbose_name='price of a text')),
                ('mail_price', models.BigIntegerField(default=0, verbose_name='price of a mail')),
                ('keep_months', models.PositiveSmallIntegerField(default=36, verbose_name='keep for months')),
                ('postal_address', models.CharField(blank=True, default='', max_length=200, verbose_name='postal address')),
            ],
            options={
                'verbose_name': 'rules of sending',
                'verbose_name_plural': 'rules of sending',
            },
        ),
        migrations.CreateModel(
            name='Wording',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=60, verbose_name='kind')),
                ('language', models.CharField(choices=[('en', 'English'), ('zh-hans', '简体中文')], max_length=10, verbose_name='language')),
                ('subject', models.CharField(max_length=200, verbose_name='subject')),
                ('body', models.TextField(verbose_name='text')),
                ('changed_at', models.DateTimeField(verbose_name='changed')),
                ('changed_by', models.CharField(blank=True, default='', max_length=80, verbose_name='changed by')),
            ],
            options={
                'verbose_name': 'wording',
                'verbose_name_plural': 'wordings',
            },
        ),
        migrations.RemoveIndex(
            model_name='message',
            name='outreach_message_queued',
        ),
        migrations.AddField(
            model_name='message',
            name='cost',
            field=models.BigIntegerField(default=0, verbose_name='cost'),
        ),
        migrations.AddField(
            model_name='message',
            name='expires_at',
            field=models.DateTimeField(null=True, verbose_name='worth sending until'),
        ),
        migrations.AddField(
            model_name='message',
            name='not_before',
            field=models.DateTimeField(default=regulars.clock.now, verbose_name='not before'),
        ),
        migrations.AddField(
            model_name='message',
            name='parts',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='parts'),
        ),
        migrations.AddField(
            model_name='message',
            name='provider_id',
            field=models.CharField(blank=True, default='', max_length=200, verbose_name="provider's number"),
        ),
        migrations.AlterField(
            model_name='message',
            name='key',
            field=models.CharField(max_length=160),
        ),
        migrations.AlterField(
            model_name='message',
            name='purpose',
            field=models.CharField(choices=[('transactional', 'Asked for just now'), ('service', 'About the membership'), ('marketing', 'Offers and news')], max_length=20, verbose_name='purpose'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('state', 'queued')), fields=['purpose', 'not_before'], name='outreach_message_due'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['-written_at'], name='outreach_message_newest'),
        ),
        migrations.AddConstraint(
            model_name='sendingrules',
            constraint=models.CheckConstraint(condition=models.Q(('id', 1)), name='outreach_rules_one_row'),
        ),
        migrations.AddConstraint(
            model_name='wording',
            constraint=models.UniqueConstraint(fields=('kind', 'language'), name='outreach_wording_once'),
        ),
    ]
