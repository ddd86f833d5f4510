"""What goes beyond a limit: limits per act, role and branch, and what was asked for."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

import regulars.public_ids


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [
        ("organisation", "0003_brand"),
    ]

    operations: ClassVar[list[object]] = [
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    regulars.public_ids.PublicIdField(
                        default=regulars.public_ids._Default("apv"), editable=False, max_length=24, prefix="apv"
                    ),
                ),
                ("act", models.CharField(max_length=60, verbose_name="act")),
                ("unit", models.CharField(max_length=10, verbose_name="unit")),
                ("amount", models.BigIntegerField(verbose_name="amount")),
                ("payload", models.JSONField(default=dict)),
                ("subject", models.CharField(blank=True, default="", max_length=80, verbose_name="about")),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("key", models.CharField(max_length=80)),
                ("requested_at", models.DateTimeField(verbose_name="asked")),
                ("expires_at", models.DateTimeField(verbose_name="expires")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Waiting"),
                            ("approved", "Approved"),
                            ("refused", "Refused"),
                            ("expired", "Expired"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="requested",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
                ("note", models.CharField(blank=True, default="", max_length=200, verbose_name="note")),
                ("result", models.CharField(blank=True, default="", max_length=80)),
                (
                    "branch",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.branch",
                        verbose_name="branch",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.staff",
                        verbose_name="decided by",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.staff",
                        verbose_name="asked by",
                    ),
                ),
            ],
            options={
                "verbose_name": "approval",
                "verbose_name_plural": "approvals",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "requested")),
                        fields=["expires_at"],
                        name="organisation_approval_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("subject", ""), _negated=True),
                        fields=["subject"],
                        name="organisation_approval_subject",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("public_id",), name="organisation_approval_public_id"),
                    models.UniqueConstraint(fields=("key",), name="organisation_approval_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "requested"), models.Q(("subject", ""), _negated=True)),
                        fields=("act", "subject"),
                        name="organisation_approval_one_waiting",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", True),
                            models.Q(("decided_by", models.F("requested_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="organisation_approval_not_own",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at__isnull", True), ("decided_by__isnull", True), ("state", "requested")
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("state__in", ["approved", "refused"]),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", True),
                                ("state__in", ["expired", "withdrawn"]),
                            ),
                            _connector="OR",
                        ),
                        name="organisation_approval_decided",
                    ),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="organisation_approval_amount"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApprovalLimit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("act", models.CharField(max_length=60, verbose_name="act")),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("owner", "Owner"),
                            ("manager", "Manager"),
                            ("cashier", "Cashier"),
                            ("marketer", "Marketer"),
                            ("service", "Service agent"),
                            ("accountant", "Accountant"),
                            ("reader", "Read-only"),
                            ("custom", "Own role"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="role",
                    ),
                ),
                ("limit", models.BigIntegerField(null=True, verbose_name="limit")),
                (
                    "branch",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="limits",
                        to="organisation.branch",
                        verbose_name="branch",
                    ),
                ),
                (
                    "custom_role",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="limits",
                        to="organisation.customrole",
                        verbose_name="own role",
                    ),
                ),
            ],
            options={
                "verbose_name": "limit",
                "verbose_name_plural": "limits",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("act", "role", "custom_role", "branch"),
                        name="organisation_limit_one",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("limit__isnull", True), ("limit__gte", 0), _connector="OR"),
                        name="organisation_limit_amount",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role", "owner"), _negated=True), name="organisation_limit_not_owner"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("custom_role__isnull", False), ("role", "custom")),
                            models.Q(models.Q(("role", "custom"), _negated=True), ("custom_role__isnull", True)),
                            _connector="OR",
                        ),
                        name="organisation_limit_custom_role",
                    ),
                ],
            },
        ),
    ]
