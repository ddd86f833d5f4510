"""Acts on members: proving a contact by a code, joining, signing in, agreeing and withdrawing."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars import clock
from regulars.access.models import User
from regulars.errors import InvalidInput, RegularsError, TooMany
from regulars.events import MemberJoined
from regulars.insights.services import note_member
from regulars.loyalty.tiers.standing import place_at_the_start
from regulars.operations.outbox import announce, new_event_id
from regulars.operations.trail import record
from regulars.organisation.models import Branch, Language
from regulars.people.contacts import Contact
from regulars.people.models import Card, Consent, ConsentPurpose, Member, SignInCode, Source, Wallet
from regulars.people.selectors import member_with_contact
from regulars.people.terms import terms
from regulars.public_ids import random_code
from regulars.text import plain_text

CODE_LIFE = dt.timedelta(minutes=10)
CODE_ATTEMPTS = 5
CODES_PER_HOUR = 6


class WrongCode(InvalidInput):
    """The code is wrong, used, too old or was tried too often."""

    message = gettext_lazy("This code is wrong or no longer valid. Check it, or ask for a new one.")
    field = "code"


class AlreadyMember(RegularsError):
    """The contact belongs to a member; `member` says to whom."""

    message = gettext_lazy("This phone number or e-mail is a member's already.")
    field = "contact"

    def __init__(self, member: Member) -> None:
        super().__init__()
        self.member = member


@transaction.atomic
def request_code(*, contact: Contact, language: str) -> None:
    """Send a six-digit code to a contact, valid ten minutes. Raises `TooMany` after six in an hour."""
    from regulars.outreach.services import send

    now = clock.now()
    recent = SignInCode.objects.filter(recipient=contact.value, sent_at__gt=now - dt.timedelta(hours=1)).count()
    if recent >= CODES_PER_HOUR:
        raise TooMany(_("Too many codes were sent to this contact. Please try again in an hour."), field="contact")
    code = f"{secrets.randbelow(10**6):06d}"
    row = SignInCode.objects.create(
        recipient=contact.value, code_hash=_hash(contact, code), sent_at=now, expires_at=now + CODE_LIFE
    )
    send(
        kind="sign_in_code",
        member=None,
        recipient=contact.value,
        channel="sms" if contact.kind == "phone" else "email",
        language=language,
        variables={"code": code, "minutes": int(CODE_LIFE.total_seconds() // 60)},
        key=f"code:{row.pk}",
    )


def check_code(*, contact: Contact, code: str) -> None:
    """Accept the newest code of a contact, once. Raises `WrongCode`; five wrong tries spoil the code.

    Counting a wrong try must outlive the refusal, so this act commits on its own and is not nested in another.
    """
    now = clock.now()
    with transaction.atomic():
        row = SignInCode.objects.select_for_update().filter(recipient=contact.value).order_by("-sent_at", "-id").first()
        if row is None or row.used_at or row.expires_at <= now or row.attempts >= CODE_ATTEMPTS:
            raise WrongCode
        fits = hmac.compare_digest(row.code_hash, _hash(contact, (code or "").strip()[:12]))
        SignInCode.objects.filter(pk=row.pk).update(attempts=F("attempts") + 1, used_at=now if fits else None)
    if not fits:
        raise WrongCode


def _hash(contact: Contact, code: str) -> str:
    """Keyed by the installation's secret and the business, so that a stolen table does not give the codes away."""
    words = f"{connection.schema_name}:{contact.value}:{code}"  # type: ignore[attr-defined]
    return hmac.new(settings.SECRET_KEY.encode(), words.encode(), hashlib.sha256).hexdigest()


@transaction.atomic
def join(
    *,
    contact: Contact,
    name: str = "",
    birthday: dt.date | None = None,
    language: str,
    source: str,
    branch: Branch | None = None,
    agrees_to_marketing: bool = False,
    address: str | None = None,
    by: str = "",
    introduction: str | None = None,
) -> Member:
    """Make a member with wallet and card, at the first tier, with the proof of what was agreed to.

    Whoever calls has proved the contact or, at the counter, heard the agreement. `introduction` is the word that
    brought them, if a module knows it (see `people.introductions`). Raises `AlreadyMember`, or `InvalidInput` for a bad
    name, birthday or language.
    """
    if (present := member_with_contact(contact)) is not None:
        raise AlreadyMember(present)
    now = clock.now()
    member = Member(
        wallet=Wallet.objects.create(opened_at=now),
        name=plain_text(name, field="name", longest=80, required=False),
        birthday=_birthday(birthday),
        birthday_entered_at=now,
        language=_language(language),
        source=source,
        branch=branch,
        joined_at=now,
        joined_on=clock.today(),
        **{contact.kind: contact.value},
    )
    try:
        with transaction.atomic():
            member.save()
    except IntegrityError:  # somebody joined with the same contact a moment ago
        present = member_with_contact(contact)
        if present is None:
            raise
        raise AlreadyMember(present) from None
    issue_card(member=member)
    _agree(member, ConsentPurpose.TERMS, is_given=True, source=source, address=address)
    if agrees_to_marketing:
        _agree(member, ConsentPurpose.MARKETING, is_given=True, source=source, address=address)
    place_at_the_start(member=member)
    note_member(business_date=member.joined_on, branch=branch.pk if branch else 0)
    _tell_of(member, by=by, introduction=introduction)
    return member


