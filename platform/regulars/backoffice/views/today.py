"""The first page of the back office: how today stands, what needs somebody, what is still to set up."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from regulars import clock
from regulars.backoffice.needs import ANYBODY, needs
from regulars.backoffice.panels import PANELS, ChecklistPanel, FirstPage, live
from regulars.backoffice.views.acts import OfficePage
from regulars.errors import NotFound
from regulars.insights import sheets
from regulars.insights.places import Outlook, outlook
from regulars.insights.selectors import first_day
from regulars.organisation.permissions import granted
from regulars.organisation.scope import Scope

AFTER_THE_CHARTS = 45


def looked_at(request: HttpRequest, scope: Scope) -> Outlook:
    """The place asked for in the address. Raises `Http404` for one that is not there or not in one's scope."""
    try:
        return outlook(scope, request.GET.get("at", "")[:40])
    except NotFound as error:
        raise Http404 from error


def panels_for(held: frozenset[str]) -> list[Any]:
    """The parts of the page for those who hold these permissions. What is to set up stands first until it has begun."""
    shown = [panel() for panel, permission in PANELS if not permission or permission in held]
    if not any(isinstance(panel, ChecklistPanel) for panel in shown) or first_day() is None:
        return shown
    return sorted(shown, key=lambda panel: AFTER_THE_CHARTS if isinstance(panel, ChecklistPanel) else panel.order)


class Today(OfficePage):
    """Figures, charts and what waits for those who may see them; a plain welcome for everybody else."""

    template_name = "backoffice/today.html"
    page_title = _("Today")
    header_icon = "today"
    permission = ANYBODY

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """What the parts of the page are drawn from."""
        held = granted(self.staff)
        asked = self.request.GET.get("days", "")
        days = int(asked) if asked in {str(each) for each in sheets.GROWTH_DAYS} else sheets.GROWTH_DAYS[0]
        look = looked_at(self.request, self.scope) if "today.view" in held else Outlook(scope=self.scope)
        found: dict[str, Any] = super().get_context_data(
            panels=panels_for(held),
            page=FirstPage(staff=self.staff, held=held, look=look, days=days),
            sees_figures="today.view" in held,
            day=sheets.day_in_full(clock.today()),
            **context,
        )
        return found


@never_cache
@needs("today.view")
def live_figures(request: HttpRequest) -> HttpResponse:
    """The figures and what waits, without the page around them."""
    staff, scope = request.staff, request.scope  # type: ignore[attr-defined]
    return render(request, "backoffice/panels/figures.html", live(staff, looked_at(request, scope)))
