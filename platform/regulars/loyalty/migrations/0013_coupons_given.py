"""Coupons that are given by themselves: on joining, birthdays, anniversaries, after long without a purchase."""

import django.contrib.postgres.fields
from django.db import migrations, models
from django.db.models import Q

import regulars.loyalty.nights.models


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0012_coupons")]

    operations = [
        migrations.RunSQL(
            "UPDATE loyalty_coupontemplate SET occasion = 'welcome' WHERE is_given_on_joining",
            migrations.RunSQL.noop,
        ),
        migrations.RenameField("coupontemplate", "is_given_on_joining", "is_given_by_itself"),
        migrations.AlterField(
            "coupontemplate",
            "is_given_by_itself",
            models.BooleanField(default=False, verbose_name="given by itself on its occasion"),
        ),
        migrations.AlterField(
            "coupontemplate",
            "occasion",
            models.CharField(
                blank=True,
                choices=[
                    ("", "No occasion"),
                    ("welcome", "Welcome"),
                    ("birthday", "Birthday"),
                    ("anniversary", "Anniversary of joining"),
                    ("wake_up", "Long not seen"),
                    ("compensation", "Making good"),
                    ("member_day", "Member day"),
                ],
                default="",
                max_length=12,
                verbose_name="occasion",
            ),
        ),
        migrations.AddField(
            "coupontemplate",
            "days_ahead",
            models.PositiveSmallIntegerField(default=0, verbose_name="days before its day"),
        ),
        migrations.AddField(
            "coupontemplate",
            "idle_days",
            models.PositiveSmallIntegerField(null=True, verbose_name="days without a purchase"),
        ),
        migrations.AddField(
            "coupontemplate",
            "again_days",
            models.PositiveSmallIntegerField(null=True, verbose_name="days until it can be given again"),
        ),
        migrations.AlterField(
            "coupon",
            "origin",
            models.CharField(
                choices=[
                    ("batch", "Code of a batch"),
                    ("claim", "Taken in the portal"),
                    ("staff", "Given by the team"),
                    ("reward", "Redeemed for points"),
                    ("joining", "Given for joining"),
                    ("occasion", "Given on its occasion"),
                    ("till", "Code at the counter"),
                ],
                max_length=10,
                verbose_name="came by",
            ),
        ),
        migrations.RemoveIndex("coupon", "loyalty_coupon_ends"),
        migrations.AddIndex(
            "coupon",
            models.Index(condition=Q(("state", "issued")), fields=["ends_at", "member"], name="loyalty_coupon_ends"),
        ),
        migrations.AddConstraint(
            "coupontemplate",
            models.CheckConstraint(
                condition=Q(
                    ("is_given_by_itself", False),
                    ("occasion__in", ["welcome", "birthday", "anniversary"]),
                    Q(("again_days__gte", 1), ("idle_days__gte", 1), ("occasion", "wake_up")),
                    _connector="OR",
                ),
                name="loyalty_coupontemplate_by_itself",
            ),
        ),
        migrations.AddField(
            "nightrules",
            "coupon_notice_days",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveSmallIntegerField(),
                default=regulars.loyalty.nights.models.coupon_notice_days,
                size=None,
                verbose_name="days before coupons end",
            ),
        ),
    ]
