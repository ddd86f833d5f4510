"""Acts on the brand: colours, pattern and logo change together, and the last change can be taken back.

What a change replaces is kept beside it, files included, until the next one; so undoing loses nothing and can itself be
undone.
"""

from __future__ import annotations

from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from regulars.after_commit import after_commit
from regulars.brand import Reading, reading_of
from regulars.brand.logo import Logo
from regulars.errors import InvalidInput
from regulars.operations.trail import record
from regulars.organisation.models import Organisation
from regulars.organisation.services import CLEANERS, save
from regulars.public_ids import random_code

LOOK = ("accent", "second_colour", "card_pattern", "logo", "logo_square", "logo_ground")
"""The fields that make up what a business looks like."""
FILES = ("logo", "logo_square")


class PaleColour(InvalidInput):
    """A colour that nobody reads on a white page; `reading` has the sample and the nearest that is read."""

    field = "accent"

    def __init__(self, reading: Reading) -> None:
        super().__init__(
            _("Nobody can read words in this colour: its contrast on white is %(ratio)s, at least 3 is needed.")
            % {"ratio": f"{reading.ratio:.1f}"}
        )
        self.reading = reading


def look_of(organisation: Organisation) -> dict[str, str]:
    """What the business looks like now, as it is kept for undoing."""
    return {name: str(getattr(organisation, name) or "") for name in LOOK}


@transaction.atomic
def change_brand(
    *,
    by: str,
    accent: str,
    second_colour: str = "",
    card_pattern: str = "",
    logo: Logo | None = None,
    removes_logo: bool = False,
    keeps_pale: bool = False,
) -> Organisation:
    """Change what the business looks like; a logo of `None` stays as it is unless `removes_logo`.

    `keeps_pale` says that a colour which cannot be read as words is meant: for the card, while buttons, links and words
    take readable shades of it. Raises `PaleColour` without it, and `InvalidInput` naming the field; nothing is changed
    then.
    """
    organisation = Organisation.objects.select_for_update().get()
    sent = {"accent": accent, "second_colour": second_colour, "card_pattern": card_pattern}
    wanted = look_of(organisation) | {name: CLEANERS[name](value) for name, value in sent.items()}
    reading = reading_of(wanted["accent"])
    if reading.is_pale and not keeps_pale and wanted["accent"] != organisation.accent:
        raise PaleColour(reading)
    if logo is not None or removes_logo:
        wanted |= _kept(logo) if logo is not None else dict.fromkeys((*FILES, "logo_ground"), "")
    try:
        return _look(organisation, wanted, by=by)
    except Exception:
        _delete(set() if logo is None else {wanted[name] for name in FILES})
        raise


@transaction.atomic
def undo_brand(*, by: str) -> Organisation:
    """Take the last change back. Raises `InvalidInput` where there is none; undoing twice brings the change again."""
    organisation = Organisation.objects.select_for_update().get()
    if not organisation.brand_before:
        raise InvalidInput(_("There is no change to take back."))
    return _look(organisation, {name: str(organisation.brand_before.get(name, "")) for name in LOOK}, by=by)


def _look(organisation: Organisation, wanted: dict[str, str], *, by: str) -> Organisation:
    before, older = look_of(organisation), dict(organisation.brand_before)
    if wanted == before:
        return organisation
    for name, value in wanted.items():
        setattr(organisation, name, value)
    organisation.brand_before = before
    save(organisation)
    changed = {name for name in LOOK if wanted[name] != before[name]} | {"accent"}
    record(
        act="organisation.changed",
        actor=by,
        before={name: before[name] for name in sorted(changed)},
        after={name: wanted[name] for name in sorted(changed)},
    )
    unused = _files(older) - _files(before) - _files(wanted)
    if unused:
        after_commit(lambda: _delete(unused))
    return organisation


def _kept(logo: Logo) -> dict[str, str]:
    """Put the files of a logo into the folder of this business; nobody guesses their names."""
    code = random_code(16)
    return {
        "logo": default_storage.save(f"brand/logo-{code}.{logo.ending}", ContentFile(logo.picture)),
        "logo_square": default_storage.save(f"brand/square-{code}.{logo.square_ending}", ContentFile(logo.square)),
        "logo_ground": logo.ground,
    }


def _files(look: dict[str, Any]) -> set[str]:
    return {str(look[name]) for name in FILES if look.get(name)}


def _delete(names: set[str]) -> None:
    for name in names:
        default_storage.delete(name)
