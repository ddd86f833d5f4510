"""The comparison of figure 5: the same sale behind the same doors, written the way Django's own ORM suggests.

One transaction, the rows locked with `select_for_update`, each row saved by its model, the price worked out again
before it is posted, the tier by a sum over the year: what a careful developer writes first. It leaves the same records.
"""

from __future__ import annotations

import datetime as dt
import secrets

from django.core.wsgi import get_wsgi_application
from django.db import transaction
from django.db.models import F, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from bench.over_http import PLAIN

application = get_wsgi_application()

from regulars import clock, events  # noqa: E402 - models can be imported once Django is set up
from regulars.config import urls_business  # noqa: E402
from regulars.counter.desk import Desk, at_till  # noqa: E402
from regulars.errors import StaleQuote  # noqa: E402
from regulars.insights.models import Day  # noqa: E402
from regulars.ledger.models import Account, Lot, Posting, Transaction  # noqa: E402
from regulars.loyalty.models import Award, Standing, Tier, TierMove  # noqa: E402
from regulars.operations.outbox import announce, new_event_id  # noqa: E402
from regulars.operations.trail import record  # noqa: E402
from regulars.people.models import Member  # noqa: E402
from regulars.public_ids import new_public_id  # noqa: E402
from regulars.sales.models import Quote, Sale, SaleLine  # noqa: E402
from regulars.sales.quoting import QuoteDraft, read  # noqa: E402


@require_POST
@at_till
def plain_sale(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Take the money for a quote."""
    with transaction.atomic():
        key = request.POST["key"]
        sale = Sale.objects.filter(key=key).first() or _sold(request.POST["quote"], key, desk)
    return redirect("counter:receipt", sale.public_id)


def _sold(quote_id: str, key: str, desk: Desk) -> Sale:
    quote = Quote.objects.select_related("branch", "member__standing__tier").get(public_id=quote_id)
    priced = read(quote)
    if priced.fingerprint() != quote.fingerprint:
        raise StaleQuote
    now, today = clock.now(), clock.today(quote.branch.zone)
    sale = Sale.objects.create(
        key=key,
        request_hash=secrets.token_hex(32),
        number="",
        member=quote.member,
        branch=quote.branch,
        cashier=desk.staff,
        currency=priced.currency,
        list_total=priced.list_total,
        discount_total=priced.discount_total,
        total=priced.total,
        points_earned=priced.points,
        received=priced.total,
        explanation={"awards": priced.awards, "tier": priced.tier.code if priced.tier else None},
        confirmed_at=now,
        business_date=today,
    )
    for position, line in enumerate(priced.lines, start=1):
        SaleLine.objects.create(
            sale=sale,
            position=position,
            description=line.description,
            quantity=line.quantity,
            list_amount=line.list_amount,
            amount=line.amount,
        )
    sale.number = f"{today:%y%m%d}-{sale.pk}"
    sale.transaction = _posted(priced, sale, now, today)
    sale.save()
    if quote.member is not None:
        _risen(quote.member, now, today)
    _noted(sale, now)
    _told(sale, priced, desk, now)
    return sale


def _posted(priced: QuoteDraft, sale: Sale, now: dt.datetime, today: dt.date) -> Transaction | None:
    if priced.member is None or not priced.points:
        return None
    account, _made = Account.objects.select_for_update().get_or_create(wallet=priced.member.wallet, asset="points")
    house, _made = Account.objects.get_or_create(
        wallet=None, house="points.issued", asset="points", defaults={"floor": None}
    )
    moved = Transaction.objects.create(
        key=f"sale:{sale.public_id}",
        request_hash=secrets.token_hex(32),
        kind="sale",
        occurred_at=now,
        business_date=today,
    )
    for share in priced.earned.shares:
        leg = share.leg(wallet=priced.member.wallet_id, on=today, now=now)
        account.balance += share.points
        account.save()
        lot = Lot.objects.create(
            account=account,
            opened_by=moved,
            amount=share.points,
            remaining=share.points,
            available_from=now,
            expires_at=leg.expires_at,
        )
        Posting.objects.create(
            transaction=moved, account=account, lot=lot, amount=share.points, balance_after=account.balance
        )
        Posting.objects.create(transaction=moved, account=house, amount=-share.points)
        Award.objects.create(
            rule=share.rule,
            member=priced.member,
            occasion=f"sale:{sale.public_id}",
            transaction=moved,
            points=share.points,
            base=share.base,
            awarded_on=today,
        )
    return moved


def _risen(member: Member, now: dt.datetime, today: dt.date) -> None:
    standing = Standing.objects.select_for_update().select_related("tier").get(member=member)
    sales = Sale.objects.filter(member=member, business_date__gt=today - dt.timedelta(days=365))
    spent = sales.aggregate(spent=Sum(F("total") - F("refunded_total")))["spent"] or 0
    reached = Tier.objects.filter(track=standing.tier.track, threshold__lte=spent).order_by("-threshold").first()
    if reached is not None and reached.threshold > standing.tier.threshold:
        TierMove.objects.create(member=member, previous=standing.tier, current=reached, moved_at=now)
        standing.tier, standing.since = reached, now
        standing.save()


def _noted(sale: Sale, now: dt.datetime) -> None:
    day = Day.objects.select_for_update().filter(business_date=sale.business_date, branch=sale.branch_id).first()
    if day is not None:
        day.sales += 1
        day.total += sale.total
        day.member_sales += 1
        day.member_total += sale.total
        day.points_issued += sale.points_earned
        day.save()


def _told(sale: Sale, priced: QuoteDraft, desk: Desk, now: dt.datetime) -> None:
    member = priced.member.public_id if priced.member else None
    announce(
        events.SalePosted(
            event_id=new_event_id(),
            occurred_at=now,
            sale=sale.public_id,
            member=member,
            branch=sale.branch.public_id,
            total=sale.total,
            currency=sale.currency,
            points_earned=sale.points_earned,
            business_date=sale.business_date,
        )
    )
    if member and sale.points_earned:
        announce(
            events.PointsCredited(
                event_id=new_public_id("evt"),
                occurred_at=now,
                member=member,
                points=sale.points_earned,
                balance=0,
                reason="sale",
            )
        )
    record(act="sale.confirmed", actor=desk.staff.public_id, subject=sale.public_id, detail={"total": sale.total})


urls_business.urlpatterns[:0] = [path(PLAIN.lstrip("/"), plain_sale, name="plain-sale")]
