"""Keeps scripts out of the pages of the back office, so that the strict policy of this site holds there too.

Wagtail writes the start of its choosers into the page as scripts. Here they become data that `office.js` starts from;
the templates of its date and time fields are replaced for the same reason.
"""

from __future__ import annotations

import json
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString


def render_chooser(widget: Any, name: str, value: Any, attrs: dict[str, Any] | None = None, **_: Any) -> SafeString:
    """A chooser and, as data, what starts it. Raises `KeyError` for a field without id."""
    identity = (attrs or {})["id"]
    chosen = widget.get_value_data(value)
    return format_html(
        '{}<template data-office-chooser="{}" data-office-for="{}" data-office-config="{}"></template>',
        widget.render_html(name, chosen, attrs),
        widget.js_constructor,
        identity,
        json.dumps(widget.get_js_init_options(identity, name, chosen)),
    )


def install() -> None:
    """Put it in the place of what Wagtail's choosers do."""
    from wagtail.admin.widgets import BaseChooser

    BaseChooser.render = render_chooser