def _tell_of(member: Member, *, by: str, introduction: str | None) -> None:
    """Somebody has joined: the trail says who took them in, the fact goes to whoever listens."""
    record(
        act="member.joined",
        actor=by or member.public_id,
        subject=member.public_id,
        detail={"source": member.source},
        member=member,
        branch=member.branch,
    )
    announce(
        MemberJoined(
            event_id=new_event_id(),
            occurred_at=member.joined_at,
            member=member.public_id,
            source=member.source,
            branch=member.branch.public_id if member.branch else None,
            introduction=introduction,
        )
    )


def issue_card(*, member: Member) -> Card:
    """Give a member a card: fifteen random digits and a check digit (ISO/IEC 7812-1 annex B, Luhn), and a QR code."""
    digits = "6" + "".join(str(secrets.randbelow(10)) for _ in range(14))
    return Card.objects.create(
        member=member,
        wallet=member.wallet,
        number=digits + luhn_digit(digits),
        code=f"rc-{random_code(24)}",
        issued_at=clock.now(),
    )


def luhn_digit(digits: str) -> str:
    """The check digit that makes a number valid by ISO/IEC 7812-1 annex B."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        doubled = int(digit) * 2 if position % 2 == 0 else int(digit)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


@transaction.atomic
def user_for(*, member: Member) -> User:
    """The login of a member, made at the first sign-in."""
    locked = Member.objects.select_for_update(of=("self",)).select_related("user").get(pk=member.pk)
    if locked.user is None:
        locked.user = User(first_name=locked.name[:150], language=locked.language, date_joined=clock.now())
        locked.user.set_unusable_password()
        locked.user.save()
        locked.save(update_fields=["user"])
        member.user = locked.user
    return locked.user


@transaction.atomic
def set_marketing_consent(
    *, member: Member, is_given: bool, source: str, address: str | None = None, channel: str = "", by: str = ""
) -> None:
    """Note that a member agrees to offers and news, or no longer does; withdrawing is as easy as agreeing.

    `channel` says by which way they come; without one the word is about all of them.
    """
    known = member.consents.filter(purpose=ConsentPurpose.MARKETING, channel=channel).order_by("-given_at", "-id")
    before = known.values_list("is_given", flat=True).first()
    _agree(member, ConsentPurpose.MARKETING, is_given=is_given, source=source, address=address, channel=channel)
    record(
        act="consent.given" if is_given else "consent.withdrawn",
        actor=by or member.public_id,
        subject=member.public_id,
        detail={"channel": channel} if channel else None,
        before={"agreed": bool(before)},
        after={"agreed": is_given},
        member=member,
    )


def _agree(
    member: Member, purpose: str, *, is_given: bool, source: str, address: str | None, channel: str = ""
) -> None:
    shown = terms(member.language)
    Consent.objects.create(
        member=member,
        purpose=purpose,
        channel=channel,
        is_given=is_given,
        words=shown.words if purpose == ConsentPurpose.TERMS else shown.marketing,
        version=shown.version,
        language=member.language,
        source=source if source in Source.values else Source.SITE,
        address=address or None,
        given_at=clock.now(),
    )


CHANGEABLE: dict[str, Any] = {
    "name": lambda value: plain_text(value, field="name", longest=80, required=False),
    "birthday": lambda value: _birthday(value),
    "language": lambda value: _language(value),
}
"""What a member may change of the profile; contacts change only through a code."""


@transaction.atomic
def change_profile(*, member: Member, by: str = "", **fields: Any) -> Member:
    """Change a member's name, birthday or language. Raises `InvalidInput` naming the field."""
    from regulars.loyalty.points.earning import profile_filled_in

    locked = Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
    before = {field: getattr(locked, field) for field in fields}
    for field, value in fields.items():
        setattr(locked, field, CHANGEABLE[field](value))
        setattr(member, field, getattr(locked, field))
    changed = [field for field in sorted(fields) if getattr(locked, field) != before[field]]
    if "birthday" in changed:
        locked.birthday_entered_at = clock.now()
    locked.save(update_fields=[*fields, "birthday_entered_at"])
    record(
        act="member.changed",
        actor=by or member.public_id,
        subject=member.public_id,
        before={field: before[field] for field in changed},
        after={field: getattr(locked, field) for field in changed},
        member=member,
    )
    profile_filled_in(member=locked)
    return member


def _birthday(value: dt.date | None) -> dt.date | None:
    if value is not None and not dt.date(1900, 1, 1) <= value <= clock.today():
        raise InvalidInput(_("Enter a date of birth between 1900 and today."), field="birthday")
    return value


def _language(value: str) -> str:
    if value not in Language.values:
        raise InvalidInput(_("Choose English or Chinese."), field="language")
    return value
