"""A shop in full use: two branches in a region, a team of every role, members, sales, one of each thing a list holds.

All that its people have written is in one language, so that a word of the other on its pages is a word of ours.
"""

from __future__ import annotations

import datetime as dt
import io
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Page, expect

from regulars import clock
from tests.browser import Screen
from tests.conftest import PASSWORD

if TYPE_CHECKING:
    from django.core.files.base import ContentFile

    from regulars.organisation.models import Branch, Staff
    from regulars.people.models import Member

BROWSER = "Chromium"
BARCODE = "6901234567892"
CODES = {"cashier": "4711", "manager": "9080"}
ROLES = ("owner", "manager", "cashier", "marketer", "service", "accountant", "reader", "custom")


@dataclass(frozen=True)
class Words:
    """How this shop and everything in it is called."""

    language: str
    slug: str
    name: str
    currency: str
    zone: str
    country: str
    region: str
    branch: str
    till: str
    own_role: str
    tag: str
    goods: tuple[str, ...]
    reason: str
    back: str
    people: tuple[str, ...]
    members: tuple[str, ...]


SHOPS = {
    "en": Words(
        language="en",
        slug="leafandkettle",
        name="Leaf & Kettle",
        currency="GBP",
        zone="Europe/London",
        country="GB",
        region="The North",
        branch="Station Road",
        till="Till by the door",
        own_role="Shift leader",
        tag="Breakfast club",
        goods=("Assam, 100 g", "Scone with jam", "Green tea, a pot"),
        reason="Waited for an hour",
        back="Spilt on the way",
        people=("Olive", "Martin", "Cassie", "Mark", "Serena", "Alan", "Rita", "Shirley"),
        members=("Anna Bell", "Ben Carter", "Chloe Dunn", "Daniel Evans", "Ella Ford", "Finn Gray", "Grace Hill"),
    ),
    "zh-hans": Words(
        language="zh-hans",
        slug="shanchaguan",
        name="山茶茶馆",
        currency="CNY",
        zone="Asia/Shanghai",
        country="CN",
        region="华东",
        branch="湖滨店",
        till="门口收银台",
        own_role="值班组长",
        tag="早茶客",
        goods=("龙井 50 克", "桂花糕", "碧螺春一壶"),
        reason="等位一小时的补偿",
        back="打翻了",
        people=("林店主", "马经理", "陈小收", "王营销", "周客服", "吴会计", "郑观察", "孙组长"),
        members=("李华", "王芳", "张伟", "刘洋", "陈静", "杨帆", "赵敏"),
    ),
}


def opened_as(words: Words) -> dict[str, Any]:
    """What `open_business` takes for it."""
    return {
        "name": words.name,
        "trade": "restaurant",
        "language": words.language,
        "owner_email": f"{ROLES[0]}@{words.slug}.example",
        "owner_name": words.people[0],
        "password": PASSWORD,
        "currency": words.currency,
        "zone": words.zone,
        "country": words.country,
    }


@dataclass(frozen=True)
class AtWork:
    """Somebody of the shop's team before a screen; `known` is what was said of the shop when it was prepared."""

    person: Screen
    words: Words
    known: dict[str, Any]

    @property
    def page(self) -> Page:
        """What stands on the screen."""
        return self.person.page

    @property
    def home(self) -> str:
        """The address of the shop."""
        return self.person.house.of(self.words.slug)

    def becomes(self, role: str) -> None:
        """The browser carries the session of somebody of this role."""
        self.person.context.add_cookies([{"name": "session", "value": self.known[role], "url": self.home}])

    def open(self, path: str) -> Page:
        """Go to a page of the shop, which must answer well."""
        return self.person.open(f"{self.home}{path}")

    def rings_up(self, amount: str) -> None:
        """Type an amount into the one field of the till, press Enter and see it as the first line."""
        self.page.keyboard.type(amount)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("#line-1-price")).to_have_value(f"{float(amount):.2f}")


