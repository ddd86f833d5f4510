"""The acts of referral: accepting an invitation, joining through it, buying, being rewarded, having it taken back.

Each step may come twice and in another order than it happened (facts are told at least once): a step looks at the row
under its lock, at the sale as it stands, and posts under a key of its own.
"""

from __future__ import annotations

import datetime as dt

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from plugins.referral import selectors, suspicion
from plugins.referral.models import OPEN, Ended, Invitation, Referral, State
from plugins.referral.notes import tell_joined, tell_rewarded
from regulars import clock, events, hooks, plugins
from regulars.errors import NotFound, RegularsError
from regulars.ledger.selectors import POINTS
from regulars.ledger.services import Leg, announce_credit, post
from regulars.people.selectors import Member, member_by_public_id
from regulars.plugins.trail import record
from regulars.public_ids import random_code
from regulars.sales.selectors import sale_by_public_id, sales_of

CODE_LENGTH = 8
MOST_OPEN = 100
"""So many accepted and unused invitations of one member are kept as rows; the link works beyond that too."""
HOUSE = "points.referral"
PAUSE = dt.timedelta(hours=1)
"""How long a step that failed waits, so that it holds up no other."""

log = structlog.get_logger(__name__)


class NotYours(RegularsError):
    """Staff neither invite nor are invited."""

    message = gettext_lazy("You work here, so you cannot invite friends or be invited. Your customers can.")


@transaction.atomic
def invitation_of(*, member: Member) -> Invitation:
    """The code of a member, made when it is first asked for.

    Raises `ModuleIsOff` where nobody is invited any more and the member has none yet, `NotYours` for staff.
    """
    if selectors.is_staff(member):
        raise NotYours
    if (known := Invitation.objects.filter(member=member).first()) is not None:
        return known
    plugins.require_on("referral")
    made, _is_new = Invitation.objects.get_or_create(
        member=member, defaults={"code": random_code(CODE_LENGTH), "made_at": clock.now()}
    )
    return made


@transaction.atomic
def accept(*, code: str) -> str:
    """Somebody takes up an invitation; returns the word that they bring along when they join.

    Raises `ModuleIsOff` where nobody is invited any more, `NotFound` for a code of nobody.
    """
    plugins.require_on("referral")
    referrer = selectors.referrer_of(code)
    if referrer is None:
        raise NotFound
    if Referral.objects.filter(referrer=referrer, state=State.INVITED).count() >= MOST_OPEN:
        return code
    now = clock.now()
    accepted = Referral.objects.create(
        referrer=referrer,
        state=State.INVITED,
        invited_at=now,
        due_at=now + dt.timedelta(days=selectors.settings().days_to_join),
    )
    return str(accepted.public_id)


@transaction.atomic
def join(*, event: events.MemberJoined) -> Referral | None:
    """A new member was brought by somebody; None for one who came alone, or with a word that means nothing here."""
    if not event.introduction or event.source == "import":
        return None
    referrer = selectors.referrer_of(event.introduction)
    friend = member_by_public_id(event.member)
    if referrer is None or referrer.pk == friend.pk or Referral.objects.filter(friend=friend).exists():
        return None
    terms = selectors.settings()
    row = _accepted(event.introduction, referrer) or Referral(referrer=referrer, invited_at=event.occurred_at)
    row.friend, row.state, row.joined_at = friend, State.JOINED, event.occurred_at
    row.due_at = event.occurred_at + dt.timedelta(days=terms.days_to_buy)
    row.promised_referrer_points, row.promised_friend_points = terms.referrer_points, terms.friend_points
    row.smallest_sale, row.hold_days = terms.smallest_sale, terms.hold_days
    if selectors.is_staff(friend) or selectors.is_staff(referrer):
        _end(row, State.REJECTED, Ended.STAFF)
    else:
        row.suspicions = _suspicions(row, friend, referrer)
        row.needs_review = bool(row.suspicions)
    row.save()
    if row.state == State.JOINED:
        tell_joined(row, friend=friend, referrer=referrer)
        for sale in reversed(sales_of(friend)):  # a purchase told before the joining
            _qualify(row, sale=sale.public_id, at=sale.confirmed_at)
    return row


def _accepted(word: str, referrer: Member) -> Referral | None:
    """The invitation that was accepted under this word and is still open."""
    accepted = Referral.objects.select_for_update().filter(
        public_id=word, referrer=referrer, state=State.INVITED, friend__isnull=True
    )
    return accepted.first()


