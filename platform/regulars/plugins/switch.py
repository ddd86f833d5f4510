"""Switching modules: off → on → closing → off, with the reason where a step is not possible."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from regulars import clock, hooks
from regulars.after_commit import after_commit
from regulars.errors import NotFound, RegularsError
from regulars.events import PluginStateChanged
from regulars.operations.outbox import announce, new_event_id
from regulars.operations.trail import record
from regulars.organisation.models import EnabledPlugin, PluginState
from regulars.plugins import gate, loading


class CannotSwitch(RegularsError):
    """The module cannot go from its state to the one asked for; the message says why and what to do first."""

    field = "module"


class UnknownModule(NotFound):
    """No module of this name is installed; the message lists those that are."""

    field = "module"


@dataclass(frozen=True)
class ShelfEntry:
    """A module on the shelf: what it is, and how it stands in this business."""

    name: str
    title: str | Promise
    summary: str | Promise
    icon: str
    state: str
    requires: tuple[str, ...]


@dataclass(frozen=True)
class Stranded:
    """A module that is on or closing here and cannot be loaded any more; `reason` says why."""

    name: str
    state: str
    reason: str | Promise


def shelf() -> list[ShelfEntry]:
    """Every installed module with its state here, by name."""
    return [
        ShelfEntry(name, config.verbose_name, config.summary, config.icon, gate.state_of(name), config.requires)
        for name, config in sorted(loading.installed().items())
    ]


def stranded() -> list[Stranded]:
    """The modules that are on or closing here although they were refused at start or are gone, by name."""
    reasons = {refusal.name: refusal.reason for refusal in loading.refused()}
    return [
        Stranded(name, state, reasons.get(name, _("Its package is not installed any more.")))
        for name, state in sorted(gate.states().items())
        if name not in loading.installed()
    ]


def owed_by(name: str) -> list[hooks.Owed]:
    """What members could still claim from a module, whatever its state; nothing from one that cannot be asked."""
    return gate.ask_one(name, hooks.what_is_owed) if name in loading.installed() else []


def needed_by(name: str) -> list[str]:
    """The modules on or closing here that need this one, by name."""
    return _needing(name, list(gate.states()))


@transaction.atomic
def switch_on(*, name: str, by: str) -> EnabledPlugin:
    """Switch a module on, from off or back from closing.

    Raises `UnknownModule`, and `CannotSwitch` when it was refused at start, is on already, or needs another to be on.
    """
    states = _states_locked()
    _must_be_installed(name)
    if states.get(name) == PluginState.ON:
        raise CannotSwitch(format_lazy(_("The module “{name}” is on already."), name=name))
    missing = [needed for needed in loading.installed()[name].requires if states.get(needed) != PluginState.ON]
    if missing:
        raise CannotSwitch(
            format_lazy(
                _("The module “{name}” needs “{needed}”. Switch that on first."), name=name, needed="”, “".join(missing)
            )
        )
    return _set(name=name, previous=states.get(name, PluginState.OFF), state=PluginState.ON, by=by)


@transaction.atomic
def close(*, name: str, by: str) -> EnabledPlugin:
    """Let a module close: nothing new, but what members own is honoured.

    Raises `UnknownModule`, and `CannotSwitch` when it is not on or a module that is on needs it.
    """
    states = _states_locked()
    _must_be_installed(name)
    if states.get(name) != PluginState.ON:
        raise CannotSwitch(format_lazy(_("The module “{name}” is not on, so there is nothing to close."), name=name))
    _must_not_be_needed(name, [each for each, state in states.items() if state == PluginState.ON])
    return _set(name=name, previous=PluginState.ON, state=PluginState.CLOSING, by=by)


@transaction.atomic
def switch_off(*, name: str, by: str) -> EnabledPlugin:
    """Switch a closing module off; its data stays. One that cannot be loaded goes off from wherever it stands.

    Raises `UnknownModule`, and `CannotSwitch` when it is not closing, still owes members something or is needed.
    """
    states = _states_locked()
    state = states.get(name, PluginState.OFF)
    if name not in loading.installed() and state != PluginState.OFF:
        return _set(name=name, previous=state, state=PluginState.OFF, by=by)
    _must_be_installed(name)
    if state == PluginState.OFF:
        raise CannotSwitch(format_lazy(_("The module “{name}” is off already."), name=name))
    if state == PluginState.ON:
        raise CannotSwitch(format_lazy(_("The module “{name}” is on. Set it to closing first."), name=name))
    _must_not_be_needed(name, [each for each, state in states.items() if state != PluginState.OFF])
    owed = owed_by(name)
    if owed:
        listed = ", ".join(f"{each.label}: {each.amount}" for each in owed)
        raise CannotSwitch(
            format_lazy(
                _("Members can still claim from “{name}”: {listed}. It stays closing until then."),
                name=name,
                listed=listed,
            )
        )
    return _set(name=name, previous=state, state=PluginState.OFF, by=by)


def _states_locked() -> dict[str, str]:
    """The states of all modules, with switching held up in this business until the act is over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(current_schema() || ':plugins'))")
    return {row.name: row.state for row in EnabledPlugin.objects.all()}


def _must_be_installed(name: str) -> None:
    if name in loading.installed():
        return
    for refusal in loading.refused():
        if refusal.name == name:
            raise CannotSwitch(
                format_lazy(_("The module “{name}” was refused at start. {reason}"), name=name, reason=refusal.reason)
            )
    known = ", ".join(sorted(loading.installed())) or "–"
    raise UnknownModule(format_lazy(_("There is no module “{name}”. Installed: {known}."), name=name, known=known))


def _must_not_be_needed(name: str, among: list[str]) -> None:
    if needing := _needing(name, among):
        raise CannotSwitch(
            format_lazy(
                _("The module “{name}” is needed by “{needing}”. Close that first."),
                name=name,
                needing="”, “".join(needing),
            )
        )


def _needing(name: str, among: list[str]) -> list[str]:
    installed = loading.installed()
    return sorted(each for each in among if each in installed and name in installed[each].requires)


def _set(*, name: str, previous: str, state: PluginState, by: str) -> EnabledPlugin:
    now = clock.now()
    row, _made = EnabledPlugin.objects.update_or_create(
        name=name, defaults={"state": state, "changed_at": now, "changed_by": by[:80]}
    )
    after_commit(gate.forget, once=gate.SWITCHED)
    record(act=f"module_{state}", actor=by, subject=name, before={"state": str(previous)}, after={"state": str(state)})
    announce(
        PluginStateChanged(
            event_id=new_event_id(), occurred_at=now, plugin=name, previous=str(previous), current=str(state)
        )
    )
    return row
