"""How the specimen declares itself."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from regulars.plugins import PluginConfig


@dataclass(frozen=True)
class SpecimenSettings:
    """What a business may set: stamps for each sale, and how much a sale is lowered, in minor units."""

    stamps_a_sale: int = 1
    discount: int = 100


class SpecimenConfig(PluginConfig):
    """One of everything."""

    name = "specimen"
    verbose_name = _("Specimen")
    summary = _("Answers every question, adds one of everything and remembers every fact.")
    icon = "sparkles"
    min_version = "0.1"
    max_version = "99"
    adds = (("portal", _("A page with stamps")), ("messages", _("A note that a card is full")))
    stores = (_("Notes of what it has heard"),)
    settings = SpecimenSettings
    permissions = (("stamp", _("Give stamps"), ("manager",)),)
