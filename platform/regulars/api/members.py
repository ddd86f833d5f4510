"""Members: finding one as the counter does, looking at one, taking one in."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from ninja.params.functions import Query
from pydantic import Field

from regulars.api.callers import Asking, MayCall
from regulars.api.incoming import Incoming
from regulars.counter import masking
from regulars.errors import InvalidInput, NotFound
from regulars.ledger import selectors as ledger
from regulars.organisation.models import Language
from regulars.organisation.selectors import organisation
from regulars.people import introductions, services
from regulars.people import selectors as people
from regulars.people.contacts import normal_contact
from regulars.people.models import Member, Source
from regulars.people.terms import terms

router = Router(tags=["members"])
MOST_FOUND = 8


class MemberGlimpse(Schema):
    """One of those a search found, masked: enough to ask “is this you?”, too little to learn who it is."""

    member: str = Field(description="Public id, for every other call.")
    name: str = Field(description="Masked: A. L., 李••")
    contact: str = Field(description="Masked: +86 ••••• 0000")
    tier: str = Field(description="In the caller's language; empty where there are no tiers.")


class MemberShown(Schema):
    """The member whose sale this is, as a cashier sees them: the contact stays masked."""

    member: str
    name: str
    contact: str
    tier: str
    benefits: list[str]
    points: int
    spendable: int = Field(description="Points that can be spent now.")
    birthday: str = Field(description="“today”, “soon” (within a week) or empty.")
    joined_on: dt.date
    card_state: str = Field(description="Empty while the card works, else why not, in words.")


class Found(Schema):
    """Whom a search found, at most eight; `member` is there where it is exactly one."""

    members: list[MemberGlimpse]
    member: MemberShown | None


class Points(Schema):
    """What a member holds: whole points, and how many of them can be spent now."""

    member: str
    points: int
    spendable: int


class Joining(Schema):
    """What to show somebody before they join, in their language, and what to ask for besides."""

    language: str
    terms: str
    version: str
    marketing: str
    introduction: str | None = Field(description="How to call the field for the word that brought them; null for none.")


class NewMember(Incoming):
    """Somebody who joins at this till. `agrees` says that they saw the words of `/joining` and agreed to them."""

    contact: str = Field(max_length=200, description="A phone number or an e-mail address.")
    name: str = Field("", max_length=80)
    birthday: dt.date | None = None
    language: str | None = Field(None, max_length=10, description="“en” or “zh-hans”; the business's own where absent.")
    agrees: bool
    agrees_to_marketing: bool = False
    introduction: str = Field("", max_length=40, description="The word that brought them, from a friend or a link.")


@router.get("/members", response=Found, summary="Find members", auth=MayCall("members.read"))
def find_member(
    request: Asking, text: str = Query(..., max_length=100, description="Card, QR code, phone or its end, name.")
) -> Found:
    """Whom a scan or a few typed characters mean: card number, QR code, phone or its last figures, e-mail, name.

    Members of every branch are found, as at the counter; what is shown of them is masked.
    """
    found = people.find_members(text.replace("\0", ""), limit=MOST_FOUND)
    return Found(
        members=[_glimpse(member) for member in found],
        member=_shown(found[0]) if len(found) == 1 else None,
    )


@router.get("/joining", response=Joining, summary="Words to show before joining", auth=MayCall("members.join"))
def joining(request: Asking, language: str = Query("", max_length=10)) -> Joining:
    """The terms to show, in the language the member will be written to, and whether to ask who sent them."""
    chosen = language if language in Language.values else organisation().language
    shown, asked = terms(chosen), introductions.field_here()
    return Joining(
        language=chosen,
        terms=shown.words,
        version=shown.version,
        marketing=shown.marketing,
        introduction=str(asked.label) if asked is not None else None,
    )


@router.post("/members", response={201: MemberShown}, summary="Take in a member", auth=MayCall("members.join"))
def join(request: Asking, body: NewMember) -> Status[Any]:
    """Make a member with card and wallet. 409 for a contact that is a member's already; `member` says whose."""
    if not body.agrees:
        raise InvalidInput(
            _("Show the words of “/joining” and send “agrees” once they were agreed to."), field="agrees"
        )
    house = organisation()
    joined = services.join(
        contact=normal_contact(body.contact, country=house.country),
        name=body.name,
        birthday=body.birthday,
        language=body.language or house.language,
        source=Source.API,
        branch=request.auth.branch,
        agrees_to_marketing=body.agrees_to_marketing,
        by=request.auth.staff.public_id,
        introduction=introductions.checked(body.introduction),
    )
    return Status(201, _shown(people.member_by_public_id(joined.public_id)))


@router.get("/members/{public_id}", response=MemberShown, summary="One member", auth=MayCall("members.read"))
def one_member(request: Asking, public_id: str) -> MemberShown:
    """The member whose sale this is. 404 for an id that is nobody's here."""
    return _shown(member_here(public_id))


@router.get("/members/{public_id}/points", response=Points, summary="Points of a member", auth=MayCall("members.read"))
def points(request: Asking, public_id: str) -> Points:
    """The points a member holds now. 404 for an id that is nobody's here."""
    member = member_here(public_id)
    return Points(
        member=member.public_id,
        points=ledger.balance(member.wallet),
        spendable=ledger.spendable(member.wallet),
    )


def member_here(public_id: str) -> Member:
    """An active member. Raises `NotFound` for anybody else."""
    member = people.member_by_public_id(public_id)
    if not member.is_active:
        raise NotFound
    return member


def _glimpse(member: Member) -> MemberGlimpse:
    seen = masking.glimpse(member)
    return MemberGlimpse(member=seen.public_id, name=seen.name, contact=seen.contact, tier=seen.tier)


def _shown(member: Member) -> MemberShown:
    seen = masking.shown(member)
    return MemberShown(
        member=seen.public_id,
        name=seen.name,
        contact=seen.contact,
        tier=str(seen.tier or ""),
        benefits=seen.benefits,
        points=seen.points,
        spendable=ledger.spendable(member.wallet),
        birthday=seen.birthday,
        joined_on=seen.joined_on,
        card_state=seen.card_state,
    )
