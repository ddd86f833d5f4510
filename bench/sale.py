"""Figures 4, 5 and 6: how many sales a second the service posts, with points, tier, trail and outbox.

What is sold over HTTP is compared with the same in a business of a hundred times as many members and sales, too.

Reference: `pgbench`'s tpcb-like transaction, scale 20, prepared, eight clients in two threads, on the same server and
cores. A client here is a thread of the web server's processes, of which there are as many as by default, with a
connection of its own, and confirms quotes made beforehand, as the counter does. Over HTTP the same sale is also written
with the plain ORM, behind the same doors (`bench.plain`).
"""

from __future__ import annotations

import multiprocessing
import os
import random
import re
import secrets
import statistics
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Max, Min

from bench.growing import grow
from bench.over_http import PLAIN, cashier_cookies, sales_a_second, web_server
from bench.ratio import ROUNDS, Report

CLIENTS = 8
PROCESSES = 2  # with four threads each, as over HTTP
SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))
MEMBERS = 400
SMALL, LARGE = 10_000, int(os.environ.get("BENCH_MEMBERS", "1000000"))


def run(report: Report) -> None:
    """Print where figures 4, 5 and 6 stand."""
    slug = _business()
    _pgbench("-i", "-s", "20", "-q")
    with _Clients(slug, same_member=False) as clients:
        sales, reference = _alternating(clients)
    report.figure(
        "sale",
        statistics.median(sales) / statistics.median(reference),
        0.5,
        at_least=True,
        note=f"{statistics.median(sales):.0f} sales/s over {statistics.median(reference):.0f} pgbench transactions/s, "
        f"reference spread {(max(reference) - min(reference)) / statistics.median(reference):.0%}",
    )
    _over_http(report, slug)
    _as_it_grows(report)
    with _Clients(slug, same_member=True) as eight, _Clients(slug, same_member=True, clients=1) as single:
        together, alone = [], []
        for number in range(ROUNDS + 1):
            one, other = eight.round(), single.round()
            if number:
                together.append(one)
                alone.append(other)
    report.figure(
        "sale-on-one-member",
        statistics.median(together) / statistics.median(alone),
        0.9,
        at_least=True,
        note=f"{statistics.median(together):.0f}/s by eight clients, {statistics.median(alone):.0f}/s by one",
    )


def _over_http(report: Report, slug: str) -> None:
    from tenants.models import Business

    business = Business.objects.get(slug=slug)
    cookies = cashier_cookies(business)
    sales, plain, reference = [], [], []
    with web_server() as port:
        for number in range(ROUNDS + 1):
            one = sales_a_second(port, slug, cookies, _member_quotes(business), SECONDS)
            by_orm = sales_a_second(port, slug, cookies, _member_quotes(business), SECONDS, PLAIN)
            other = _tpcb()
            if number:
                sales.append(one)
                plain.append(by_orm)
                reference.append(other)
    report.figure(
        "sale-over-http",
        statistics.median(sales) / statistics.median(reference),
        0.22,
        at_least=True,
        note=f"{statistics.median(sales):.0f} sales/s over {statistics.median(reference):.0f} pgbench transactions/s",
    )
    report.figure(
        "sale-over-plain-orm",
        statistics.median(sales) / statistics.median(plain),
        2.5,
        at_least=True,
        note=f"{statistics.median(sales):.0f} sales/s, with the plain ORM {statistics.median(plain):.0f}/s",
    )


def _as_it_grows(report: Report) -> None:
    from tenants.context import business_context
    from tenants.models import Business

    businesses = []
    for members in (SMALL, LARGE):
        begun = time.perf_counter()
        business = Business.objects.get(slug=_business(members=0))
        with business_context(business):
            grow(members=members, sales=members)
        businesses.append((business, cashier_cookies(business)))
        report.say(f"  {members:,} members and as many sales in {time.perf_counter() - begun:.0f} s")
    rates: list[list[float]] = [[], []]
    with web_server() as port:
        for number in range(ROUNDS + 1):
            for (business, cookies), found in zip(businesses, rates, strict=True):
                rate = sales_a_second(port, business.slug, cookies, _member_quotes(business), SECONDS)
                if number:
                    found.append(rate)
    small, large = (statistics.median(found) for found in rates)
    report.figure(
        "sale-as-it-grows",
        small / large,
        1.15,
        note=f"{small:.0f} sales/s at {SMALL:,} members, {large:.0f}/s at {LARGE:,}",
    )


def _member_quotes(business: Any) -> list[str]:
    """Quotes of members by their public ids, fresh for each round, from all over the business."""
    from regulars.people.models import Member
    from tenants.context import business_context

    with business_context(business):
        everybody = range(*Member.objects.aggregate(first=Min("pk"), after=Max("pk") + 1).values())
        chosen = random.sample(everybody, min(len(everybody), MEMBERS))
        members = list(Member.objects.select_related("standing__tier").filter(pk__in=chosen))
        return [quote.public_id for quote in _quotes(members)]


