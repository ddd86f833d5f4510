"""The parts of the back office's first page.

Each draws itself from what the page has found out (`page`: who looks, at which part of the business, over how many
days), and asks the database a fixed number of questions, however many members there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import segno
from django.urls import reverse
from django.utils.safestring import mark_safe
from wagtail.admin.ui.components import Component

from regulars import hooks, plugins
from regulars.backoffice import selectors
from regulars.insights import sheets
from regulars.insights.places import Outlook
from regulars.organisation.models import Staff
from regulars.organisation.selectors import organisation


@dataclass(frozen=True, kw_only=True)
class FirstPage:
    """What the parts of the page share: who looks and may do what, at which places, over how many days."""

    staff: Staff
    held: frozenset[str]
    look: Outlook
    days: int

    @property
    def query(self) -> str:
        """What a file of a chart is asked for, as the page was."""
        return urlencode({"days": self.days} | ({"at": self.look.chosen} if self.look.chosen else {}))

    @property
    def may_export(self) -> bool:
        """Whether charts can be taken away as files."""
        return "reports.export" in self.held


class TrialPanel(Component):  # type: ignore[misc]
    """The days left to try; gone once the business is paid for."""

    name = "trial"
    order = 5
    template_name = "backoffice/panels/trial.html"

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """The days left, None without a trial."""
        return {"days_left": plugins.first(hooks.trial_days_left)}


class ChecklistPanel(Component):  # type: ignore[misc]
    """What is still to do; gone once everything is done."""

    name = "checklist"
    order = 10
    template_name = "backoffice/panels/checklist.html"

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """The steps, how many are done, and which comes next."""
        steps = selectors.checklist()
        done = sum(step.done for step in steps)
        following = next((step.code for step in steps if not step.done), None)
        return {
            "steps": steps,
            "done": done,
            "is_complete": done == len(steps),
            "following": following,
        }


class FiguresPanel(Component):  # type: ignore[misc]
    """The figures of today and what waits for whoever looks; drawn anew every few seconds."""

    name = "figures"
    order = 20
    template_name = "backoffice/panels/live.html"

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """Today beside last week, and where to ask again."""
        page: FirstPage = parent_context["page"]
        return {"address": reverse("backoffice:live"), "at": page.look.chosen, **live(page.staff, page.look)}


def live(staff: Staff, look: Outlook) -> dict[str, Any]:
    """What is drawn anew: the figures within the places looked at, and what waits for somebody."""
    found = selectors.figures(look.scope)
    waiting = selectors.needs_you(staff)
    return {
        "figures": found,
        "weekday": sheets.weekday_of_last_week(),
        "currency": organisation().currency,
        "waiting": waiting,
        "waiting_count": sum(each.count for each in waiting),
        "sold_change": sheets.change(found.week.net, found.week_before.net),
        "joined_change": sheets.change(found.week.joined, found.week_before.joined),
        "points_change": sheets.change(found.week.points, found.week_before.points),
    }


class GrowthPanel(Component):  # type: ignore[misc]
    """How the number of members grew, and who is new."""

    name = "growth"
    order = 30
    template_name = "backoffice/panels/chart.html"

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """The chart over the days looked at."""
        page: FirstPage = parent_context["page"]
        return {
            "chart": sheets.growth(page.look.scope, page.days),
            "page": page,
            "file": "members",
            "days_to_choose": sheets.GROWTH_DAYS,
            "action": reverse("portal:join"),
        }


class TiersPanel(Component):  # type: ignore[misc]
    """Who buys: members of each tier, and guests."""

    name = "tiers"
    order = 40
    template_name = "backoffice/panels/chart.html"

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """The chart over the days looked at."""
        page: FirstPage = parent_context["page"]
        return {
            "chart": sheets.purchases_by_tier(page.look.scope, page.days, organisation().currency),
            "page": page,
            "file": "tiers",
            "action": reverse("counter:home") if "counter.sell" in page.held else "",
            "report": reverse("insights:sales") if "reports.view" in page.held else "",
        }


class DoorsPanel(Component):  # type: ignore[misc]
    """The ways to the counter and the portal, and the code by which customers join."""

    name = "doors"
    order = 50
    template_name = "backoffice/panels/doors.html"

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """The address to join at, and its code."""
        path = reverse("portal:join")
        address = plugins.first(hooks.site_address, path=path) or parent_context["request"].build_absolute_uri(path)
        page: FirstPage = parent_context["page"]
        return {"address": address, "code": _drawing(address), "held": page.held}


@lru_cache(maxsize=512)
def _drawing(address: str) -> str:
    """The code of an address; drawing it takes longer than all the rest of the page, and it is always the same."""
    code = segno.make(address, error="m", micro=False)
    return mark_safe(code.svg_inline(border=2, omitsize=True, svgclass=None, lineclass=None))  # noqa: S308


PANELS: tuple[tuple[type[Component], str], ...] = (
    (TrialPanel, "settings.change"),
    (ChecklistPanel, "settings.change"),
    (FiguresPanel, "today.view"),
    (GrowthPanel, "today.view"),
    (TiersPanel, "today.view"),
    (DoorsPanel, ""),
)
"""The parts of the page with the permission each needs; nothing for those that everybody sees."""
