"""Lists in pages: each tells the cursor of the next, which stands for the last row of this one, not for a number.

So a list that grows while it is read is neither skipped over nor told twice.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from django.utils.translation import gettext as _

from regulars.errors import InvalidInput

MOST = 100
USUAL = 20
LONGEST = 200


def cursor_after(*place: Any) -> str:
    """The cursor of whatever comes after a row, by the JSON values it is sorted by. It is to be sent back unread."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def place_of(cursor: str, *kinds: type) -> tuple[Any, ...] | None:
    """The values behind a cursor, None for the first page. Raises `InvalidInput` for one that we did not make."""
    if not cursor:
        return None
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        place = None
    if not isinstance(place, list) or [type(value) for value in place] != list(kinds):
        raise InvalidInput(_("Send the cursor as it was given, or none for the first page."), field="cursor")
    return tuple(place)
