import django.db.models.deletion
from django.db import migrations, models

import regulars.loyalty.tiers.models

PLACE = [
    ("kept_until", models.DateField(null=True, verbose_name="kept until")),
    ("grace_until", models.DateField(null=True, verbose_name="grace until")),
    ("review_on", models.DateField(null=True, verbose_name="looked at on")),
    ("is_overridden", models.BooleanField(db_default=False, default=False, verbose_name="set by hand")),
    ("is_floor", models.BooleanField(db_default=False, default=False, verbose_name="may be outgrown")),
    ("override_until", models.DateField(null=True, verbose_name="set until")),
    ("override_reason", models.CharField(db_default="", default="", max_length=200, verbose_name="reason")),
    ("override_by", models.CharField(db_default="", default="", max_length=80, verbose_name="by")),
]

# Tiers that are there already stand on the track every member is on; a business without tiers gets one with its first.
FIRST_TRACK = """
INSERT INTO loyalty_track (code, words, is_default, is_active, basis, "window", window_months, timing, evaluated,
                           keep_months, downgrade, grace_days, refunds)
SELECT 'main', '{"en": "Membership", "zh-hans": "会员等级"}', true, true, '{}', 'rolling', 12, 'at_once', 'month',
       12, 'step', 30, 'next'
WHERE EXISTS (SELECT FROM loyalty_tier);
UPDATE loyalty_tier SET track_id = (SELECT id FROM loyalty_track WHERE is_default);
"""


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0003_points")]

    operations = [
        migrations.CreateModel(
            name="Track",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(db_index=False, max_length=20, verbose_name="code")),
                ("words", models.JSONField(default=dict, verbose_name="name")),
                ("is_default", models.BooleanField(default=False)),
                ("is_active", models.BooleanField(default=True, verbose_name="in force")),
                ("basis", models.JSONField(default=dict, verbose_name="what counts")),
                (
                    "window",
                    models.CharField(
                        choices=regulars.loyalty.tiers.models.Window.choices,
                        default="rolling",
                        max_length=10,
                        verbose_name="counted over",
                    ),
                ),
                ("window_months", models.PositiveSmallIntegerField(default=12, verbose_name="months")),
                (
                    "timing",
                    models.CharField(
                        choices=regulars.loyalty.tiers.models.Timing.choices,
                        default="at_once",
                        max_length=14,
                        verbose_name="upgrade",
                    ),
                ),
                (
                    "evaluated",
                    models.CharField(
                        choices=regulars.loyalty.tiers.models.Evaluated.choices,
                        default="month",
                        max_length=8,
                        verbose_name="evaluation day",
                    ),
                ),
                ("keep_months", models.PositiveSmallIntegerField(default=12, verbose_name="kept for months")),
                (
                    "downgrade",
                    models.CharField(
                        choices=regulars.loyalty.tiers.models.Downgrade.choices,
                        default="step",
                        max_length=10,
                        verbose_name="downgrade",
                    ),
                ),
                ("grace_days", models.PositiveSmallIntegerField(default=30, verbose_name="days of grace")),
                (
                    "refunds",
                    models.CharField(
                        choices=regulars.loyalty.tiers.models.Refunds.choices,
                        default="next",
                        max_length=8,
                        verbose_name="refunds",
                    ),
                ),
            ],
            options={
                "verbose_name": "track",
                "verbose_name_plural": "tracks",
                "ordering": ["-is_default", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("code",), name="loyalty_track_code"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)), fields=("is_default",), name="loyalty_track_default"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("window_months__range", (1, 120)), ("keep_months__lte", 120), ("grace_days__lte", 366)
                        ),
                        name="loyalty_track_spans",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("is_default", False), ("is_active", True), _connector="OR"),
                        name="loyalty_track_in_force",
                    ),
                ],
            },
        ),
        migrations.AddField(
            "tier",
            "track",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tiers",
                to="loyalty.track",
            ),
        ),
        migrations.RunSQL(FIRST_TRACK, migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE loyalty_tier ALTER COLUMN track_id SET NOT NULL",
                    "ALTER TABLE loyalty_tier ALTER COLUMN track_id DROP NOT NULL",
                )
            ],
            state_operations=[
                migrations.AlterField(
                    "tier",
                    "track",
                    models.ForeignKey(
                        db_index=False,
                        default=regulars.loyalty.tiers.models.default_track,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tiers",
                        to="loyalty.track",
                    ),
                )
            ],
        ),
        migrations.AddField(
            "tier", "retain_threshold", models.PositiveBigIntegerField(null=True, verbose_name="enough to keep it")
        ),
        migrations.AddField("tier", "further", models.JSONField(default=dict, verbose_name="further thresholds")),
        migrations.AddField("tier", "pack", models.JSONField(default=dict, verbose_name="upgrade pack")),
        migrations.AddField("tier", "change", models.JSONField(default=dict, verbose_name="temporary change")),
        migrations.AddField("tier", "changed_from", models.DateField(null=True, verbose_name="changed from")),
        migrations.AddField("tier", "changed_until", models.DateField(null=True, verbose_name="changed until")),
        migrations.RemoveConstraint("tier", "loyalty_tier_threshold"),
        migrations.AddConstraint(
            "tier", models.UniqueConstraint(fields=("track", "threshold"), name="loyalty_tier_threshold")
        ),
        migrations.AddConstraint(
            "tier",
            models.CheckConstraint(
                condition=models.Q(
                    ("retain_threshold__isnull", True),
                    ("retain_threshold__lte", models.F("threshold")),
                    _connector="OR",
                ),
                name="loyalty_tier_retain",
            ),
        ),
        migrations.AddConstraint(
            "tier",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("changed_from__isnull", True), ("changed_until__isnull", True)),
                    models.Q(("changed_from__isnull", False), ("changed_until__gte", models.F("changed_from"))),
                    _connector="OR",
                ),
                name="loyalty_tier_change",
            ),
        ),
        *(migrations.AddField("standing", name, field.clone()) for name, field in PLACE[1:]),
        migrations.AlterField(
            "standing",
            "tier",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="%(class)ss", to="loyalty.tier"
            ),
        ),
        migrations.AddIndex(
            "standing",
            models.Index(
                condition=models.Q(("review_on__isnull", False)), fields=["review_on"], name="loyalty_standing_due"
            ),
        ),
        migrations.CreateModel(
            name="TrackStanding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField(verbose_name="since")),
                *((name, field.clone()) for name, field in PLACE),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="track_standings",
                        to="people.member",
                    ),
                ),
                (
                    "tier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="%(class)ss", to="loyalty.tier"
                    ),
                ),
                (
                    "track",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="standings",
                        to="loyalty.track",
                    ),
                ),
            ],
            options={
                "verbose_name": "standing on a track",
                "verbose_name_plural": "standings on tracks",
                "constraints": [models.UniqueConstraint(fields=("member", "track"), name="loyalty_trackstanding_one")],
                "indexes": [
                    models.Index(
                        condition=models.Q(("review_on__isnull", False)),
                        fields=["review_on"],
                        name="loyalty_trackstanding_due",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TierPack",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cycle", models.CharField(blank=True, default="", max_length=8, verbose_name="cycle")),
                ("points", models.PositiveIntegerField(default=0, verbose_name="points")),
                ("days", models.PositiveSmallIntegerField(default=0, verbose_name="days")),
                ("given_at", models.DateTimeField(verbose_name="at")),
                ("is_posted", models.BooleanField(default=False)),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tier_packs",
                        to="people.member",
                    ),
                ),
                (
                    "tier",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="packs",
                        to="loyalty.tier",
                    ),
                ),
            ],
            options={
                "verbose_name": "upgrade pack",
                "verbose_name_plural": "upgrade packs",
                "constraints": [
                    models.UniqueConstraint(fields=("member", "tier", "cycle"), name="loyalty_tierpack_once")
                ],
            },
        ),
    ]
