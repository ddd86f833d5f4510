"""A practice place opens, is entered, begins anew and goes: a second business of a business, apart like any other.

It opens when somebody first practises. Beginning anew keeps its schema's name, so that no process that remembers whose
host it is leads anybody to where nothing is any more.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from regulars import clock
from regulars.access.models import User
from regulars.organisation.models import Branch, CustomRole, Region, Role, Staff
from regulars.organisation.team import services as team
from tenants import handover
from tenants.context import business_context, public_context
from tenants.models import Business, BusinessState, Domain, Template, WorkHint
from tenants.practice import PREFIX
from tenants.practice.examples import let_them_buy
from tenants.practice.likeness import Likeness, forget_what_is_kept, likeness_of_this_business, take_over
from tenants.provisioning.pool import discard
from tenants.provisioning.schemas import drop_schema, open_schema, sow
from tenants.provisioning.template import build_template
from tenants.services.opening import take_schema
from tenants.storage import remove_files

log = structlog.get_logger(__name__)
KEPT_DAYS = 30
"""How long a practice place stays that nobody enters."""
AT_ONCE = 20
KEEPER = "keeper@practice.invalid"
"""The login of the practice place's own owner, with which nobody can sign in: no place is without an owner."""


@dataclass(frozen=True)
class Colleague:
    """A member of staff as the practice place needs to know them; places and own roles by name."""

    public_id: str
    name: str
    role: str
    custom_role: str
    region: str
    branch: str
    language: str
    tours_seen: list[str]

    @property
    def email(self) -> str:
        """Their sign-in there: an address that reaches nobody."""
        return f"{self.public_id}@practice.invalid"


def practice_place(*, business: Business) -> Business | None:
    """The practice place of a business, None while there is none."""
    with public_context():
        found: Business | None = Business.objects.filter(practice_of=business, state=BusinessState.OPEN).first()
        return found


def open_practice(*, business: Business) -> Business:
    """The practice place of a business, opened now if there is none; two at once open one.

    Raises `ValueError` for a practice place itself.
    """
    if business.practice_of_id is not None:
        raise ValueError("a practice place has none of its own")
    known = practice_place(business=business)
    if known is not None:
        return known
    template = build_template()
    claimed: list[str] = []
    try:
        with public_context(), transaction.atomic():
            Business.objects.select_for_update().get(pk=business.pk)
            known = practice_place(business=business)
            if known is not None:
                return known
            place = _row(take_schema(template, claimed), template, business)
            _furnish(place, template, _likeness(business))
    except BaseException:
        for schema_name in claimed:
            discard(schema_name)
        raise
    log.info("practice_opened", opened=place.schema_name, of=business.schema_name, from_pool=bool(claimed))
    return place


def enter_practice(*, business: Business, staff: Staff, door: str, language: str = "") -> str:
    """The address that signs a member of staff in at the practice place, once, within a minute, in their own role.

    `door` is where it leads: `office` or `counter`. Opens the place if need be; called inside the business.
    """
    colleague = _colleague(staff, language)
    place = open_practice(business=business)
    with public_context():
        Business.objects.filter(pk=place.pk).update(practised_at=clock.now())
    with business_context(place):
        _welcome(colleague)
    return handover.link(business=place, email=colleague.email, door=door, language=language)


def start_over(*, business: Business) -> Business:
    """Throw away what was practised and begin with a fresh place, with today's rules. Everybody there is signed out."""
    template = build_template()
    place = open_practice(business=business)
    likeness = _likeness(business)
    with public_context(), transaction.atomic():
        Business.objects.select_for_update().get(pk=place.pk)
        _settle()
        drop_schema(place.schema_name)
        remove_files(place.schema_name)
        open_schema(place.schema_name, template)
        place.template_version, place.practised_at = template.version, clock.now()
        place.save(update_fields=["template_version", "practised_at"])
        _furnish(place, template, likeness)
    with business_context(place):
        forget_what_is_kept()
    log.info("practice_began_anew", of=business.schema_name, place=place.schema_name)
    return place


