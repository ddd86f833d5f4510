"""Wrong, huge, missing, hostile and foreign content, in every field of every form and in every part of every address.

Forms are found where people find them: on the pages. None may end in a fault, none may come back as a script, and
what is refused is refused in the reader's language, beside its field.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_from_bytes, urljoin, urlsplit

import pytest
from django.core.signals import got_request_exception
from django.db import transaction
from django.test import Client

from tests.conftest import new_member
from tests.routes import Route, routes
from tests.sources import modules, text_of

if TYPE_CHECKING:
    from regulars.organisation.models import Branch, Staff
    from tenants.models import Business

pytestmark = pytest.mark.clause("2.Bad input")

BUSINESS, PUBLIC = "regulars.config.urls_business", "regulars.config.urls_public"
FORM_TYPE = "application/x-www-form-urlencoded"
SCRIPT = "<script>alert(1)</script>"
PARTS = 3
"""In how many parts the back office is walked, so that they can be walked at once."""
HOSTILE: dict[str, bytes] = {
    "empty": b"",
    "huge": b"x" * 100_000,
    "script": f"\"'>{SCRIPT}".encode(),
    "sql": b"'); DROP TABLE people_member; --",
    "null byte": b"a\0b",
    "surrogate": b"\xed\xa0\x80",
    "override": "\u202edlog\u202c".encode(),
    "emoji": "👩‍👩‍👧‍👦🀄".encode() * 20,
    "negative": b"-1",
    "very large": b"9" * 40,
    "no number": b"1e309",
    "other digits": "٣٤٥".encode(),
    "foreign": b"mem_zzzzzzzzzzzzzzzz",
    "template": b"{{ 7*7 }}%(name)s{0}",
}
AT_ONCE = ("null byte", "script", "very large", "foreign")
ONE_BY_ONE = ("null byte", "huge", "very large", "empty")
OURS = (
    "/counter/",
    "/me/",
    "/office/settings/",
    "/office/loyalty/",
    "/office/site/",
    "/account/",
    "/en/sign-up/",
    "/en/find/",
)
NOT_SENT = ("/office/logout/", "/account/logout/", "/me/sign-out/")
"""Forms that only end the session."""
FAILS_ON_PURPOSE = "wagtailadmin_error_test"


@dataclass(frozen=True)
class Form:
    """A form as it stands on a page: where it goes, what it holds, and the buttons that send it with a word more."""

    action: str
    values: tuple[tuple[str, str], ...]
    buttons: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """Everything a person or a program may send."""
        return [name for name, _value in self.values if name != "csrfmiddlewaretoken"] + list(self.buttons)


@dataclass
class Sent:
    """What a form would send, while its page is being read."""

    method: str = "get"
    action: str = ""
    values: dict[str, str] = field(default_factory=dict)
    buttons: set[str] = field(default_factory=set)


class Forms(HTMLParser):
    """Reads the forms of a page; fields bound to a form elsewhere by their `form` attribute count for it."""

    def __init__(self, page: str, said: str) -> None:
        super().__init__()
        self.page = page
        self.found: list[Sent] = []
        self._open: Sent | None = None
        self._by_id: dict[str, Sent] = {}
        self._select: tuple[Sent, str] | None = None
        self.feed(said)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = self._by_id.setdefault(said["id"], Sent()) if "id" in said else Sent()
            self._open.method = said.get("method", "get").lower()
            self._open.action = urljoin(self.page, said.get("action", "") or self.page)
            self.found.append(self._open)
        elif tag == "option" and self._select is not None:
            form, name = self._select
            if "selected" in said or not form.values.get(name):
                form.values[name] = said.get("value", "")
        elif tag in {"input", "select", "textarea", "button"} and said.get("name"):
            owner = self._by_id.setdefault(said["form"], Sent()) if said.get("form") else self._open
            if owner is not None:
                self._field(owner, tag, said)

    def _field(self, form: Sent, tag: str, said: dict[str, str]) -> None:
        name, kind = said["name"], said.get("type", "")
        if tag == "button" or kind in {"submit", "image"}:
            form.buttons.add(name)
        elif kind in {"radio", "checkbox"}:
            form.values[name] = said.get("value", "on") if "checked" in said else form.values.get(name, "")
        else:
            form.values.setdefault(name, said.get("value", ""))
            self._select = (form, name) if tag == "select" else None

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = None

    def posted(self) -> Iterator[Form]:
        """The forms that are sent by POST."""
        for form in self.found:
            if form.method == "post":
                yield Form(urlsplit(form.action).path, tuple(sorted(form.values.items())), tuple(sorted(form.buttons)))


@dataclass
class Visit:
    """Somebody who asks for much and leaves nothing behind; `faults` are the answers nobody should get."""

    browser: Client
    faults: list[str] = field(default_factory=list)
    asked: int = 0
    _why: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.browser.raise_request_exception = False
        got_request_exception.connect(self._note, weak=False, dispatch_uid=id(self))

    def _note(self, **_named: Any) -> None:
        import sys

        error = sys.exception() if hasattr(sys, "exception") else sys.exc_info()[1]
        self._why = [f"{type(error).__name__}: {str(error)[:100]}"]

    def get(self, address: str) -> Any:
        """Ask for an address."""
        return self._done("GET", address)

    def post(self, address: str, body: bytes) -> Any:
        """Send a form."""
        return self._done("POST", address, body)

    def _done(self, method: str, address: str, body: bytes = b"") -> Any:
        kept = {name: morsel.value for name, morsel in self.browser.cookies.items()}
        self.asked += 1
        with transaction.atomic():
            answer = self.browser.generic(method, address, body, content_type=FORM_TYPE)
            transaction.set_rollback(True)
        self.browser.cookies = SimpleCookie(kept)
        shown = f"{method} {address[:70]} {body[:60]!r}"
        if answer.status_code >= 500:
            self.faults.append(f"{shown}: {answer.status_code} {' '.join(self._why)}")
        elif not answer.streaming and SCRIPT.encode() in answer.content and "html" in answer.get("Content-Type", ""):
            self.faults.append(f"{shown}: came back as a script")
        return answer

    def forms(self, addresses: list[str]) -> set[Form]:
        """Every form on these pages."""
        found: set[Form] = set()
        for address in addresses:
            answer = self.get(address)
            if answer.status_code == 200 and "html" in answer.get("Content-Type", "") and not answer.streaming:
                found |= set(Forms(address, answer.content.decode()).posted())
        return {form for form in found if form.action not in NOT_SENT}

    def send(self, form: Form) -> None:
        """Send a form with hostile values in all fields at once, in ours with every one, in each field alone too."""
        is_ours = form.action.startswith(OURS)
        self.post(form.action, b"")
        for kind in HOSTILE if is_ours else AT_ONCE:
            self.post(form.action, _body([(name, HOSTILE[kind]) for name in form.names]))
        if is_ours:
            for name in _one_of_each(form.names):
                for kind in ONE_BY_ONE:
                    self.post(form.action, _body([(n, HOSTILE[kind] if n == name else v) for n, v in form.values]))
                self.post(form.action, _body([(n, v) for n, v in form.values if n != name]))
                self.post(form.action, _body([*form.values, (name, b"twice")]))


def _one_of_each(names: Iterable[str]) -> list[str]:
    """The names, and of rows that are alike but for their number only the first."""
    return list({re.sub(r"\d+", "#", name): name for name in reversed(list(names))}.values())


def _body(values: list[tuple[str, str | bytes]]) -> bytes:
    pairs = ((name, value if isinstance(value, bytes) else value.encode()) for name, value in values)
    return "&".join(f"{quote_from_bytes(name.encode())}={quote_from_bytes(value)}" for name, value in pairs).encode()


@pytest.fixture(autouse=True)
def _without_a_log() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def values(business: Business, branch: Branch, owner: Staff) -> dict[str, Any]:
    """A value for each name that an address takes, of records that are there."""
    from django.contrib.contenttypes.models import ContentType
    from wagtail.models import Site

    from regulars.loyalty.models import PointsRule, Tier
    from regulars.people.selectors import member_by_public_id
    from regulars.sales.quoting import LineRequest
    from regulars.sales.services import confirm, quote

    ContentType.objects.clear_cache()
    member = member_by_public_id(new_member(branch=branch).public_id)
    offered = quote(branch=branch, member=member, lines=[LineRequest("Tea", 12_000)])
    sale = confirm(quote=offered, key="a-first-sale", cashier=owner)
    home = Site.objects.get(is_default_site=True).root_page_id
    labels = dict.fromkeys(("app_label", "app_name", "content_type_app_name"), "cms")
    names = dict.fromkeys(("model_name", "content_type_model_name"), "contentpage")
    return {
        "member": member,
        "sale": sale,
        "public_id": sale.public_id,
        "sale_id": sale.public_id,
        "code": Tier.objects.order_by("threshold")[0].code,
        "track": "main",
        "number": PointsRule.objects.order_by("pk")[0].pk,
        "pk": home,
        "page_id": home,
        "parent_page_id": home,
        "page_to_move_id": home,
        "key": "no-such-key",
        "token": "no-such-token",
        **labels,
        **names,
    }


@pytest.fixture
def owner_visits(business: Business, owner: Staff, values: dict[str, Any], client_for: Callable[..., Client]) -> Visit:
    """The owner, at the till of the only branch."""
    return Visit(client_for(business, owner.user))


@pytest.fixture
def member_visits(business: Business, values: dict[str, Any], client_for: Callable[..., Client]) -> Visit:
    """A member on the phone."""
    from regulars.people.services import user_for

    return Visit(client_for(business, user_for(member=values["member"])))


@pytest.fixture
def stranger_visits(business: Business, client_for: Callable[..., Client]) -> Visit:
    """Somebody nobody knows, on a business's host."""
    return Visit(client_for(business))