def _suspicions(row: Referral, friend: Member, referrer: Member) -> list[str]:
    earlier = list(selectors.friends_of(referrer))
    others = [each.friend for each in earlier if each.friend is not None and each.friend.pk != friend.pk]
    day = clock.day_of(row.joined_at or row.invited_at)
    start, end = clock.start_of(day), clock.start_of(day + dt.timedelta(days=1))
    joined_today = Referral.objects.filter(referrer=referrer, joined_at__gte=start, joined_at__lt=end).count() + 1
    return suspicion.found(
        friend=friend, referrer=referrer, others=others, joined_today=joined_today, settings=selectors.settings()
    )


@transaction.atomic
def buy(*, event: events.SalePosted) -> Referral | None:
    """A friend's purchase; it counts when it is their first that is large enough. None for any other."""
    row = _locked(event.member, State.JOINED)
    if row is None:
        return None
    return row if _qualify(row, sale=event.sale, at=event.occurred_at) else None


def _qualify(row: Referral, *, sale: str, at: dt.datetime) -> bool:
    """Note the purchase that counts, if this one does as it stands now."""
    if row.state != State.JOINED or not _counts(row, sale) or (row.due_at is not None and at > row.due_at):
        return False
    row.state, row.sale, row.qualified_at = State.QUALIFIED, sale, at
    row.due_at = None if row.needs_review else _end_of_hold(row)
    row.save()
    return True


def _end_of_hold(row: Referral) -> dt.datetime:
    return (row.qualified_at or row.invited_at) + dt.timedelta(days=row.hold_days)


def _counts(row: Referral, sale: str) -> bool:
    """Whether what is left of a purchase is paid and large enough."""
    stands = sale_by_public_id(sale)
    left = stands.total - stands.refunded_total
    return left > 0 and left >= row.smallest_sale


@transaction.atomic
def refund(*, event: events.SaleRefunded) -> Referral | None:
    """A friend's purchase was undone: before the reward another may take its place, after it the reward goes back."""
    row = _locked(event.member, State.QUALIFIED, State.REWARDED)
    if row is None or row.sale != event.sale or _counts(row, event.sale):
        return None
    if row.state == State.REWARDED:
        _take_back(row, at=event.occurred_at)
    else:
        _wait_for_another(row)
    return row


def _wait_for_another(row: Referral) -> None:
    row.state, row.sale, row.qualified_at = State.JOINED, "", None
    row.due_at = (row.joined_at or row.invited_at) + dt.timedelta(days=selectors.settings().days_to_buy)
    row.save()


def _take_back(row: Referral, *, at: dt.datetime) -> None:
    """Take both rewards back, from their own lots first; what was spent becomes a debt. Once, by key."""
    for side, member, points, given in _sides(row):
        if points and given is not None:
            post(
                key=f"referral:{row.public_id}:{side}:back",
                kind="referral.reversed",
                legs=[Leg(wallet=member.wallet_id, asset=POINTS, amount=-points, house=HOUSE, take_back_of=given)],
                reason=_in_language_of(member, gettext_noop("Invitation: the purchase was refunded")),
            )
    row.state, row.ended_because, row.taken_back_at = State.REJECTED, Ended.REFUNDED, at
    row.save()
    record(act="referral.taken_back", subject=row.public_id, detail={"sale": row.sale})


def _sides(row: Referral) -> list[tuple[str, Member, int, int | None]]:
    """Both people with their points and the transaction that gave them, in the order in which wallets are locked."""
    assert row.friend is not None
    sides = [
        ("referrer", row.referrer, row.referrer_points, row.referrer_transaction),
        ("friend", row.friend, row.friend_points, row.friend_transaction),
    ]
    return sorted(sides, key=lambda side: side[1].wallet_id)


def _locked(friend: str | None, *states: str) -> Referral | None:
    """The referral of a friend (a public id) in one of these states, locked."""
    if not friend:
        return None
    rows = Referral.objects.select_for_update(of=("self",)).select_related("friend", "referrer")
    return rows.filter(friend__public_id=friend, state__in=states).first()


@transaction.atomic
def review(*, public_id: str, is_sound: bool, by: str) -> Referral:
    """A person has looked at an odd referral: it goes on as any other, or ends here.

    Raises `NotFound`, and `RegularsError` for one that waits for nobody (any more).
    """
    rows = Referral.objects.select_for_update(of=("self",)).select_related("friend", "referrer")
    row = rows.filter(public_id=public_id[:24]).first()
    if row is None:
        raise NotFound
    if not row.needs_review or row.state not in OPEN:
        raise RegularsError(_("This invitation waits for no decision any more."))
    row.reviewed_by, row.reviewed_at, row.needs_review = by[:80], clock.now(), False
    if not is_sound:
        _end(row, State.REJECTED, Ended.REVIEWED)
    elif row.state == State.QUALIFIED:
        row.due_at = _end_of_hold(row)
        plugins.first(hooks.work_waiting, due_at=max(row.due_at, clock.now()))
    row.save()
    record(act="referral.reviewed", by=by, subject=row.public_id, detail={"is_sound": is_sound})
    return row


