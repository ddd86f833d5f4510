"""What the core asks about the place it runs in: its address, its trial, and who wakes the workers."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from regulars import clock
from regulars.hooks import ChainHead, Door, MenuItem, hookimpl
from regulars.organisation.models import Staff
from regulars.people.models import Member
from tenants import hosts, selectors
from tenants.models import Business, BusinessState
from tenants.models import ChainHead as NotedHead
from tenants.waking import wake

NOTE_HEAD = """
INSERT INTO "public"."tenants_chain_head" AS head (schema_name, chain, number, digest, noted_at)
VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (schema_name, chain) DO UPDATE
SET number = excluded.number, digest = excluded.digest, noted_at = excluded.noted_at
WHERE head.number < excluded.number
"""


@hookimpl
def site_address(path: str) -> str | None:
    """The whole address of a path on the host of the business this thread is in."""
    business = _present()
    if business is None:
        return None
    return f"{settings.PUBLIC_SCHEME}://{selectors.primary_host(business)}{hosts.port()}{path}"


@hookimpl
def settings_changed(name: str, language: str, zone: str) -> bool | None:
    """Keep beside the hosts what is needed to enter the business: whoever enters it activates this zone."""
    business = _present()
    if business is None:
        return None
    Business.objects.filter(pk=business.pk).update(name=name, language=language, zone=zone)
    selectors.forget_domains()
    return True


@hookimpl
def trial_days_left() -> int | None:
    """Days of the trial, the day on which it ends included; 0 once it is over."""
    business = _present()
    if business is None or business.practice_of_id is not None:
        return None
    last = clock.day_of(business.trial_ends_at, business.zone)
    return max(0, (last - clock.today(business.zone)).days)


@hookimpl
def practice_page() -> str | None:
    """The way out of a practice place; None everywhere else."""
    business = _present()
    return reverse("tenants:practice") if business is not None and business.practice_of_id is not None else None


@hookimpl
def menu_items(door: Door, staff: Staff | None, member: Member | None) -> list[MenuItem]:
    """The way to the practice place, for staff in the back office and at the counter."""
    business = _present()
    if (
        door not in ("backoffice", "counter")
        or staff is None
        or business is None
        or business.practice_of_id is not None
    ):
        return []
    where = f"{reverse('tenants:practice')}?door={'office' if door == 'backoffice' else door}"
    return [MenuItem(label=_("Practise"), url=where, icon="star", order=900)]


@hookimpl
def chain_sealed(chain: str, number: int, digest: str) -> bool | None:
    """Keep the newest link of a chain; an older one never takes its place."""
    schema_name = connection.schema_name  # type: ignore[attr-defined]
    if not schema_name or schema_name == settings.PUBLIC_SCHEMA_NAME:
        return None
    with connection.cursor() as cursor:
        cursor.execute(NOTE_HEAD, [schema_name, chain, number, digest, clock.now()])
    return True


@hookimpl
def chain_head(chain: str) -> ChainHead | None:
    """What was noted of a chain of the business this thread is in; number 0 where nothing was."""
    schema_name = connection.schema_name  # type: ignore[attr-defined]
    if not schema_name or schema_name == settings.PUBLIC_SCHEMA_NAME:
        return None
    noted = NotedHead.objects.filter(schema_name=schema_name, chain=chain).first()
    return ChainHead(number=noted.number if noted else 0, digest=noted.digest if noted else "")


@hookimpl
def work_waiting(due_at: dt.datetime) -> bool | None:
    """Note, once the present transaction has committed, that this business has work due."""
    schema_name = connection.schema_name  # type: ignore[attr-defined]
    if not schema_name or schema_name == settings.PUBLIC_SCHEMA_NAME:
        return None

    def note() -> None:
        wake(schema_name, due_at)

    if connection.in_atomic_block:
        transaction.on_commit(note)
    else:
        note()
    return True


def _present() -> Business | None:
    """The open business this thread is in."""
    tenant = connection.tenant  # type: ignore[attr-defined]
    if isinstance(tenant, Business):
        return tenant
    schema_name = getattr(tenant, "schema_name", None)
    if not schema_name or schema_name == settings.PUBLIC_SCHEMA_NAME:
        return None
    business = selectors.business_of(schema_name)
    return business if business is not None and business.state == BusinessState.OPEN else None