@pytest.fixture
def site_visits(db: None, site: Client, settings: Any) -> Visit:
    """Somebody on the public site, who may try as often as it takes."""
    settings.SIGN_UPS_PER_HOUR = 10_000
    return Visit(site)


def addresses(urlconf: str, values: dict[str, Any], *starts: str) -> list[str]:
    """Every address that begins so, with values where it takes some."""
    return [
        route.at({name: values.get(name, 1) for name in route.parameters})
        for route in routes(urlconf)
        if route.path.startswith(starts) and route.name != FAILS_ON_PURPOSE
    ]


@pytest.mark.parametrize("part", range(PARTS))
def test_no_form_of_the_back_office_fails(part: int, owner_visits: Visit, values: dict[str, Any]) -> None:
    forms = owner_visits.forms(addresses(BUSINESS, values, "/office/"))
    for form in sorted(forms, key=lambda form: (-len(form.names), form.action, form.values, form.buttons))[part::PARTS]:
        owner_visits.send(form)
    assert owner_visits.faults[:8] == []
    assert {
        f"/office/loyalty/tiers/{values['code']}/",
        "/office/settings/business/",
        "/office/team/invite/",
    } <= {form.action for form in forms}


def test_no_form_of_the_till_fails(owner_visits: Visit, values: dict[str, Any]) -> None:
    at_till = addresses(BUSINESS, values, "/counter/")
    sale = f"/counter/sales/{values['sale_id']}/refund/"
    steps = [
        ("/counter/", {"text": "128", "member": values["member"].public_id}),
        ("/counter/", {"joining": "13900000001"}),
        (sale, {"amount": "10", "reason": "returned"}),
    ]
    forms = owner_visits.forms(at_till)
    for address, sent in steps:
        forms |= set(Forms(address, owner_visits.browser.post(address, sent).content.decode()).posted())
    for form in forms:
        owner_visits.send(form)
    assert owner_visits.faults[:8] == []
    assert {"/counter/", "/counter/pay/", "/counter/join/", f"/counter/sales/{values['sale_id']}/refund/"} <= {
        form.action for form in forms
    }


