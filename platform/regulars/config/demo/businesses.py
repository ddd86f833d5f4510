"""The two demo businesses: a tea-house chain in Chinese with three branches, and a gym in English."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenants.models import Business

PASSWORD = "regulars-demo-only"  # noqa: S105 - the demo's own, printed for whoever starts it


@dataclass(frozen=True, kw_only=True)
class DemoBusiness:
    """What is opened: `branches` are added to the preset's first one, which takes the first name.

    `manager` leads the first branch and `marketer` works for all of them; `in_region` names the branches that lie in
    `region`. Each may be empty.
    """

    slug: str
    name: str
    trade: str
    language: str
    currency: str
    zone: str
    country: str
    owner: str
    cashier: str
    branches: tuple[str, ...]
    first_phone: str
    manager: str = ""
    marketer: str = ""
    region: str = ""
    in_region: tuple[str, ...] = ()

    @property
    def owner_email(self) -> str:
        """Who signs in to the back office."""
        return f"owner@{self.slug}.example"

    @property
    def cashier_email(self) -> str:
        """Who signs in to the counter."""
        return f"cashier@{self.slug}.example"

    @property
    def manager_email(self) -> str:
        """Who leads the first branch."""
        return f"manager@{self.slug}.example"

    @property
    def marketer_email(self) -> str:
        """Who writes to members."""
        return f"marketer@{self.slug}.example"


BUSINESSES = (
    DemoBusiness(
        slug="shancha",
        name="山茶茶馆",
        trade="restaurant",
        language="zh-hans",
        currency="CNY",
        zone="Asia/Shanghai",
        country="CN",
        owner="林掌柜",
        cashier="小周",
        branches=("静安总店", "徐汇店", "西湖店"),
        first_phone="+8613900000000",
        manager="陈店长",
        marketer="小苏",
        region="上海",
        in_region=("静安总店", "徐汇店"),
    ),
    DemoBusiness(
        slug="northgym",
        name="North Gym",
        trade="gym",
        language="en",
        currency="GBP",
        zone="Europe/London",
        country="GB",
        owner="Nora North",
        cashier="Sam Till",
        branches=("Camden",),
        first_phone="+447400000000",
    ),
)


def open_demo_businesses(*, say: Callable[[str], None]) -> list[DemoBusiness]:
    """Migrate, build the template and open what is missing; a second start finds all of it and does nothing."""
    import django

    django.setup()
    from django.db import connections

    from regulars.config.translations import compile_all
    from tenants.models import Business
    from tenants.provisioning import build_template, prepare_database, public

    compile_all()
    prepare_database()
    if public.is_behind():
        say("Migrating …")
        public.migrate_public()
    build_template(say=say)
    for demo in BUSINESSES:
        if not Business.objects.filter(slug=demo.slug).exists():
            say(f"Opening {demo.name} …")
            _open(demo)
    connections.close_all()
    return list(BUSINESSES)


def _open(demo: DemoBusiness) -> None:
    from django.utils import translation

    from regulars.config.demo import wares
    from tenants.context import business_context
    from tenants.services import open_business

    business: Business = open_business(
        name=demo.name,
        slug=demo.slug,
        trade=demo.trade,
        language=demo.language,
        owner_email=demo.owner_email,
        owner_name=demo.owner,
        password=PASSWORD,
        currency=demo.currency,
        zone=demo.zone,
        country=demo.country,
    )
    with business_context(business), translation.override(demo.language):
        staff_up(demo)
        wares.lay_out(demo)


def staff_up(demo: DemoBusiness) -> None:
    """Open the branches and appoint the people of a demo business, inside it."""
    from regulars.organisation.models import Branch, Role, Staff
    from regulars.organisation.places.services import open_branch, save_region
    from regulars.organisation.team.services import appoint

    first = Branch.objects.order_by("id")[0]
    first.name = demo.branches[0]
    first.save(update_fields=["name"])
    for name in demo.branches[1:]:
        open_branch(name=name)
    if demo.region:
        region = save_region(by=Staff.objects.get(role=Role.OWNER), name=demo.region)
        Branch.objects.filter(name__in=demo.in_region).update(region=region)
    appoint(name=demo.cashier, email=demo.cashier_email, password=PASSWORD, role=Role.CASHIER, branch=first)
    if demo.manager:
        appoint(name=demo.manager, email=demo.manager_email, password=PASSWORD, role=Role.MANAGER, branch=first)
    if demo.marketer:
        appoint(name=demo.marketer, email=demo.marketer_email, password=PASSWORD, role=Role.MARKETER)


def write_down(opened: list[DemoBusiness], *, port: int, file: Path) -> list[str]:
    """Write addresses and logins to a file; returns them as lines for people."""
    site = f"http://localhost:{port}/"
    facts: dict[str, Any] = {"site": site, "businesses": []}
    lines = ["", f"  Regulars 熟客 is up: {site}"]
    for demo in opened:
        place = f"http://{demo.slug}.localhost:{port}"
        others = {
            role: {"email": email, "password": PASSWORD}
            for role, name, email in (
                ("manager", demo.manager, demo.manager_email),
                ("marketer", demo.marketer, demo.marketer_email),
            )
            if name
        }
        facts["businesses"].append(
            {
                "name": demo.name,
                "site": f"{place}/",
                "portal": f"{place}/me/",
                "counter": f"{place}/counter/",
                "office": f"{place}/office/",
                "owner": {"email": demo.owner_email, "password": PASSWORD},
                "cashier": {"email": demo.cashier_email, "password": PASSWORD},
                "member": {"phone": demo.first_phone},
                **others,
            }
        )
        lines += [
            "",
            f"  {demo.name}",
            f"    site         {place}/",
            f"    back office  {place}/office/    {demo.owner_email}  {PASSWORD}",
            *(f"      {role:<10} {place}/office/    {who['email']}  {PASSWORD}" for role, who in others.items()),
            f"    counter      {place}/counter/   {demo.cashier_email}  {PASSWORD}",
            f"    portal       {place}/me/        phone {demo.first_phone} (its code appears in this log)",
        ]
    file.write_text(json.dumps(facts, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return [*lines, ""]
