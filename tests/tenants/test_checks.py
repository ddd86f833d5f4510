"""A dangerous configuration is refused in words."""

from __future__ import annotations

from typing import Any

import pytest

from tenants import checks


def ids(found: Any) -> list[str]:
    return [message.id for message in found]


def test_this_configuration_is_safe() -> None:
    for check in (
        checks.caches_are_apart,
        checks.search_path_is_closed,
        checks.cookies_stay_on_their_host,
        checks.library_is_new_enough,
        checks.connections_are_our_own,
        checks.production_is_safe,
    ):
        assert ids(check()) == []


@pytest.mark.clause("2.7")
@pytest.mark.parametrize("made_by", [None, "django.core.cache.backends.base.default_key_func"])
def test_a_cache_that_does_not_carry_the_schema_is_refused(settings: Any, made_by: str | None) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "KEY_FUNCTION": made_by}}
    found = checks.caches_are_apart()
    assert ids(found) == ["tenants.E001"]
    assert "does not separate businesses" in found[0].msg


@pytest.mark.clause("2.7")
def test_a_search_path_with_public_is_refused(settings: Any) -> None:
    settings.PG_EXTRA_SEARCH_PATHS = ["extensions", "public"]
    assert ids(checks.search_path_is_closed()) == ["tenants.E002"]


@pytest.mark.clause("2.7")
def test_a_backend_or_router_without_guards_is_refused(settings: Any) -> None:
    settings.DATABASES = {"default": {"ENGINE": "django_tenants.postgresql_backend"}}
    settings.DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
    assert ids(checks.search_path_is_closed()) == ["tenants.E003", "tenants.E004"]


@pytest.mark.clause("2.7")
@pytest.mark.parametrize("name", ["SESSION_COOKIE_DOMAIN", "CSRF_COOKIE_DOMAIN", "LANGUAGE_COOKIE_DOMAIN"])
def test_a_cookie_for_all_hosts_is_refused(settings: Any, name: str) -> None:
    setattr(settings, name, ".regulars.test")
    found = checks.cookies_stay_on_their_host()
    assert ids(found) == ["tenants.E005"]
    assert name in found[0].msg


@pytest.mark.clause("2.7")
def test_an_older_library_that_leaks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "version", lambda name: "3.9.0")
    assert ids(checks.library_is_new_enough()) == ["tenants.E006"]


@pytest.mark.clause("2.7")
@pytest.mark.parametrize("database", [{"PORT": 6432}, {"HOST": "pgbouncer.internal"}, {"HOST": "db-pooler.example"}])
def test_what_looks_like_a_pooler_is_warned_of(settings: Any, database: dict[str, Any]) -> None:
    settings.DATABASES = {"default": {"ENGINE": "tenants.backend", **database}}
    assert ids(checks.connections_are_our_own()) == ["tenants.W007"]


@pytest.fixture
def production(settings: Any) -> Any:
    settings.PRODUCTION = True
    settings.DEBUG = False
    settings.SECRET_KEY = "k" * 50
    settings.BASE_DOMAIN = "regulars.example"
    settings.CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "KEY_FUNCTION": checks.MAKE_KEY}}
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.CELERY_BROKER_URL = "redis://broker:6379/0"
    return settings


@pytest.mark.clause("2.7")
def test_a_whole_production_configuration_passes(production: Any) -> None:
    assert ids(checks.production_is_safe()) == []


@pytest.mark.clause("2.7")
@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SECRET_KEY", "", "tenants.E008"),
        ("SECRET_KEY", "short", "tenants.E008"),
        ("SECRET_KEY", checks.DEFAULT_SECRET, "tenants.E008"),
        ("DEBUG", True, "tenants.E009"),
        ("BASE_DOMAIN", "localhost", "tenants.E010"),
        ("BASE_DOMAIN", "10.0.0.1", "tenants.E010"),
        ("CACHES", {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}, "tenants.W011"),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "tenants.W012"),
        ("CELERY_BROKER_URL", "filesystem://", "tenants.W013"),
    ],
)
def test_each_danger_of_production_is_named(production: Any, name: str, value: Any, expected: str) -> None:
    setattr(production, name, value)
    assert ids(checks.production_is_safe()) == [expected]
    production.PRODUCTION = False
    assert ids(checks.production_is_safe()) == []