def fill(words: Words) -> dict[str, str]:
    """Put everything into a shop that has just been opened, once; gives a session of each role to come in with."""
    from regulars.help.tours import COUNTER, OFFICE
    from regulars.organisation.models import Region, Role, Staff

    owner = Staff.objects.select_related("user").get(role=Role.OWNER)
    if not Region.objects.exists():
        branch = _places(words, owner)
        _team(words, owner, branch)
        members = _members(words, branch)
        _sales(words, members, branch)
        _one_of_each(words, owner, members)
        Staff.objects.update(tours_seen=[OFFICE, COUNTER])
    ours = Staff.objects.select_related("user", "invitation").filter(user__email__endswith=f"@{words.slug}.example")
    return {staff.role: session_of(staff) for staff in ours if not hasattr(staff, "invitation")}


def with_a_wallet(words: Words) -> dict[str, Any]:
    """The shop with a product, and a member who has a coupon and a thousand points that pay."""
    from regulars.catalogue.models import Product
    from regulars.catalogue.services.products import save_product
    from regulars.ledger.services import adjust
    from regulars.loyalty.coupons.services import give
    from regulars.loyalty.coupons.templating import TemplateTerms, save_template
    from regulars.loyalty.points.gifts import change_points_settings
    from regulars.organisation.models import Staff
    from regulars.people.models import Member

    known: dict[str, Any] = dict(fill(words))
    owner, key = Staff.objects.get(role="owner"), secrets.token_hex(8)
    if not Product.objects.filter(barcode=BARCODE).exists():
        save_product(sku="KEYS-1", words={words.language: words.goods[0]}, price=4_000, barcode=BARCODE)
    change_points_settings(by="", hundred_worth=100)
    member = Member.objects.exclude(phone="").order_by("-id")[0]
    adjust(wallet=member.wallet, asset="points", amount=1_000, key=f"gift-{key}", reason=words.reason, actor="")
    terms = TemplateTerms(kind="amount", value=500, words={words.language: words.tag})
    give(member=member, template=save_template(terms=terms, by=""), key=f"given-{key}", by=owner)
    known["phone"] = member.phone
    return known


def with_codes(words: Words) -> dict[str, Any]:
    """The shop, where no drawer is open, and a cashier and a manager have codes for the till."""
    from regulars.organisation.models import Staff
    from regulars.organisation.team.pins import set_pin

    known: dict[str, Any] = dict(fill(words))
    without_a_drawer()
    for role, code in CODES.items():
        person = Staff.objects.filter(role=role).order_by("id")[0]
        set_pin(staff=person, pin=code)
        known |= {f"{role} at the till": person.public_id, f"{role}'s code": code}
    return known


def without_a_drawer() -> None:
    """No drawer stands open, and none was ever counted."""
    from regulars.counter.models import CashMovement, Shift

    CashMovement.objects.all().delete()
    Shift.objects.all().delete()


def unknown_phone(words: Words) -> str:
    """A phone number that nobody here has."""
    figures = 10_000_000 + secrets.randbelow(80_000_000)
    return f"+86139{figures}" if words.country == "CN" else f"+4474{figures}"


def picture() -> ContentFile[bytes]:
    """A green picture, as a browser sends it."""
    from django.core.files.base import ContentFile
    from PIL import Image

    drawn = io.BytesIO()
    Image.new("RGB", (400, 300), "#3f8562").save(drawn, "PNG")
    return ContentFile(drawn.getvalue(), name="tea.png")


def session_of(staff: Staff) -> str:
    """The key of a session in which somebody is signed in, without the seconds that a password takes."""
    from django.contrib.auth import login
    from django.contrib.sessions.backends.base import SessionBase
    from django.test import RequestFactory

    from regulars.access.sessions import SessionStore

    request = RequestFactory(headers={"user-agent": BROWSER}).get("/")
    session: SessionBase = SessionStore()
    request.session = session
    login(request, staff.user, backend="regulars.access.backends.PasswordBackend")
    session.save()
    return str(session.session_key)


def _places(words: Words, owner: Staff) -> Branch:
    from regulars.organisation.models import Branch
    from regulars.organisation.places import services as places

    first = Branch.objects.order_by("id")[0]
    region = places.save_region(by=owner, name=words.region)
    places.change_branch(branch=first, by=owner, name=first.name, address=first.address, region=region)
    places.add_terminal(branch=first, name=words.till, by=owner)
    places.open_branch(name=words.branch, region=region, by=owner)
    return Branch.objects.get(pk=first.pk)


