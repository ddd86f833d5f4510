"""The code by which a redemption is collected: RW, seven random characters and a check digit, typed or scanned.

The check digit (Luhn over the letters of `public_ids`) finds every single wrong character and most swapped neighbours,
so that a slip of the finger is told from a code that does not exist.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from regulars.errors import InvalidInput
from regulars.public_ids import ALPHABET, random_code

PREFIX = "rw"
LENGTH = 7
_WRITTEN = re.compile(rf"{PREFIX}([0-9a-z]{{{LENGTH + 1}}})")
_BETWEEN = str.maketrans("", "", " -–—\u2009\u00a0")


def new_code() -> str:
    """A code nobody has guessed: seven characters of thirty, and the check digit."""
    body = random_code(LENGTH)
    return f"{PREFIX}{body}{check_digit(body)}"


def check_digit(body: str) -> str:
    """The character that makes a code sound."""
    total = 0
    for position, char in enumerate(reversed(body)):
        value = ALPHABET.index(char) * (2 if position % 2 == 0 else 1)
        high, low = divmod(value, len(ALPHABET))
        total += high + low
    return ALPHABET[-total % len(ALPHABET)]


def looks_like_code(text: str) -> bool:
    """Whether somebody meant a code: the right letters in front and about as long."""
    return _WRITTEN.fullmatch(_plain(text)) is not None


def read_code(text: str) -> str:
    """A code as it was typed or scanned, in the form it is kept in. Raises `InvalidInput` for one that is mistyped."""
    plain = _plain(text)
    matched = _WRITTEN.fullmatch(plain)
    if matched is None:
        raise InvalidInput(
            _("A code to collect a reward begins with RW and has ten letters and figures."), field="code"
        )
    body, digit = matched[1][:LENGTH], matched[1][LENGTH:]
    if not set(matched[1]) <= set(ALPHABET) or check_digit(body) != digit:
        raise InvalidInput(_("A letter of this code is wrong. Please read it again or scan it."), field="code")
    return plain


def shown_code(code: str) -> str:
    """A code in groups that can be read aloud: RW-K7M2-9PXC."""
    upper = code.upper()
    return f"{upper[:2]}-{upper[2:6]}-{upper[6:]}"


def _plain(text: str) -> str:
    return str(text or "")[:60].translate(_BETWEEN).lower()
