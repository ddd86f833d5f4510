"""Which kinds of value there are: those of the core, and those that installed plugins declare."""

from __future__ import annotations

from functools import cache

from django.utils.translation import gettext_lazy as _

from regulars import hooks, plugins
from regulars.hooks import Asset

POINTS = "points"
GROWTH = "growth"
VISITS = "visits"

OWN = (
    Asset(code=POINTS, label=_("Points")),
    Asset(code=GROWTH, label=_("Growth points")),
    Asset(code=VISITS, label=_("Visits")),
)


@cache
def assets() -> dict[str, Asset]:
    """Every asset by its code; a plugin cannot take the place of one of ours."""
    declared: dict[str, Asset] = {each.code: each for each in plugins.ask(hooks.ledger_assets)}
    return declared | {each.code: each for each in OWN}


def asset(code: str) -> Asset:
    """The asset of a code. Raises `ValueError` for one that nobody declares: nothing may be posted in it."""
    try:
        return assets()[code]
    except KeyError:
        raise ValueError(f"nobody declares the asset {code!r}; a plugin does so by the hook ledger_assets") from None
