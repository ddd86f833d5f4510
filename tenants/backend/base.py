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
from django.db import connections
from django.utils import timezone
from django_tenants.postgresql_backend import base as stock
from django_tenants.utils import get_public_schema_name
from psycopg.pq import TransactionStatus

from tenants.backend.place import here


class NoBusinessChosen(ImproperlyConfigured):
    """A thread asked the database something before it said in which business it is."""

    def __init__(self) -> None:
        super().__init__("No business chosen: enter one with tenants.context.business_context or public_context first.")


class DatabaseWrapper(stock.DatabaseWrapper):  # type: ignore[misc]
    """A connection that knows its business.

    `uncommitted` names what this transaction has changed and no cache may keep before it commits.
    """

    _is_made = False

    def __init__(self, *args: Any, **options: Any) -> None:
        self.uncommitted: set[str] = set()
        super().__init__(*args, **options)
        self._is_made = True
        if threading.current_thread() is not threading.main_thread():
            self.leave()

    def leave(self) -> None:
        """Be nowhere: the next statement is refused until a business (or public) is chosen."""
        self.tenant = None
        self.schema_name = None
        self.search_path_set_schemas = None
        self._tell_thread()

    def set_tenant(self, tenant: Any, include_public: bool = False) -> None:
        """Enter a business. Unlike the stock method it never adds public and keeps the content types of others."""
        self.tenant = tenant
        self.schema_name = tenant.schema_name
        self.include_public_schema = False
        self.set_settings_schema(self.schema_name)
        self.search_path_set_schemas = None
        self._tell_thread()

    def _tell_thread(self) -> None:
        """Let the guards know; a copy of the connection that somebody made beside the thread's own does not count."""
        if self._is_made and getattr(connections._connections, self.alias, None) is self:  # type: ignore[attr-defined]
            here.schema = self.schema_name

    def commit(self) -> None:
        """Commit; what others remember of the tables in `uncommitted` may be remembered anew."""
        super().commit()
        self.uncommitted.clear()

    def rollback(self) -> None:
        """Take everything back; nothing is uncommitted any more."""
        super().rollback()
        self.uncommitted.clear()

    def _get_cursor_search_paths(self) -> list[str]:
        if not self.schema_name:
            raise NoBusinessChosen
        paths = [self.schema_name, *settings.PG_EXTRA_SEARCH_PATHS]
        for path in paths:
            stock._check_schema_name(path)
        return paths

    def _handle_search_path(self, cursor: Any = None) -> None:
        """Set the path, unless this very connection to the server has it from whoever used it last.

        What it has is noted on it only where it was set outside a transaction: no rollback takes that back, and nobody
        else sets a path. Within one nothing is noted, and the next user sets it again.
        """
        raw = self.connection
        if raw is None or self._setting_search_path or not self.schema_name:
            super()._handle_search_path(cursor)
            return
        if self.search_path_set_schemas:
            return
        paths = self._get_cursor_search_paths()
        is_outside = raw.info.transaction_status == TransactionStatus.IDLE
        if is_outside and getattr(raw, "path_it_has", None) == paths:
            self.search_path_set_schemas = paths
            return
        raw.path_it_has = None
        super()._handle_search_path(cursor)
        if is_outside and self.search_path_set_schemas and raw.info.transaction_status == TransactionStatus.IDLE:
            raw.path_it_has = paths

    def _cursor(self, name: str | None = None) -> Any:
        if not self.schema_name and not self._setting_search_path:
            raise NoBusinessChosen
        return super()._cursor(name=name)

    def on_commit(self, func: Callable[[], Any], robust: bool = False) -> None:
        """Run after commit, in the business and zone that asked for it, whichever the connection is in by then."""
        if not callable(func):
            raise TypeError("on_commit()'s callback must be a callable.")
        tenant, zone = self.tenant, timezone.get_current_timezone()

        def in_its_business() -> None:
            present = self.tenant
            if present is tenant or tenant is None or self.schema_name == tenant.schema_name:
                func()
                return
            self.set_tenant(tenant)
            try:
                with timezone.override(zone):
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
