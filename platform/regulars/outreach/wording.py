"""The words of a message: which variables they may use, the business's own words or ours, and filling them in.

Owners write these texts, so they are filled in by a plain search for `{name}` and never formatted by Python, which
would let a text reach into objects.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars import hooks, plugins
from regulars.errors import InvalidInput
from regulars.hooks import MessageTemplate
from regulars.organisation.selectors import organisation
from regulars.outreach.models import Wording
from regulars.text import plain_text

VARIABLE = re.compile(r"{(\w+)}")
ALWAYS = ("business", "name")
"""Variables that every message may use."""

LONGEST_SUBJECT = 150
LONGEST_BODY = 2000

MEANINGS: dict[str, str | Promise] = {
    "business": gettext_lazy("Name of the business"),
    "name": gettext_lazy("Name of the member"),
    "address": gettext_lazy("Link to the member's page"),
    "points": gettext_lazy("Points that it is about"),
    "balance": gettext_lazy("All points now"),
    "days": gettext_lazy("How many points end with which day"),
    "day": gettext_lazy("The last day"),
    "tier": gettext_lazy("The tier"),
    "code": gettext_lazy("The code"),
    "minutes": gettext_lazy("Minutes until the code is void"),
    "coupon": gettext_lazy("Name of the coupon"),
    "gives": gettext_lazy("What the coupon gives"),
    "until": gettext_lazy("Until when it is good"),
    "coupons": gettext_lazy("The coupons, each with its last day"),
}
"""What the variables of the core mean, for whoever writes."""

EXAMPLES: dict[str, str | Promise] = {
    "name": gettext_lazy("Li Hua"),
    "points": "128",
    "balance": "1,280",
    "tier": gettext_lazy("Gold tier"),
    "code": "428913",
    "minutes": "10",
}
"""What stands in a preview for the variables of the core."""


class UnknownVariable(InvalidInput):
    """A text uses a variable that the message does not have; the message names it and lists the right ones."""


@dataclass(frozen=True)
class Words:
    """Subject and text of a message, and whether they are the business's own."""

    subject: str
    body: str
    is_own: bool = False


def spoken_language(language: str) -> str:
    """The language of ours that somebody is written to in."""
    return "zh-hans" if (language or "").lower().startswith("zh") else "en"


def built_in(template: MessageTemplate, language: str) -> Words:
    """Our own words for a message, in English where there are none in the language."""
    subject, body = template.words.get(language) or template.words["en"]
    return Words(subject, body)


def words_for(template: MessageTemplate, language: str) -> Words:
    """The business's own words for a message, else ours. One question to the database."""
    own = Wording.objects.filter(kind=template.kind, language=language).first()
    return Words(own.subject, own.body, is_own=True) if own else built_in(template, language)


def variables_of(template: MessageTemplate) -> list[str]:
    """Every variable a message may use: its own in the order of our words, then those of every message."""
    texts = [text for words in template.words.values() for text in words]
    names = [name for text in texts for name in VARIABLE.findall(text)]
    return list(dict.fromkeys([*names, *template.examples, *ALWAYS]))


def fill(text: str, values: Mapping[str, Any]) -> str:
    """The text with its variables filled in. Raises `KeyError` for a variable without a value."""
    return VARIABLE.sub(lambda found: str(values[found[1]]), text)


def one_line(text: str) -> str:
    """A subject as it may stand in a header: one line, without control characters."""
    return " ".join("".join(" " if unicodedata.category(char) == "Cc" else char for char in text).split())[:200]


def checked(template: MessageTemplate, *, subject: str, body: str) -> Words:
    """What somebody wrote, in the form in which it is kept.

    Raises `UnknownVariable` naming what the message does not have, and `InvalidInput` for an empty or endless text, a
    bracket that stands alone, or a code that is left out; each with the field at fault.
    """
    words = Words(
        plain_text(_ascii_brackets(subject), field="subject", longest=LONGEST_SUBJECT), _lines(_ascii_brackets(body))
    )
    allowed = variables_of(template)
    for field, text in (("subject", words.subject), ("body", words.body)):
        for name in VARIABLE.findall(text):
            if name not in allowed:
                listed = _(", ").join(f"{{{known}}}" for known in allowed)
                raise UnknownVariable(
                    _("There is no {%(name)s} in this message. It has: %(listed)s.") % {"name": name, "listed": listed},
                    field=field,
                )
        if re.search(r"[{}]", VARIABLE.sub("", text)):
            raise InvalidInput(_("A curly bracket stands alone. A variable is written like {business}."), field=field)
    if template.is_secret and "code" in allowed and "{code}" not in words.body:
        raise InvalidInput(_("Without {code} nobody could sign in. Put it somewhere in the text."), field="body")
    return words


def examples_of(template: MessageTemplate, language: str) -> dict[str, str]:
    """A value for each variable, for a preview in the language that is active now."""
    values: dict[str, Any] = {
        "business": organisation().name,
        "address": plugins.first(hooks.site_address, path="/me/") or "/me/",
    }
    values |= EXAMPLES | {name: value for name, value in template.examples.items() if value}
    return {name: str(values.get(name) or f"[{name}]") for name in variables_of(template)}


def label_of(template: MessageTemplate, language: str) -> str:
    """How the back office calls a message: its label, else our subject as a reader would see it."""
    return str(template.label) or fill(built_in(template, language).subject, examples_of(template, language))


def _ascii_brackets(text: str) -> str:
    """Chinese keyboards write brackets of full width; they mean the same."""
    return (text or "").replace("｛", "{").replace("｝", "}")


def _lines(text: str) -> str:
    """A text of several lines, each as `plain_text` would have it; at most one empty line in a row."""
    lines = [plain_text(line, field="body", longest=LONGEST_BODY, required=False) for line in text.splitlines()]
    joined = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    plain_text(joined, field="body", longest=LONGEST_BODY)
    return joined
