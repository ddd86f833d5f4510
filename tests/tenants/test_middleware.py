"""A host leads to its business and no other, without a query once it is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from tenants import middleware, selectors, services
from tenants.context import business_context, leave
from tenants.middleware import BusinessMiddleware
from tenants.models import Business, Domain

Answer = Callable[[HttpRequest], HttpResponse]


def where(request: HttpRequest) -> HttpResponse:
    """Answers with the schema and zone that a view would find itself in."""
    return HttpResponse(f"{connection.schema_name} {timezone.get_current_timezone_name()}")


def asked(host: str, view: Answer = where, path: str = "/somewhere/", **headers: str) -> HttpResponse:
    request = RequestFactory(headers={"host": host, **headers}).get(path)
    return BusinessMiddleware(view)(request)


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    selectors.forget_domains()
    connection.uncommitted.clear()
    yield
    selectors._remembered.clear()


@pytest.fixture
def nowhere(gym: Business) -> Iterator[None]:
    """As a server's thread is between two requests."""
    leave()
    yield
    connection.set_schema_to_public()


def test_a_view_runs_in_the_business_of_the_host_and_in_its_zone(gym: Business) -> None:
    assert asked("gym.regulars.test").content.decode() == f"{gym.schema_name} Europe/London"
    assert asked("GYM.regulars.test:8000").content.decode() == f"{gym.schema_name} Europe/London"
    assert asked("gym.regulars.test.").content.decode() == f"{gym.schema_name} Europe/London"


@pytest.mark.parametrize("host", ["regulars.test", "www.regulars.test", "127.0.0.1:8000", "REGULARS.TEST"])
def test_the_base_domain_is_public(db: None, host: str, settings: Any) -> None:
    seen: list[HttpRequest] = []
    response = asked(host, lambda request: seen.append(request) or where(request))  # type: ignore[func-returns-value]
    assert response.content.decode() == "public UTC"
    assert seen[0].urlconf == settings.PUBLIC_SCHEMA_URLCONF  # type: ignore[attr-defined]


def test_a_request_leaves_the_thread_where_it_was(business: Business, nowhere: None) -> None:
    with business_context(business):
        asked("gym.regulars.test")
        assert connection.schema_name == business.schema_name
    assert connection.schema_name is None
    asked("gym.regulars.test")
    assert connection.schema_name is None


def test_a_view_that_fails_leaves_the_thread_where_it_was(nowhere: None) -> None:
    def fail(request: HttpRequest) -> HttpResponse:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asked("gym.regulars.test", fail)
    assert connection.schema_name is None


def test_a_streamed_answer_stays_in_its_business_until_it_is_closed(gym: Business, nowhere: None) -> None:
    def body() -> Iterator[str]:
        yield str(connection.schema_name)

    response = asked("gym.regulars.test", lambda request: StreamingHttpResponse(body()))
    assert response.getvalue().decode() == gym.schema_name
    response.close()
    assert connection.schema_name is None


def test_an_answer_that_is_closed_late_moves_nobody_out_of_another_business(
    business: Business, gym: Business, nowhere: None
) -> None:
    late = asked("gym.regulars.test", lambda request: StreamingHttpResponse(iter(["never read"])))

    def close_the_late_one(request: HttpRequest) -> HttpResponse:
        late.close()
        return where(request)

    assert asked("teahouse.regulars.test", close_the_late_one).content.decode().startswith(business.schema_name)
    assert connection.schema_name is None


@pytest.mark.clause("2.3")
def test_a_known_host_costs_no_query(gym: Business, django_assert_num_queries: Any) -> None:
    asked("gym.regulars.test")
    with django_assert_num_queries(0):
        assert asked("gym.regulars.test").content.decode().startswith(gym.schema_name)


