"""Is it alive, is it ready? `/livez` speaks for the process alone, `/readyz` for all it stands on."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from kombu import Connection

log = structlog.get_logger(__name__)
_stopping = threading.Event()


def stop_being_ready(*_: Any) -> None:
    """From now on `/readyz` is red: requests under way are finished, new ones go elsewhere."""
    _stopping.set()


def listen_for_the_end() -> None:
    """Turn red on SIGTERM before the server's own handler runs."""
    before = signal.getsignal(signal.SIGTERM)

    def on_term(number: int, frame: Any) -> None:
        stop_being_ready()
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGTERM, on_term)


class HealthMiddleware:
    """Answers `/livez` and `/readyz` on any host, before anything that needs a business."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/livez":
            return HttpResponse("alive\n", content_type="text/plain")
        if request.path == "/readyz":
            return readiness()
        return self.get_response(request)


def readiness() -> JsonResponse:
    """200 when every part answers, 503 naming those that do not."""
    if _stopping.is_set():
        return JsonResponse({"ready": False, "stopping": True}, status=503)
    parts = {name: _state(name, probe) for name, probe in PROBES.items()}
    ready = all(state == "ok" for state in parts.values())
    return JsonResponse({"ready": ready, **parts}, status=200 if ready else 503)


def _state(name: str, probe: Callable[[], str]) -> str:
    try:
        return probe()
    except Exception as error:  # noqa: BLE001 - whatever is wrong, the answer is "not ready" and one clear line
        log.error("not_ready", part=name, error=type(error).__name__)
        return f"failed: {type(error).__name__}"
    finally:
        connection.close()


def _database() -> str:
    _enter_public()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _enter_public() -> None:
    connection.set_schema_to_public()  # type: ignore[attr-defined]


_migrated = threading.Event()


def _migrations() -> str:
    """All migrations of the public schema are applied; once seen true it stays true for this process."""
    if not _migrated.is_set():
        from tenants.provisioning import public

        if public.is_behind():
            return "failed: migrations are missing, run `regulars migrate`"
        _migrated.set()
    return "ok"


def _broker() -> str:
    with Connection(
        settings.CELERY_BROKER_URL, transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS, connect_timeout=2
    ) as broker:
        broker.ensure_connection(max_retries=1, timeout=2)
    return "ok"


PROBES: dict[str, Callable[[], str]] = {"database": _database, "migrations": _migrations, "broker": _broker}
