"""What the specimen does."""

from __future__ import annotations

from django.db import transaction

from regulars import clock, plugins
from specimen.models import Note


@transaction.atomic
def remember(*, kind: str, about: str = "", member: str = "") -> Note:
    """Write one note; the same fact heard twice is remembered once."""
    note = Note.objects.filter(kind=kind, about=about).first() if about else None
    return note or Note.objects.create(kind=kind, about=about, member=member, written_at=clock.now())


@transaction.atomic
def promise(*, member: str) -> Note:
    """Promise a member something. Raises `ModuleIsOff` where nothing new may be promised."""
    plugins.require_on("specimen")
    return Note.objects.create(kind="promise", member=member, written_at=clock.now())


@transaction.atomic
def keep_promises() -> int:
    """Give what was promised; returns how many promises were kept."""
    kept, _rows = Note.objects.filter(kind="promise").delete()
    return kept
