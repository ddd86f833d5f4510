"""What a chart is drawn from, in the page: data and never a script."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import json_script
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def chart_data(data: dict[str, Any]) -> SafeString:
    """The data of a chart as a block of JSON."""
    return json_script(data)
