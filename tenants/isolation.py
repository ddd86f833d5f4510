"""Guards that hold querysets, objects and content types in the business they came from.

A schema per business protects only what is asked while the right business is entered. Django itself lets three things
travel: a queryset made in one business and evaluated in another, an object loaded in one and saved, deleted or
followed in another, and the process-wide cache of content types. `guard` marks each with its origin and refuses the
crossing. Models in public, whose tables carry their schema in their names, may go anywhere.

What runs in a hot path is one comparison of two strings.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentTypeManager
from django.db.models import Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.sql import Query, RawQuery
from django.forms import ModelChoiceField

from tenants.backend.place import here, is_qualified

PUBLIC = "public"
MOST_SCHEMAS = 500
"""How many businesses' content types one process remembers."""


class CrossBusinessError(RuntimeError):
    """Something of one business was about to be used in another; nothing was asked or written."""


def guard() -> None:
    """Switch the guards on; once more does nothing."""
    if not isinstance(ModelState.__dict__.get("db"), StampedDb):
        guard_objects()
        guard_querysets()
        guard_content_types()
        guard_permission_policies()


# Objects --------------------------------------------------------------------------------------------------------------


class StampedDb:
    """`_state.db` as Django has it; writing it, which loading and saving both do, also notes the business."""

    def __get__(self, state: Any, owner: Any = None) -> Any:
        return None if state is None else state.__dict__.get("db")

    def __set__(self, state: Any, db: str | None) -> None:
        values = state.__dict__
        values["db"] = db
        values["made_in"] = here.schema


def check_object(instance: Any) -> None:
    """Raise `CrossBusinessError` for an object that was loaded or saved in another business than the present one."""
    made_in = getattr(instance._state, "made_in", None)
    if made_in is not None and made_in != here.schema and not is_qualified(instance):
        raise CrossBusinessError(
            f"{type(instance).__name__} {instance.pk} belongs to {made_in}, not to {here.schema or 'no business'}."
        )


class BusinessRouter:
    """Asked by Django whenever an object is saved, deleted, refreshed or followed to another: it may not have moved."""

    def db_for_read(self, model: type[Model], **hints: Any) -> None:
        """No opinion on the database, a firm one on the instance that leads there."""
        if "instance" in hints:
            check_object(hints["instance"])

    db_for_write = db_for_read

    def allow_relation(self, first: Model, second: Model, **hints: Any) -> None:
        """Two objects may be bound together only where both are at home."""
        check_object(first)
        check_object(second)


stock_save_base = Model.save_base
stock_delete = Model.delete
stock_bulk_create = QuerySet.bulk_create
stock_bulk_update = QuerySet.bulk_update


def _save_base(self: Any, *args: Any, **options: Any) -> None:
    check_object(self)
    stock_save_base(self, *args, **options)


def _delete(self: Any, *args: Any, **options: Any) -> Any:
    check_object(self)
    return stock_delete(self, *args, **options)


def _in_bulk(stock: Callable[..., Any]) -> Callable[..., Any]:
    def checked(self: Any, objs: Iterable[Any], *args: Any, **options: Any) -> Any:
        objects = list(objs)
        for instance in objects:
            check_object(instance)
        return stock(self, objects, *args, **options)

    return checked


def guard_objects() -> None:
    """Mark each loaded or saved object with its business and refuse to write it in another."""
    ModelState.db = StampedDb()  # type: ignore[assignment]
    ModelState.made_in = None  # type: ignore[attr-defined]
    _alter(Model, "save_base", _save_base, alters_data=True)
    _alter(Model, "delete", _delete, alters_data=True)
    _alter(QuerySet, "bulk_create", _in_bulk(stock_bulk_create))
    _alter(QuerySet, "bulk_update", _in_bulk(stock_bulk_update), alters_data=True)


def _alter(owner: Any, name: str, replacement: Any, *, alters_data: bool = False) -> None:
    if alters_data:
        replacement.alters_data = True
    setattr(owner, name, replacement)


# Querysets ------------------------------------------------------------------------------------------------------------

stock_init = Query.__init__
stock_clone = Query.clone
stock_get_compiler = Query.get_compiler
stock_check_query_object_type = Query.check_query_object_type
stock_raw_init = RawQuery.__init__
stock_raw_execute = RawQuery.__dict__["_execute_query"]
stock_set_queryset = ModelChoiceField.__dict__["_set_queryset"]


def _origin() -> str | None:
    """The business a query made now belongs to; None in public and while modules are imported."""
    schema = here.schema
    return None if schema == PUBLIC else schema


