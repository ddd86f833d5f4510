"""The server and the clients of figure 5: real gunicorn, real sessions, the counter's own way to take the money."""

from __future__ import annotations

import http.client
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.test import Client

CLIENTS = 8
PLAIN = "/counter/plain-sale/"


@contextmanager
def web_server() -> Iterator[int]:
    """gunicorn with two processes on this machine's cores; gives its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "WEB_PROCESSES": "2", "WEB_THREADS": "4"}
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "bench.plain:application",  # the ordinary application, and beside its sale the one it is compared with
        "-c",
        "python:regulars.config.gunicorn",
        "-b",
        f"127.0.0.1:{port}",
    ]
    server = subprocess.Popen(command, env=environment)
    try:
        _wait(port)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def _wait(port: int) -> None:
    for _ in range(600):
        try:
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            asked.request("GET", "/readyz")
            if asked.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the web server did not become ready")


def cashier_cookies(business: Any) -> str:
    """A cashier's session at this business, as a browser sends it."""
    from regulars.organisation.models import Branch, Staff
    from regulars.organisation.team.services import appoint
    from tenants.context import business_context

    with business_context(business):
        staff = Staff.objects.filter(role="cashier").first() or appoint(
            name="Till", email="till@tea.example", role="cashier", branch=Branch.objects.order_by("id")[0]
        )
        browser = Client(headers={"host": f"{business.slug}.regulars.test"})
        browser.force_login(staff.user, backend="regulars.access.backends.PasswordBackend")
    return "; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items())


def sales_a_second(
    port: int, slug: str, cookies: str, quotes: list[str], seconds: float, page: str = "/counter/pay/"
) -> float:
    """Take the money for quotes over and over, eight clients at once; each sale is a new key."""
    done = [0] * CLIENTS
    threads = [
        threading.Thread(target=_sell, args=(port, slug, cookies, quotes[number::CLIENTS], seconds, done, number, page))
        for number in range(CLIENTS)
    ]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - begun)


def _sell(
    port: int, slug: str, cookies: str, quotes: list[str], seconds: float, done: list[int], number: int, page: str
) -> None:
    token = secrets.token_hex(16)
    headers = {
        "Host": f"{slug}.regulars.test",
        "Cookie": f"{cookies}; csrf={token}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends:
        body = urllib.parse.urlencode(
            {"csrfmiddlewaretoken": token, "quote": quotes[done[number] % len(quotes)], "key": secrets.token_hex(16)}
        )
        connection.request("POST", page, body, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 302:
            raise RuntimeError(f"a sale answered {answer.status}")
        done[number] += 1
