"""Tokens of other systems have a room of their own, with scopes; a till itself has none."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("organisation", "0007_invitations")]

    operations = [
        migrations.RemoveConstraint(model_name="terminal", name="organisation_terminal_token"),
        migrations.RemoveField(model_name="terminal", name="token_hash"),
    ]