def test_no_form_of_the_portal_fails(member_visits: Visit, stranger_visits: Visit, values: dict[str, Any]) -> None:
    pages = addresses(BUSINESS, values, "/me/", "/language/", "/account/")
    for visit in (member_visits, stranger_visits):
        for form in visit.forms(pages):
            visit.send(form)
        assert visit.faults[:8] == []


def test_no_form_of_the_second_step_of_joining_fails(stranger_visits: Visit) -> None:
    stranger_visits.browser.post("/me/join/", {"contact": "13900000002"})
    forms = stranger_visits.forms(["/me/join/code/", "/me/sign-in/code/"])
    assert {"/me/join/code/", "/me/sign-in/code/"} <= {form.action for form in forms}
    for form in forms:
        stranger_visits.send(form)
    assert stranger_visits.faults[:8] == []


def test_no_form_of_the_public_site_fails(site_visits: Visit) -> None:
    forms = site_visits.forms(addresses(PUBLIC, {"token": "no-such-token"}, "/en/"))
    assert {"/en/sign-up/"} <= {form.action for form in forms}
    for form in forms:
        site_visits.send(form)
    assert site_visits.faults[:8] == []


QUERY_NAMES = re.compile(r"""GET(?:\.get|\.getlist)?[(\[]["'](\w+)""")


