"""Sales on hold: they wait for a payment that settles later, without a lock, at a price that is promised until then.

What must not be sold twice is reserved meanwhile: coupons, value of the wallet that pays a part, pieces of limited
editions, each with what counts towards a limit for one member or one day. The sale is posted when the payment has
settled, in one act and once, whoever says so first. Money that comes when the sale cannot be had any more, a second
time, or in another amount is to be paid back; it is never kept in silence. Who is no member any more when the money
comes has bought all the same, and earns nothing by it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars import clock, events, hooks, plugins
from regulars.errors import HoldEnded, InvalidInput, KeyUsedBefore, NotFound, RegularsError, StaleQuote
from regulars.ledger import services as ledger
from regulars.ledger.models import Hold
from regulars.ledger.services import request_hash, transaction_document
from regulars.loyalty.coupons import services as coupons
from regulars.loyalty.saving import sound_key
from regulars.money import format_money
from regulars.operations import outbox, trail
from regulars.organisation.models import Branch, Staff, Terminal
from regulars.organisation.selectors import organisation
from regulars.sales.documents import Asked, sale_document, sale_row, terms_of
from regulars.sales.models import OnHoldState, Quote, Sale, SaleOnHold, SalePayment
from regulars.sales.paying import KIND, OWN_CODE, Part, Payment, checked, rows_of
from regulars.sales.payment_notices import PaymentNotice, read_notice
from regulars.sales.quoting import QuoteDraft, promised
from regulars.sales.services import still_holding
from regulars.sql_functions import call

SLACK = dt.timedelta(minutes=1)
"""Reservations outlive their sale on hold by so much, so that who settles at its last instant still finds them."""
LONGEST_CODE = 2_000
PRACTICE_CODE = "practice"
"""What the QR code of a practice place says: nobody pays real money there."""
TRIES = 3
"""A cap of points may be used up by another sale while this one is written; then it is reckoned again."""


def hold(
    *,
    quote: Quote,
    key: str,
    payments: Sequence[Payment],
    cashier: Staff | None,
    terminal: Terminal | None = None,
    sale_key: str = "",
) -> SaleOnHold:
    """Put a sale on hold until a payment settles, one of `payments`. The same key gives the same one again.

    It becomes a sale under `sale_key` (without one: under `key`): several attempts to pay one sale are one sale.
    Raises `StaleQuote` when the price no longer holds or something was taken meanwhile, `InvalidInput` (fields
    `payment_source`, `payments`, `received`, `coupons`, `points`), `NotEnough`, and `KeyUsedBefore`.
    """
    kept = [vars(payment) for payment in payments]
    fingerprint = request_hash("hold", quote.public_id, kept, sale_key)
    if (known := _known(sound_key(key), fingerprint)) is not None:
        return known
    try:
        return _held(
            SaleOnHold(
                key=key,
                request_hash=fingerprint,
                quote=quote,
                branch=quote.branch,
                terminal=terminal,
                cashier=cashier,
                sale_key=sound_key(sale_key or key),
            ),
            payments,
        )
    except (RegularsError, IntegrityError) as refusal:  # perhaps of this very request, which came twice
        if (known := _known(key, fingerprint)) is not None:
            return known
        if isinstance(refusal, IntegrityError):
            raise StaleQuote(_("This sale waits for its payment already. Give that up first.")) from refusal
        raise


def _known(key: str, fingerprint: str) -> SaleOnHold | None:
    known = SaleOnHold.objects.filter(key=key).first()
    if known is not None and known.request_hash != fingerprint:
        raise KeyUsedBefore
    return known


@transaction.atomic
def _held(made: SaleOnHold, payments: Sequence[Payment]) -> SaleOnHold:
    priced = still_holding(made.quote)
    if priced.refusals:
        raise InvalidInput(str(priced.refusals[0].reason), field=priced.refusals[0].field)
    parts = checked(priced, payments, may_wait=True)
    waiting = [part for part in parts if part.waits is not None and part.payment.amount]
    if len(waiting) != 1:
        raise InvalidInput(_("A sale waits on hold for one payment that is known later."), field="payment_source")
    made.source, made.amount, made.currency = waiting[0].payment.source, waiting[0].payment.amount, priced.currency
    made.parts = [part.kept() for part in parts]
    made.held_at = clock.now()
    made.ends_at = made.held_at + (waiting[0].waits or SLACK)
    labels = {source.code: str(source.label) for source in priced.payment_sources}
    made.shown = {"label": labels[made.source][:80]}
    if made.source == OWN_CODE:
        business = organisation()
        made.shown["code"] = PRACTICE_CODE if business.is_practice else business.payment_code
    made.save(force_insert=True)
    _set_aside(made, priced, parts)
    _told(made, "sale.put_on_hold", actor=made.cashier)
    plugins.first(hooks.work_waiting, due_at=made.ends_at)
    return made


def _set_aside(made: SaleOnHold, priced: QuoteDraft, parts: Sequence[Part]) -> None:
    """Reserve what must not be sold twice: goods, coupons, value of the wallet, in the one order of locks."""
    until, quote = made.ends_at + SLACK, made.quote.public_id
    lines = [{"product": line.product, "quantity": line.quantity} for line in priced.lines if line.product]
    if lines:
        member, at = made.quote.member_id, made.held_at.isoformat()
        call("catalogue_set_aside", {"reserved_for": quote, "member": member, "at": at, "lines": lines})
    if priced.coupons:
        codes = [each.coupon for each in priced.coupons]
        coupons.reserve(codes=codes, holder=quote, until=until, member=priced.member)
    for number, part in enumerate(rows_of(parts), start=1):
        if part.asset and priced.member is not None:
            leg = part.leg(wallet=priced.member.wallet_id, branch=priced.branch.public_id)
            ledger.reserve(
                wallet=leg.wallet,
                asset=leg.asset,
                amount=-leg.amount,
                key=_ledger_key(made, number),
                expires_at=until,
                reason="",
                actor=made.cashier.public_id if made.cashier else "",
                where=leg.where,
            )


def prompted(made: SaleOnHold) -> SaleOnHold:
    """The sale on hold with what the customer must see to pay; asks the module whose source it is, until it answers.

    Not within the act that holds: the module may speak with a gateway.
    """
    if "code" in made.shown or not made.is_waiting:
        return made
    wanted = hooks.PaymentWanted(
        hold=made.public_id, source=made.source, amount=made.amount, currency=made.currency, ends_at=made.ends_at
    )
    for prompt in plugins.ask(hooks.payment_prompts, wanted=wanted):
        code, link = prompt.code[:LONGEST_CODE], prompt.link[:LONGEST_CODE]
        made.shown = {
            **made.shown,
            "code": code or link,
            "link": link if link.startswith(("https://", "http://")) else "",
            "words": str(prompt.words)[:200],
        }
        made.reference = made.reference or prompt.reference[:80]
        open_ones = SaleOnHold.objects.filter(pk=made.pk, state=OnHoldState.WAITING)
        open_ones.update(shown=made.shown, reference=made.reference)
        break
    return made


@transaction.atomic
def settle(
    *, hold: SaleOnHold, reference: str = "", amount: int | None = None, by: Staff | None = None, key: str = ""
) -> SaleOnHold:
    """The payment has come: post the sale at the promised price, once, however often and from wherever this is said.

    Answers with the sale on hold, `settled` with its `sale`, or `to_pay_back` with the reason where the sale cannot be
    had any more: it was given up, its time is over and something is gone, or it was paid otherwise. `reference` is what
    the source knows the payment by, for its refund; `amount` (minor units) what came, None for what was asked for.

    A second payment of the same sale, and one of another amount, is noted beside it: the answer is that one,
    `to_pay_back`, and the sale on hold stays as it is. Two payments are told apart by their `reference`; without one by
    the `key` of the notice, which comes again with its repetition. Who has neither says no more than that the money is
    there. Raises `InvalidInput` (fields `reference`, `amount`), and `KeyUsedBefore` for a notice of another amount.
    """
    came = read_notice(reference=reference, amount=amount, key=key)
    if hold.number and came.reference in ("", hold.reference) and came.amount in (None, hold.amount):
        return _locked(hold)
    own = _locked(hold, number=0)
    if (known := _noted(own, came)) is not None:
        return known
    is_over = own.state in (OnHoldState.SETTLED, OnHoldState.TO_PAY_BACK, OnHoldState.PAID_BACK)
    if (is_over and came.is_of_another_than(own)) or came.amount not in (None, own.amount):
        return _beside(own, came)
    if is_over:
        return _named(own, came)
    own.reference, own.notice = came.reference or own.reference, came.key
    if own.state == OnHoldState.GIVEN_UP:
        return _to_pay_back(own, gettext_lazy("The sale was given up before the payment came."))
    is_live = own.is_waiting and own.ends_at > clock.now()
    if not is_live:
        _let_go(own)
    try:
        sale = _posted(own, is_live=is_live)
    except KeyUsedBefore:
        _let_go(own)
        return _to_pay_back(own, gettext_lazy("The sale was paid in another way meanwhile."))
    except RegularsError as refusal:
        _let_go(own)
        gone = gettext_lazy("Something of this sale was sold or used meanwhile.")
        return _to_pay_back(own, gone if isinstance(refusal, StaleQuote) else refusal.message)
    own.state, own.sale, own.ended_at = OnHoldState.SETTLED, sale, clock.now()
    own.save(update_fields=["state", "sale", "ended_at", "reference", "notice"])
    return own


def _noted(own: SaleOnHold, came: PaymentNotice) -> SaleOnHold | None:
    """The payment of this sale that was told under the same key before. Raises `KeyUsedBefore` for another amount."""
    if not came.key:
        return None
    rows = SaleOnHold.objects.filter(quote=own.quote_id, notice=came.key)
    known = rows.select_related("sale", "quote").first()
    if known is not None and came.amount not in (None, known.amount):
        raise KeyUsedBefore
    return known


def _named(own: SaleOnHold, came: PaymentNotice) -> SaleOnHold:
    """A payment that was noted before, by somebody who did not know its reference, or told under no key."""
    if came.key and not own.notice:
        own.notice = came.key
    if came.reference and not own.reference:
        own.reference = came.reference
        SalePayment.objects.filter(sale=own.sale, source=own.source, reference="").update(reference=own.reference)
    own.save(update_fields=["reference", "notice"])
    return own


def _beside(own: SaleOnHold, came: PaymentNotice) -> SaleOnHold:
    """Note a payment that cannot pay this sale, once, as one that is to be paid back."""
    amount = own.amount if came.amount is None else came.amount
    key = request_hash("beside", own.public_id, came.reference, amount, *([came.key] if came.key else []))
    if (known := SaleOnHold.objects.filter(key=key).first()) is not None:
        return known
    now = clock.now()
    noted = SaleOnHold(
        key=key,
        request_hash=key,
        quote=own.quote,
        number=1 + SaleOnHold.objects.filter(quote=own.quote).aggregate(last=Max("number"))["last"],
        branch=own.branch,
        terminal=own.terminal,
        cashier=own.cashier,
        sale_key=own.sale_key,
        source=own.source,
        amount=amount,
        currency=own.currency,
        shown={"label": own.shown["label"]},
        reference=came.reference,
        notice=came.key,
        state=OnHoldState.TO_PAY_BACK,
        held_at=now,
        ends_at=now,
        ended_at=now,
    )
    noted.save(force_insert=True)
    return _to_pay_back(noted, _why_beside(own, amount))


def _why_beside(own: SaleOnHold, amount: int) -> str:
    with translation.override(organisation().language):
        if amount != own.amount:
            return _("%(paid)s came where %(asked)s was to be paid.") % {
                "paid": format_money(amount, own.currency),
                "asked": format_money(own.amount, own.currency),
            }
        if own.sale is not None:
            return _("Receipt %(number)s was paid already, by another payment.") % {"number": own.sale.number}
        return own.reason


def _posted(own: SaleOnHold, *, is_live: bool) -> Sale:
    """Post the sale with what was set aside for it; without, where that was let go."""
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                answer = call("sales_confirm", _document(own, is_live=is_live))
        except StaleQuote:
            if not left:
                raise
        else:
            break
    outbox.wake_after_commit()
    return Sale.objects.get(pk=answer["sale"])


def _document(own: SaleOnHold, *, is_live: bool) -> dict[str, Any]:
    priced = promised(own.quote)
    own.quote.content = {**own.quote.content, **priced.content()}  # in memory: the receipt explains what it earned
    parts = tuple(Part.again(kept, reference=own.reference) for kept in own.parts)
    terms = replace(terms_of(priced), parts=parts)
    asked = Asked(
        quote=own.quote,
        key=own.sale_key,
        fingerprint=own.request_hash,
        cashier=own.cashier,
        terminal=own.terminal,
        payments=tuple(part.payment for part in parts),
    )
    document = sale_document(terms, sale_row(terms, asked), quote=own.quote, actor=asked.actor)
    if priced.member is not None and not priced.member.is_active:
        document["evaluation"] = None
    if not is_live:
        return document
    held = {each.key: each for each in _ledger_holds(own)}
    for number, payment in enumerate(document["payments"], start=1):
        if (found := held.get(_ledger_key(own, number))) is not None:
            payment["capture"] = _capture(payment.pop("posting"), found, house=rows_of(parts)[number - 1].house)
    return {**document, "holder": own.quote.public_id}


def _capture(posting: dict[str, Any], held: Hold, *, house: str) -> dict[str, Any]:
    """A payment out of the wallet, of value that was held for it."""
    document = transaction_document(key=posting["key"], kind=KIND, legs=[], actor=posting["actor"])
    del document["legs"]
    return {
        **document,
        "request_hash": request_hash(KIND, held.public_id, None, house),
        "hold": held.pk,
        "amount": None,
        "house": house[:40],
    }


@transaction.atomic
def give_up(*, hold: SaleOnHold, by: Staff | None = None) -> SaleOnHold:
    """Wait no longer, and free what was set aside. Safe to repeat. Raises `HoldEnded` where it is paid already."""
    own = _locked(hold)
    if own.state == OnHoldState.SETTLED:
        raise HoldEnded(_("This sale is paid. To give the money back, refund it."))
    if own.state in (OnHoldState.WAITING, OnHoldState.ENDED):
        _let_go(own)
        _ended(own, OnHoldState.GIVEN_UP, "sale.hold_given_up", actor=by)
    return own


@transaction.atomic
def note_paid_back(*, hold: SaleOnHold, by: Staff | None = None) -> SaleOnHold:
    """Money that came too late was paid back. Safe to repeat. Raises `InvalidInput` where none is to be paid back."""
    own = _locked(hold)
    if own.state == OnHoldState.PAID_BACK:
        return own
    if own.state != OnHoldState.TO_PAY_BACK:
        raise InvalidInput(_("Nothing is to be paid back here."), field="hold")
    return _ended(own, OnHoldState.PAID_BACK, "sale.paid_back", actor=by)


def end_due(*, now: dt.datetime, limit: int) -> dt.datetime | None:
    """End the sales on hold whose time is over, at most `limit`; returns when the next one's is."""
    waiting = SaleOnHold.objects.filter(state=OnHoldState.WAITING, ends_at__lte=now)
    due = list(waiting.order_by("ends_at").values_list("pk", flat=True)[:limit])
    for pk in due:
        with transaction.atomic():
            own = waiting.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
            if own is not None:  # else somebody is just settling it, or gives it up
                _let_go(own)
                _ended(own, OnHoldState.ENDED, "sale.hold_ended", actor=None)
    return now if len(due) >= limit > 0 else next_end(now=now)


