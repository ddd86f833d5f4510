"""The gate: which modules are on in this business, and asking those and no others.

The states are read once for each business and kept in its cache for a few seconds, so that a warm page asks the
database nothing. Where a transaction has switched a module and not yet committed, it alone sees its own switch.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, ParamSpec, TypeVar

import structlog
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.utils.translation import gettext_lazy as _

from regulars import hooks
from regulars.after_commit import is_wished
from regulars.errors import RegularsError
from regulars.events import NAMES, Event
from regulars.plugins import loading

CACHE_KEY = "plugin_states"
CACHE_SECONDS = 5
SWITCHED = "plugin_switched"
"""The name under which a switch asks to be made known after commit."""

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")
log = structlog.get_logger(__name__)


class ModuleIsOff(RegularsError):
    """The module is off here, or is closing and takes on nothing new."""

    message = _("This module is not switched on here, or it is closing and takes on nothing new.")


# Who is on ------------------------------------------------------------------------------------------------------------


def states() -> dict[str, str]:
    """The state of every module that is on or closing in this business; none in public."""
    if getattr(connection, "schema_name", None) in (None, "", "public"):
        return {}
    if is_wished(SWITCHED):
        return _read()
    found: dict[str, str] | None = cache.get(CACHE_KEY)
    if found is None:
        found = _read()
        cache.set(CACHE_KEY, found, CACHE_SECONDS)
    return found


def _read() -> dict[str, str]:
    from regulars.organisation.models import EnabledPlugin, PluginState

    rows = EnabledPlugin.objects.exclude(state=PluginState.OFF)
    return {name: str(state) for name, state in rows.values_list("name", "state")}


def forget() -> None:
    """Read the states of this business anew at the next question."""
    cache.delete(CACHE_KEY)


def state_of(name: str) -> str:
    """`on`, `closing` or `off`; a module that is not installed or was refused is off whatever its row says."""
    return states().get(name, "off") if name in loading.installed() else "off"


def is_on(name: str) -> bool:
    """Whether the module may take on something new in this business."""
    return state_of(name) == "on"


def answers(name: str) -> bool:
    """Whether the module's addresses, tasks, routes and blocks answer here: it is on or closing."""
    return state_of(name) != "off"


def require_on(name: str) -> None:
    """For a plugin's own acts that sell or promise something new. Raises `ModuleIsOff` when off or closing."""
    if not is_on(name):
        raise ModuleIsOff


def _reached(name: str, reach: hooks.Reach) -> bool:
    module = name.partition(":")[0]
    if loading.is_house(module):
        return True
    if reach == "installed":
        return not loading.is_refused(module)
    return reach != "house" and state_of(module) in (("on",) if reach == "on" else ("on", "closing"))


# Asking ---------------------------------------------------------------------------------------------------------------


def ask(spec: Callable[Arguments, list[Answer]], *args: Arguments.args, **named: Arguments.kwargs) -> list[Answer]:
    """All answers to a hook in this business, in one list: `ask(hooks.menu_items, door="portal", …)`.

    The house answers first, then the modules by name. Raises what an answer raises, with the module's name added,
    except for hooks marked `alone`, whose failing answers are logged and left out.
    """
    return [answer for answers in _answers(spec, args, named) for answer in answers]


def is_asked(*specs: Callable[..., Any]) -> bool:
    """Whether anybody would be asked by one of these hooks in this business now."""
    return any(_reached(name, hooks.asked_of(spec).reach) for spec in specs for name in _implementers(spec.__name__))


def ask_one(
    name: str, spec: Callable[Arguments, list[Answer]], *args: Arguments.args, **named: Arguments.kwargs
) -> list[Answer]:
    """The answers of one module, whatever its state. Raises what it raises."""
    return [answer for answers in _answers(spec, args, named, only=name) for answer in answers]


def first(spec: Callable[Arguments, Answer | None], *args: Arguments.args, **named: Arguments.kwargs) -> Answer | None:
    """The first answer that is not None: `first(hooks.site_address, path="/")`. Raises what an answer raises."""
    return next((answer for answer in _answers(spec, args, named) if answer is not None), None)


def listeners(fact: str) -> list[str]:
    """Who hears a fact in this business now: the house and the modules that are on or closing.

    A module that is on here but was refused at start is listed too: what it misses waits for it and is not lost.
    """
    waited_for = [name for name in states() if loading.is_refused(name)]
    return [name for name in _implementers(fact) if _reached(name, "closing")] + waited_for


def tell(listener: str, event: Event) -> None:
    """Tell one listener one fact; says nothing to one that is off or gone.

    Raises what the listener raises, and `ModuleIsOff` for one that is on here and was refused at start.
    """
    name = NAMES[type(event)]
    if loading.is_refused(listener) and listener in states():
        raise ModuleIsOff(_("This module could not be loaded; it hears this once it can be."))
    if _reached(listener, "closing"):
        dict(_callers(name))[listener](event=event)


def _answers(
    spec: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any], *, only: str = ""
) -> Iterator[Any]:
    """Each module's answer; where a hook collects lists, an answer that is none fails in its module's name."""
    callers = _callers(spec.__name__)
    if not callers:
        return
    asked, is_list = hooks.asked_of(spec), not spec.__dict__[f"{hooks.PROJECT}_spec"]["firstresult"]
    arguments = inspect.signature(spec).bind(*args, **named).arguments if args else named
    for name, caller in callers:
        if name.partition(":")[0] != only if only else not _reached(name, asked.reach):
            continue
        try:
            answer = caller(**arguments)
            answer = [*(answer or [])] if is_list else answer
        except Exception as error:
            error.add_note(f"while module {name} answered {spec.__name__}")
            if not asked.alone or (isinstance(error, DatabaseError) and connection.in_atomic_block):
                raise
            log.exception("answer_left_out", plugin=name, hook=spec.__name__)
        else:
            yield answer


def _implementers(hook: str) -> list[str]:
    """The registered names that answer a hook, in the order in which they are asked."""
    return [name for name, _caller in _callers(hook)]


def _callers(hook: str) -> tuple[tuple[str, Callable[..., Any]], ...]:
    """Who answers a hook, in the order in which they are asked: the registered name, and the hook limited to it."""
    manager = loading.manager()
    return _limited(manager, hook, tuple(getattr(manager.hook, hook).get_hookimpls()))


@lru_cache(maxsize=512)
def _limited(manager: Any, hook: str, answering: tuple[Any, ...]) -> tuple[tuple[str, Callable[..., Any]], ...]:
    def only(name: str) -> Callable[..., Any]:
        others = tuple(each.plugin for each in answering if each.plugin_name != name)
        limited: Any = manager.subset_hook_caller(hook, others)
        if limited.spec is not None and limited.spec.opts["firstresult"]:
            alone: Callable[..., Any] = limited
            return alone
        return lambda **arguments: next(iter(limited(**arguments)), None)

    return tuple((each.plugin_name, only(each.plugin_name)) for each in reversed(answering))
