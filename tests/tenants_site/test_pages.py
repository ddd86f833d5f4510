"""The public site tells what it is, in both languages, and lists nobody."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from django.test import Client

from tenants import services
from tenants.models import Business, BusinessState

pytestmark = [pytest.mark.clause("2.3"), pytest.mark.django_db]

PAGES = ["", "sign-up/", "find/", "privacy/", "terms/"]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("en-GB,en", "en"),
        ("zh-CN,zh;q=0.9", "zh-hans"),
        ("zh-TW", "zh-hans"),
        ("fr-FR", "en"),
        ("", "en"),
        ("\xff;;q=", "en"),
    ],
)
def test_the_first_page_is_in_the_language_of_the_reader(site: Client, accepted: str, language: str) -> None:
    answer = site.get("/", headers={"accept-language": accepted})
    assert (answer.status_code, answer["Location"]) == (302, f"/{language}/")


def test_a_choice_of_language_is_kept_and_leads_to_the_same_page(site: Client) -> None:
    answer = site.post("/language/", {"language": "zh-hans", "next": "/en/find/"})
    assert answer["Location"] == "/zh-hans/find/"
    assert site.get("/")["Location"] == "/zh-hans/"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_where_it_is_in_each_language(site: Client, page: str, language: str) -> None:
    answer = site.get(f"/{language}/{page}")
    html = answer.content.decode()

    assert answer.status_code == 200
    assert f'<html lang="{language}"' in html
    assert f'<link rel="canonical" href="http://regulars.test/{language}/{page}">' in html
    assert f'hreflang="en" href="http://regulars.test/en/{page}"' in html
    assert f'hreflang="zh-Hans" href="http://regulars.test/zh-hans/{page}"' in html
    assert '<meta name="description"' in html
    assert html.count("<h1") == 1


@pytest.mark.parametrize("page", PAGES)
def test_no_english_is_left_on_a_chinese_page(site: Client, page: str) -> None:
    html = site.get(f"/zh-hans/{page}").content.decode()
    words = re.sub(r"<(script|style|option)\b.*?</\1>|<[^>]+>", " ", html[html.index("<body") :], flags=re.S)
    known = {"English", "Cookie", "localhost", "regulars", "test", "Regulars", "C", "K"}
    assert set(re.findall(r"[A-Za-z]{2,}", words)) - known == set()


@pytest.mark.capability(166)
def test_the_first_page_shows_all_seven_trades_and_names_no_price(site: Client) -> None:
    html = site.get("/en/").content.decode()
    for trade in ("retail", "restaurant", "hotel", "salon", "gym", "school", "dealers"):
        assert f"pattern-{trade}" in html
    assert "Free for 30 days" in html or "30 days free" in html
    assert "Paid plans are coming and are not priced yet." in html


def test_nothing_is_loaded_from_elsewhere(site: Client) -> None:
    html = site.get("/en/").content.decode()
    loaded = re.findall(
        r'(?:src|href)="(https?://[^"]+)"', re.sub(r'<link rel="(?:canonical|alternate)"[^>]*>', "", html)
    )
    assert loaded == []


def test_an_unknown_page_answers_404_in_words(site: Client) -> None:
    for path in ("/en/nothing/", "/zh-hans/x/", "/fr/", "/en/%00/", "/en/" + "a" * 3000):
        assert site.get(path).status_code == 404


def test_machines_find_their_files(site: Client) -> None:
    robots = site.get("/robots.txt").content.decode()
    assert "Disallow: /operator/" in robots
    assert "Sitemap: http://regulars.test/sitemap.xml" in robots
    listed = ElementTree.fromstring(site.get("/sitemap.xml").content)
    addresses = [entry.text for entry in listed.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert addresses == [f"http://regulars.test/{code}/{page}" for page in PAGES for code in ("en", "zh-hans")]
    assert site.get("/favicon.ico").status_code == 302


def test_a_business_keeps_crawlers_out_of_its_doors(business: Business, client_for: Callable[..., Client]) -> None:
    robots = client_for(business).get("/robots.txt").content.decode()
    for door in ("/office/", "/counter/", "/me/", "/account/", "/api/", "/welcome/"):
        assert f"Disallow: {door}\n" in robots


@pytest.mark.parametrize(
    ("typed", "door", "where"),
    [
        ("teahouse", "", "http://teahouse.regulars.test/"),
        (" TeaHouse ", "member", "http://teahouse.regulars.test/me/"),
        ("https://teahouse.regulars.test/x", "staff", "http://teahouse.regulars.test/counter/"),
        ("teahouse.regulars.test", "owner", "http://teahouse.regulars.test/office/"),
        ("teahouse", "//evil.example", "http://teahouse.regulars.test/"),
    ],
)
def test_whoever_knows_an_address_is_taken_there(site: Client, typed: str, door: str, where: str) -> None:
    answer = site.get("/en/find/", {"address": typed, "door": door})
    assert (answer.status_code, answer["Location"]) == (302, where)


@pytest.mark.parametrize(
    "typed", ["nobody", "tea", "%", "_______", "山茶", "' or 1=1 --", "evil.example", "teahouse@evil.example", "\x00"]
)
def test_an_address_nobody_has_is_said_and_kept(site: Client, typed: str) -> None:
    answer = site.get("/en/find/", {"address": typed})
    assert answer.status_code in (404, 422)
    assert "field-error" in answer.content.decode()
    assert "teahouse.regulars.test" not in answer.content.decode()


def test_a_closed_business_is_not_found(site: Client) -> None:
    Business.objects.filter(slug="gym").update(state=BusinessState.ARCHIVED)
    assert site.get("/en/find/", {"address": "gym"}).status_code == 404


def test_finding_has_a_limit(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenants.limits.ADDRESS_CHECKS_PER_HOUR", 1)
    assert site.get("/en/find/", {"address": "nobody"}).status_code == 404
    assert site.get("/en/find/", {"address": "nobody"}).status_code == 429


def test_a_host_nobody_owns_gets_a_plain_page_in_both_languages(client_for: Callable[..., Client]) -> None:
    answer = Client(headers={"host": "nobody.regulars.test"}).get("/")
    html = answer.content.decode()
    assert answer.status_code == 404
    assert "Nobody is at home at this address" in html
    assert "这个地址还没有主人" in html


def test_an_archived_business_says_so_in_both_languages() -> None:
    services.close_business(business=Business.objects.get(slug="gym"), by="operator")
    answer = Client(headers={"host": "gym.regulars.test"}).get("/")
    html = answer.content.decode()
    assert answer.status_code == 410
    assert "This business has closed its place here" in html
    assert "商家已关闭此处" in html
