"""The night work of one business, whenever something is due; and what the owner sets about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Protocol

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from regulars.errors import InvalidInput
from regulars.loyalty.coupons.notices import CouponNotices
from regulars.loyalty.coupons.occasions import COUPON_ANNIVERSARIES, COUPON_BIRTHDAYS, COUPON_WAKE_UPS
from regulars.loyalty.nights import days
from regulars.loyalty.nights.idleness import IDLENESS, IDLENESS_NOTICES
from regulars.loyalty.nights.models import NightMark, NightRules
from regulars.loyalty.nights.notices import Notices
from regulars.loyalty.nights.occasions import ANNIVERSARIES, BIRTHDAYS
from regulars.loyalty.nights.selectors import RULES_KEY
from regulars.loyalty.points.gifts import change_points_settings, points_settings
from regulars.loyalty.saving import forget
from regulars.operations.due import DueWork
from regulars.operations.trail import record

log = structlog.get_logger(__name__)

AGAIN = dt.timedelta(minutes=1)
"""When work that failed is tried again."""
LONGEST_NOTICE = 366
MOST_NOTICES = 6
LONGEST_IDLE = 120

DAY_WORK: tuple[days.DayWork, ...] = (
    IDLENESS,
    Notices(),
    IDLENESS_NOTICES,
    CouponNotices(),
    BIRTHDAYS,
    ANNIVERSARIES,
    COUPON_BIRTHDAYS,
    COUPON_ANNIVERSARIES,
    COUPON_WAKE_UPS,
)
"""What belongs to a day of the business; what ends does so before anybody is reminded."""

AT_AN_INSTANT: tuple[DueWork, ...] = (
    DueWork("regulars.ledger.services.expire_holds", "regulars.ledger.services.next_hold_end"),
    DueWork("regulars.loyalty.rewards.services.expire_due", "regulars.loyalty.rewards.services.next_expiry"),
    DueWork("regulars.loyalty.coupons.ending.release_due", "regulars.loyalty.coupons.ending.next_release"),
    DueWork("regulars.loyalty.coupons.ending.expire_due", "regulars.loyalty.coupons.ending.next_end"),
    DueWork("regulars.ledger.services.expire_lots", "regulars.ledger.services.next_lot_end"),
    DueWork("regulars.loyalty.nights.releases.release_lots", "regulars.loyalty.nights.releases.next_release"),
)
"""Before the work of the day. What gives points back to lots that have ended comes before these end."""
AFTER_THE_DAY: tuple[DueWork, ...] = (
    DueWork("regulars.loyalty.tiers.standing.evaluate_due", "regulars.loyalty.tiers.standing.next_due"),
    DueWork("regulars.loyalty.benefits.yearly.give_due", "regulars.loyalty.benefits.yearly.next_due"),
)
"""After it: who rises tonight has the gift of the new tier."""


class Work(Protocol):
    """One kind of what time alone brings about."""

    @property
    def name(self) -> str:
        """What it is called in logs."""

    def run(self, *, now: dt.datetime, limit: int) -> dt.datetime | None:
        """Do what is due; returns when it is due next, `now` when more is waiting, None for nothing in sight."""

    def next_due(self, *, now: dt.datetime) -> dt.datetime | None:
        """When it is due; changes nothing."""


def works() -> list[Work]:
    """Every kind there is, in the order in which they are done."""
    marks = days.marks()
    return [*AT_AN_INSTANT, *(days.Nightly(work, marks.get(work.kind)) for work in DAY_WORK), *AFTER_THE_DAY]


def run_due(now: dt.datetime, limit: int) -> dt.datetime | None:
    """Do what time alone brings about and is due; returns when the next is due, None for nothing in sight.

    At most `limit` of each kind; `now` when more is waiting. Each kind stands for itself: one that fails is tried again
    in a minute, the others go on. Safe to run twice, by several workers at once, and after a crash.
    """
    answers = [_tried(work, now, limit) for work in works()]
    return min((instant for instant in answers if instant is not None), default=None)


def _tried(work: Work, now: dt.datetime, limit: int) -> dt.datetime | None:
    try:
        return work.run(now=now, limit=limit)
    except Exception:
        log.exception("night_work_failed", work=work.name)
        return now + AGAIN


def next_due(*, now: dt.datetime) -> dt.datetime | None:
    """When the first of all kinds is due, by what is written now; changes nothing. For the sweep that repairs hints."""
    instants = [work.next_due(now=now) for work in works()]
    return min((instant for instant in instants if instant is not None), default=None)


@transaction.atomic
def save_rules(
    *, notice_days: Collection[int], idle_months: int, by: str, coupon_notice_days: Collection[int] | None = None
) -> NightRules:
    """Set how many days before their end members are reminded of points, and after how many idle months points end.

    `coupon_notice_days` are the days before a coupon ends; None leaves them. `idle_months` 0 is never; where it is
    changed, nobody's idleness begins before today, so that all are reminded and nobody loses anything at once. Raises
    `InvalidInput` naming the field.
    """
    wanted = _sound(notice_days, "notice_days")
    of_coupons = None if coupon_notice_days is None else _sound(coupon_notice_days, "coupon_notice_days")
    if not 0 <= idle_months <= LONGEST_IDLE:
        raise InvalidInput(
            _("Enter a number of months from 0 to %(most)s.") % {"most": LONGEST_IDLE}, field="idle_months"
        )
    if idle_months != points_settings().idle_months:
        change_points_settings(by=by, idle_months=idle_months)
    rules = NightRules.objects.select_for_update().first() or NightRules(id=1)
    before = {"notice_days": rules.notice_days, "coupon_notice_days": rules.coupon_notice_days}
    rules.notice_days = wanted
    rules.coupon_notice_days = rules.coupon_notice_days if of_coupons is None else of_coupons
    rules.save()
    NightMark.objects.filter(kind__in=[work.kind for work in DAY_WORK if not work.begins_today]).delete()
    after = {"notice_days": rules.notice_days, "coupon_notice_days": rules.coupon_notice_days}
    record(act="nights.rules_changed", actor=by, before=before, after=after)
    forget(RULES_KEY)
    return rules


def _sound(notice_days: Collection[int], name: str) -> list[int]:
    """Numbers of days, the most first. Raises `InvalidInput` for one that is none, or too many of them."""
    wanted = sorted(set(notice_days), reverse=True)
    if len(wanted) > MOST_NOTICES or not all(1 <= days <= LONGEST_NOTICE for days in wanted):
        raise InvalidInput(
            _("Enter at most %(most)s numbers of days, each from 1 to %(longest)s.")
            % {"most": MOST_NOTICES, "longest": LONGEST_NOTICE},
            field=name,
        )
    return wanted
