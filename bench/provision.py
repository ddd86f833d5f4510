"""Figure 1: from sign-up to a portal that answers, over the bare cost of making the same tables.

Reference: `CREATE SCHEMA`, the template's own DDL as one script, and its seed rows, with nothing of ours around it.
`provision` replays the template at sign-up, `provision-from-pool` takes a schema that a worker had made ready.
"""

from __future__ import annotations

import itertools
import os
import statistics
from functools import partial

from django.db import connection
from django.test import Client

from bench.ratio import Measured, Report, interleaved, seconds_of
from tenants.context import public_context
from tenants.models import Template
from tenants.provisioning import current_template, fill_pool, new_schema_name
from tenants.provisioning.schemas import TOKEN, seeds_for
from tenants.services import open_business

_number = itertools.count(1)
_browser = Client()


def sign_up_and_look() -> None:
    """What an owner does: open the place, then look at it."""
    number = next(_number)
    open_business(
        name=f"Tea House {number}",
        slug=f"tea-{number}",
        trade="restaurant",
        language="zh-hans",
        owner_email=f"owner{number}@tea.example",
        owner_name="Lin",
        password="a-long-enough-pass-phrase",
        currency="CNY",
        zone="Asia/Shanghai",
        country="CN",
    )
    answer = _browser.get("/me/", follow=True, headers={"host": f"tea-{number}.regulars.test"})
    if answer.status_code != 200:
        raise RuntimeError(f"the portal of tea-{number} answered {answer.status_code}")


def bare(scripts: tuple[str, str]) -> None:
    """The reference: the same schema and rows, as two strings to the server."""
    with public_context(), connection.cursor() as cursor:
        for script in scripts:
            cursor.execute(script)


def scripts_of(template: Template) -> tuple[str, str]:
    """The two strings of the reference, made ready outside the measurement."""
    name = new_schema_name()
    return template.script.replace(TOKEN, name), seeds_for(name, template.seeds["restaurant:zh-hans"])


def run(report: Report) -> None:
    """Print figure 1 in its three parts."""
    template = current_template()
    measured = interleaved(sign_up_and_look, bare, prepare=lambda: scripts_of(template))
    report.figure("provision", measured.ratio, 1.5, note=measured.note())
    pooled: list[float] = []
    reference: list[float] = []
    for number in range(6):
        fill_pool(1)
        scripts = scripts_of(template)
        one, other = seconds_of(sign_up_and_look), seconds_of(partial(bare, scripts))
        if number:
            pooled.append(one)
            reference.append(other)
    found = Measured(pooled, reference)
    report.figure("provision-from-pool", found.ratio, 1.0, note=found.note())
    _growth(report)


def _growth(report: Report) -> None:
    """Does the next business cost more when there are many? `BUSINESSES` says how many (1,000 by default in full)."""
    many = int(os.environ.get("BUSINESSES", "200"))
    early = [seconds_of(sign_up_and_look) for _ in range(10)]
    while next(_number) < many:
        sign_up_and_look()
    late = [seconds_of(sign_up_and_look) for _ in range(10)]
    report.figure(
        f"provision-{many}th-over-10th",
        statistics.median(late) / statistics.median(early),
        1.2,
        note=f"medians of ten: {statistics.median(early) * 1000:.0f} ms, then {statistics.median(late) * 1000:.0f} ms",
    )