def query_names() -> list[str]:
    """What our code reads from a query string, and what Wagtail's lists do."""
    ours = {name for module in modules() for name in QUERY_NAMES.findall(text_of(module))}
    return sorted(
        ours | {"q", "p", "page", "ordering", "locale", "next", "export", "collection_id", "tag", "order", "id"}
    )


@pytest.mark.parametrize("kind", ["null byte", "surrogate", "script", "very large", "template"])
def test_no_address_fails_for_its_query(
    owner_visits: Visit, member_visits: Visit, values: dict[str, Any], kind: str
) -> None:
    query = _body([(name, HOSTILE[kind]) for name in query_names()]).decode()
    starts = ("/",) if kind in AT_ONCE else OURS
    for address in addresses(BUSINESS, values, *starts):
        visit = member_visits if address.startswith("/me/") else owner_visits
        visit.get(f"{address}?{query}")
    assert (owner_visits.faults + member_visits.faults)[:8] == []
    assert owner_visits.asked + member_visits.asked > (250 if kind in AT_ONCE else 40)


@pytest.mark.parametrize("kind", ["null byte", "surrogate", "script", "very large"])
def test_no_address_of_the_public_site_fails_for_its_query(site_visits: Visit, kind: str) -> None:
    query = _body([(name, HOSTILE[kind]) for name in query_names()]).decode()
    for address in addresses(PUBLIC, {"token": "x"}, "/"):
        site_visits.get(f"{address}?{query}")
    assert site_visits.faults[:8] == []


PIECES = ("%00", "%ED%A0%80", "9" * 30, "-1", "..%2f..", "%3Cscript%3Ealert(1)%3C/script%3E", "x" * 3000)


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece[:12])
def test_no_address_fails_for_what_stands_in_it(owner_visits: Visit, member_visits: Visit, piece: str) -> None:
    taking: list[Route] = [route for route in routes(BUSINESS) if route.parameters]
    for route in taking:
        visit = member_visits if route.path.startswith("/me/") else owner_visits
        visit.get(route.at(dict.fromkeys(route.parameters, piece)))
    assert (owner_visits.faults + member_visits.faults)[:8] == []


