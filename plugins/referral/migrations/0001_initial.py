"""Codes of members who invite, and one row for each friend they bring."""

import django.db.models.deletion
import regulars.public_ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(editable=False, max_length=12, verbose_name='code')),
                ('made_at', models.DateTimeField(verbose_name='since')),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.member')),
            ],
            options={
                'verbose_name': 'invitation code',
                'verbose_name_plural': 'invitation codes',
                'constraints': [models.UniqueConstraint(fields=('member',), name='referral_invitation_member'), models.UniqueConstraint(fields=('code',), name='referral_invitation_code')],
            },
        ),
        migrations.CreateModel(
            name='Referral',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', regulars.public_ids.PublicIdField(default=regulars.public_ids._Default('rfr'), editable=False, max_length=24, prefix='rfr')),
                ('state', models.CharField(choices=[('invited', 'Invited'), ('joined', 'Joined'), ('qualified', 'Bought, on hold'), ('rewarded', 'Rewarded'), ('rejected', 'Rejected'), ('expired', 'Expired')], max_length=10, verbose_name='state')),
                ('invited_at', models.DateTimeField(verbose_name='invited')),
                ('joined_at', models.DateTimeField(null=True, verbose_name='joined')),
                ('qualified_at', models.DateTimeField(null=True, verbose_name='bought')),
                ('rewarded_at', models.DateTimeField(null=True, verbose_name='rewarded')),
                ('rewarded_on', models.DateField(null=True)),
                ('taken_back_at', models.DateTimeField(null=True, verbose_name='taken back')),
                ('due_at', models.DateTimeField(null=True)),
                ('promised_referrer_points', models.PositiveIntegerField(default=0)),
                ('promised_friend_points', models.PositiveIntegerField(default=0)),
                ('smallest_sale', models.BigIntegerField(default=0)),
                ('hold_days', models.PositiveSmallIntegerField(default=0)),
                ('sale', models.CharField(blank=True, default='', editable=False, max_length=24)),
                ('referrer_points', models.PositiveIntegerField(default=0, verbose_name='points for the referrer')),
                ('friend_points', models.PositiveIntegerField(default=0, verbose_name='points for the friend')),
                ('referrer_transaction', models.BigIntegerField(null=True)),
                ('friend_transaction', models.BigIntegerField(null=True)),
                ('suspicions', models.JSONField(default=list)),
                ('needs_review', models.BooleanField(default=False)),
                ('reviewed_by', models.CharField(blank=True, default='', editable=False, max_length=80)),
                ('reviewed_at', models.DateTimeField(null=True)),
                ('ended_because', models.CharField(blank=True, choices=[('refunded', 'The purchase was refunded'), ('staff', 'One of the two works here'), ('reviewed', 'Decided after a look'), ('left', 'One of the two is no longer a member'), ('monthly_cap', 'The member who invited had all rewards of the month'), ('total_cap', 'The member who invited had all rewards there are'), ('too_late', 'Nothing happened in time')], default='', max_length=12)),
                ('friend', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.member')),
                ('referrer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.member')),
            ],
            options={
                'verbose_name': 'referral',
                'verbose_name_plural': 'referrals',
                'indexes': [models.Index(fields=['referrer', 'state'], name='referral_of_member'), models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='referral_due')],
                'constraints': [models.UniqueConstraint(fields=('public_id',), name='referral_public_id'), models.UniqueConstraint(fields=('friend',), name='referral_one_per_friend'), models.CheckConstraint(condition=models.Q(('friend__isnull', True), models.Q(('friend', models.F('referrer')), _negated=True), _connector='OR'), name='referral_not_oneself'), models.CheckConstraint(condition=models.Q(('friend__isnull', False), ('state__in', ['invited', 'expired']), _connector='OR'), name='referral_has_a_friend'), models.CheckConstraint(condition=models.Q(('rewarded_at__isnull', False), models.Q(('friend_points', 0), ('referrer_points', 0)), _connector='OR'), name='referral_given_when_rewarded')],
            },
        ),
    ]
