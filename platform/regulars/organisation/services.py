"""Acts on the business itself: setting it up, changing it, opening branches, appointing staff."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from regulars import clock, hooks, plugins
from regulars.access.models import User
from regulars.brand import BrandColourError, normalise
from regulars.errors import InvalidInput, NotAllowed
from regulars.money import is_currency
from regulars.operations.trail import record
from regulars.organisation.models import Branch, Language, Organisation, Role, Staff, Terminal, Trade
from regulars.organisation.selectors import CACHE_KEY, hash_of_token
from regulars.public_ids import random_code
from regulars.text import plain_text


@transaction.atomic
def set_up(
    *,
    name: str,
    trade: str,
    language: str,
    currency: str = "CNY",
    zone: str = "Asia/Shanghai",
    country: str = "CN",
    accent: str | None = None,
    contact_email: str = "",
) -> Organisation:
    """Write the settings of a business that opens. Raises `InvalidInput` naming the field."""
    fields = {
        "name": name,
        "trade": trade,
        "language": language,
        "currency": currency,
        "zone": zone,
        "country": country,
        "contact_email": contact_email,
        **({"accent": accent} if accent else {}),
    }
    return _write(Organisation.objects.first() or Organisation(id=1), fields)


@transaction.atomic
def change(*, by: str, **fields: Any) -> Organisation:
    """Change settings of the business. Raises `InvalidInput` naming the field; nothing is changed then."""
    organisation = Organisation.objects.select_for_update().get()
    before = {field: getattr(organisation, field) for field in fields}
    _write(organisation, fields)
    record(act="organisation.changed", actor=by, detail={"before": before, "after": fields})
    return organisation


def _write(organisation: Organisation, fields: dict[str, Any]) -> Organisation:
    for field, value in fields.items():
        setattr(organisation, field, CLEANERS[field](value))
    organisation.save()
    plugins.first(
        hooks.settings_changed, name=organisation.name, language=organisation.language, zone=organisation.zone
    )
    cache.delete(CACHE_KEY)
    transaction.on_commit(lambda: cache.delete(CACHE_KEY))
    return organisation


def _name(value: str) -> str:
    return plain_text(value, field="name", longest=80)


def _choice(field: str, allowed: list[str]) -> Any:
    def clean(value: str) -> str:
        if value not in allowed:
            raise InvalidInput(_("Choose one of: %(choices)s.") % {"choices": ", ".join(allowed)}, field=field)
        return value

    return clean


def _currency(value: str) -> str:
    if not is_currency(value):
        raise InvalidInput(_("Enter a currency by its three letters, for example CNY."), field="currency")
    return value


def _zone(value: str) -> str:
    if not clock.is_zone(value):
        raise InvalidInput(_("Enter a time zone by its name, for example Asia/Shanghai."), field="zone")
    return value


def _country(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", value):
        raise InvalidInput(_("Enter a country by its two letters, for example CN."), field="country")
    return value


def _accent(value: str) -> str:
    try:
        return normalise(value)
    except BrandColourError as error:
        raise InvalidInput(_("Enter a colour like #b4532a."), field="accent") from error


def _email(value: str, *, field: str = "contact_email") -> str:
    value = value.strip().lower()
    if value:
        try:
            validate_email(value)
        except ValidationError as error:
            raise InvalidInput(_("Enter an e-mail address like name@example.com."), field=field) from error
    return value


CLEANERS: dict[str, Any] = {
    "name": _name,
    "trade": _choice("trade", Trade.values),
    "language": _choice("language", Language.values),
    "currency": _currency,
    "zone": _zone,
    "country": _country,
    "accent": _accent,
    "contact_email": _email,
    "is_published": bool,
}
"""What each setting may hold; a setting that is not named here cannot be changed."""


@transaction.atomic
def open_branch(*, name: str, address: str = "", zone: str = "") -> Branch:
    """Open a branch. Raises `InvalidInput` for an empty or taken name or an unknown zone."""
    name = plain_text(name, field="name", longest=80)
    if Branch.objects.filter(name=name).exists():
        raise InvalidInput(_("There is a branch of this name already. Choose another name."), field="name")
    return Branch.objects.create(
        name=name,
        address=plain_text(address, field="address", longest=200, required=False),
        zone=_zone(zone) if zone else "",
    )


@transaction.atomic
def add_terminal(*, branch: Branch, name: str, with_token: bool = True) -> tuple[Terminal, str]:
    """Put a till into a branch; returns it with its token, which is shown this once and never stored.

    A till that only people use needs none: `with_token=False` leaves it without, and the token is empty.
    """
    token = f"rgt_{random_code(32)}" if with_token else ""
    terminal = Terminal.objects.create(
        branch=branch, name=plain_text(name, field="name", longest=60), token_hash=hash_of_token(token) if token else ""
    )
    return terminal, token


@transaction.atomic
def appoint(
    *,
    name: str,
    email: str,
    password: str = "",
    role: str,
    branch: Branch | None = None,
    appointed_by: Staff | None = None,
) -> Staff:
    """Make a person a member of staff with a login of this business.

    `password` empty makes a login that must first be claimed by a reset link. Raises `InvalidInput` for a bad name,
    an e-mail that is none or taken, or a role that does not exist, and `NotAllowed` when a role is given by somebody
    who does not hold one above it: owners appoint everybody, managers cashiers.
    """
    if appointed_by is not None and appointed_by.role != Role.OWNER and role != Role.CASHIER:
        raise NotAllowed(_("Only an owner appoints owners and managers."), field="role")
    if role not in Role.values:
        raise InvalidInput(_("Choose one of: %(choices)s.") % {"choices": ", ".join(Role.values)}, field="role")
    address = _email(email, field="email")
    if not address:
        raise InvalidInput(_("Enter an e-mail address like name@example.com."), field="email")
    if User.objects.filter(email__iexact=address).exists():
        raise InvalidInput(_("Somebody here signs in with this e-mail already."), field="email")
    name = plain_text(name, field="name", longest=80)
    user = User(email=address, first_name=name[:150], is_staff=role != Role.CASHIER, date_joined=clock.now())
    if password:
        user.set_password(password)
    else:
        user.set_unusable_password()
    user.save()
    user.groups.set(Group.objects.filter(name=role))
    staff = Staff.objects.create(user=user, name=name, role=role, branch=branch)
    record(
        act="staff.appointed",
        actor=appointed_by.public_id if appointed_by else "",
        subject=staff.public_id,
        detail={"role": role},
    )
    return staff