@transaction.atomic
def drop_practice(*, business: Business) -> bool:
    """Drop the practice place of a business with all that is in it; returns whether there was one."""
    with public_context():
        place = Business.objects.select_for_update().filter(practice_of=business).first()
        if place is None:
            return False
        schema_name = place.schema_name
        _settle()
        drop_schema(schema_name)
        WorkHint.objects.filter(schema_name=schema_name).delete()
        Business.objects.filter(pk=place.pk).delete()
        transaction.on_commit(lambda: remove_files(schema_name))
    log.info("practice_dropped", dropped=schema_name, of=business.schema_name)
    return True


def drop_unused() -> int:
    """Drop practice places that nobody has entered for thirty days, some at a time; returns how many."""
    with public_context():
        old = Business.objects.filter(practised_at__lt=clock.now() - dt.timedelta(days=KEPT_DAYS)).select_related(
            "practice_of"
        )
        unused = [place.practice_of for place in old.order_by("practised_at")[:AT_ONCE]]
    return sum(drop_practice(business=business) for business in unused if business is not None)


def _settle() -> None:
    """Check now what waits for the commit: a table with open checks cannot be dropped."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _row(schema_name: str, template: Template, business: Business) -> Business:
    slug, now = f"{PREFIX}{business.slug}", clock.now()
    place: Business = Business.objects.create(
        schema_name=schema_name,
        name=business.name,
        slug=slug,
        trade=business.trade,
        language=business.language,
        zone=business.zone,
        owner_email="",
        template_version=template.version,
        opened_at=now,
        trial_ends_at=business.trial_ends_at,
        practice_of=business,
        practised_at=now,
    )
    Domain.objects.create(domain=f"{slug}.{settings.BASE_DOMAIN}", tenant=place, is_primary=True)
    return place


def _likeness(business: Business) -> Likeness:
    with business_context(business):
        return likeness_of_this_business()


def _furnish(place: Business, template: Template, likeness: Likeness) -> None:
    sow(place.schema_name, template.seeds[f"{likeness.settings['trade']}:{likeness.settings['language']}"])
    with business_context(place):
        take_over(likeness)
        team.appoint(name=_("Practice"), email=KEEPER, role=Role.OWNER)
        let_them_buy()


def _colleague(staff: Staff, language: str) -> Colleague:
    return Colleague(
        public_id=staff.public_id,
        name=staff.name,
        role=staff.role,
        custom_role=str(staff.custom_role or ""),
        region=str(staff.region or ""),
        branch=str(staff.branch or ""),
        language=language or staff.user.language,
        tours_seen=list(staff.tours_seen),
    )


@transaction.atomic
def _welcome(colleague: Colleague) -> None:
    """Give a member of staff the role, place and name there that they have at home today."""
    place: dict[str, Any] = {
        "name": colleague.name,
        "role": colleague.role,
        "custom_role": CustomRole.objects.filter(name=colleague.custom_role).first(),
        "region": Region.objects.filter(name=colleague.region).first(),
        "branch": _branch(colleague.branch),
    }
    if colleague.role == Role.CUSTOM and place["custom_role"] is None:
        place["role"] = Role.READER  # a role made since the place was opened: it is known after starting over
    staff = Staff.objects.select_related("user").filter(user__email=colleague.email).first()
    if staff is None:
        staff = team.appoint(email=colleague.email, **place)
    else:
        staff = team.change_staff(staff=staff, by=_keeper(), **place)
        team.take_back(staff=staff, by=_keeper())
    seen = sorted({*staff.tours_seen, *colleague.tours_seen})
    Staff.objects.filter(pk=staff.pk).update(tours_seen=seen)
    User.objects.filter(pk=staff.user_id).update(language=colleague.language)


def _branch(name: str) -> Branch | None:
    """The branch of this name; one that opened since is opened here too, for nobody may see more than at home."""
    return Branch.objects.get_or_create(name=name)[0] if name else None


def _keeper() -> Staff:
    """The place's own owner, even if somebody has practised dismissing."""
    keeper = Staff.objects.filter(user__email=KEEPER)
    keeper.update(role=Role.OWNER, custom_role=None, region=None, branch=None, is_active=True)
    return keeper.select_related("user", "custom_role").get()
