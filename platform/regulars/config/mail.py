"""Who carries mail: `EMAIL_URL` names an SMTP server, or one of the providers that django-anymail speaks to.

A provider is one line of a table: what its scheme is called, its backend, and which settings its address fills. So
`postmark://token@` and `mailgun://key@mg.example.com?region=eu` need no other setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import environ

SECONDS = 10
"""How long a provider may take to answer; one that does not holds up neither a request nor a worker."""


@dataclass(frozen=True)
class Provider:
    """The backend of a provider, and its settings that the user, the password and the host of an address fill."""

    backend: str
    user: str
    password: str = ""
    host: str = ""


PROVIDERS = {
    "brevo": Provider("brevo", user="BREVO_API_KEY"),
    "mailersend": Provider("mailersend", user="MAILERSEND_API_TOKEN"),
    "mailgun": Provider("mailgun", user="MAILGUN_API_KEY", host="MAILGUN_SENDER_DOMAIN"),
    "mailjet": Provider("mailjet", user="MAILJET_API_KEY", password="MAILJET_SECRET_KEY"),  # noqa: S106 - a name
    "postmark": Provider("postmark", user="POSTMARK_SERVER_TOKEN"),
    "resend": Provider("resend", user="RESEND_API_KEY"),
    "sparkpost": Provider("sparkpost", user="SPARKPOST_API_KEY"),
}
REGIONS = {
    "mailgun": {"eu": "https://api.eu.mailgun.net/v3/"},
    "sparkpost": {"eu": "https://api.eu.sparkpost.com/api/v1"},
}
"""Where a provider keeps data of a region, by the `region` of an address."""


def mail_settings(address: str) -> dict[str, Any]:
    """The settings of Django that an `EMAIL_URL` means. Raises `ValueError` for an address that lacks its key."""
    parts = urlsplit(address)
    provider = PROVIDERS.get(parts.scheme)
    if provider is None:
        return {"EMAIL_TIMEOUT": SECONDS, **environ.Env.email_url_config(address)}
    access, _at, host = parts.netloc.rpartition("@")
    user, _colon, password = access.partition(":")
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    found: dict[str, Any] = {"REQUESTS_TIMEOUT": (5, SECONDS), provider.user: unquote(user)}
    if provider.password:
        found[provider.password] = unquote(password)
    if provider.host:
        found[provider.host] = unquote(host)
    if missing := [name for name, value in found.items() if not value]:
        raise ValueError(f"EMAIL_URL for {parts.scheme} lacks {', '.join(missing)}")
    endpoint = asked.get("endpoint") or REGIONS.get(parts.scheme, {}).get(asked.get("region", ""))
    if endpoint:
        found[f"{parts.scheme.upper()}_API_URL"] = endpoint
    return {
        "EMAIL_BACKEND": f"anymail.backends.{provider.backend}.EmailBackend",
        "EMAIL_TIMEOUT": SECONDS,
        "ANYMAIL": found,
    }
