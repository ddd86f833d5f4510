"""The database backend: every statement runs in the business it was meant for, or not at all.

On top of django-tenants it closes what would let one business see another: the search path is the business's own
schema and the extensions', never public; a thread that has not said where it is may not ask anything; what is to run
after commit runs in the business that asked for it; and a switch no longer empties the content types of the others.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django_tenants.postgresql_backend import base as stock
from django_tenants.utils import get_public_schema_name


class NoBusinessChosen(ImproperlyConfigured):
    """A thread asked the database something before it said in which business it is."""


class DatabaseWrapper(stock.DatabaseWrapper):  # type: ignore[misc]
    """A connection that knows its business."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if threading.current_thread() is not threading.main_thread():
            self.leave()

    def leave(self) -> None:
        """Be nowhere: the next statement is refused until a business (or public) is chosen."""
        self.tenant = None
        self.schema_name = None
        self.search_path_set_schemas = None

    def set_tenant(self, tenant: Any, include_public: bool = False) -> None:
        """Enter a business. Unlike the stock method it never adds public and keeps the content types of others."""
        self.tenant = tenant
        self.schema_name = tenant.schema_name
        self.include_public_schema = False
        self.set_settings_schema(self.schema_name)
        self.search_path_set_schemas = None

    def _get_cursor_search_paths(self) -> list[str]:
        if not self.schema_name:
            raise NoBusinessChosen(
                "No business chosen: enter one with tenants.context.business_context or public_context first."
            )
        paths = [self.schema_name, *settings.PG_EXTRA_SEARCH_PATHS]
        for path in paths:
            stock._check_schema_name(path)
        return paths

    def _cursor(self, name: str | None = None) -> Any:
        if not self.schema_name and not self._setting_search_path:
            raise NoBusinessChosen(
                "No business chosen: enter one with tenants.context.business_context or public_context first."
            )
        return super()._cursor(name=name)

    def on_commit(self, func: Callable[[], Any], robust: bool = False) -> None:
        """Run after commit, in the business that asked for it, whichever the connection is in by then."""
        tenant = self.tenant

        def in_its_business() -> None:
            present, self_schema = self.tenant, self.schema_name
            if present is tenant or tenant is None or self_schema == tenant.schema_name:
                func()
                return
            self.set_tenant(tenant)
            try:
                func()
            finally:
                if present is None:
                    self.leave()
                else:
                    self.set_tenant(present)

        super().on_commit(in_its_business, robust=robust)

    @property
    def is_public(self) -> bool:
        """Whether this connection is in the schema that all businesses share."""
        return bool(self.schema_name == get_public_schema_name())
