"""The page behind the link that an owner gets by mail: confirmed, used, too old or unknown, each with a way on."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from regulars.errors import RegularsError, TooMany
from tenants import hosts, limits, services
from tenants.models import Business, EmailConfirmation
from tenants.views.pages import described


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Opened: confirm the owner's e-mail. Sent: write to the same e-mail again, when the link was too old."""
    return request
