"""Help: each page in both languages, its links whole, its words found, and a way to it from every page there is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import translation

from regulars.backoffice.views.acts import OfficePage
from regulars.help import library, tours
from regulars.help.topics import BY_CODE, GUIDES, OFFICE_ROLES, TOPIC_OF_PAGE, TOPICS, topic_of
from regulars.organisation.models import Role, Staff
from regulars.organisation.team.services import appoint
from tests.conftest import PASSWORD
from tests.sources import ROOT

pytestmark = pytest.mark.clause("3.9")

LANGUAGES = ("en", "zh-hans")


def named(resolver: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every address of a business by its full name, with its view."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            space = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from named(entry, space)
        elif isinstance(entry, URLPattern) and entry.name:
            yield f"{prefix}{entry.name}", entry.callback


def class_of(view: Any) -> Any:
    """The class behind a view, through what is wrapped around it."""
    while not hasattr(view, "view_class") and hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    return getattr(view, "view_class", None)


# The pages


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_topic_is_written_and_no_page_is_left_over(language: str) -> None:
    assert {file.stem for file in (library.FOLDER / language).glob("*.md")} == set(BY_CODE)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", BY_CODE)
def test_a_page_has_a_title_a_sentence_and_something_to_say(code: str, language: str) -> None:
    page = library.page(code, language)
    assert page.title
    assert page.summary.endswith((".", "。"))
    assert "\n" not in page.summary
    assert len(page.words) > 100
    assert ("。" in page.words) == (language == "zh-hans")


@pytest.mark.parametrize("code", BY_CODE)
def test_both_languages_say_it_with_the_same_links(code: str) -> None:
    in_english, in_chinese = (library.links_of(library.page(code, language)) for language in LANGUAGES)
    assert sorted(in_english) == sorted(in_chinese)


@pytest.mark.parametrize("language", LANGUAGES)
def test_links_between_pages_lead_somewhere(language: str) -> None:
    for page in library.pages(language):
        for link in library.links_of(page):
            assert link.removesuffix(".md") in BY_CODE, f"{page.code}: {link}"


def test_the_documents_point_at_the_pages_and_do_not_repeat_them() -> None:
    for name in ("owners.md", "owners.zh.md", "staff.md", "staff.zh.md"):
        text = (ROOT / "docs" / name).read_text()
        for target in re.findall(r"\]\((\.\./platform/[^)]+)\)", text):
            assert (ROOT / "docs" / target).resolve().exists(), target
        assert len(text) < 1500


def test_every_role_has_pages_and_those_of_the_shop_a_guide() -> None:
    assert {*OFFICE_ROLES, "cashier"} == set(Role.values) - {"custom"}
    assert {"owner", "manager", "cashier", "marketer", "service", "accountant"} == set(GUIDES)
    for role in (*OFFICE_ROLES, "cashier"):
        assert sum(role in topic.roles for topic in TOPICS) >= 4


# From a page to its topic


@pytest.mark.django_db
def test_every_page_of_the_back_office_has_a_topic() -> None:
    pages = {
        name for name, view in named(get_resolver()) if (found := class_of(view)) and issubclass(found, OfficePage)
    }
    assert len(pages) > 8
    assert sorted(name for name in pages if not topic_of(name)) == []


def test_every_page_of_the_counter_has_a_topic_of_the_counter() -> None:
    pages = {name for name, _view in named(get_resolver()) if name.startswith(("counter:", "counter_help:"))}
    assert [name for name in pages if not BY_CODE[topic_of(name)].is_for_counter] == []


def test_every_topic_that_a_page_names_exists() -> None:
    assert set(TOPIC_OF_PAGE.values()) - set(BY_CODE) == set()


def test_a_page_leads_to_its_own_topic(business: Any, owner: Staff, client_for: Callable[..., Client]) -> None:
    browser = client_for(business, owner.user)
    for path, topic in (
        ("/office/loyalty/", "loyalty"),
        ("/office/", "today"),
        ("/office/settings/business/", "settings"),
    ):
        assert f'href="/office/help/{topic}/"' in browser.get(path).content.decode()


# Read


@pytest.mark.parametrize("language", LANGUAGES)
def test_everybody_in_the_back_office_reads_every_page(
    business: Any, owner: Staff, client_for: Callable[..., Client], language: str
) -> None:
    browser = client_for(business, owner.user, language=language)
    shelf = browser.get("/office/help/").content.decode()
    for topic in TOPICS:
        page = browser.get(f"/office/help/{topic.code}/")
        assert page.status_code == 200
        assert library.page(topic.code, language).title in page.content.decode()
        assert f'href="/office/help/{topic.code}/"' in shelf
    assert ".md" not in page.content.decode()
    assert browser.get("/office/help/nothing-of-the-kind/").status_code == 404


def test_a_cashier_reads_the_counters_pages_at_the_counter(
    business: Any, cashier: Staff, client_for: Callable[..., Client]
) -> None:
    browser = client_for(business, cashier.user)
    shelf = browser.get("/counter/help/").content.decode()
    assert "Giving money back" in shelf
    assert "Approvals" not in shelf
    assert browser.get("/counter/help/counter-refund/").status_code == 200
    assert browser.get("/counter/help/approvals/").status_code == 404
    assert client_for(business).get("/counter/help/").status_code == 302
    assert 'href="/counter/help/counter-sale/"' in browser.get("/counter/").content.decode()


def test_a_link_to_what_this_door_does_not_show_is_plain_words() -> None:
    shown = library.page("for-cashiers", "en")
    body = library.drawn(shown, addresses={"counter-sale": "/here/"})
    assert '<a href="/here/">A sale</a>' in body
    assert "Practise" in body
    assert ".md" not in body


def test_one_looks_up_a_word(business: Any, owner: Staff, client_for: Callable[..., Client]) -> None:
    assert library.search("refund", "en")[0].page.code in {"sales", "counter-refund"}
    assert "退款" in library.search("退款", "zh-hans")[0].page.title
    at_counter = {hit.page.code for hit in library.search("REFUND points", "en", at_counter=True)}
    assert "counter-refund" in at_counter
    assert all(BY_CODE[code].is_for_counter for code in at_counter)
    assert library.search("brand xylophone", "en")[0].page.code in {
        "brand",
        "first-steps",
        "for-owners",
    }
    assert library.search("", "en") == []
    browser = client_for(business, owner.user)
    page = browser.get("/office/help/", {"q": "tier"}).content.decode()
    assert "<mark>tier</mark>" in page
    hostile = browser.get("/office/help/", {"q": "<script>alert(1)</script>" * 9}).content.decode()
    assert "<script>alert" not in hostile
    assert "Nothing about" in browser.get("/office/help/", {"q": "xylophone"}).content.decode()


# The tour


@pytest.mark.parametrize("role", [role for role in Role.values if role != "custom"])
def test_a_tour_has_three_to_six_steps_for_every_role(business: Any, role: str) -> None:
    staff = appoint(name="New", email=f"new-{role}@teahouse.example", role=role)
    for door in (tours.OFFICE, tours.COUNTER):
        if door == tours.OFFICE and role == "cashier":
            continue
        if door == tours.COUNTER and role not in ("owner", "manager", "cashier"):
            continue
        assert tours.FEWEST <= len(tours.steps_for(staff, door)) <= tours.MOST


def test_a_tour_shows_only_what_its_reader_may_do(business: Any, owner: Staff) -> None:
    reader = appoint(name="New", email="reader@teahouse.example", role="reader")
    assert "Your people" in [str(step.title) for step in tours.steps_for(owner, tours.OFFICE)]
    assert "Your people" not in [str(step.title) for step in tours.steps_for(reader, tours.OFFICE)]
    with translation.override("zh-hans"):
        assert "今天" in tours.as_data(tours.steps_for(owner, tours.OFFICE))
    assert all(step["target"] for step in json.loads(tours.as_data(tours.steps_for(owner, tours.COUNTER))))


@pytest.mark.parametrize(
    ("path", "done"), [("/office/", "/office/help/toured/"), ("/counter/", "/counter/help/toured/")]
)
def test_a_tour_is_shown_once_to_each_person_and_again_when_asked_for(
    business: Any, owner: Staff, client_for: Callable[..., Client], path: str, done: str
) -> None:
    browser = client_for(business, owner.user)
    place = f'data-done="{done}"'
    assert place in browser.get(path, follow=True).content.decode()
    assert browser.post(done).status_code == 204
    assert browser.post(done).status_code == 204
    assert place not in browser.get(path, follow=True).content.decode()
    assert place in browser.get(f"{path}?tour=again", follow=True).content.decode()
    another = appoint(name="Second", email="second@teahouse.example", password=PASSWORD, role="owner")
    assert place in client_for(business, another.user).get(path, follow=True).content.decode()


def test_strangers_and_cashiers_do_not_write_down_a_tour_of_the_office(
    business: Any, cashier: Staff, client_for: Callable[..., Client]
) -> None:
    assert client_for(business, cashier.user).post("/office/help/toured/").status_code in (302, 403)
    assert client_for(business).post("/counter/help/toured/").status_code == 302
    cashier.refresh_from_db()
    assert cashier.tours_seen == []


def test_the_pages_travel_with_the_package() -> None:
    assert Path(library.FOLDER).is_relative_to(Path(library.__file__).parent)
    assert reverse("office_help:shelf") == "/office/help/"
