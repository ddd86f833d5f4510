"""What time alone does to coupons: those whose last day is over expire, those set aside too long are let go."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

from regulars.loyalty.coupons.models import Coupon, CouponState
from regulars.sql_functions import call

EXPIRE = """
WITH due AS (
    SELECT id FROM loyalty_coupon WHERE state = 'issued' AND ends_at <= %(now)s
    ORDER BY ends_at, id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
), expired AS (
    UPDATE loyalty_coupon coupon SET state = 'expired' FROM due WHERE coupon.id = due.id RETURNING coupon.id
), noted AS (
    INSERT INTO loyalty_couponmove (coupon_id, act, at, actor, amount, reason)
    SELECT id, 'expired', %(now)s, '', 0, '' FROM expired RETURNING id
)
SELECT count(*) FROM noted
"""


def expire_due(*, now: dt.datetime, limit: int) -> dt.datetime | None:
    """Let coupons expire whose last day is over, at most `limit`, in one statement; returns when the next one ends."""
    following = next_end(now=now)
    if following is None or following > now:
        return following
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(EXPIRE, {"now": now, "limit": limit})
        expired = int(cursor.fetchone()[0])
    return now if expired >= limit else next_end(now=now)


def next_end(*, now: dt.datetime) -> dt.datetime | None:
    """When the next coupon ends that nobody has used."""
    waiting = Coupon.objects.filter(state=CouponState.ISSUED, ends_at__isnull=False)
    return waiting.order_by("ends_at").values_list("ends_at", flat=True).first()


def release_due(*, now: dt.datetime, limit: int) -> dt.datetime | None:
    """Let go coupons whose time to be paid is over, at most `limit`; returns when the next one is."""
    following = next_release(now=now)
    if following is None or following > now:
        return following
    with transaction.atomic():
        released = call("loyalty_release_coupons", {"at": now.isoformat(), "limit": limit})["released"]
    return now if released >= limit else next_release(now=now)


def next_release(*, now: dt.datetime) -> dt.datetime | None:
    """When the next coupon is let go that is set aside."""
    waiting = Coupon.objects.filter(state=CouponState.RESERVED)
    return waiting.order_by("reserved_until").values_list("reserved_until", flat=True).first()
