"""A business closes: first out of reach and whole, deleted only after notice or at its owner's request."""

from __future__ import annotations

import datetime as dt

import structlog
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars import clock
from regulars.errors import RegularsError
from regulars.operations.trail import record
from tenants.context import business_context, public_context
from tenants.models import Business, BusinessState, WorkHint
from tenants.provisioning.schemas import drop_schema
from tenants.services.practising import drop_practice
from tenants.storage import remove_files

log = structlog.get_logger(__name__)
NOTICE = dt.timedelta(days=30)
"""How long an archived business is kept before it may be deleted."""


class TooEarly(RegularsError):
    """A business is deleted only after its notice, or at its owner's request."""

    message = gettext_lazy("This business may not be deleted yet.")


class IsForPractice(RegularsError):
    """A practice place is no business to be closed or deleted: it goes with its business, or when nobody uses it."""

    message = gettext_lazy("This is a practice place. It goes with its business, or after 30 days without use.")


def close_business(*, business: Business, by: str) -> Business:
    """Archive a business: its hosts answer 410, its work rests, its data is kept. `by` is for the trail.

    Its practice place is dropped. Closing it once more changes nothing. Raises `IsForPractice` for a practice place.
    """
    return _move(business, BusinessState.ARCHIVED, by)


def reopen_business(*, business: Business, by: str) -> Business:
    """Bring an archived business back as it was. Opening an open one changes nothing."""
    return _move(business, BusinessState.OPEN, by)


@transaction.atomic
def _move(business: Business, state: BusinessState, by: str) -> Business:
    with public_context():
        found: Business = Business.objects.select_for_update().get(pk=business.pk)
        if found.practice_of_id is not None:
            raise IsForPractice
        if found.state == state:
            return found
        is_closing = state == BusinessState.ARCHIVED
        if is_closing:
            drop_practice(business=found)
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
        drop_practice(business=found)
        drop_schema(schema_name)
        WorkHint.objects.filter(schema_name=schema_name).delete()
        Business.objects.filter(pk=found.pk).delete()
        transaction.on_commit(lambda: remove_files(schema_name))
    log.info("business_deleted", deleted=schema_name)
