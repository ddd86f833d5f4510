"""Since when a birthday is known: one that is entered after its day has begun waits for the next year."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0004_month_days")]

    operations = [
        migrations.AddField(
            "member",
            "birthday_entered_at",
            models.DateTimeField(editable=False, null=True, verbose_name="birthday entered at"),
        ),
    ]
