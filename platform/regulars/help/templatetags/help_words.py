"""`{% help_link %}`: from any page to its page of help; `{% tour %}`: the first look round, where it is due."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.urls import reverse

from regulars.help import tours
from regulars.help.topics import BY_CODE, topic_of
from regulars.organisation.selectors import staff_of

register = template.Library()
START = "tour"


def _request(context: Context) -> Any:
    return getattr(context, "request", None) or context.get("request")


@register.simple_tag(takes_context=True)
def help_address(context: Context) -> str:
    """The address of help for the page that is shown, at the door it belongs to."""
    match = getattr(_request(context), "resolver_match", None)
    view_name = match.view_name if match else ""
    topic = topic_of(view_name)
    door = "counter_help" if view_name.startswith("counter") else "office_help"
    if topic and (door == "office_help" or BY_CODE[topic].is_for_counter):
        return reverse(f"{door}:page", args=(topic,))
    return reverse(f"{door}:shelf")


@register.inclusion_tag("help/tour.html", takes_context=True)
def tour(context: Context, door: str) -> dict[str, Any]:
    """What the script of the tour starts from: nothing unless it is due or was asked for by `?tour`."""
    request = _request(context)
    staff = staff_of(getattr(request, "user", None))
    if staff is None or not (tours.is_due(staff, door) or START in request.GET):
        return {"steps": ""}
    done = reverse("office_help:toured" if door == tours.OFFICE else "counter_help:toured")
    return {
        "steps": tours.as_data(tours.steps_for(staff, door)),
        "done": done,
        "csrf_token": context.get("csrf_token"),
    }
