"""Acts on batches: codes that are given out together, made by a job, and declared void together."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from regulars import clock
from regulars.errors import InvalidInput
from regulars.loyalty.coupons.codes import new_code, read_shared_code
from regulars.loyalty.coupons.models import (
    MOST_COUPONS,
    MOST_IN_BATCH,
    Coupon,
    CouponBatch,
    CouponState,
    CouponTemplate,
    Origin,
)
from regulars.loyalty.coupons.services import window
from regulars.operations.jobs import start
from regulars.operations.models import Job
from regulars.operations.trail import record
from regulars.organisation.models import Staff
from regulars.text import plain_text

JOB = "coupons.make"
VOID = """
WITH gone AS (
    UPDATE loyalty_coupon SET state = 'void', number = NULL, reason = %(reason)s, reserved_for = '',
        reserved_until = NULL
    WHERE template_id = %(template)s AND batch_id = %(batch)s
      AND (state = 'issued' OR state = 'reserved' AND reserved_until <= %(now)s) RETURNING id
), noted AS (
    INSERT INTO loyalty_couponmove (coupon_id, act, at, actor, amount, reason)
    SELECT id, 'voided', %(now)s, %(actor)s, 0, %(reason)s FROM gone RETURNING id
)
SELECT count(*) FROM noted
"""


@transaction.atomic
def share_code(
    *,
    template: CouponTemplate,
    name: str,
    code: str,
    by: Staff,
    most_claims: int | None = None,
    claim_until: dt.date | None = None,
) -> CouponBatch:
    """Give out one code that many share. Raises `InvalidInput` (`name`, `code`, `most_claims`, `claim_until`)."""
    _check_in_use(template, claim_until)
    if most_claims is not None and not 1 <= most_claims <= MOST_COUPONS:
        raise InvalidInput(
            _("Enter a whole number from %(least)s to %(most)s.") % {"least": 1, "most": MOST_COUPONS},
            field="most_claims",
        )
    batch = CouponBatch(
        template=template,
        name=plain_text(name, field="name", longest=80),
        code=read_shared_code(code),
        most_claims=most_claims,
        claim_until=claim_until,
        made_at=clock.now(),
        made_by=by.public_id,
    )
    try:
        with transaction.atomic():
            batch.save()
    except IntegrityError as taken:
        raise InvalidInput(_("This code is given out already. Choose another one."), field="code") from taken
    _record_made(batch, by)
    return batch


@transaction.atomic
def make_codes(
    *,
    template: CouponTemplate,
    name: str,
    codes: int,
    by: Staff,
    key: str = "",
    claim_until: dt.date | None = None,
) -> tuple[CouponBatch, Job]:
    """Make a batch of so many codes, each with a check character; a job does it and says how far it is.

    The same `key` makes one batch. Raises `InvalidInput` (`name`, `codes`, `claim_until`) and `NotAllowed`.
    """
    _check_in_use(template, claim_until)
    if not 1 <= codes <= MOST_IN_BATCH:
        raise InvalidInput(
            _("Enter a whole number from %(least)s to %(most)s.") % {"least": 1, "most": MOST_IN_BATCH}, field="codes"
        )
    if template.most_total is not None and template.issued + codes > template.most_total:
        raise InvalidInput(
            _("Only %(left)s more of this may be issued.") % {"left": template.most_total - template.issued},
            field="codes",
        )
    key = key or secrets.token_hex(16)
    known = Job.objects.filter(requested_by=by.public_id, params__key=key).first()
    if known is not None:
        return CouponBatch.objects.get(public_id=known.params["batch"]), known
    batch = CouponBatch.objects.create(
        template=template,
        name=plain_text(name, field="name", longest=80),
        wanted=codes,
        claim_until=claim_until,
        made_at=clock.now(),
        made_by=by.public_id,
    )
    job = start(kind=JOB, by=by, params={"batch": batch.public_id, "codes": codes}, key=key)
    batch.job = job.public_id
    batch.save(update_fields=["job"])
    _record_made(batch, by)
    return batch, job


def make_some(*, batch: str, codes: Sequence[int]) -> int:
    """Make one piece of a batch (its public id); returns how many codes it made. None where the batch is void."""
    locked = CouponBatch.objects.select_for_update(no_key=True).select_related("template").get(public_id=batch)
    if locked.voided_at is not None:
        return 0
    now, (starts, ends) = clock.now(), window(locked.template, received=None)
    wanted = [
        Coupon(
            template=locked.template,
            batch=locked,
            code=new_code(),
            origin=Origin.BATCH,
            issued_at=now,
            starts_at=starts,
            ends_at=ends,
            given_by=locked.made_by,
        )
        for _number in codes
    ]
    Coupon.objects.bulk_create(wanted)
    locked.made += len(wanted)
    locked.save(update_fields=["made"])
    if locked.template.most_total is not None:
        _count_issued(locked.template, len(wanted))
    return len(wanted)


def _count_issued(template: CouponTemplate, made: int) -> None:
    found = CouponTemplate.objects.select_for_update(no_key=True).get(pk=template.pk)
    found.issued += made
    found.save(update_fields=["issued"])


@transaction.atomic
def void_batch(*, batch: CouponBatch, reason: str, by: str) -> int:
    """Declare a batch void with all its coupons that are not used; returns how many. What is used stays used.

    One that is set aside for a purchase that is just being paid follows when that comes to nothing. Raises
    `InvalidInput` (`reason`; `batch` for one that is void already).
    """
    words = plain_text(reason, field="reason", longest=200)
    locked = CouponBatch.objects.select_for_update(no_key=True).get(pk=batch.pk)
    if locked.voided_at is not None:
        raise InvalidInput(_("This batch is void already."), field="batch")
    locked.voided_at, locked.reason = clock.now(), words
    locked.save(update_fields=["voided_at", "reason"])
    with connection.cursor() as cursor:
        cursor.execute(
            VOID,
            {
                "template": locked.template_id,
                "batch": locked.pk,
                "reason": words,
                "now": locked.voided_at,
                "actor": by[:80],
            },
        )
        gone = int(cursor.fetchone()[0])
    record(
        act="coupon_batch.voided",
        actor=by,
        subject=locked.public_id,
        detail={"records": gone, "reason": words},
    )
    return gone


def _check_in_use(template: CouponTemplate, claim_until: dt.date | None) -> None:
    today = clock.today()
    if not template.is_active or (template.ends_on is not None and template.ends_on < today):
        raise InvalidInput(_("This coupon is not in use. Put it to use first."), field="name")
    if claim_until is not None and claim_until < today:
        raise InvalidInput(_("Choose today or a later day."), field="claim_until")


def _record_made(batch: CouponBatch, by: Staff) -> None:
    detail = {"template": batch.template.public_id, "records": batch.wanted or batch.most_claims}
    record(act="coupon_batch.made", actor=by.public_id, subject=batch.public_id, detail=detail)


def unused(batch: CouponBatch) -> int:
    """How many coupons of a batch can still be used."""
    states = (CouponState.ISSUED, CouponState.RESERVED)
    return Coupon.objects.filter(template=batch.template_id, batch=batch, state__in=states).count()
