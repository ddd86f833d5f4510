"""A business closes: first out of reach and whole, deleted only after notice or at its owner's request."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars import clock
from regulars.errors import RegularsError
from regulars.operations.trail import record
from tenants.context import business_context, public_context
from tenants.models import Business, BusinessState, WorkHint
from tenants.provisioning.schemas import drop_schema

log = structlog.get_logger(__name__)
NOTICE = dt.timedelta(days=30)
"""How long an archived business is kept before it may be deleted."""


class TooEarly(RegularsError):
    """A business is deleted only after its notice, or at its owner's request."""

    message = gettext_lazy("This business may not be deleted yet.")


def close_business(*, business: Business, by: str) -> Business:
    """Archive a business: its hosts answer 410, its work rests, its data is kept. `by` is for the trail.

    Closing it once more changes nothing.
    """
    return _move(business, BusinessState.ARCHIVED, by)


def reopen_business(*, business: Business, by: str) -> Business:
    """Bring an archived business back as it was. Opening an open one changes nothing."""
    return _move(business, BusinessState.OPEN, by)


@transaction.atomic
def _move(business: Business, state: BusinessState, by: str) -> Business:
    with public_context():
        found: Business = Business.objects.select_for_update().get(pk=business.pk)
        if found.state == state:
            return found
        is_closing = state == BusinessState.ARCHIVED
        found.state = state
        found.archived_at = clock.now() if is_closing else None
        found.delete_after = clock.today(found.zone) + NOTICE if is_closing else None
        found.save(update_fields=["state", "archived_at", "delete_after"])
        if is_closing:
            WorkHint.objects.filter(schema_name=found.schema_name).delete()
        else:
            WorkHint.objects.get_or_create(schema_name=found.schema_name, defaults={"due_at": clock.now()})
    with business_context(found):
        record(act=f"business.{state}", actor=by)
    log.info("business_moved", moved=found.schema_name, state=str(state))
    return found


@transaction.atomic
def delete_business(*, business: Business, is_requested_by_owner: bool = False) -> None:
    """Delete an archived business: its schema, its files, its addresses. There is no way back.

    Raises `TooEarly` before its notice has run out, unless the owner asked for it, and for one that is not archived.
    """
    with public_context():
        found = Business.objects.select_for_update().get(pk=business.pk)
        if found.state != BusinessState.ARCHIVED or found.delete_after is None:
            raise TooEarly(_("Close the business first."))
        if clock.today(found.zone) < found.delete_after and not is_requested_by_owner:
            raise TooEarly(
                _("This business may be deleted after %(day)s, or earlier at its owner's request.")
                % {"day": found.delete_after.isoformat()}
            )
        schema_name = found.schema_name
        drop_schema(schema_name)
        WorkHint.objects.filter(schema_name=schema_name).delete()
        Business.objects.filter(pk=found.pk).delete()
        transaction.on_commit(lambda: _remove_files(schema_name))
    log.info("business_deleted", deleted=schema_name)


def _remove_files(schema_name: str) -> None:
    folder = Path(settings.MEDIA_ROOT) / schema_name
    if folder.is_dir():
        shutil.rmtree(folder, ignore_errors=True)
