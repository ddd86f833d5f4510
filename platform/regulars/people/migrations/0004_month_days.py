"""Birthdays and days of joining are found by month and day."""

from django.db import migrations, models

import regulars.people.month_days


class Migration(migrations.Migration):
    dependencies = [("people", "0003_member_key")]

    operations = [
        migrations.AddIndex(
            model_name="member",
            index=models.Index(
                regulars.people.month_days.MonthDay("birthday"),
                condition=models.Q(("birthday__isnull", False), ("is_active", True)),
                name="people_member_birthdays",
            ),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(
                regulars.people.month_days.MonthDay("joined_on"),
                condition=models.Q(("is_active", True)),
                name="people_member_join_days",
            ),
        ),
    ]
