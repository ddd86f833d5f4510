"""The parts of the back office's first page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import segno
from django.urls import reverse
from django.utils.safestring import mark_safe
from wagtail.admin.ui.components import Component

from regulars import hooks, plugins
from regulars.backoffice import selectors
from regulars.organisation.selectors import organisation


class ChecklistPanel(Component):  # type: ignore[misc]
    """What is still to do, with the days left to try; gone once everything is done and paid for."""

    name = "checklist"
    order = 10
    template_name = "backoffice/panels/checklist.html"

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """The steps, how many are done, and the days left."""
        steps = selectors.checklist()
        done = sum(step.done for step in steps)
        following = next((step.code for step in steps if not step.done), None)
        return {
            "steps": steps,
            "done": done,
            "is_complete": done == len(steps),
            "following": following,
            "days_left": plugins.first(hooks.trial_days_left),
        }


class FiguresPanel(Component):  # type: ignore[misc]
    """The four figures of today."""

    name = "figures"
    order = 20
    template_name = "backoffice/panels/figures.html"

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """Today beside yesterday."""
        return {"figures": selectors.figures(), "currency": organisation().currency}


class DoorsPanel(Component):  # type: ignore[misc]
    """The ways to the counter and the portal, and the code by which customers join."""

    name = "doors"
    order = 30
    template_name = "backoffice/panels/doors.html"

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """The address to join at, and its code."""
        path = reverse("portal:join")
        address = plugins.first(hooks.site_address, path=path) or parent_context["request"].build_absolute_uri(path)
        code = segno.make(address, error="m", micro=False)
        drawing = mark_safe(code.svg_inline(border=2, omitsize=True, svgclass=None, lineclass=None))  # noqa: S308
        return {"address": address, "code": drawing}


PANELS: tuple[type[Component], ...] = (ChecklistPanel, FiguresPanel, DoorsPanel)
