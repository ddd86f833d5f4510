"""Serves what a business has uploaded, from its own folder and with headers that let no file act as a page.

Documents are not served here: Wagtail's own view checks who may read them.
"""

from __future__ import annotations

import mimetypes
from pathlib import PurePosixPath

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

SHOWN = {"image/png", "image/jpeg", "image/webp", "image/gif", "image/avif"}
"""Types that a browser may show in place; anything else, SVG above all, is offered for download."""
HIDDEN = {"documents"}
MONTH = 60 * 60 * 24 * 30


@require_safe
def media(request: HttpRequest, name: str) -> FileResponse:
    """A file of this business by its name; 404 for a folder, a way out of the folder, or nothing."""
    path = PurePosixPath(name)
    if "\x00" in name or path.is_absolute() or ".." in path.parts or (path.parts[:1] and path.parts[0] in HIDDEN):
        raise Http404(_("There is no such file."))
    try:
        file = default_storage.open(name)
    except (OSError, SuspiciousFileOperation, ValueError) as error:
        raise Http404(_("There is no such file.")) from error
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    is_shown = kind in SHOWN
    response = FileResponse(
        file,
        content_type=kind if is_shown else "application/octet-stream",
        as_attachment=not is_shown,
        filename=path.name,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = f"private, max-age={MONTH}"
    return response