def next_end(*, now: dt.datetime) -> dt.datetime | None:
    """When the time of the next sale on hold is over."""
    waiting = SaleOnHold.objects.filter(state=OnHoldState.WAITING)
    return waiting.order_by("ends_at").values_list("ends_at", flat=True).first()


def on_hold(public_id: str) -> SaleOnHold:
    """One sale on hold with its quote, place and people. Raises `NotFound`."""
    named = SaleOnHold.objects.select_related("branch", "terminal", "cashier", "sale", "quote__branch", "quote__member")
    found = named.filter(public_id=public_id[:40].replace("\0", "")).first()
    if found is None:
        raise NotFound
    return found


def waiting_at(*, branch: Branch, terminal: Terminal | None) -> list[SaleOnHold]:
    """The sales that wait for their payment at a till, the newest first."""
    waiting = SaleOnHold.objects.filter(
        state=OnHoldState.WAITING, ends_at__gt=clock.now(), branch=branch, terminal=terminal
    )
    return list(waiting.order_by("-pk")[:20])


def waiting_anywhere() -> QuerySet[SaleOnHold]:
    """The sales that wait for their payment, those that end first in front."""
    return SaleOnHold.objects.filter(state=OnHoldState.WAITING).order_by("ends_at")


def to_pay_back() -> QuerySet[SaleOnHold]:
    """Those whose payment is to be paid back, the oldest first."""
    return SaleOnHold.objects.filter(state=OnHoldState.TO_PAY_BACK).order_by("ended_at", "pk")


