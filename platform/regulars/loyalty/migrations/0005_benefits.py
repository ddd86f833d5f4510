from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import regulars.public_ids
from regulars.sql_functions import define


class Migration(migrations.Migration):
    dependencies = [
        ("loyalty", "0004_tiers"),
        ("ledger", "0004_holds"),
        ("organisation", "0007_invitations"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Benefit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(db_index=False, max_length=30, verbose_name="code")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("priority_service", "Served first"),
                            ("free_upgrade", "Free upgrade"),
                            ("late_checkout", "Late checkout"),
                            ("yearly_gift", "Yearly gift"),
                            ("early_access", "Early access"),
                            ("bundle", "Offer with a partner"),
                            ("discount", "Discount"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("words", models.JSONField(default=dict, verbose_name="name")),
                ("details", models.JSONField(default=dict, verbose_name="details")),
                ("partner", models.CharField(blank=True, default="", max_length=80, verbose_name="partner")),
                ("uses", models.PositiveSmallIntegerField(null=True, verbose_name="uses")),
                (
                    "period",
                    models.CharField(
                        choices=[
                            ("day", "each day"),
                            ("week", "each week"),
                            ("month", "each month"),
                            ("quarter", "each quarter"),
                            ("year", "each year"),
                            ("ever", "once and for all"),
                        ],
                        default="year",
                        max_length=10,
                        verbose_name="period",
                    ),
                ),
                ("points", models.PositiveIntegerField(default=0, verbose_name="points")),
                ("days", models.PositiveSmallIntegerField(default=0, verbose_name="days earlier")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "benefit",
                "verbose_name_plural": "benefits",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("code",), name="loyalty_benefit_code"),
                    models.CheckConstraint(
                        condition=models.Q(("uses__isnull", True), ("uses__range", (1, 999)), _connector="OR"),
                        name="loyalty_benefit_uses",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("points", 0), ("kind", "yearly_gift"), _connector="OR"),
                        name="loyalty_benefit_points",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "yearly_gift"), _negated=True),
                            models.Q(("period", "year"), ("uses", 1)),
                            _connector="OR",
                        ),
                        name="loyalty_benefit_gift_is_yearly",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reward",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    regulars.public_ids.PublicIdField(
                        default=regulars.public_ids._Default("rew"), editable=False, max_length=24, prefix="rew"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("goods", "Goods"),
                            ("coupon", "Coupon"),
                            ("service", "Service"),
                            ("privilege", "Privilege"),
                        ],
                        default="goods",
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("words", models.JSONField(default=dict, verbose_name="name")),
                ("details", models.JSONField(default=dict, verbose_name="details")),
                ("points", models.PositiveIntegerField(verbose_name="points")),
                ("stock", models.IntegerField(null=True, verbose_name="in stock")),
                ("per_member", models.PositiveSmallIntegerField(null=True, verbose_name="most for one member")),
                ("branches", models.JSONField(default=list, verbose_name="handed over at")),
                ("offered_from", models.DateField(null=True, verbose_name="from")),
                ("offered_until", models.DateField(null=True, verbose_name="until")),
                ("collect_days", models.PositiveSmallIntegerField(default=0, verbose_name="days to collect it")),
                ("condition", models.JSONField(default=dict, verbose_name="for whom")),
                ("is_active", models.BooleanField(default=True, verbose_name="on the shelf")),
            ],
            options={
                "verbose_name": "reward",
                "verbose_name_plural": "rewards",
                "ordering": ["points", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("public_id",), name="loyalty_reward_public_id"),
                    models.CheckConstraint(
                        condition=models.Q(("points__range", (1, 10000000))), name="loyalty_reward_points"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("stock__isnull", True), ("stock__range", (0, 1000000)), _connector="OR"),
                        name="loyalty_reward_stock",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("per_member__isnull", True), ("per_member__range", (1, 999)), _connector="OR"
                        ),
                        name="loyalty_reward_per_member",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("offered_from__isnull", True),
                            ("offered_until__isnull", True),
                            ("offered_until__gte", models.F("offered_from")),
                            _connector="OR",
                        ),
                        name="loyalty_reward_offered",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BenefitUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    regulars.public_ids.PublicIdField(
                        default=regulars.public_ids._Default("use"), editable=False, max_length=24, prefix="use"
                    ),
                ),
                ("period_key", models.CharField(max_length=12)),
                ("number", models.PositiveIntegerField(null=True)),
                ("allowed", models.PositiveIntegerField(null=True)),
                ("key", models.CharField(max_length=80)),
                ("request_hash", models.CharField(max_length=64)),
                ("used_at", models.DateTimeField(verbose_name="at")),
                ("used_on", models.DateField(verbose_name="day")),
                ("undone_at", models.DateTimeField(null=True, verbose_name="undone at")),
                ("undone_by", models.CharField(blank=True, default="", max_length=80, verbose_name="undone by")),
                (
                    "benefit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="taken",
                        to="loyalty.benefit",
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.branch",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="benefit_uses",
                        to="people.member",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.staff",
                    ),
                ),
                (
                    "tier",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="loyalty.tier"
                    ),
                ),
                (
                    "transaction",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.transaction",
                    ),
                ),
            ],
            options={
                "verbose_name": "use of a benefit",
                "verbose_name_plural": "uses of benefits",
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("public_id",), name="loyalty_benefituse_public_id"),
                    models.UniqueConstraint(fields=("key",), name="loyalty_benefituse_key"),
                    models.UniqueConstraint(
                        fields=("member", "benefit", "period_key", "number"), name="loyalty_benefituse_number"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("number__isnull", True),
                            models.Q(
                                ("number__gte", 1),
                                models.Q(
                                    ("allowed__isnull", True), ("number__lte", models.F("allowed")), _connector="OR"
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="loyalty_benefituse_allowed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("number__isnull", False), ("undone_at__isnull", True)),
                            models.Q(("number__isnull", True), ("undone_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="loyalty_benefituse_undone",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Redemption",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    regulars.public_ids.PublicIdField(
                        default=regulars.public_ids._Default("rdm"), editable=False, max_length=24, prefix="rdm"
                    ),
                ),
                ("number", models.PositiveIntegerField(null=True)),
                ("allowed", models.PositiveIntegerField(null=True)),
                ("words", models.JSONField(default=dict, verbose_name="reward")),
                ("points", models.PositiveIntegerField(verbose_name="points")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ordered", "Ordered"),
                            ("ready", "Ready to collect"),
                            ("handed_over", "Handed over"),
                            ("cancelled", "Cancelled"),
                            ("expired", "Not collected in time"),
                        ],
                        default="ordered",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("code", models.CharField(max_length=12, verbose_name="code")),
                ("key", models.CharField(max_length=80)),
                ("request_hash", models.CharField(max_length=64)),
                ("ordered_at", models.DateTimeField(verbose_name="ordered at")),
                ("ordered_on", models.DateField(verbose_name="ordered on")),
                ("expires_at", models.DateTimeField(null=True, verbose_name="collect before")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed at")),
                ("closed_by", models.CharField(blank=True, default="", max_length=80, verbose_name="by")),
                ("reason", models.CharField(blank=True, default="", max_length=200, verbose_name="reason")),
                (
                    "branch",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.branch",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="redemptions",
                        to="people.member",
                    ),
                ),
                (
                    "transaction",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="redemptions",
                        to="ledger.transaction",
                    ),
                ),
                (
                    "reward",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="redemptions",
                        to="loyalty.reward",
                    ),
                ),
            ],
            options={
                "verbose_name": "redemption",
                "verbose_name_plural": "redemptions",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["ordered", "ready"])),
                        fields=["expires_at"],
                        name="loyalty_redemption_open",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("public_id",), name="loyalty_redemption_public_id"),
                    models.UniqueConstraint(fields=("key",), name="loyalty_redemption_key"),
                    models.UniqueConstraint(fields=("code",), name="loyalty_redemption_code"),
                    models.UniqueConstraint(fields=("member", "reward", "number"), name="loyalty_redemption_number"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("number__isnull", True),
                            models.Q(
                                ("number__gte", 1),
                                models.Q(
                                    ("allowed__isnull", True), ("number__lte", models.F("allowed")), _connector="OR"
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="loyalty_redemption_allowed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at__isnull", True),
                                ("number__isnull", False),
                                ("state__in", ["ordered", "ready"]),
                            ),
                            models.Q(("closed_at__isnull", False), ("number__isnull", False), ("state", "handed_over")),
                            models.Q(
                                ("closed_at__isnull", False),
                                ("number__isnull", True),
                                ("state__in", ["cancelled", "expired"]),
                            ),
                            _connector="OR",
                        ),
                        name="loyalty_redemption_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TierBenefit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uses", models.PositiveSmallIntegerField(null=True, verbose_name="uses")),
                (
                    "benefit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grants",
                        to="loyalty.benefit",
                    ),
                ),
                (
                    "tier",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grants",
                        to="loyalty.tier",
                    ),
                ),
            ],
            options={
                "verbose_name": "benefit of a tier",
                "verbose_name_plural": "benefits of tiers",
                "constraints": [
                    models.UniqueConstraint(fields=("tier", "benefit"), name="loyalty_tierbenefit_once"),
                    models.CheckConstraint(
                        condition=models.Q(("uses__isnull", True), ("uses__range", (1, 999)), _connector="OR"),
                        name="loyalty_tierbenefit_uses",
                    ),
                ],
            },
        ),
        define(Path(__file__).parents[1] / "sql" / "benefits.sql"),
    ]
