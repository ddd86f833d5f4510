"""Where a business is found, as an address a browser can go to."""

from __future__ import annotations

from django.conf import settings

from tenants.models import Business


def host_end() -> str:
    """What follows a business's address in its host: `.example.com`."""
    return f".{settings.BASE_DOMAIN}"


def host_of(business: Business) -> str:
    """The host every business keeps, whatever domains of its own it adds."""
    return f"{business.slug}{host_end()}"


def root_of(business: Business) -> str:
    """Scheme, host and port of a business."""
    return f"{settings.PUBLIC_SCHEME}://{host_of(business)}{port()}"


def port() -> str:
    """`:8000` where the public port is not the scheme's own, else nothing."""
    return f":{settings.PUBLIC_PORT}" if settings.PUBLIC_PORT else ""


def everywhere() -> list[str]:
    """The sources of a content security policy for a form of ours whose answer leads to a business's host."""
    return [f"{settings.PUBLIC_SCHEME}://*{host_end()}{port()}"]
