"""How the web server runs: one process of threads, red on `/readyz` before it stops, requests under way finished."""

from __future__ import annotations

import os
from typing import Any

worker_class = "gthread"
workers = int(os.environ.get("WEB_PROCESSES", "1"))
threads = int(os.environ.get("WEB_THREADS", "8"))
graceful_timeout = 30
keepalive = 5
errorlog = "-"
loglevel = "warning"
preload_app = False


def post_worker_init(_worker: Any) -> None:
    """In each process: let `/readyz` turn red as soon as the end is announced."""
    from regulars.config.health import listen_for_the_end

    listen_for_the_end()
