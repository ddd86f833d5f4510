"""The specimen's own pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from regulars import plugins
from specimen.models import Note
from specimen.services import promise


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """How many promises there are; seen while the module is on or closing."""
    return HttpResponse(f"{_('Promises')}: {Note.objects.filter(kind='promise').count()}")


@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """A new promise; refused in words while the module is closing."""
    try:
        promise(member=request.POST.get("member", "")[:40])
    except plugins.ModuleIsOff as refusal:
        return HttpResponse(str(refusal), status=409)
    return HttpResponse(_("Promised"), status=201)