# Due work -------------------------------------------------------------------------------------------------------------


def settle_due(*, now: dt.datetime, limit: int) -> dt.datetime | None:
    """Reward what outlived its hold and end what was too late, at most `limit`; returns when the next falls due.

    A limit of 0 only asks when.

    Safe beside other workers: each takes rows that no other holds. One that fails is left for an hour.
    """
    for _turn in range(limit):
        if not _settle_one(now):
            break
    else:
        if limit:
            return now
    return _waiting().order_by("due_at").values_list("due_at", flat=True).first()


def _waiting() -> QuerySet[Referral]:
    return Referral.objects.filter(due_at__isnull=False, state__in=OPEN)


def _settle_one(now: dt.datetime) -> bool:
    row: Referral | None = None
    try:
        with transaction.atomic():
            row = (
                _waiting()
                .select_for_update(skip_locked=True, of=("self",))
                .select_related("friend", "referrer")
                .filter(due_at__lte=now)
                .order_by("due_at", "id")
                .first()
            )
            if row is None:
                return False
            _settle(row, now)
    except Exception:
        if row is None:
            raise
        log.exception("referral_not_settled", referral=row.public_id)
        Referral.objects.filter(pk=row.pk).update(due_at=now + PAUSE)
    return True


def _settle(row: Referral, now: dt.datetime) -> None:
    if row.state != State.QUALIFIED:
        _end(row, State.EXPIRED, Ended.TOO_LATE)
        row.save()
    elif not _counts(row, row.sale):
        _wait_for_another(row)
    elif selectors.is_staff(row.referrer) or (row.friend is not None and selectors.is_staff(row.friend)):
        _end(row, State.REJECTED, Ended.STAFF)
        row.save()
    else:
        _reward(row, now)


def _end(row: Referral, state: State, because: Ended) -> None:
    row.state, row.ended_because, row.due_at, row.needs_review = state, because, None, False


def _reward(row: Referral, now: dt.datetime) -> None:
    """Give both their points, each under a key of its own, and tell them."""
    assert row.friend is not None
    row.referrer_points, row.ended_because = _earned_by_referrer(row)
    row.friend_points = row.promised_friend_points if row.friend.is_active else 0
    given: dict[str, int | None] = {"referrer": None, "friend": None}
    for side, member, points, _before in _sides(row):
        if points:
            given[side] = _give(row, side=side, member=member, points=points, now=now)
    row.referrer_transaction, row.friend_transaction = given["referrer"], given["friend"]
    row.state, row.rewarded_at, row.rewarded_on, row.due_at = State.REWARDED, now, clock.today(), None
    row.save()
    record(
        act="referral.rewarded",
        subject=row.public_id,
        detail={"referrer_points": row.referrer_points, "friend_points": row.friend_points, "sale": row.sale},
    )
    tell_rewarded(row)


def _give(row: Referral, *, side: str, member: Member, points: int, now: dt.datetime) -> int:
    lasts = selectors.settings().points_last_days
    leg = Leg(
        wallet=member.wallet_id,
        asset=POINTS,
        amount=points,
        house=HOUSE,
        expires_at=now + dt.timedelta(days=lasts) if lasts else None,
    )
    said = gettext_noop("You invited a friend") if side == "referrer" else gettext_noop("A friend invited you")
    reason = _in_language_of(member, said)
    posted = post(key=f"referral:{row.public_id}:{side}", kind="referral", legs=[leg], reason=reason)
    if not posted.is_repeated:
        held = posted.balances.get((member.wallet_id, POINTS), 0)
        announce_credit(member=member.public_id, points=points, balance=held, reason="referral", is_told=True)
    return posted.transaction


def _in_language_of(member: Member, words: str) -> str:
    """Words that stay with a posting, in the language of whoever reads it later."""
    with translation.override(member.language):
        return str(_(words))


def _earned_by_referrer(row: Referral) -> tuple[int, str]:
    """What the referrer gets, and why not more. Their invitation is locked, so that no two rewards pass one cap."""
    if not row.referrer.is_active:
        return 0, Ended.LEFT
    Invitation.objects.select_for_update().filter(member=row.referrer).first()
    rewarded = Referral.objects.filter(referrer=row.referrer, state=State.REWARDED, referrer_points__gt=0)
    terms, today = selectors.settings(), clock.today()
    if rewarded.count() >= terms.rewards_in_all:
        return 0, Ended.TOTAL_CAP
    if rewarded.filter(rewarded_on__gte=today.replace(day=1)).count() >= terms.rewards_a_month:
        return 0, Ended.MONTHLY_CAP
    return row.promised_referrer_points, ""
