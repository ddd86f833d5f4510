"""A business signs up on the public site: one form, nothing lost, one business, and the owner lands signed in."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from tenants import once
from tenants.context import business_context, public_context
from tenants.models import Business

pytestmark = [pytest.mark.capability(165), pytest.mark.clause("2.3")]

ENGLISH, CHINESE = "/en/sign-up/", "/zh-hans/sign-up/"
PASSWORD = "seven green kettles"


@pytest.fixture
def filled(db: None) -> dict[str, str]:
    """The form as a person fills it in."""
    return {
        "name": "Harbour Books",
        "trade": "retail",
        "address": "harbour-books",
        "country": "GB",
        "email": "mary@harbour.example",
        "password": PASSWORD,
        "agrees": "on",
        "zone": "Europe/London",
        "key": once.new_key(),
        "website": "",
    }


def businesses() -> set[str]:
    """The addresses of all businesses there are."""
    with public_context():
        return set(Business.objects.values_list("slug", flat=True))


def follow(answer: Any, client: Client) -> Any:
    """Go where an answer leads, on the host it names."""
    host, _, path = answer["Location"].removeprefix("http://").partition("/")
    return client.get(f"/{path}", headers={"host": host.partition(":")[0]})


def test_the_form_opens_a_business_with_what_was_chosen(site: Client, filled: dict[str, str]) -> None:
    answer = site.post(ENGLISH, filled)

    assert answer.status_code == 302
    with public_context():
        business = Business.objects.get(slug="harbour-books")
    assert (business.name, business.trade, business.language) == ("Harbour Books", "retail", "en")
    assert (business.zone, business.owner_email) == ("Europe/London", "mary@harbour.example")
    assert (business.trial_ends_at - business.opened_at).days == settings.TRIAL_DAYS
    with business_context(business):
        from regulars.organisation.selectors import organisation

        assert (organisation().currency, organisation().country) == ("GBP", "GB")


def test_the_owner_lands_signed_in_in_the_back_office(site: Client, filled: dict[str, str]) -> None:
    answer = site.post(ENGLISH, filled)
    assert answer["Location"].startswith("http://harbour-books.regulars.test/welcome/")

    browser = Client(headers={"host": "harbour-books.regulars.test", "accept-language": "en"})
    welcomed = follow(answer, browser)

    assert (welcomed.status_code, welcomed["Location"]) == (302, "/office/")
    assert browser.get("/office/").status_code == 200


def test_a_chinese_page_opens_a_chinese_business_in_yuan(site: Client, filled: dict[str, str]) -> None:
    page = site.get(CHINESE).content.decode()
    assert '<option value="CN" selected>中国 · 人民币</option>' in page

    site.post(CHINESE, {**filled, "name": "清泉茶馆", "address": "qingquan", "country": "CN", "zone": ""})

    with public_context():
        business = Business.objects.get(slug="qingquan")
    assert (business.name, business.language, business.zone) == ("清泉茶馆", "zh-hans", "Asia/Shanghai")


def test_an_english_page_begins_with_the_country_of_the_browser(db: None, site: Client) -> None:
    page = site.get(ENGLISH, headers={"accept-language": "en-GB,en;q=0.8"}).content.decode()
    assert '<option value="GB" selected>United Kingdom · British Pound</option>' in page


def test_capitals_and_the_whole_host_are_understood_and_htmx_is_told_where_to_go(
    site: Client, filled: dict[str, str]
) -> None:
    typed = {**filled, "address": "https://Harbour-Books.regulars.test/"}
    answer = site.post(ENGLISH, typed, headers={"hx-request": "true"})

    assert answer.status_code == 200
    assert answer["HX-Redirect"].startswith("http://harbour-books.regulars.test/welcome/")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Enter the name your customers know."),
        ("name", "x" * 81, "At most 80 characters."),
        ("name", "🍵🍵🍵", "Write the name with letters, characters or figures"),
        ("name", "\u202e\u200b\u200f", "Write the name with letters, characters or figures"),
        ("name", "Tea\x00House", "Null characters are not allowed."),
        ("trade", "", "Choose the kind that comes nearest"),
        ("trade", "bank'; drop schema public; --", "Choose one of the seven kinds."),
        ("country", "XX", "Choose a country or region of the list."),
        ("email", "", "Enter your e-mail; you sign in with it."),
        ("email", "mary at harbour", "This is no e-mail address."),
        ("email", f"{'m' * 260}@harbour.example", "at most 254 characters"),
        ("password", "", "Choose a password of at least 10 characters."),
        ("password", "short1!", "at least 10 characters"),
        ("password", "1234509876543", "entirely numeric"),
        ("password", "password123", "too common"),
        ("password", "mary@harbour.example", "too similar"),
        ("password", "p" * 100_000, "at most 128 characters"),
        ("agrees", "", "Please read the terms and tick the box to agree."),
        ("address", "", "Choose an address"),
        ("address", "a" * 300, "An address has at most 40 letters."),
        ("website", "https://spam.example", "A hidden field of this form was filled in."),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_opened(
    site: Client, filled: dict[str, str], field: str, value: str, words: str
) -> None:
    before = businesses()
    answer = site.post(ENGLISH, {**filled, field: value})

    assert answer.status_code == 422
    assert words in answer.content.decode().replace("&#x27;", "'")
    assert businesses() == before


@pytest.mark.parametrize(
    "address",
    [
        "teahouse",
        "www",
        "admin",
        "-",
        "a",
        "наше-кафе",
        "раypal",
        "tea house",
        "tea_house",
        "xn--80ak6aa92e",
        "../etc",
        "a" * 120,
    ],
)
def test_an_unfit_address_is_explained_kept_and_followed_by_free_ones(
    site: Client, filled: dict[str, str], address: str
) -> None:
    before = businesses()
    answer = site.post(ENGLISH, {**filled, "address": address})
    page = answer.content.decode()

    assert answer.status_code == 422
    assert f'value="{address}"' in page
    assert "data-choose-address" in page
    assert 'value="Harbour Books"' in page
    assert businesses() == before


def test_a_free_address_that_was_offered_opens_the_business_at_once(site: Client, filled: dict[str, str]) -> None:
    answer = site.post(ENGLISH, {**filled, "address": "teahouse", "choose": "harbour-reads"})

    assert answer["Location"].startswith("http://harbour-reads.regulars.test/")


def test_a_name_loses_what_cannot_be_seen_and_keeps_the_rest(site: Client, filled: dict[str, str]) -> None:
    site.post(ENGLISH, {**filled, "name": "  Cafe\u0301\u202e \x07 & <b>Sons</b> 🍵 "})
    with public_context():
        assert Business.objects.get(slug="harbour-books").name == "Café & <b>Sons</b> 🍵"


def test_an_empty_form_names_every_field_in_chinese(db: None, site: Client) -> None:
    page = site.post(CHINESE, {}).content.decode()

    for words in (
        "请输入顾客熟悉的名称。",
        "请选择最接近的行业",
        "请选择一个网址",
        "请输入邮箱",
        "请设置至少 10 个字符的密码。",
        "请阅读条款并勾选同意。",
    ):
        assert words in page


def test_the_terms_are_not_ticked_for_anybody(db: None, site: Client) -> None:
    page = site.get(ENGLISH).content.decode()
    tick = page[page.index('id="agrees"') :].partition(">")[0]
    assert "checked" not in tick


def test_the_form_sent_twice_opens_one_business_and_both_lead_there(site: Client, filled: dict[str, str]) -> None:
    before = businesses()
    first = site.post(ENGLISH, filled)
    cache.clear()
    second = site.post(ENGLISH, filled)

    assert first["Location"].startswith("http://harbour-books.regulars.test/welcome/")
    assert second["Location"].startswith("http://harbour-books.regulars.test/welcome/")
    assert businesses() - before == {"harbour-books"}


def test_the_same_key_with_other_content_is_refused_and_signs_nobody_in(site: Client, filled: dict[str, str]) -> None:
    before = businesses()
    site.post(ENGLISH, filled)
    for other in ({"address": "harbour-two"}, {"password": "another long password"}, {"email": "eve@harbour.example"}):
        answer = site.post(ENGLISH, {**filled, **other})
        assert answer.status_code == 422
        assert "This form has already opened a business." in answer.content.decode()
    assert businesses() - before == {"harbour-books"}


def test_a_refused_form_may_be_sent_again_with_its_key(site: Client, filled: dict[str, str]) -> None:
    assert site.post(ENGLISH, {**filled, "address": "teahouse"}).status_code == 422
    assert site.post(ENGLISH, filled).status_code == 302


def test_one_owner_may_open_two_businesses(site: Client, filled: dict[str, str]) -> None:
    assert site.post(ENGLISH, filled).status_code == 302
    again = {**filled, "name": "Harbour Café", "address": "harbour-cafe", "key": once.new_key()}
    assert site.post(ENGLISH, again).status_code == 302


def test_too_many_from_one_connection_are_told_when_to_try_again(
    site: Client, filled: dict[str, str], settings: Any
) -> None:
    settings.SIGN_UPS_PER_HOUR = 1
    before = businesses()
    site.post(ENGLISH, filled)
    answer = site.post(ENGLISH, {**filled, "address": "harbour-two", "key": once.new_key()})
    page = answer.content.decode()

    assert answer.status_code == 429
    assert "Too many attempts from your connection. Nothing is lost; please try again in" in page
    assert 'value="harbour-two"' in page
    assert businesses() - before == {"harbour-books"}
    assert (
        site.post(
            ENGLISH, {**filled, "address": "harbour-3", "key": once.new_key()}, REMOTE_ADDR="203.0.113.9"
        ).status_code
        == 302
    )


def test_the_address_is_judged_while_it_is_typed(db: None, site: Client) -> None:
    free = site.get("/en/sign-up/address/", {"address": "harbour-books", "name": "Harbour"}).content.decode()
    taken = site.get("/en/sign-up/address/", {"address": "teahouse", "name": "Harbour"}).content.decode()
    hostile = site.get(
        "/en/sign-up/address/", {"address": "<script>alert(1)</script>", "name": "\x00"}
    ).content.decode()

    assert "<strong>harbour-books.regulars.test</strong> is free." in free
    assert "data-choose-address" in taken
    assert "<script>alert" not in hostile


def test_the_name_suggests_an_address(db: None, site: Client) -> None:
    state = site.get(
        "/en/sign-up/address/", {"name": "Harbour Books", "address": "", "from_name": "1"}
    ).content.decode()
    nothing = site.get("/en/sign-up/address/", {"name": " ", "address": "", "from_name": "1"}).content.decode()

    assert 'data-proposed="harbour-books"' in state
    assert "data-proposed" not in nothing


def test_addresses_cannot_be_read_off_in_bulk(db: None, site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenants.limits.ADDRESS_CHECKS_PER_HOUR", 2)
    answers = [site.get("/en/sign-up/address/", {"address": f"shop-{number}"}).status_code for number in range(3)]
    assert answers == [200, 200, 429]


def test_a_page_without_cookies_is_refused_in_words(filled: dict[str, str]) -> None:
    strict = Client(headers={"host": "regulars.test", "accept-language": "en"}, enforce_csrf_checks=True)
    answer = strict.post(ENGLISH, filled)
    assert answer.status_code == 403
