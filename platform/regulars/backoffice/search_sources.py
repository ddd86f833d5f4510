"""Pages and acts of the back office, found by what they are called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.backoffice.columns import Asker
from regulars.backoffice.needs import ANYBODY
from regulars.backoffice.search import Hit, searchable


@dataclass(frozen=True)
class Place:
    """A page or an act, by the words people would type for it."""

    label: str | Promise
    name: str
    permission: str
    icon: str
    other_words: str | Promise = ""


ACTS = (
    Place(_("Invite somebody"), "office_team:invite", "team.manage", "members", _("staff employee cashier manager")),
    Place(_("New branch"), "office_settings:new_branch", "places.manage", "branch", _("shop place open")),
    Place(_("New till"), "office_settings:new_till", "places.manage", "terminal", _("counter terminal")),
    Place(_("Ring up a sale"), "counter:home", "counter.sell", "sale", _("counter till sell")),
)
PAGES = (
    Place(_("Today"), "wagtailadmin_home", ANYBODY, "today", _("start figures")),
    Place(_("Members"), "office_members:list", "members.view", "members", _("customers list")),
    Place(_("Sales"), "office_sales:list", "sales.view", "receipt", _("receipts refunds")),
    Place(_("Loyalty"), "office_loyalty:programme", "loyalty.view", "tier", _("tiers points rules")),
    Place(_("Modules"), "backoffice:modules", "modules.view", "module", _("plugins extensions")),
    Place(_("People"), "office_team:people", "team.view", "members", _("staff team")),
    Place(_("Roles"), "office_team:roles", "team.view", "shield", _("permissions rights")),
    Place(_("Places"), "office_settings:places", "team.view", "branch", _("branches regions tills")),
    Place(_("Trail"), "office_trail:trail", "trail.view", "history", _("who did what log")),
    Place(_("Approvals"), "office_approvals:inbox", "approvals.decide", "shield", _("requests")),
    Place(_("Limits"), "office_approvals:limits", "settings.change", "shield", _("approvals")),
    Place(_("Business"), "office_settings:business", "settings.change", "settings", _("name language zone settings")),
    Place(_("Brand"), "office_settings:brand", "brand.change", "sparkles", _("logo colours")),
    Place(_("Tokens"), "office_tokens:tokens", "api.manage", "key", _("API other systems till programs")),
    Place(_("Your jobs"), "office_jobs:jobs", ANYBODY, "activity", _("downloads background undo")),
    Place(_("Help"), "office_help:shelf", ANYBODY, "help", _("guide how")),
    Place(_("Second factor"), "mfa_index", ANYBODY, "shield", _("sign-in code phone passkey")),
)


def _named(places: tuple[Place, ...], typed: str, asker: Asker) -> Iterator[Hit]:
    words = typed.casefold()
    for place in places:
        if place.permission != ANYBODY and not asker.may(place.permission):
            continue
        if words in f"{place.label} {place.other_words}".casefold():
            try:
                yield Hit(label=str(place.label), url=reverse(place.name), icon=place.icon)
            except NoReverseMatch:
                continue


@searchable("acts", label=_("Do"), order=50)
def acts(typed: str, asker: Asker) -> Iterator[Hit]:
    """What can be done."""
    return _named(ACTS, typed, asker)


@searchable("pages", label=_("Go to"), order=60)
def pages(typed: str, asker: Asker) -> Iterator[Hit]:
    """Where one can go."""
    return _named(PAGES, typed, asker)
