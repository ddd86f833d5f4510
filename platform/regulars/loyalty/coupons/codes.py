"""The code of a coupon: CP, nine random characters and a check character by ISO 7064 MOD 37,36, typed or scanned.

MOD 37,36 finds every single wrong character over figures and letters alike, and nearly all neighbours that changed
places. The few codes that a swap turns into another sound one are not given out, nor are those whose check character
people would mix up (0, 1, I, L, O, U). Shared codes are words of the business (SPRING20) and have none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from django.utils.translation import gettext as _

from regulars.errors import InvalidInput
from regulars.public_ids import ALPHABET, random_code

PREFIX = "CP"
LENGTH = 9
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MODULUS = len(LETTERS)
_WRITTEN = re.compile(rf"{PREFIX}[0-9A-Z]{{{LENGTH + 1}}}")
_SHARED = re.compile(r"[0-9A-Z]{4,24}")
_BETWEEN = str.maketrans("", "", " -–—\0")
_GIVEN_OUT = set(ALPHABET.upper())


def new_code() -> str:
    """A code nobody has guessed: nine characters of thirty, and the check character."""
    while True:
        body = random_code(LENGTH).upper()
        check = check_character(body)
        if check in _GIVEN_OUT and not any(map(_is_sound, _swaps(body + check))):
            return f"{PREFIX}{body}{check}"


def _swaps(written: str) -> Iterator[str]:
    """What it becomes when two neighbours that differ change places."""
    for place, (one, next_one) in enumerate(pairwise(written)):
        if one != next_one:
            yield f"{written[:place]}{next_one}{one}{written[place + 2 :]}"


def _is_sound(written: str) -> bool:
    """Whether the last character is the check character of those before it."""
    return check_character(written[:-1]) == written[-1]


def check_character(body: str) -> str:
    """The character that makes a code sound, by ISO 7064 MOD 37,36."""
    product = MODULUS
    for char in body:
        total = (product + LETTERS.index(char)) % MODULUS or MODULUS
        product = total * 2 % (MODULUS + 1)
    return LETTERS[(MODULUS + 1 - product) % MODULUS]


def plain_code(text: str) -> str:
    """A code as it was typed or scanned, without what stands between its groups, in capitals of common width."""
    return unicodedata.normalize("NFKC", str(text or "")[:60]).translate(_BETWEEN).upper()


def looks_like_code(text: str) -> bool:
    """Whether somebody meant the code of one coupon: the right letters in front and as long as it is."""
    return _WRITTEN.fullmatch(plain_code(text)) is not None


def read_code(text: str) -> str:
    """The code of one coupon in the form it is kept in. Raises `InvalidInput` (field `coupons`) for a mistyped one."""
    plain = plain_code(text)
    if _WRITTEN.fullmatch(plain) is None:
        raise InvalidInput(
            _("A coupon code begins with CP and has twelve letters and figures, for example %(example)s.")
            % {"example": "CP-K7M29-PXC4R"},
            field="coupons",
        )
    if not _is_sound(plain[len(PREFIX) :]):
        raise InvalidInput(
            _("A letter of the coupon code %(code)s is wrong. Please read it again or scan it.")
            % {"code": shown_code(plain)},
            field="coupons",
        )
    return plain


def read_shared_code(text: str) -> str:
    """A code of the business's own that many share. Raises `InvalidInput` (field `code`) for one that cannot be."""
    plain = plain_code(text)
    is_sound = _SHARED.fullmatch(plain) and not plain.isdecimal() and not looks_like_code(plain)
    if not is_sound or plain.startswith(("RW", PREFIX)):
        raise InvalidInput(
            _("A shared code has 4 to 24 letters (A–Z) and figures, begins with neither CP nor RW and is no number."),
            field="code",
        )
    return plain


def shown_code(code: str) -> str:
    """A code in groups that can be read aloud: CP-K7M29-PXC4R; a shared one as it is."""
    if _WRITTEN.fullmatch(code) is None:
        return code
    return f"{code[:2]}-{code[2:7]}-{code[7:]}"
