"""Palettes to begin with, by trade: two colours and a pattern that go together and that everybody can read."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class ReadyPalette:
    """A first colour, a second for the pattern, and the pattern's name."""

    name: Promise
    accent: str
    second: str
    pattern: str


READY: dict[str, tuple[ReadyPalette, ...]] = {
    "retail": (
        ReadyPalette(pgettext_lazy("colour", "Terracotta"), "#ab4c24", "#f2b880", "retail"),
        ReadyPalette(pgettext_lazy("colour", "Pine"), "#2f6b4f", "#a9d6b5", "retail"),
        ReadyPalette(pgettext_lazy("colour", "Ink blue"), "#27406f", "#9fb8e8", "plain"),
        ReadyPalette(pgettext_lazy("colour", "Cherry"), "#a3173b", "#f3a6b5", "plain"),
    ),
    "restaurant": (
        ReadyPalette(pgettext_lazy("colour", "Lacquer red"), "#9c2a2d", "#e8b06a", "restaurant"),
        ReadyPalette(pgettext_lazy("colour", "Tea green"), "#3f6b3a", "#c9d99a", "restaurant"),
        ReadyPalette(pgettext_lazy("colour", "Roast"), "#6b4226", "#d9b48f", "plain"),
        ReadyPalette(pgettext_lazy("colour", "Night"), "#22314a", "#e0b45c", "restaurant"),
    ),
    "hotel": (
        ReadyPalette(pgettext_lazy("colour", "Harbour"), "#1f4b73", "#8fbbe0", "hotel"),
        ReadyPalette(pgettext_lazy("colour", "Brass"), "#7a5a1e", "#e6c98a", "hotel"),
        ReadyPalette(pgettext_lazy("colour", "Sea"), "#0f6167", "#8ad0cf", "salon"),
        ReadyPalette(pgettext_lazy("colour", "Plum"), "#5b2d58", "#d8a9d2", "hotel"),
    ),
    "salon": (
        ReadyPalette(pgettext_lazy("colour", "Rose"), "#a83a62", "#f4b8cb", "salon"),
        ReadyPalette(pgettext_lazy("colour", "Lilac"), "#6d4a9c", "#cdb7ee", "salon"),
        ReadyPalette(pgettext_lazy("colour", "Sage"), "#4d6a55", "#bcd3bf", "salon"),
        ReadyPalette(pgettext_lazy("colour", "Graphite"), "#3a3d45", "#c7b39a", "plain"),
    ),
    "gym": (
        ReadyPalette(pgettext_lazy("colour", "Signal"), "#c23616", "#ffb27a", "gym"),
        ReadyPalette(pgettext_lazy("colour", "Volt"), "#1f2a1c", "#b9e04c", "gym"),
        ReadyPalette(pgettext_lazy("colour", "Electric"), "#1d4fd7", "#93b6ff", "gym"),
        ReadyPalette(pgettext_lazy("colour", "Steel"), "#3b4a57", "#a9bccb", "gym"),
    ),
    "school": (
        ReadyPalette(pgettext_lazy("colour", "Blackboard"), "#1f5b4c", "#a6d9c3", "school"),
        ReadyPalette(pgettext_lazy("colour", "Royal blue"), "#2b4ba0", "#a8bdf3", "school"),
        ReadyPalette(pgettext_lazy("colour", "Pencil"), "#8a5a00", "#ffd27a", "school"),
        ReadyPalette(pgettext_lazy("colour", "Brick"), "#97392c", "#f0ac9c", "plain"),
    ),
    "dealers": (
        ReadyPalette(pgettext_lazy("colour", "Petrol"), "#0b5563", "#86c5d0", "dealers"),
        ReadyPalette(pgettext_lazy("colour", "Steel blue"), "#34567a", "#a9c4e0", "dealers"),
        ReadyPalette(pgettext_lazy("colour", "Copper"), "#8c4a26", "#e2ab85", "dealers"),
        ReadyPalette(pgettext_lazy("colour", "Forest"), "#28593a", "#a3cfae", "dealers"),
    ),
}
"""Four for each trade; a test holds that each can be read."""
