"""The number of a session's user becomes a reference, so that both are asked at once; the column stays as it is."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0002_sessions'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex(model_name='session', name='access_session_user'),
                migrations.RemoveField(model_name='session', name='user_id'),
                migrations.AddField(
                    model_name='session',
                    name='user',
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name='+',
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddIndex(
                    model_name='session',
                    index=models.Index(
                        condition=models.Q(('user__isnull', False)), fields=['user'], name='access_session_user'
                    ),
                ),
            ],
        ),
    ]
