"""A receipt as a PDF, as wide as the roll. It is drawn by WeasyPrint, which needs the system's library Pango."""

from __future__ import annotations

import importlib
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from PIL import ImageFile

from regulars.errors import RegularsError


class NoPdf(RegularsError):
    """This machine cannot draw one."""

    message = _(
        "No PDF can be made on this machine: the library Pango is missing. Print the receipt, or send it as a message."
    )


def pdf_of(template: str, context: dict[str, Any]) -> bytes:
    """A page of ours as a PDF; nothing is loaded from outside. Raises `NoPdf` where Pango is missing."""
    try:
        weasyprint: Any = importlib.import_module("weasyprint")
    except (ImportError, OSError) as error:  # it looks for Pango as it is imported
        raise NoPdf from error
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # it lets damaged pictures pass everywhere, those that people upload too
    page = weasyprint.HTML(string=render_to_string(template, context), url_fetcher=_nothing)
    drawn: bytes = page.write_pdf()
    return drawn


def _nothing(url: str, **_options: Any) -> dict[str, Any]:
    """What a page asks for beside itself is not fetched, wherever it lies."""
    raise ValueError(f"a receipt loads nothing: {url}")