def beside(hold: SaleOnHold) -> QuerySet[SaleOnHold]:
    """The payments that came for a sale on hold and cannot pay it, in the order in which they came."""
    return SaleOnHold.objects.filter(quote=hold.quote_id, number__gt=0).order_by("number")


def _locked(hold: SaleOnHold, *, number: int | None = None) -> SaleOnHold:
    """The sale on hold as it stands, so that of two acts upon it the second sees what the first did.

    With `number` another one of the same quote: 0 is the one that waits.
    """
    rows = SaleOnHold.objects.select_for_update(of=("self",), no_key=True)
    named = rows.select_related("branch", "terminal", "cashier", "sale", "quote__branch")
    return named.get(quote=hold.quote_id, number=hold.number if number is None else number)


def _let_go(own: SaleOnHold) -> None:
    """Free what was set aside; nothing where that was done."""
    if any(line.get("product") for line in own.quote.content["lines"]):
        call("catalogue_put_back", {"reserved_for": own.quote.public_id})
    coupons.release(holder=own.quote.public_id)
    for held in _ledger_holds(own):
        ledger.release(hold=held, reason="", actor="")


def _ledger_key(own: SaleOnHold, number: int) -> str:
    return f"on-hold:{own.public_id}:{number}"


def _ledger_holds(own: SaleOnHold) -> Sequence[Hold]:
    """What the ledger holds for it, in one order."""
    keys = [_ledger_key(own, number) for number in range(1, len(own.parts) + 1)]
    if not any(part["asset"] for part in own.parts):
        return []
    return list(Hold.objects.filter(key__in=keys).order_by("pk"))


def _to_pay_back(own: SaleOnHold, reason: Any) -> SaleOnHold:
    with translation.override(organisation().language):
        own.reason = str(reason)[:200]
    _ended(own, OnHoldState.TO_PAY_BACK, "sale.to_pay_back", actor=None)
    outbox.announce(
        events.PaymentCameTooLate(
            event_id=outbox.new_event_id(),
            occurred_at=own.ended_at or clock.now(),
            hold=own.public_id,
            source=own.source,
            amount=own.amount,
            currency=own.currency,
            reference=own.reference,
        )
    )
    return own


def _ended(own: SaleOnHold, state: OnHoldState, act: str, *, actor: Staff | None) -> SaleOnHold:
    own.state, own.ended_at = state, clock.now()
    own.save(update_fields=["state", "ended_at", "reason", "reference", "notice"])
    _told(own, act, actor=actor)
    return own


def _told(own: SaleOnHold, act: str, *, actor: Staff | None) -> None:
    detail: dict[str, Any] = {"amount": own.amount}
    if own.reason:
        detail["reason"] = own.reason
    trail.record(
        act=act,
        actor=actor.public_id if actor else "",
        subject=own.public_id,
        detail=detail,
        branch=own.branch,
    )