@pytest.mark.clause("2.3")
def test_without_the_memory_each_request_costs_a_query(
    gym: Business, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "REMEMBERED", -1.0)
    asked("gym.regulars.test")
    with django_assert_num_queries(2):  # the path, and whose host it is
        asked("gym.regulars.test")


@pytest.mark.clause("2.3")
def test_a_host_that_moves_to_another_business_leads_there_at_once(business: Business, gym: Business) -> None:
    assert asked("gym.regulars.test").content.decode().startswith(gym.schema_name)
    domain = Domain.objects.get(domain="gym.regulars.test")
    domain.tenant, domain.is_primary = business, False
    domain.save()
    assert asked("gym.regulars.test").content.decode().startswith(business.schema_name)


@pytest.mark.clause("2.3")
def test_without_forgetting_a_moved_host_would_lead_to_the_old_business(
    business: Business, gym: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked("gym.regulars.test")
    Domain.objects.filter(domain="gym.regulars.test").update(tenant=business)  # tells nobody
    assert asked("gym.regulars.test").content.decode().startswith(gym.schema_name)


def test_what_is_not_committed_is_not_remembered(gym: Business, django_assert_num_queries: Any) -> None:
    gym.save()
    asked("gym.regulars.test")
    with django_assert_num_queries(2):
        asked("gym.regulars.test")


def test_hosts_of_nobody_are_not_remembered(db: None) -> None:
    for number in range(5):
        asked(f"nobody-{number}.regulars.test")
    assert not selectors._remembered


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_host_that_nobody_owns_gets_a_plain_page(db: None, language: str) -> None:
    response = asked("nobody.regulars.test", **{"accept-language": language})
    assert response.status_code == 404
    assert "nobody.regulars.test" in response.content.decode()
    assert "default-src 'self'" in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    "host", ["a b", "gym.regulars.test/../", "<script>", "gym_.regulars.test:x", "x" * 300, "", "é.test"]
)
def test_a_malformed_host_gets_a_plain_page(db: None, host: str) -> None:
    response = asked(host)
    assert response.status_code == 404
    assert "<script>" not in response.content.decode()


def test_an_archived_business_answers_that_it_is_gone(gym: Business) -> None:
    asked("gym.regulars.test")
    services.close_business(business=gym, by="operator")
    response = asked("gym.regulars.test")
    assert response.status_code == 410
    assert gym.schema_name not in response.content.decode()


def test_a_database_that_cannot_be_reached_is_said_in_one_line(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(host: str) -> None:
        raise OperationalError("connection to server failed\nmore words")

    monkeypatch.setattr(selectors, "business_at", refuse)
    lines: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(middleware.log, "error", lambda event, **values: lines.append((event, values)))
    response = asked("gym.regulars.test")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert lines == [("database_unreachable", {"path": "/somewhere/", "error": "connection to server failed"})]


@pytest.mark.clause("5.7")
@pytest.mark.parametrize(("language", "title"), [("en", "The service cannot"), ("zh-hans", "服务暂时无法访问")])
def test_another_system_is_told_as_a_problem(
    db: None, monkeypatch: pytest.MonkeyPatch, language: str, title: str
) -> None:
    def refuse(host: str) -> None:
        raise OperationalError("connection to server failed")

    monkeypatch.setattr(selectors, "business_at", refuse)
    client = Client(headers={"host": "gym.regulars.test", "accept-language": language})
    response = client.get("/api/v1/members?text=1")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response["content-type"] == "application/problem+json"
    assert response.json()["title"].startswith(title)


def test_a_statement_that_failed_is_not_taken_for_a_server_that_is_away() -> None:
    class Cause(Exception):
        sqlstate = "40P01"

    error = OperationalError("deadlock detected")
    error.__cause__ = Cause()
    assert not middleware.is_unreachable(error)


def test_the_whole_product_answers_on_a_business_host(gym: Business) -> None:
    response = Client(headers={"host": "gym.regulars.test"}).get("/robots.txt")
    assert response.status_code == 200