def _alternating(clients: _Clients) -> tuple[list[float], list[float]]:
    sales, reference = [], []
    for number in range(ROUNDS + 1):
        one, other = clients.round(), _tpcb()
        if number:
            sales.append(one)
            reference.append(other)
    return sales, reference


def _business(members: int = MEMBERS) -> str:
    from regulars.people.contacts import Contact
    from regulars.people.services import join
    from tenants.context import business_context
    from tenants.services import open_business

    slug = f"bench-{secrets.token_hex(3)}"
    business = open_business(
        name="Bench Tea",
        slug=slug,
        trade="restaurant",
        language="en",
        owner_email="bench@tea.example",
        owner_name="Lin",
        password="a-long-enough-pass-phrase",
        currency="CNY",
        zone="Asia/Shanghai",
        country="CN",
    )
    with business_context(business):
        for number in range(members):
            join(
                contact=Contact("phone", f"+8613{number:09d}"), name=f"Member {number}", language="en", source="counter"
            )
    return slug


class _Clients:
    """Clients that sell when told to: threads of as many processes as the web server has."""

    def __init__(self, slug: str, *, same_member: bool, clients: int = CLIENTS) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.pipes: list[Connection] = []
        self.processes = []
        for number in range(min(PROCESSES, clients)):
            ours, theirs = spawn.Pipe()
            named = range(number, clients, PROCESSES)
            process = spawn.Process(target=_server, args=(theirs, slug, named, same_member), daemon=True)
            process.start()
            self.pipes.append(ours)
            self.processes.append(process)

    def __enter__(self) -> _Clients:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in self.pipes:
            pipe.send("end")
        for process in self.processes:
            process.join(10)

    def round(self) -> float:
        """Sales a second of all clients together, over one round."""
        for word in ("prepare", "sell"):
            for pipe in self.pipes:
                pipe.send(word)
            answers = [answer for pipe in self.pipes for answer in pipe.recv()]
        return sum(done / seconds for done, seconds in answers)


def _server(pipe: Connection, slug: str, clients: range, same_member: bool) -> None:
    import django

    django.setup()
    from tenants.context import public_context
    from tenants.models import Business

    with public_context():
        business = Business.objects.get(slug=slug)
    with ThreadPoolExecutor(len(clients)) as threads:
        sellers = [_Seller(business, number, same_member=same_member) for number in clients]
        while (word := pipe.recv()) != "end":
            pipe.send(list(threads.map(lambda seller: seller.told(word), sellers)))


class _Seller:
    """One client: who is at the till, and what is in the baskets."""

    def __init__(self, business: Any, number: int, *, same_member: bool) -> None:
        self.business, self.number, self.same_member = business, number, same_member
        self.quotes: list[Any] = []

    def told(self, word: str) -> tuple[int, float]:
        """Prepare the baskets, or sell them: how many, in how many seconds."""
        from regulars.people.models import Member
        from tenants.context import business_context

        with business_context(self.business):
            if word == "sell":
                return _sell(self.quotes)
            members = list(Member.objects.select_related("standing__tier").order_by("id"))
            self.quotes = _quotes(members[:1] if self.same_member else members[self.number :: CLIENTS])
            return 0, 1.0


def _quotes(members: list[Any]) -> list[Any]:
    """One priced quote per member, copied: what is measured is the confirmation."""
    from regulars.organisation.selectors import open_branches
    from regulars.people.models import Member
    from regulars.sales.quoting import LineRequest
    from regulars.sales.services import quote

    branch = open_branches()[0]
    fresh = Member.objects.select_related("standing__tier").in_bulk([member.pk for member in members])
    return [quote(branch=branch, member=member, lines=[LineRequest("Tea", 1280)]) for member in fresh.values()]


def _sell(quotes: list[Any]) -> tuple[int, float]:
    from regulars.errors import StaleQuote
    from regulars.sales.services import confirm

    begun, done = time.perf_counter(), 0
    while (spent := time.perf_counter() - begun) < SECONDS:
        quote = quotes[done % len(quotes)]
        try:
            confirm(quote=quote, key=secrets.token_hex(16), cashier=None)
        except StaleQuote:  # the member rose meanwhile: priced anew, and that costs what it costs
            quotes[done % len(quotes)] = _quotes([quote.member])[0]
        done += 1
    return done, spent


def _pgbench(*options: str) -> str:
    address = urlsplit(os.environ["DATABASE_URL"])
    program = Path(os.environ["BENCH_BINARIES"]) / "pgbench"
    environment = {**os.environ, "PGPASSWORD": address.password or ""}
    command = [
        str(program),
        "-h",
        str(address.hostname),
        "-p",
        str(address.port),
        "-U",
        str(address.username),
        *options,
        address.path.lstrip("/"),
    ]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def _tpcb() -> float:
    found = re.search(
        r"tps = ([\d.]+)", _pgbench("-c", str(CLIENTS), "-j", "2", "-M", "prepared", "-T", f"{SECONDS:.0f}")
    )
    if found is None:
        raise RuntimeError("pgbench printed no tps")
    return float(found[1])
