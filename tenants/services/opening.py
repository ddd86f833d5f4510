"""A business opens: its schema, its address, what its trade starts with, its settings and its owner, all or nothing."""

from __future__ import annotations

import datetime as dt

import structlog
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from regulars import clock
from regulars.errors import InvalidInput
from regulars.organisation import services as organisation
from regulars.organisation.models import Language, Role, Trade
from regulars.organisation.team import services as team
from regulars.text import plain_text
from tenants import addresses
from tenants.context import business_context, public_context
from tenants.models import Business, Domain, Template
from tenants.provisioning.pool import claim_schema, discard
from tenants.provisioning.schemas import check_schema, forget, new_schema_name, open_schema, sow
from tenants.provisioning.template import build_template
from tenants.services.confirming import send_confirmation

log = structlog.get_logger(__name__)
UNIQUE_VIOLATION = "23505"


def open_business(
    *,
    name: str,
    slug: str,
    trade: str,
    language: str,
    owner_email: str,
    owner_name: str = "",
    password: str = "",
    currency: str = "CNY",
    zone: str = "Asia/Shanghai",
    country: str = "CN",
) -> Business:
    """Open a business for its trial and appoint its owner; a mail to confirm the e-mail leaves after commit.

    Takes a ready schema from the pool, or replays the template. Without a password the owner claims the login by a
    reset link. Raises `AddressUnsuitable`, `AddressReserved`, `AddressTaken`, or `InvalidInput` naming the field;
    nothing is left behind then.
    """
    address = addresses.check_address(slug, name=name)
    name = plain_text(name, field="name", longest=80)
    _choices(trade, language)
    _zone(zone)
    email = _email(owner_email)
    _password(password, email)
    template = build_template()
    claimed: list[str] = []
    try:
        with public_context(), transaction.atomic():
            schema_name = take_schema(template, claimed)
            business = _row(
                schema_name, template, name=name, slug=address, trade=trade, language=language, zone=zone, email=email
            )
            sow(schema_name, template.seeds[f"{trade}:{language}"])
            with business_context(business):
                organisation.set_up(
                    name=name,
                    trade=trade,
                    language=language,
                    currency=currency,
                    zone=zone,
                    country=country,
                    accent=import_string(settings.PRESET_ACCENT)(trade),
                    contact_email=email,
                )
                team.appoint(
                    name=owner_name or email.partition("@")[0], email=email, password=password, role=Role.OWNER
                )
            send_confirmation(business=business)
    except BaseException:
        for schema_name in claimed:
            discard(schema_name)
        raise
    log.info("business_opened", opened=business.schema_name, trade=trade, language=language, from_pool=bool(claimed))
    return business


def take_schema(template: Template, claimed: list[str]) -> str:
    """A filled schema: one of the pool, noted in `claimed`, or a new one."""
    ready = claim_schema()
    if ready is not None:
        claimed.append(ready)
        check_schema(ready, template)
        return ready
    schema_name = new_schema_name()
    open_schema(schema_name, template)
    forget(schema_name)
    return schema_name


def _row(
    schema_name: str, template: Template, *, name: str, slug: str, trade: str, language: str, zone: str, email: str
) -> Business:
    now = clock.now()
    business = Business(
        schema_name=schema_name,
        name=name,
        slug=slug,
        trade=trade,
        language=language,
        zone=zone,
        owner_email=email,
        template_version=template.version,
        opened_at=now,
        trial_ends_at=now + dt.timedelta(days=settings.TRIAL_DAYS),
    )
    try:
        with transaction.atomic():
            business.save()
            Domain.objects.create(domain=f"{slug}.{settings.BASE_DOMAIN}", tenant=business, is_primary=True)
    except IntegrityError as error:
        if getattr(error.__cause__, "sqlstate", None) == UNIQUE_VIOLATION:
            raise addresses.taken(slug, name=name) from error
        raise
    return business


def _choices(trade: str, language: str) -> None:
    for field, value, allowed in (("trade", trade, Trade.values), ("language", language, Language.values)):
        if value not in allowed:
            raise InvalidInput(_("Choose one of: %(choices)s.") % {"choices": ", ".join(allowed)}, field=field)


def _zone(zone: str) -> None:
    if not clock.is_zone(zone):
        raise InvalidInput(_("Enter a time zone by its name, for example Asia/Shanghai."), field="zone")


def _email(owner_email: str) -> str:
    email = owner_email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidInput(_("Enter an e-mail address like name@example.com."), field="owner_email") from error
    return email


def _password(password: str, email: str) -> None:
    if not password:
        return
    try:
        validate_password(password)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), field="password") from error
    if password.lower() == email:
        raise InvalidInput(_("Choose a password that is not your e-mail."), field="password")
