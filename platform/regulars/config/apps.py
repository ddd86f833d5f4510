"""Which apps live in which schema: the law of schemas, derived from the folders and not written by hand twice.

`tenants/` and any app called `public` live in the public schema; every other app lives in each business's own schema.
The few that Django forces into both, for the operator's console, are named here with the reason.
"""

from __future__ import annotations

from regulars.plugins import loading

PUBLIC_APPS = [
    "django_tenants",
    "tenants",
]
"""Businesses, their domains and how they are opened."""

BOTH_SCHEMAS = {
    "django.contrib.contenttypes": "permissions of the operator's console refer to it",
    "django.contrib.auth": "groups and permissions of operators",
    "django.contrib.admin": "the operator's console is Django's admin; its log stays in public",
    "regulars.access": "users and their sessions: operators in public, staff and members in each business",
}
"""Apps with tables in public and in each business, each with the reason."""

WITHOUT_TABLES = [
    "unfold",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_htmx",
    "django_cotton",
    "csp",
    "regulars",
]
"""Apps that bring templates, static files or middleware and no tables."""

CORE_ROOMS = [
    "regulars.organisation",
    "regulars.people",
    "regulars.insights",
    "regulars.ledger",
    "regulars.loyalty",
    "regulars.catalogue",
    "regulars.sales",
    "regulars.outreach",
    "regulars.operations",
    "regulars.backoffice",
    "regulars.counter",
    "regulars.help",
    "regulars.portal",
    "regulars.api",
]

PAGES = [
    "cms",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail.locales",
    "wagtail",
    "modelcluster",
    "taggit",
]

SIGN_IN = ["allauth", "allauth.account", "allauth.mfa"]


ALWAYS_ON = {
    "tenants": "tenants.hooks",
    "billing": "billing.hooks",
    "cms": "cms.hooks",
    "loyalty": "regulars.loyalty.listeners",
    "catalogue": "regulars.catalogue.hooks",
    "sales": "regulars.sales.listeners",
    "outreach": "regulars.outreach.listeners",
    "operations": "regulars.operations.attention",
    "approvals": "regulars.organisation.approvals.listeners",
    "team": "regulars.organisation.team.listeners",
}
"""Parts of the house that answer hooks by the door of the plugins, and where their answers are."""


def plugin_configs() -> list[str]:
    """The dotted path of each plugin's config that may become an app; whoever cannot be loaded is refused alone."""
    apps = [*PUBLIC_APPS, *BOTH_SCHEMAS, *WITHOUT_TABLES, *CORE_ROOMS, *PAGES, *SIGN_IN]
    return loading.accepted_paths(taken=[*ALWAYS_ON, *(app.rpartition(".")[2] for app in apps)])


def app_lists(plugins: list[str]) -> tuple[list[str], list[str], list[str]]:
    """The apps of the public schema, of a business's schema, and all of them in loading order.

    Unfold stands first, for its templates take the place of those of Django's admin.
    """
    shared = [*PUBLIC_APPS, *BOTH_SCHEMAS, *WITHOUT_TABLES]
    business = [*BOTH_SCHEMAS, *WITHOUT_TABLES, *CORE_ROOMS, *PAGES, *SIGN_IN, *plugins]
    return shared, business, list(dict.fromkeys(["unfold", *shared, *business]))
