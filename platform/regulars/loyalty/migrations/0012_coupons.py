"""Coupons: templates, batches, coupons and their history; a reward may issue one."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import regulars.public_ids
from regulars.sql_functions import define


class Migration(migrations.Migration):
    dependencies = [
        ("loyalty", "0011_points_pay"),
        ("people", "0006_profile"),
        ("sales", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="CouponBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    regulars.public_ids.PublicIdField(
                        default=regulars.public_ids._Default("cpb"), editable=False, max_length=24, prefix="cpb"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("code", models.CharField(blank=True, default="", max_length=24, verbose_name="shared code")),
                ("wanted", models.PositiveIntegerField(default=0, verbose_name="codes")),
                ("made", models.PositiveIntegerField(default=0, verbose_name="made")),
                ("most_claims", models.PositiveIntegerField(null=True, verbose_name="at most in all")),
                ("claimed", models.PositiveIntegerField(default=0, verbose_name="claimed")),
                ("claim_until", models.DateField(null=True, verbose_name="claimed until")),
                ("job", models.CharField(blank=True, default="", max_length=24)),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                ("made_by", models.CharField(blank=True, default="", max_length=80, verbose_name="by")),
                ("voided_at", models.DateTimeField(null=True, verbose_name="voided at")),
                ("reason", models.CharField(blank=True, default="", max_length=200, verbose_name="reason")),
            ],
            options={
                "verbose_name": "batch of coupons",
                "verbose_name_plural": "batches of coupons",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Coupon",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    regulars.public_ids.PublicIdField(
                        default=regulars.public_ids._Default("cpn"), editable=False, max_length=24, prefix="cpn"
                    ),
                ),
                ("number", models.PositiveIntegerField(null=True)),
                ("code", models.CharField(blank=True, default="", max_length=16, verbose_name="code")),
                ("key", models.CharField(blank=True, default="", max_length=80)),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("batch", "Code of a batch"),
                            ("claim", "Taken in the portal"),
                            ("staff", "Given by the team"),
                            ("reward", "Redeemed for points"),
                            ("joining", "Given for joining"),
                            ("till", "Code at the counter"),
                        ],
                        max_length=10,
                        verbose_name="came by",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("issued", "Can be used"),
                            ("reserved", "Set aside for a purchase"),
                            ("used", "Used"),
                            ("expired", "Expired"),
                            ("void", "Void"),
                        ],
                        default="issued",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("issued_at", models.DateTimeField(verbose_name="issued")),
                ("claimed_at", models.DateTimeField(null=True, verbose_name="received")),
                ("starts_at", models.DateTimeField(null=True, verbose_name="from")),
                ("ends_at", models.DateTimeField(null=True, verbose_name="ends")),
                ("is_extended", models.BooleanField(default=False)),
                ("reserved_for", models.CharField(blank=True, default="", max_length=24)),
                ("reserved_until", models.DateTimeField(null=True)),
                ("amount", models.BigIntegerField(default=0, verbose_name="taken off")),
                ("used_at", models.DateTimeField(null=True, verbose_name="used")),
                ("used_on", models.DateField(null=True, verbose_name="used on")),
                ("given_by", models.CharField(blank=True, default="", max_length=80, verbose_name="by")),
                ("reason", models.CharField(blank=True, default="", max_length=200, verbose_name="reason")),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="coupons",
                        to="people.member",
                    ),
                ),
                (
                    "sale",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="coupons",
                        to="sales.sale",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="coupons",
                        to="loyalty.couponbatch",
                    ),
                ),
            ],
            options={
                "verbose_name": "coupon of a member",
                "verbose_name_plural": "coupons of members",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="CouponMove",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("act", models.CharField(max_length=12)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(blank=True, default="", max_length=80)),
                ("amount", models.BigIntegerField(default=0)),
                ("reason", models.CharField(blank=True, default="", max_length=200)),
                (
                    "coupon",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="moves", to="loyalty.coupon"
                    ),
                ),
                (
                    "sale",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sales.sale",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of a coupon",
                "verbose_name_plural": "steps of coupons",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="CouponTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    regulars.public_ids.PublicIdField(
                        default=regulars.public_ids._Default("cpt"), editable=False, max_length=24, prefix="cpt"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("amount", "Amount off"),
                            ("percent", "Percent off"),
                            ("gift", "Gift with the purchase"),
                            ("service", "One item free"),
                            ("shipping", "Free delivery"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "occasion",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "No occasion"),
                            ("welcome", "Welcome"),
                            ("birthday", "Birthday"),
                            ("wake_up", "Long not seen"),
                            ("compensation", "Making good"),
                            ("member_day", "Member day"),
                        ],
                        default="",
                        max_length=12,
                        verbose_name="occasion",
                    ),
                ),
                ("words", models.JSONField(default=dict, verbose_name="name")),
                ("details", models.JSONField(default=dict, verbose_name="details")),
                ("value", models.BigIntegerField(default=0, verbose_name="value")),
                ("most_off", models.BigIntegerField(null=True, verbose_name="takes off at most")),
                ("least_spend", models.BigIntegerField(default=0, verbose_name="from a spending of")),
                (
                    "basis",
                    models.CharField(
                        choices=[("discounted", "the price after all discounts so far"), ("initial", "the list price")],
                        default="discounted",
                        max_length=10,
                        verbose_name="counts from",
                    ),
                ),
                ("categories", models.JSONField(default=list, verbose_name="kinds of goods")),
                ("products", models.JSONField(default=list, verbose_name="products")),
                ("branches", models.JSONField(default=list, verbose_name="branches")),
                ("terminals", models.JSONField(default=list, verbose_name="tills")),
                ("condition", models.JSONField(default=dict, verbose_name="for whom")),
                ("weekdays", models.JSONField(default=list, verbose_name="weekdays")),
                ("excluded_days", models.JSONField(default=list, verbose_name="not on these days")),
                ("starts_on", models.DateField(null=True, verbose_name="from")),
                ("ends_on", models.DateField(null=True, verbose_name="until")),
                ("days", models.PositiveSmallIntegerField(null=True, verbose_name="days to use it")),
                ("most_total", models.PositiveIntegerField(null=True, verbose_name="at most in all")),
                ("issued", models.PositiveIntegerField(default=0, verbose_name="issued so far")),
                ("most_per_member", models.PositiveSmallIntegerField(null=True, verbose_name="at most for one member")),
                ("most_per_day", models.PositiveIntegerField(null=True, verbose_name="at most on one day")),
                ("is_transferable", models.BooleanField(default=False, verbose_name="may be passed on")),
                (
                    "stacking",
                    models.CharField(
                        choices=[
                            ("exclusive", "alone: no other coupon beside it"),
                            ("joint", "together with other coupons of this sort"),
                        ],
                        default="exclusive",
                        max_length=10,
                        verbose_name="with other coupons",
                    ),
                ),
                ("stacking_group", models.CharField(blank=True, default="", max_length=40, verbose_name="sort")),
                (
                    "most_per_sale",
                    models.PositiveSmallIntegerField(default=1, verbose_name="at most of this sort in one purchase"),
                ),
                ("order", models.PositiveSmallIntegerField(default=100, verbose_name="order")),
                (
                    "grace_days",
                    models.PositiveSmallIntegerField(default=7, verbose_name="days of grace after a refund"),
                ),
                ("is_open", models.BooleanField(default=False, verbose_name="members can take it in the portal")),
                ("is_given_on_joining", models.BooleanField(default=False, verbose_name="given to whoever joins")),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                ("made_at", models.DateTimeField(verbose_name="made")),
            ],
            options={
                "verbose_name": "coupon",
                "verbose_name_plural": "coupons",
                "ordering": ["-is_active", "-pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("public_id",), name="loyalty_coupontemplate_public_id"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "percent"), ("value__range", (1, 10000))),
                            models.Q(("kind", "amount"), ("value__range", (1, 10000000000000))),
                            models.Q(("kind__in", ["gift", "service", "shipping"]), ("value", 0)),
                            _connector="OR",
                        ),
                        name="loyalty_coupontemplate_value",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("most_total__isnull", True), ("issued__lte", models.F("most_total")), _connector="OR"
                        ),
                        name="loyalty_coupontemplate_issued",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("least_spend__range", (0, 10000000000000)),
                            models.Q(
                                ("most_off__isnull", True), ("most_off__range", (1, 10000000000000)), _connector="OR"
                            ),
                        ),
                        name="loyalty_coupontemplate_amounts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("starts_on__isnull", True),
                            ("ends_on__isnull", True),
                            ("ends_on__gte", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="loyalty_coupontemplate_window",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="couponbatch",
            name="template",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="batches",
                to="loyalty.coupontemplate",
            ),
        ),
        migrations.AddField(
            model_name="coupon",
            name="template",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="coupons",
                to="loyalty.coupontemplate",
            ),
        ),
        migrations.AddField(
            model_name="reward",
            name="coupon",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rewards",
                to="loyalty.coupontemplate",
                verbose_name="coupon",
            ),
        ),
        migrations.AddConstraint(
            model_name="couponbatch",
            constraint=models.UniqueConstraint(fields=("public_id",), name="loyalty_couponbatch_public_id"),
        ),
        migrations.AddConstraint(
            model_name="couponbatch",
            constraint=models.UniqueConstraint(
                condition=models.Q(("code", ""), _negated=True), fields=("code",), name="loyalty_couponbatch_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="couponbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("code", ""), ("made__lte", models.F("wanted")), ("wanted__range", (1, 100000))),
                    models.Q(models.Q(("code", ""), _negated=True), ("made", 0), ("wanted", 0)),
                    _connector="OR",
                ),
                name="loyalty_couponbatch_codes",
            ),
        ),
        migrations.AddConstraint(
            model_name="couponbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("most_claims__isnull", True), ("claimed__lte", models.F("most_claims")), _connector="OR"
                ),
                name="loyalty_couponbatch_claimed",
            ),
        ),
        migrations.AddIndex(
            model_name="coupon",
            index=models.Index(fields=["template", "batch", "state"], name="loyalty_coupon_batch"),
        ),
        migrations.AddIndex(
            model_name="coupon",
            index=models.Index(condition=models.Q(("state", "issued")), fields=["ends_at"], name="loyalty_coupon_ends"),
        ),
        migrations.AddIndex(
            model_name="coupon",
            index=models.Index(
                condition=models.Q(("state", "reserved")), fields=["reserved_until"], name="loyalty_coupon_held"
            ),
        ),
        migrations.AddIndex(
            model_name="coupon",
            index=models.Index(condition=models.Q(("state", "used")), fields=["sale"], name="loyalty_coupon_sale"),
        ),
        migrations.AddIndex(
            model_name="coupon",
            index=models.Index(
                condition=models.Q(("state", "used")), fields=["template", "used_on"], name="loyalty_coupon_days"
            ),
        ),
        migrations.AddConstraint(
            model_name="coupon",
            constraint=models.UniqueConstraint(fields=("public_id",), name="loyalty_coupon_public_id"),
        ),
        migrations.AddConstraint(
            model_name="coupon",
            constraint=models.UniqueConstraint(
                condition=models.Q(("code", ""), _negated=True), fields=("code",), name="loyalty_coupon_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="coupon",
            constraint=models.UniqueConstraint(
                condition=models.Q(("key", ""), _negated=True), fields=("key",), name="loyalty_coupon_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="coupon",
            constraint=models.UniqueConstraint(fields=("member", "template", "number"), name="loyalty_coupon_number"),
        ),
        migrations.AddConstraint(
            model_name="coupon",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reserved_until__isnull", False), ("state", "reserved")),
                    models.Q(
                        models.Q(("state", "reserved"), _negated=True),
                        ("reserved_for", ""),
                        ("reserved_until__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="loyalty_coupon_reserved",
            ),
        ),
        migrations.AddConstraint(
            model_name="coupon",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("sale__isnull", False),
                        ("state", "used"),
                        ("used_at__isnull", False),
                        ("used_on__isnull", False),
                    ),
                    models.Q(
                        models.Q(("state", "used"), _negated=True),
                        ("amount", 0),
                        ("sale__isnull", True),
                        ("used_at__isnull", True),
                        ("used_on__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="loyalty_coupon_used",
            ),
        ),
        define(Path(__file__).parents[1] / "sql" / "coupons.sql"),
    ]
