"""The two kinds of tasks: one that works inside a business and refuses to run without, and one that works in public.

The business travels as a header that is written when a task is queued. Entering is done here, around the task's own
code, so that whatever happens the worker is back where it was; the library's signals, which fall back to public for a
task that has lost its header, are not used.
"""

from __future__ import annotations

from typing import Any

from celery.signals import task_postrun, task_prerun
from django.conf import settings
from django.db import connection
from tenant_schemas_celery.app import get_schema_name_from_task
from tenant_schemas_celery.task import TenantTask

from tenants import selectors
from tenants.context import business_context, public_context
from tenants.models import Business, BusinessState

task_prerun.disconnect(dispatch_uid="tenant_schemas_switch_schema")
task_postrun.disconnect(dispatch_uid="tenant_schemas_restore_schema")


class NoBusinessForTask(RuntimeError):
    """A task of a business came without one, or with one that is closed or gone; it did not run."""


class BusinessTask(TenantTask):  # type: ignore[misc]
    """A task that runs inside the business it was queued in, in its time zone."""

    abstract = True

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Run inside the business; raises `NoBusinessForTask` without running when there is none."""
        with business_context(self._business()):
            return super().__call__(*args, **options)

    def _business(self) -> Business:
        schema_name = self._schema_name()
        business = selectors.business_of(schema_name) if schema_name else None
        if business is None:
            raise NoBusinessForTask(
                f"{self.name} came without a business ({schema_name or 'no schema'}) and was not run."
            )
        if business.state != BusinessState.OPEN:
            raise NoBusinessForTask(f"{self.name} came for {schema_name}, which is closed, and was not run.")
        return business

    def _schema_name(self) -> str:
        is_called = self.request.called_directly
        present = connection.schema_name if is_called else get_schema_name_from_task(self, {})  # type: ignore[attr-defined]
        return "" if not present or present == settings.PUBLIC_SCHEMA_NAME else str(present)


class PublicTask(TenantTask):  # type: ignore[misc]
    """A task that looks after all businesses, in the public schema; every such task says so."""

    abstract = True

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Run in public."""
        with public_context():
            return super().__call__(*args, **options)
