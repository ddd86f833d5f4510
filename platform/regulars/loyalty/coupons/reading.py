"""Which coupons somebody names: by the code on them, by a code that many share, or by their public id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from regulars.errors import InvalidInput
from regulars.loyalty.coupons.codes import looks_like_code, plain_code, read_code, shown_code
from regulars.loyalty.coupons.models import Coupon, CouponBatch, CouponState, CouponTemplate
from regulars.people.models import Member
from regulars.words import in_language

COUPON_ID, BATCH_ID = "cpn_", "cpb_"


class CouponRefused(InvalidInput):
    """One of the coupons named cannot be used; `coupon` is that one, as it was named. The others may still be."""

    field = "coupons"

    def __init__(self, message: str | Promise, *, coupon: str) -> None:
        super().__init__(message)
        self.coupon = coupon


@dataclass(frozen=True, kw_only=True)
class Held:
    """A coupon that was named. `coupon` is None for a shared code that whoever buys has not claimed."""

    template: CouponTemplate
    coupon: Coupon | None
    batch: CouponBatch | None

    @property
    def public_id(self) -> str:
        """By which a sale uses it: its own, or its batch's for a shared code."""
        if self.coupon is not None:
            return str(self.coupon.public_id)
        return str(self.batch.public_id) if self.batch is not None else ""

    @property
    def code(self) -> str:
        """What is on it."""
        if self.coupon is not None and self.coupon.code:
            return self.coupon.code
        return self.batch.code if self.batch is not None else ""

    @property
    def name(self) -> str:
        """What it is called, in the reader's language; its code where it has no name."""
        return in_language(self.template.words) or shown_code(self.code)


def read_named(codes: Sequence[str], *, member: Member | None, holder: str = "") -> list[Held]:
    """What each text names, in the same order; as many questions to the database however many there are.

    Raises `CouponRefused` for a mistyped code, one that is nobody's, and one that comes twice.
    """
    wanted = [_meant(text) for text in codes]
    coupons = {
        name: coupon
        for coupon in Coupon.objects.filter(
            Q(public_id__in=[each for each in wanted if each.startswith(COUPON_ID)])
            | Q(code__in=[each for each in wanted if not each.startswith(COUPON_ID) and looks_like_code(each)])
        ).select_related("template", "batch")
        for name in (coupon.public_id, coupon.code)
        if name
    }
    batches = _batches([each for each in wanted if each not in coupons])
    claimed = _claimed(batches, member, holder)
    found: list[Held] = []
    for name, text in zip(wanted, codes, strict=True):
        batch = batches.get(name)
        coupon = coupons.get(name) or (claimed.get(batch.pk) if batch is not None else None)
        if coupon is None and batch is None:
            raise CouponRefused(_("No coupon has the code %(code)s.") % {"code": str(text)[:40]}, coupon=text)
        template = coupon.template if coupon is not None else batch.template  # type: ignore[union-attr]
        one = Held(template=template, coupon=coupon, batch=coupon.batch if coupon is not None else batch)
        if any(each.public_id == one.public_id for each in found):
            raise CouponRefused(_("Coupon %(coupon)s is already in this purchase.") % {"coupon": one.name}, coupon=text)
        found.append(one)
    return found


def _meant(text: str) -> str:
    """A public id as it is, the code of one coupon checked, a shared code in capitals."""
    stripped = str(text or "").strip()[:60]
    if stripped.startswith((COUPON_ID, BATCH_ID)):
        return stripped[:24]
    if not looks_like_code(stripped):
        return plain_code(stripped)
    try:
        return read_code(stripped)
    except InvalidInput as refusal:
        raise CouponRefused(refusal.message, coupon=text) from refusal


def _batches(names: Sequence[str]) -> dict[str, CouponBatch]:
    if not names:
        return {}
    rows = CouponBatch.objects.exclude(code="").filter(Q(code__in=names) | Q(public_id__in=names))
    return {name: batch for batch in rows.select_related("template") for name in (batch.code, batch.public_id)}


def _claimed(batches: dict[str, CouponBatch], member: Member | None, holder: str) -> dict[int, Coupon]:
    """The coupon that a member has of a shared code and can still use, or that is set aside for the quote."""
    if not batches or (member is None and not holder):
        return {}
    own = Q(state=CouponState.ISSUED, member=member) if member is not None else Q(pk=None)
    if holder:
        own |= Q(state=CouponState.RESERVED, reserved_for=holder)
    rows = Coupon.objects.filter(own, batch__in=[batch.pk for batch in batches.values()])
    return {row.batch_id or 0: row for row in rows.select_related("template", "batch").order_by("-pk")}


def wallet_of(member: Member, *, limit: int) -> list[Held]:
    """The coupons a member can use or has set aside; what ends first in front."""
    rows = Coupon.objects.filter(member=member, state__in=(CouponState.ISSUED, CouponState.RESERVED))
    ordered = rows.select_related("template", "batch").order_by("ends_at", "pk")[:limit]
    return [Held(template=row.template, coupon=row, batch=row.batch) for row in ordered]