@pytest.mark.parametrize(
    "host",
    [
        "nobody.regulars.test",
        "regulars.test.evil.example",
        "a..regulars.test",
        "x" * 300,
        "[::2]",
        "名字.test",
        "a b",
        "<script>",
        "",
    ],
)
def test_a_host_that_nobody_owns_gets_a_plain_page(db: None, host: str) -> None:
    browser = Client(headers={"host": host, "accept-language": "zh-hans"}, raise_request_exception=False)
    answer = browser.get("/")
    assert answer.status_code == 404
    assert re.search("[\u4e00-\u9fff]", answer.content.decode())
    assert "<script" not in answer.content.decode()
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe\x00", FORM_TYPE),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"nothing", "multipart/form-data"),
        (b"{", "application/json"),
        (b"a=1", "text/html; charset=no-such-charset"),
        (b"&".join(b"a%d=1" % number for number in range(2100)), FORM_TYPE),
        (b"a=" + b"x" * (5 * 1024 * 1024 + 1), FORM_TYPE),
    ],
    ids=["no text", "half a part", "no boundary", "half of JSON", "no charset", "many fields", "five megabytes"],
)
def test_a_body_that_cannot_be_read_is_refused(
    owner_visits: Visit, stranger_visits: Visit, site_visits: Visit, body: bytes, kind: str
) -> None:
    for visit, address in (
        (owner_visits, "/counter/"),
        (owner_visits, "/counter/pay/"),
        (owner_visits, "/office/settings/business/"),
        (stranger_visits, "/me/join/"),
        (stranger_visits, "/account/login/"),
        (site_visits, "/en/sign-up/"),
    ):
        answer = visit.browser.generic("POST", address, body, content_type=kind)
        assert 400 <= answer.status_code < 500 or answer.status_code in {200, 302}, f"{address}: {answer.status_code}"
        assert answer.status_code < 500


@dataclass(frozen=True)
class Wrong:
    """Something wrong in one field of one form."""

    address: str
    field: str
    value: str
    status: int


WRONG_AT_A_BUSINESS = [
    Wrong("/me/join/", "contact", "12", 400),
    Wrong("/me/sign-in/", "contact", "no-mail@", 400),
    Wrong("/office/settings/business/", "name", "", 422),
    Wrong("/office/settings/brand/", "accent", "blue", 422),
    Wrong("/office/settings/places/new-branch/", "name", "x" * 500, 422),
    Wrong("/office/team/invite/", "email", "nobody", 422),
    Wrong("/office/loyalty/tiers/new/", "threshold", "minus", 422),
    Wrong("/office/loyalty/rules/new/", "points", "-3", 422),
    Wrong("/counter/", "text", "-5", 422),
]
CHINESE = re.compile("[\u4e00-\u9fff]{4,}")
ERRORS = re.compile(r'<[^>]*class="[^"]*(?:error|invalid)[^"]*"[^>]*>(.*?)</(?:p|div|li|ul|span)>', re.S)


@pytest.mark.parametrize("wrong", WRONG_AT_A_BUSINESS, ids=lambda wrong: f"{wrong.address}{wrong.field}")
def test_what_is_wrong_is_said_beside_its_field_in_chinese(
    business: Business, owner: Staff, values: dict[str, Any], client_for: Callable[..., Client], wrong: Wrong
) -> None:
    is_staff = not wrong.address.startswith("/me/")
    browser = client_for(business, owner.user if is_staff else None, "zh-hans")
    page = Forms(wrong.address, browser.get(wrong.address).content.decode())
    form = next(form for form in page.posted() if form.action == wrong.address)
    answer = browser.post(wrong.address, {**dict(form.values), wrong.field: wrong.value})
    said = answer.content.decode()
    assert answer.status_code == wrong.status
    marked = re.findall(r"<(?:input|textarea|select)[^>]*>", said)
    assert [tag for tag in marked if f'name="{wrong.field}"' in tag and 'aria-invalid="true"' in tag], wrong
    assert any(CHINESE.search(words) for words in ERRORS.findall(said)), ERRORS.findall(said)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "!!!"),
        ("address", "www"),
        ("trade", "bank"),
        ("country", "XX"),
        ("email", "nobody"),
        ("password", "123"),
        ("agrees", ""),
    ],
)
def test_each_field_of_signing_up_says_what_is_wrong_in_chinese(db: None, name: str, value: str) -> None:
    browser = Client(headers={"host": "regulars.test", "accept-language": "zh-hans"})
    good = {
        "name": "山茶",
        "address": "shan-cha-wrong",
        "trade": "retail",
        "country": "CN",
        "email": "a@b.example",
        "password": "kettle-on-the-third-shelf",
        "agrees": "on",
        "key": "k" * 32,
    }
    answer = browser.post("/zh-hans/sign-up/", {**good, name: value})
    said = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(rf'<(?:input|select)[^>]*name="{name}"[^>]*aria-invalid="true"', said)
    assert any(CHINESE.search(words) for words in ERRORS.findall(said)) or CHINESE.search(said)
