"""The pages of the public site that only tell something, and what machines read: robots, sitemap, favicon."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from regulars.organisation.models import Trade
from tenants import hosts
from tenants.forms import EXAMPLES

PAGES = ["home", "sign_up", "find", "privacy", "terms"]
"""What a search engine may know of, by name of its address."""

CLOSED_ON_A_BUSINESS = [
    "/office/",
    "/counter/",
    "/me/",
    "/account/",
    "/api/",
    "/modules/",
    "/practice/",
    "/welcome/",
    "/documents/",
]


def site_address(name: str, language: str) -> str:
    """The whole address of a page of the public site in a language."""
    with translation.override(language):
        path = reverse(f"site:{name}", urlconf=settings.PUBLIC_SCHEMA_URLCONF)
    return f"{site_root()}{path}"


def site_root() -> str:
    """Scheme, host and port of the public site."""
    return f"{settings.PUBLIC_SCHEME}://{settings.BASE_DOMAIN}{hosts.port()}"


def described(name: str) -> dict[str, Any]:
    """What the head of a page says of it: its one address and the same page in the other languages."""
    return {
        "page": name,
        "canonical": site_address(name, get_language() or settings.LANGUAGE_CODE),
        "alternates": [(code, site_address(name, code)) for code, _ in settings.LANGUAGES],
        "trial_days": settings.TRIAL_DAYS,
    }


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The promise, the product in pictures, three doors, modules, price and trust."""
    trades = [(value, str(label), EXAMPLES[value]) for value, label in Trade.choices]
    return render(request, "tenants/home.html", {**described("home"), "trades": trades})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What happens to personal data."""
    return render(request, "tenants/privacy.html", described("privacy"))


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """What an owner agrees to."""
    return render(request, "tenants/terms.html", described("terms"))


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may read of the public site."""
    lines = ["User-agent: *", "Disallow: /operator/", "", f"Sitemap: {site_root()}{reverse('site_files:sitemap')}"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def business_robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may read of a business: its pages, none of its doors, and of a practice place nothing."""
    is_practice = request.tenant.practice_of_id is not None  # type: ignore[attr-defined]
    closed = ["/"] if is_practice else CLOSED_ON_A_BUSINESS
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """The pages of the public site in every language."""
    entries = [
        (site_address(name, code), [(other, site_address(name, other)) for other, _ in settings.LANGUAGES])
        for name in PAGES
        for code, _ in settings.LANGUAGES
    ]
    return render(request, "tenants/sitemap.xml", {"entries": entries}, content_type="application/xml; charset=utf-8")


class Favicon(RedirectView):
    """`/favicon.ico`, for whoever does not read the page's head."""

    def get_redirect_url(self, *args: Any, **named: Any) -> str:
        """Where the drawing is."""
        return static("regulars/favicon.svg")


favicon = Favicon.as_view()
