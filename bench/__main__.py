"""Runs the benchmarks: `python -m bench [name …]`, `JSON=1` for one object. Ends with 0 when every target holds."""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
from pathlib import Path

from bench.ratio import Report

NAMES = ("provision", "footprint", "sale", "backoffice", "nights")


def main(names: list[str]) -> int:
    """Start a server of its own (durable, as in production), prepare it, and run each benchmark in turn."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}. There are: {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    report = Report(is_quiet=bool(os.environ.get("JSON")))
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as folder:
        Path(folder).chmod(0o755)
        server = _server(Path(folder))
        try:
            _prepare(report)
            for name in names or NAMES:
                report.say(f"\n{name}")
                importlib.import_module(f"bench.{name}").run(report)
        finally:
            from django.db import connections

            connections.close_all()
            server.stop()
    if report.is_quiet:
        print(
            json.dumps(
                {
                    f.name: {"value": f.value, "target": f.target, "holds": f.holds, "note": f.note}
                    for f in report.figures
                }
            )
        )
    else:
        print("\n" + "\n".join(figure.line() for figure in report.figures))
    return 0 if all(figure.holds for figure in report.figures) else 1


def _server(folder: Path):
    from regulars.config.embedded_postgres import start

    server = start(
        folder / "postgres",
        settings={"max_connections": "100", "shared_buffers": "512MB", "max_locks_per_transaction": "512"},
    )
    os.environ["DATABASE_URL"] = server.url
    os.environ["DJANGO_SETTINGS_MODULE"] = "regulars.config.settings"
    os.environ.setdefault("BASE_DOMAIN", "regulars.test")
    os.environ.setdefault("VAR_FOLDER", str(folder / "var"))
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    os.environ.setdefault("EMAIL_URL", "memorymail://")
    os.environ.setdefault("BROKER_URL", "memory://")
    os.environ["BENCH_BINARIES"] = str(server.binaries)
    return server


def _prepare(report: Report) -> None:
    import django

    django.setup()
    from tenants.provisioning import build_template, prepare_database
    from tenants.provisioning.public import migrate_public

    report.say("Preparing the database …")
    prepare_database()
    migrate_public()
    build_template()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or os.environ.get("BENCH", "").split()))