def check_query(query: Any, model: Any) -> None:
    """Raise `CrossBusinessError` for a query that was made in another business than the present one."""
    made_in = query.made_in
    if made_in is not None and made_in != here.schema and not (model is not None and is_qualified(model)):
        name = model.__name__ if model is not None else "raw SQL"
        raise CrossBusinessError(
            f"A queryset of {name} made in {made_in} was evaluated in {here.schema or 'no business'}."
        )


def _init(self: Any, *args: Any, **options: Any) -> None:
    stock_init(self, *args, **options)
    self.made_in = _origin()


def _clone(self: Any) -> Any:
    cloned: Any = stock_clone(self)
    if cloned.made_in is None:
        cloned.made_in = _origin()
    return cloned


def _get_compiler(self: Any, *args: Any, **options: Any) -> Any:
    if self.made_in != here.schema:
        check_query(self, self.model)
    return stock_get_compiler(self, *args, **options)


def _check_query_object_type(self: Any, value: Any, opts: Any, field: Any) -> None:
    if isinstance(value, Model):
        check_object(value)
    stock_check_query_object_type(self, value, opts, field)


def _raw_init(self: Any, *args: Any, **options: Any) -> None:
    stock_raw_init(self, *args, **options)
    self.made_in = _origin()


def _raw_execute(self: Any) -> None:
    check_query(self, None)
    stock_raw_execute(self)


def _set_queryset(self: Any, queryset: Any) -> None:
    """A form's class is made once, in whichever business first needs it, and serves all: its unfiltered choices too."""
    stock_set_queryset(self, queryset)
    if self._queryset is not None and not self._queryset.query.where:
        self._queryset.query.made_in = None


def guard_querysets() -> None:
    """Mark each query with the business it was made in and refuse to run it in another."""
    Query.made_in = None  # type: ignore[attr-defined]
    RawQuery.made_in = None  # type: ignore[attr-defined]
    _alter(Query, "__init__", _init)
    _alter(Query, "clone", _clone)
    _alter(Query, "get_compiler", _get_compiler)
    _alter(Query, "check_query_object_type", _check_query_object_type)
    _alter(RawQuery, "__init__", _raw_init)
    _alter(RawQuery, "_execute_query", _raw_execute)
    _alter(ModelChoiceField, "_set_queryset", _set_queryset)
    _alter(ModelChoiceField, "queryset", property(ModelChoiceField.__dict__["_get_queryset"], _set_queryset))


# Content types --------------------------------------------------------------------------------------------------------


class CacheOfSchema:
    """The manager's `_cache`: a dictionary for each schema, and the present one's is what Django sees.

    The oldest is dropped when there are too many. Historical models of migrations have caches of their own.
    """

    def __init__(self) -> None:
        self._by_model: weakref.WeakKeyDictionary[Any, dict[str, dict[str, Any]]] = weakref.WeakKeyDictionary()
        self._turn = threading.Lock()

    def __get__(self, manager: Any, owner: Any = None) -> Any:
        if manager is None:
            return self
        schema = here.schema or ""
        caches = self._by_model.get(manager.model)
        found = caches.get(schema) if caches is not None else None
        return self._begin(manager.model, schema) if found is None else found

    def __set__(self, manager: Any, value: Any) -> None:
        """Django begins each manager with a dictionary of its own; it is not used."""

    def _begin(self, model: Any, schema: str) -> dict[str, Any]:
        with self._turn:
            caches = self._by_model.setdefault(model, {})
            while len(caches) >= MOST_SCHEMAS:
                caches.pop(next(iter(caches)))
            return caches.setdefault(schema, {})

    def forget(self, schema: str) -> None:
        """Let go of a schema that was dropped or migrated."""
        with self._turn:
            for caches in self._by_model.values():
                caches.pop(schema, None)


content_types = CacheOfSchema()


def guard_content_types() -> None:
    """Give each business its own cache of content types: ids need not be the same everywhere."""
    ContentTypeManager._cache = content_types  # type: ignore[attr-defined]


def guard_permission_policies() -> None:
    """Wagtail's policies live as long as the process and keep the content type they first saw: let them ask."""
    from django.contrib.contenttypes.models import ContentType
    from wagtail.permission_policies.base import BaseDjangoAuthPermissionPolicy

    def content_type(self: Any) -> Any:
        return ContentType.objects.get_for_model(self.auth_model)

    BaseDjangoAuthPermissionPolicy._content_type = property(content_type)
