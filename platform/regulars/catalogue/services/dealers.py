"""Who buys to sell on: levels, applications of members, and who on the team decides them: never the applicant."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars import clock
from regulars.catalogue.models import ApplicationState, Dealer, DealerApplication, DealerLevel
from regulars.catalogue.services.products import within
from regulars.errors import Gone, InvalidInput, NotAllowed
from regulars.loyalty.saving import figures, words_by_language
from regulars.operations.trail import record
from regulars.organisation.models import Staff
from regulars.organisation.permissions import require
from regulars.people.models import Member
from regulars.text import plain_text

DECIDE = "catalogue.dealers"
DEEPEST = 20
"""No dealer has more than so many above them."""


class OwnApplication(NotAllowed):
    """Nobody decides what they asked for themselves."""

    message = gettext_lazy("You asked for this yourself. Somebody else has to decide it.")


class DecidedBefore(Gone):
    """Somebody was quicker."""

    message = gettext_lazy("This application was decided already.")


@transaction.atomic
def save_level(*, level: DealerLevel | None = None, words: Mapping[str, str], rank: int, by: str = "") -> DealerLevel:
    """Make or change a level. Raises `InvalidInput` (field `words`, `rank`) for no name or a rank that is taken."""
    level = DealerLevel.objects.select_for_update().get(pk=level.pk) if level is not None else DealerLevel()
    before = figures(level)
    level.words, level.rank = words_by_language(words), within(rank, 1, 100, "rank")
    if DealerLevel.objects.filter(rank=rank).exclude(pk=level.pk).exists():
        raise InvalidInput(_("Another level has this rank. Choose a higher or a lower one."), field="rank")
    level.save()
    record(act="dealer_level.saved", actor=by, subject=level.public_id, before=before, after=figures(level))
    return level


@transaction.atomic
def apply_as_dealer(
    *, member: Member, company: str, tax_number: str = "", note: str = "", by: Staff | None = None
) -> DealerApplication:
    """A member asks to become a dealer; asking again while it waits changes nothing and gives the same one.

    `by` is the member of staff who writes it down for them. Raises `InvalidInput` naming the field: no company, a
    membership that has ended, somebody who is a dealer already.
    """
    if not member.is_active:
        raise InvalidInput(_("This membership has ended."), field="member")
    if Dealer.objects.filter(member=member, is_active=True).exists():
        raise InvalidInput(_("You are a dealer already."), field="company")
    if not DealerLevel.objects.exists():
        raise InvalidInput(_("This business takes no dealers at present."), field="company")
    application = DealerApplication(
        member=member,
        company=plain_text(company, field="company", longest=120),
        tax_number=plain_text(tax_number, field="tax_number", longest=40, required=False),
        note=plain_text(note, field="note", longest=300, required=False),
        asked_by=by or staff_behind(member),
        asked_at=clock.now(),
    )
    try:
        with transaction.atomic():
            application.save(force_insert=True)
    except IntegrityError:
        return DealerApplication.objects.get(member=member, state=ApplicationState.REQUESTED)
    _note(application, "requested", by.public_id if by else member.public_id)
    return application


def staff_behind(member: Member) -> Staff | None:
    """The member of staff who a member is: the same login, or the same e-mail address."""
    team = Staff.objects.filter(is_active=True)
    if member.user_id is not None and (found := team.filter(user=member.user_id).first()) is not None:
        return found
    return team.filter(user__email__iexact=member.email).first() if member.email else None


@transaction.atomic
def withdraw(*, application: DealerApplication) -> DealerApplication:
    """The member takes it back. Raises `DecidedBefore`."""
    application = _claimed(application)
    application.state, application.decided_at = ApplicationState.WITHDRAWN, clock.now()
    application.save()
    _note(application, "withdrawn", application.member.public_id)
    return application


@transaction.atomic
def accept(
    *,
    application: DealerApplication,
    level: DealerLevel,
    by: Staff,
    parent: Dealer | None = None,
    answer: str = "",
) -> Dealer:
    """Make the applicant a dealer of a level, from the next quote on.

    Raises `NotAllowed` without the right, `OwnApplication` for the applicant themselves, `DecidedBefore`, and
    `InvalidInput` (field `parent`) for a dealer who is not active or stands below the applicant.
    """
    application = _decided(application, by, ApplicationState.APPROVED, answer)
    dealer = Dealer.objects.filter(member=application.member).first() or Dealer(member=application.member)
    dealer.level, dealer.company, dealer.tax_number = level, application.company, application.tax_number
    dealer.since, dealer.is_active = clock.now(), True
    dealer.parent = _sound_parent(dealer, parent)
    dealer.save()
    _note(application, "approved", by.public_id, level=level.public_id)
    return dealer


@transaction.atomic
def refuse(*, application: DealerApplication, by: Staff, answer: str) -> DealerApplication:
    """Say no and why; the member reads it. Raises `InvalidInput` (field `answer`) without a reason, and as `accept`."""
    answer = plain_text(answer, field="answer", longest=200)
    application = _decided(application, by, ApplicationState.REFUSED, answer)
    _note(application, "refused", by.public_id)
    return application


@transaction.atomic
def change_dealer(
    *,
    dealer: Dealer,
    level: DealerLevel,
    parent: Dealer | None,
    company: str,
    tax_number: str,
    is_active: bool,
    by: Staff,
) -> Dealer:
    """Change a dealer's level, who looks after them, or end it.

    Raises `NotAllowed` without the right, `OwnApplication` for one's own, `InvalidInput` (`company`, `parent`).
    """
    require(by, DECIDE)
    dealer = Dealer.objects.select_for_update().select_related("member").get(pk=dealer.pk)
    if staff_behind(dealer.member) == by:
        raise OwnApplication
    before = _terms(dealer)
    dealer.level, dealer.is_active = level, is_active
    dealer.company = plain_text(company, field="company", longest=120)
    dealer.tax_number = plain_text(tax_number, field="tax_number", longest=40, required=False)
    dealer.parent = _sound_parent(dealer, parent)
    dealer.save()
    record(
        act="dealer.changed",
        actor=by.public_id,
        subject=dealer.member.public_id,
        before=before,
        after=_terms(dealer),
        member=dealer.member,
    )
    return dealer


def _terms(dealer: Dealer) -> dict[str, str | bool]:
    return {
        "company": dealer.company,
        "tax_number": dealer.tax_number,
        "level": dealer.level.public_id,
        "parent": dealer.parent.public_id if dealer.parent else "",
        "is_active": dealer.is_active,
    }


def _sound_parent(dealer: Dealer, parent: Dealer | None) -> Dealer | None:
    """Whoever looks after a dealer is a dealer, and not one whom the dealer looks after."""
    above = parent
    for _step in range(DEEPEST):
        if above is None:
            break
        if above.pk == dealer.pk or not above.is_active:
            raise InvalidInput(_("Choose an active dealer who is not below this one."), field="parent")
        above = above.parent
    else:
        raise InvalidInput(_("There are too many dealers above one another."), field="parent")
    return parent


def _claimed(application: DealerApplication) -> DealerApplication:
    locked = DealerApplication.objects.select_for_update(of=("self",)).select_related("member").get(pk=application.pk)
    if locked.state != ApplicationState.REQUESTED:
        raise DecidedBefore
    return locked


def _decided(application: DealerApplication, by: Staff, state: ApplicationState, answer: str) -> DealerApplication:
    require(by, DECIDE)
    application = _claimed(application)
    if by.pk in (application.asked_by_id, getattr(staff_behind(application.member), "pk", None)):
        raise OwnApplication
    application.state, application.decided_by, application.decided_at = state, by, clock.now()
    application.answer = plain_text(answer, field="answer", longest=200, required=False)
    application.save()
    return application


def _note(application: DealerApplication, what: str, actor: str, **detail: str) -> None:
    """What happened, under the member whom it is about; company and tax number are for who holds the member's key."""
    record(
        act=f"dealer_application.{what}",
        actor=actor,
        subject=application.member.public_id,
        detail={"application": application.public_id, **detail},
        after={"company": application.company, "tax_number": application.tax_number, "answer": application.answer},
        member=application.member,
    )
