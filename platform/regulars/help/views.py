"""Help in the back office and at the counter: the list, a page, a search; and that a tour was seen."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from regulars.backoffice.needs import ANYBODY, needs
from regulars.backoffice.views.acts import OfficePage
from regulars.counter.desk import desk_of, menu_of, staff_only
from regulars.help import library, tours
from regulars.help.topics import BY_CODE, GUIDES
from regulars.organisation.models import Staff

LONGEST_QUESTION = 80


def shelf(staff: Staff, *, asked: str, at_counter: bool) -> dict[str, Any]:
    """What the list of help shows: what was found, else what is for one's own role first and then the rest."""
    language = library.spoken()
    asked = asked.strip()[:LONGEST_QUESTION]
    offered = library.pages(language, at_counter=at_counter)
    role = "cashier" if at_counter else staff.role
    own = [page for page in offered if role in page.topic.roles]
    return {
        "asked": asked,
        "found": library.search(asked, language, at_counter=at_counter) if asked else None,
        "guide": next((page for page in own if page.code == GUIDES.get(role)), None),
        "own": [page for page in own if page.code not in GUIDES.values()],
        "others": [page for page in offered if page not in own],
    }


def one(code: str, *, at_counter: bool, name: str) -> dict[str, Any]:
    """What a page of help shows. Raises `Http404` for a topic that this door does not have."""
    topic = BY_CODE.get(code)
    if topic is None or (at_counter and not topic.is_for_counter):
        raise Http404
    language = library.spoken()
    offered = library.pages(language, at_counter=at_counter)
    page = library.page(code, language)
    addresses = {each.code: reverse(name, args=(each.code,)) for each in offered}
    return {"shown": page, "body": library.drawn(page, addresses=addresses)}


class Shelf(OfficePage):
    """Every page of help, those for one's own role first, and a search over all of them."""

    template_name = "help/office_shelf.html"
    page_title = _("Help")
    header_icon = "help"
    permission = ANYBODY

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """What was asked for, or everything."""
        asked = self.request.GET.get("q", "")
        return super().get_context_data(**shelf(self.staff, asked=asked, at_counter=False), **context)


class OnePage(OfficePage):
    """A page of help."""

    template_name = "help/office_page.html"
    header_icon = "help"
    permission = ANYBODY

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The page in the reader's language."""
        self.found = one(self.kwargs["code"], at_counter=False, name="office_help:page")
        self.page_title = self.found["shown"].title
        return super().get_context_data(**self.found, **context)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """By way of the list."""
        way = super().get_breadcrumbs_items()
        return [*way[:-1], {"url": reverse("office_help:shelf"), "label": _("Help")}, way[-1]]


@require_POST
@needs(ANYBODY)
def office_toured(request: HttpRequest) -> HttpResponse:
    """The tour of the back office was taken or put away."""
    tours.remember(staff=request.staff, door=tours.OFFICE)  # type: ignore[attr-defined]
    return HttpResponse(status=204)


@require_safe
@staff_only
def counter_shelf(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Help at the counter."""
    found = shelf(staff, asked=request.GET.get("q", ""), at_counter=True)
    return render(request, "help/counter_shelf.html", {**_counter(request, staff), **found})


@require_safe
@staff_only
def counter_page(request: HttpRequest, staff: Staff, code: str) -> HttpResponse:
    """A page of help at the counter."""
    found = one(code, at_counter=True, name="counter_help:page")
    return render(request, "help/counter_page.html", {**_counter(request, staff), **found})


@require_POST
@staff_only
def counter_toured(request: HttpRequest, staff: Staff) -> HttpResponse:
    """The tour of the counter was taken or put away."""
    tours.remember(staff=staff, door=tours.COUNTER)
    return HttpResponse(status=204)


def _counter(request: HttpRequest, staff: Staff) -> dict[str, Any]:
    return {"staff": staff, "desk": desk_of(request, staff), "menu": menu_of(staff)}
