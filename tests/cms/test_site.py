"""The site that customers see: both languages, the way to join, the same page in the other language."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from wagtail.models import Locale

from cms.models import ContentPage, HomePage
from regulars.loyalty.models import Tier
from regulars.loyalty.tiers.services import save_tier
from regulars.organisation.services import change

pytestmark = pytest.mark.clause("2.6")
Browser = Callable[..., Client]


def _text(response: Any) -> str:
    return response.content.decode()


@pytest.mark.capability(18)
@pytest.mark.parametrize(("language", "button"), [("en", "Become a member"), ("zh-hans", "成为会员")])
def test_the_home_page_shows_the_benefits_and_the_way_to_join(
    business: Any, client_for: Browser, language: str, button: str
) -> None:
    page = client_for(business, language=language).get(f"/{language}/")

    assert page.status_code == 200
    words = _text(page)
    assert f'<html lang="{language}"' in words
    assert words.count('href="/me/join/"') == 2
    assert button in words
    tier = Tier.objects.order_by("threshold")[1]
    assert tier.words[language] in words
    assert tier.benefits[language][0] in words


@pytest.mark.capability(48)
def test_benefits_are_shown_as_they_are_now(business: Any, client_for: Browser) -> None:
    tier = Tier.objects.order_by("threshold")[1]
    save_tier(
        tier=tier,
        code=tier.code,
        words=tier.words,
        benefits={"en": ["A window seat"], "zh-hans": ["靠窗的座位"]},
        threshold=tier.threshold,
        discount=1500,
        colour=tier.colour,
    )
    assert "A window seat" in _text(client_for(business).get("/en/"))
    chinese = _text(client_for(business, language="zh-hans").get("/zh-hans/"))
    assert "靠窗的座位" in chinese
    assert "8.5 折" in chinese


@pytest.mark.parametrize(
    ("accepts", "cookie", "expected"),
    [
        ("zh-CN,zh;q=0.9", "", "/zh-hans/"),
        ("en-GB,en;q=0.9", "", "/en/"),
        ("fr-FR,fr;q=0.9", "", "/zh-hans/"),
        ("zh-CN", "en", "/en/"),
        ("*", "klingon", "/zh-hans/"),
    ],
)
def test_the_bare_address_leads_to_the_readers_language(
    business: Any, client_for: Browser, accepts: str, cookie: str, expected: str
) -> None:
    browser = client_for(business, language=accepts)
    if cookie:
        browser.cookies["language"] = cookie
    response = browser.get("/")
    assert (response.status_code, response["Location"]) == (302, expected)
    assert {"Accept-Language", "Cookie"} <= {word.strip() for word in response["Vary"].split(",")}


def test_a_page_says_where_it_is_in_both_languages(business: Any, client_for: Browser) -> None:
    words = _text(client_for(business).get("/en/"))
    assert re.search(r'<link rel="canonical" href="http[^"]+/en/">', words)
    twins = re.findall(r'hreflang="([^"]+)" href="http[^"]+(/[a-z-]+/)"', words)
    assert twins == [("en", "/en/"), ("zh-hans", "/zh-hans/")]
    assert '<meta name="description" content="' in words
    assert '<input type="hidden" name="next" value="/zh-hans/">' in words


def test_the_name_on_the_site_is_the_businesss_of_today(business: Any, client_for: Browser) -> None:
    change(by="test", name="New Leaf")
    words = _text(client_for(business).get("/en/"))
    assert "· New Leaf</title>" in words
    assert "New Leaf" not in "".join(HomePage.objects.values_list("hero_title", flat=True))


def test_a_page_in_one_language_only_leads_to_no_twin(business: Any, client_for: Browser) -> None:
    home = HomePage.objects.get(locale=Locale.objects.get(language_code="en"))
    home.add_child(instance=ContentPage(title="Our story", slug="story", show_in_menus=True))

    words = _text(client_for(business).get("/en/story/"))
    assert "Our story" in words
    assert 'hreflang="zh-hans"' not in words
    assert '/en/story/">Our story</a>' not in _text(client_for(business, language="zh-hans").get("/zh-hans/"))
    assert 'href="/en/story/"' in _text(client_for(business).get("/en/"))
    assert client_for(business).get("/en/nothing/").status_code == 404


def test_no_page_carries_a_script_of_its_own(business: Any, client_for: Browser) -> None:
    words = _text(client_for(business).get("/en/"))
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", words) == []
    assert " style=" not in words
    assert " onclick=" not in words


def test_the_home_page_asks_as_often_with_one_tier_more(
    business: Any, client_for: Browser, django_assert_max_num_queries: Any
) -> None:
    browser = client_for(business)
    browser.get("/en/")
    with django_assert_max_num_queries(20) as first:
        browser.get("/en/")
    asked = len(first)
    save_tier(code="extra", words={"en": "Extra"}, benefits={}, threshold=99_999_00, discount=2000, colour="#123456")
    browser.get("/en/")
    with django_assert_max_num_queries(asked):
        browser.get("/en/")
