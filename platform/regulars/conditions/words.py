"""Conditions in words: one sentence for the whole, one for each statement, in the active language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from regulars.conditions import registry
from regulars.conditions.fields import Field
from regulars.money import format_count, format_money

if TYPE_CHECKING:
    from regulars.conditions.tree import Leaf, Node


def listed(words: Sequence[str], *, every: bool = False) -> str:
    """`a`, `a or b`, `a, b or c`; `and` where all are meant."""
    if len(words) < 2:
        return "".join(words)
    values = {"first": _(", ").join(words[:-1]), "last": words[-1]}
    return _("%(first)s and %(last)s") % values if every else _("%(first)s or %(last)s") % values


def one_value(field: Field, value: Any) -> str:
    """A value as people write it."""
    if field.kind == "money":
        return format_money(int(value), registry.currency())
    if field.kind == "number":
        return format_count(int(value))
    if isinstance(value, dt.date):
        return date_format(value, "DATE_FORMAT")
    if field.kind in ("choice", "choices"):
        return field.all_choices().get(str(value), str(value))
    return _("“%(text)s”") % {"text": value}


def days(count: int) -> str:
    """`60 days`."""
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}


def leaf(node: Leaf) -> str:
    """One statement: `amount spent in the last 90 days is at least ¥500.00`."""
    label = str(node.field.label)
    if node.window is not None:
        label = _("%(label)s %(window)s") % {"label": label, "window": node.window.words()}
    return str(node.operator.said) % {"label": label, **_values(node)}


def _values(node: Leaf) -> dict[str, str]:
    field, value = node.field, node.value
    match node.operator.takes:
        case "nothing":
            return {}
        case "days":
            return {"value": days(value)}
        case "two":
            return {"first": one_value(field, value[0]), "last": one_value(field, value[1])}
        case "list":
            known = field.all_choices()
            words = [known.get(each, each) for each in value]
            return {"value": listed(words), "all_values": listed(words, every=True)}
    return {"value": one_value(field, value)}


def actual(field: Field, value: Any) -> str:
    """What is the case."""
    if value is None:
        return unknown()
    if field.kind == "yes_no":
        return _("yes") if value else _("no")
    if field.kind == "choices":
        return listed(sorted(one_value(field, each) for each in value), every=True) or pgettext("condition", "none")
    return str(value) if field.kind == "text" else one_value(field, value)


def unknown() -> str:
    """Nothing is known."""
    return _("not known")


def missing(code: str) -> str:
    """A statement that nobody can answer."""
    return _("something that is no longer there (%(code)s; its module may be switched off)") % {"code": code or "?"}


def contrary(words: str) -> str:
    """The contrary of a statement."""
    return _("it is not so that %(words)s") % {"words": words}


def joined(parts: Iterable[str], *, every: bool) -> str:
    """Several statements as one."""
    return (pgettext("condition", " and ") if every else pgettext("condition", " or ")).join(parts)


def condition(node: Node | None) -> str:
    """A whole tree in one sentence."""
    from regulars.conditions.tree import Joined, Leaf, Missing, Negated

    if node is None:
        return pgettext("condition", "always")
    if isinstance(node, Leaf):
        return leaf(node)
    if isinstance(node, Missing):
        return missing(node.code)
    if isinstance(node, Negated):
        inner = condition(node.part)
        return contrary(_("(%(words)s)") % {"words": inner} if isinstance(node.part, Joined) else inner)
    parts = [
        _("(%(words)s)") % {"words": condition(part)}
        if isinstance(part, Joined) and len(part.parts) > 1
        else condition(part)
        for part in node.parts
    ]
    return joined(parts, every=node.every)
