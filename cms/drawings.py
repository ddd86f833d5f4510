"""The drawings that come with the product, one for each trade, in the colours of whoever shows them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

DRAWINGS = [
    ("retail", _("Shop front")),
    ("restaurant", _("Laid table")),
    ("hotel", _("House at night")),
    ("salon", _("Mirror and chair")),
    ("gym", _("Weights and track")),
    ("school", _("Books and desk")),
    ("dealers", _("Parcels on their way")),
]
"""Name of the file below `static/cms/presets/` and what is to be seen on it."""

LAYOUTS = [
    ("shelf", _("Shop window")),
    ("menu", _("Menu card")),
    ("stay", _("Arrival")),
    ("mirror", _("Mirror")),
    ("track", _("Track")),
    ("notebook", _("Notebook")),
    ("network", _("Price list")),
]
"""How a home page is laid out, by the name its styles go by."""
