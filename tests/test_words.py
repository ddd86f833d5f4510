"""Every word a person can see is there in Chinese too, with the same gaps to fill and the same words of the trade."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from tests.sources import ROOT, ROOTS, below, modules, templates, text_of, tree_of

pytestmark = pytest.mark.clause("2.8")

PLACES = {"gettext": (None, 0, None), "ngettext": (None, 0, 1), "pgettext": (0, 1, None), "npgettext": (0, 1, 2)}
"""Where each function of gettext has its context, its words and its plural."""

TO_MEMBERS = ("platform/regulars/portal/", "platform/regulars/outreach/")
TO_STAFF = ("platform/regulars/counter/", "platform/regulars/backoffice/", "platform/regulars/organisation/")


class Words(NamedTuple):
    """What is looked up in a catalogue."""

    context: str | None
    text: str


def _base(function: str) -> str:
    return function.removesuffix("_lazy").removesuffix("_noop")


def _names_of_gettext(tree: ast.Module) -> dict[str, str]:
    """What this module calls the functions of gettext: `{"_": "gettext"}`."""
    return {
        alias.asname or alias.name: _base(alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django.utils.translation")
        for alias in node.names
        if _base(alias.name) in PLACES
    }


def _calls(tree: ast.Module, names: dict[str, str]) -> Iterator[Words]:
    for node in ast.walk(tree):
        called = node.func if isinstance(node, ast.Call) else None
        name = called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
        if not isinstance(node, ast.Call) or (function := names.get(name)) is None:
            continue
        context, text, plural = PLACES[function]
        given = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
        for place in (text, plural):
            if place is not None and place < len(given) and isinstance(given[place], str):
                yield Words(str(given[context]) if context is not None else None, str(given[place]))
                break


def _in_python(name: str) -> Iterator[Words]:
    tree = tree_of(name)
    yield from _calls(tree, _names_of_gettext(tree))


CALL = re.compile(r"""(?<![\w.])n?p?gettext\((?:u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*"|[^()'"])*\)""")
"""A call of gettext in what `templatize` makes of a template."""


def _in_template(name: str) -> Iterator[Words]:
    """Django's own reading of a template, the one that its pages look words up by."""
    python = templatize(text_of(name), origin=name)
    for line in CALL.findall(python):
        yield from _calls(ast.parse(line.strip()), {name: name for name in PLACES})


@cache
def words_shown() -> dict[Words, str]:
    """Every message of the product's code and templates, with one file that shows it."""
    shown: dict[Words, str] = {}
    for name in modules():
        shown.update(dict.fromkeys(_in_python(name), name))
    for name in templates():
        if name.endswith((".html", ".txt", ".xml", ".js")):
            shown.update(dict.fromkeys(_in_template(name), name))
    return {words: name for words, name in shown.items() if words.text.strip()}


@cache
def catalogues() -> dict[str, list[Message]]:
    """The messages of every Chinese catalogue of ours."""
    found = {}
    for name in below(*ROOTS.values(), ends="/locale/zh_Hans/LC_MESSAGES/django.po"):
        with (ROOT / name).open("rb") as file:
            found[name] = [message for message in read_po(file, locale="zh_Hans") if message.id]
    return found


def _id(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or [""])


def _each() -> Iterator[tuple[str, Message]]:
    for name, messages in catalogues().items():
        for message in messages:
            yield name, message


def test_both_readers_see_the_words() -> None:
    """So that an empty answer below means that nothing is missing, not that nothing was read."""
    assert Words(None, "There is nothing at this address") in words_shown()
    assert Words(None, "Enter an amount in figures, for example %(example)s.") in words_shown()
    plural = "{% load i18n %}{% blocktranslate count n=n %}one{% plural %}{{ n }} of 100%{% endblocktranslate %}"
    assert re.search(r"ngettext\(.*of 100%%", templatize(plural))


def test_every_word_has_its_chinese() -> None:
    known = {Words(message.context, _id(message)) for _, message in _each()}
    missing = [f"{name}: {words.text}" for words, name in words_shown().items() if words not in known]
    assert missing == [], f"{len(missing)} without Chinese:\n" + "\n".join(sorted(missing))


def test_no_translation_is_empty_or_a_guess() -> None:
    bad = [f"{name}: {_id(message)}" for name, message in _each() if message.fuzzy or not all(_strings(message))]
    assert bad == [], "\n".join(bad)


def test_no_translation_is_left_in_english() -> None:
    same_in_both = re.compile(r"[\W\d_]*|[A-Z0-9 .,·:/%()-]+|.*(English|Regulars|http|e-mail|E-mail|@).*")
    left = [
        f"{name}: {_id(message)}"
        for name, message in _each()
        if not re.search(r"[㐀-鿿，。]", "".join(_strings(message)))
        if not same_in_both.fullmatch(re.sub(r"%\(\w+\)[sd]|{\w*}", "", _id(message)))
    ]
    assert left == [], "\n".join(left)


GAPS = re.compile(r"%\(\w+\)[sd]|%[sd]|{\w*}")


def test_both_sides_have_the_same_gaps() -> None:
    different = []
    for name, message in _each():
        sources = [message.id] if isinstance(message.id, str) else list(message.id)
        allowed = [set(GAPS.findall(source)) for source in sources]
        different += [
            f"{name}: {_id(message)} -> {text}" for text in _strings(message) if set(GAPS.findall(text)) not in allowed
        ]
    assert different == [], "\n".join(different)


def test_one_word_is_translated_one_way() -> None:
    """All catalogues are one at run time, so two answers to one word would depend on the order of the apps."""
    answers: dict[Words, set[tuple[str, ...]]] = defaultdict(set)
    for _, message in _each():
        answers[Words(message.context, _id(message))].add(tuple(_strings(message)))
    torn = [f"{words.text}: {sorted(found)}" for words, found in answers.items() if len(found) > 1]
    assert torn == [], "\n".join(torn)


def test_members_are_spoken_to_as_friends_and_staff_with_respect() -> None:
    wrong = [
        f"{name}: {text}"
        for name, message in _each()
        for text in _strings(message)
        if (name.startswith(TO_MEMBERS) and "您" in text) or (name.startswith(TO_STAFF) and "你" in text)
    ]
    assert wrong == [], "\n".join(wrong)


def glossary() -> dict[str, list[str]]:
    """The words of the trade in English, each with its Chinese (several are parted by a slash)."""
    rows = re.findall(r"^\| ([a-z][^|]*?) \| ([^|]*?) \|", text_of("docs/glossary.md"), re.MULTILINE)
    return {english: [word.strip() for word in chinese.split("/")] for english, chinese in rows}


def test_the_glossary_is_kept() -> None:
    """A label that is a word of the glossary, alone or in the plural, has the glossary's Chinese in it."""
    words = glossary()
    assert len(words) > 40
    strayed = []
    for name, message in _each():
        label = _id(message).lower()
        chinese = words.get(label) or words.get(label.removesuffix("s"))
        if chinese and not any(word in text for word in chinese for text in _strings(message)):
            strayed.append(f"{name}: {label} -> {_strings(message)}, the glossary says {chinese}")
    assert strayed == [], "\n".join(strayed)