def _team(words: Words, owner: Staff, branch: Branch) -> None:
    from regulars.organisation.team import invitations, services

    codes = ["today.view", "members.view", "points.adjust", "trail.view"]
    own = services.save_custom_role(by=owner, name=words.own_role, codes=codes)
    for role, name in zip(ROLES[1:], words.people[1:], strict=True):
        place: dict[str, Any] = {"branch": branch} if role in ("manager", "cashier") else {}
        if role == "custom":
            place["custom_role"] = own
        mail = f"{role}@{words.slug}.example"
        services.appoint(name=name, email=mail, role=role, appointed_by=owner, **place)
    mail = f"invited@{words.slug}.example"
    invitations.invite(by=owner, name=words.members[-1], email=mail, role="marketer", language=words.language)


def _members(words: Words, branch: Branch) -> list[Member]:
    """Joined one after another over the last weeks; the first invites the second."""
    from plugins.referral.services import invitation_of
    from regulars.people.contacts import normal_contact
    from regulars.people.services import join
    from regulars.plugins import switch

    switch.switch_on(name="referral", by=words.people[0])
    made: list[Member] = []
    for (number, name), _day in zip(enumerate(words.members), _days(len(words.members)), strict=True):
        made.append(
            join(
                contact=normal_contact(f"+8613900{number:06d}" if words.country == "CN" else f"+447400{number:06d}"),
                name=name,
                language=words.language,
                source="counter",
                branch=branch,
                introduction=invitation_of(member=made[0]).code if number == 1 else None,
            )
        )
        _work()
    return made


def _days(count: int) -> Iterator[dt.datetime]:
    """So many moments over the last three weeks, the last of them now; the clock stands there meanwhile."""
    present = clock.now()
    for number in range(count):
        moment = present - dt.timedelta(days=21 * (count - 1 - number) // max(count - 1, 1))
        with clock.turned_to(moment):
            yield moment


def _sales(words: Words, members: list[Member], branch: Branch) -> None:
    from regulars.people.selectors import member_by_public_id
    from regulars.sales.quoting import LineRequest
    from regulars.sales.services import confirm, quote, refund

    for (number, member), _day in zip(enumerate(members), _days(len(members)), strict=True):
        buyer = member_by_public_id(member.public_id)
        lines = [LineRequest(words.goods[number % 3], 4_800), LineRequest(words.goods[2], 2_600, number + 1)]
        offered = quote(branch=branch, member=buyer, lines=lines)
        sale = confirm(quote=offered, key=f"sale-of-{number:04d}", cashier=None)
        if number == 3:
            refund(sale=sale, key="refund-of-one", amount=1_000, reason=words.back, cashier=None)
    _work()


def _one_of_each(words: Words, owner: Staff, members: list[Member]) -> None:
    """A tag, a job that is done, a kept view, a picture in the library, and points that wait for an approval."""
    from django.utils import translation

    from regulars.ledger.approvals import adjust_or_ask
    from regulars.loyalty.rewards.pictures import keep_picture
    from regulars.operations import jobs
    from regulars.organisation.models import Staff

    agent, manager = Staff.objects.get(role="service"), Staff.objects.get(role="manager")
    keep_picture(picture(), title=words.goods[2])
    with translation.override(words.language):
        selection = {"list": "office_members", "held": [], "ids": [member.public_id for member in members[:3]]}
        jobs.start(kind="members.tag", by=owner, params={"selection": selection, "name": words.tag})
        adjust_or_ask(member=members[2], points=900, reason=words.reason, by=agent, key="asked-by-agent")
        adjust_or_ask(member=members[1], points=9_000, reason=words.reason, by=manager, key="asked-by-manager")
        adjust_or_ask(member=members[0], points=120, reason=words.reason, by=agent, key="given-by-agent")
        _work()


def _work() -> None:
    """What the workers would do."""
    from regulars.operations.services import run_due_work

    for _round in range(4):
        run_due_work(clock.now())
