"""The way in: two screens, no password, nothing typed is lost, and nobody learns who is a member."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from regulars import clock

if TYPE_CHECKING:
    from regulars.organisation.models import Staff
    from regulars.people.models import Member
    from tenants.models import Business

CONTACT = "139 1234 5678"
NORMAL = "+8613912345678"


def agreed(code: str = "", **more: str) -> dict[str, str]:
    """What the second screen sends when somebody agrees to the terms."""
    return {"code": code, "name": "Mei", "language": "en", "terms": "on", **more}


def members() -> int:
    """How many members there are."""
    from regulars.people.models import Member

    return Member.objects.count()


@pytest.mark.capability(1)
@pytest.mark.capability(2)
@pytest.mark.capability(13)
@pytest.mark.clause("2.5")
def test_a_visitor_becomes_a_member_in_two_screens(visitor: Client, sent_code: Callable[[], str]) -> None:
    first = visitor.post("/me/join/", {"contact": CONTACT})
    assert (first.status_code, first["location"]) == (302, "/me/join/code/")
    second = visitor.post("/me/join/code/", agreed(sent_code()))
    assert (second.status_code, second["location"]) == (302, "/me/")
    card = visitor.get("/me/")

    from regulars.people.models import Consent, Member
    from regulars.people.selectors import terms

    member = Member.objects.get(phone=NORMAL)
    assert (member.name, member.language, member.source) == ("Mei", "en", "site")
    consent = Consent.objects.get(member=member)
    assert (consent.purpose, consent.is_given, consent.words) == ("terms", True, terms("en").words)
    assert (consent.version, consent.address) == (terms("en").version, "127.0.0.1")
    assert "Welcome." in card.content.decode()
    assert member.cards.get().number[:4] in card.content.decode()


def test_marketing_is_agreed_to_only_where_it_was_ticked(visitor: Client, sent_code: Callable[[], str]) -> None:
    from regulars.people.contacts import normal_contact
    from regulars.people.selectors import agrees_to_marketing, member_with_contact

    visitor.post("/me/join/", {"contact": "mei@example.com"})
    page = visitor.get("/me/join/code/").content.decode()
    assert "checked" not in page
    visitor.post("/me/join/code/", agreed(sent_code(), marketing="on"))
    member = member_with_contact(normal_contact("mei@example.com"))
    assert member is not None
    assert agrees_to_marketing(member) is True


def test_a_wrong_code_is_explained_beside_its_field_and_the_name_stays(
    visitor: Client, sent_code: Callable[[], str]
) -> None:
    visitor.post("/me/join/", {"contact": CONTACT})
    wrong = "000000" if sent_code() != "000000" else "111111"
    answer = visitor.post("/me/join/code/", agreed(wrong, name="Mei Lin"))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'id="id_code_error"' in page
    assert 'value="Mei Lin"' in page
    assert members() == 0


def test_an_expired_code_is_refused(visitor: Client, sent_code: Callable[[], str]) -> None:
    visitor.post("/me/join/", {"contact": CONTACT})
    with clock.turned_to(clock.now() + dt.timedelta(minutes=11)):
        answer = visitor.post("/me/join/code/", agreed(sent_code()))
    assert answer.status_code == 400
    assert "no longer valid" in answer.content.decode()
    assert members() == 0


def test_a_contact_that_waited_too_long_starts_again(visitor: Client, sent_code: Callable[[], str]) -> None:
    visitor.post("/me/join/", {"contact": CONTACT})
    with clock.turned_to(clock.now() + dt.timedelta(minutes=31)):
        answer = visitor.post("/me/join/code/", agreed(sent_code()))
    assert answer["location"] == "/me/join/"
    assert members() == 0


def test_the_code_may_come_from_a_full_width_keyboard(visitor: Client, sent_code: Callable[[], str]) -> None:
    visitor.post("/me/join/", {"contact": CONTACT})
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in sent_code())
    assert visitor.post("/me/join/code/", agreed(f" {wide[:3]} {wide[3:]}")).status_code == 302
    assert members() == 1


def test_without_agreement_nobody_joins_and_the_code_is_not_asked_again(
    visitor: Client, sent_code: Callable[[], str]
) -> None:
    visitor.post("/me/join/", {"contact": CONTACT})
    answer = visitor.post("/me/join/code/", {"code": sent_code(), "name": "Mei", "language": "en"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'id="id_terms_error"' in page
    assert 'name="code"' not in page
    assert 'value="Mei"' in page
    assert members() == 0
    assert visitor.post("/me/join/code/", agreed()).status_code == 302
    assert members() == 1


def test_agreement_to_older_terms_is_not_enough(visitor: Client, sent_code: Callable[[], str]) -> None:
    visitor.post("/me/join/", {"contact": CONTACT})
    answer = visitor.post("/me/join/code/", agreed(sent_code(), version="1999-01"))
    assert "The terms have changed" in answer.content.decode()
    assert members() == 0


def test_the_terms_are_agreed_to_in_the_language_they_were_read_in(
    visitor: Client, sent_code: Callable[[], str]
) -> None:
    from regulars.people.models import Consent
    from regulars.people.selectors import terms

    visitor.post("/me/join/", {"contact": CONTACT})
    first = visitor.post("/me/join/code/", agreed(sent_code(), language="zh-hans"))
    assert terms("zh-hans").words in first.content.decode()
    assert members() == 0
    assert visitor.post("/me/join/code/", agreed(language="zh-hans")).status_code == 302
    assert Consent.objects.get().words == terms("zh-hans").words


@pytest.mark.clause("2.5")
def test_a_member_signs_in_with_a_code(visitor: Client, member: Member, sent_code: Callable[[], str]) -> None:
    assert visitor.post("/me/sign-in/", {"contact": "138 0013 8000"})["location"] == "/me/sign-in/code/"
    assert visitor.post("/me/sign-in/code/", {"code": sent_code()})["location"] == "/me/"
    assert visitor.get("/me/").status_code == 200


def test_a_member_who_joins_again_is_signed_in(visitor: Client, member: Member, sent_code: Callable[[], str]) -> None:
    visitor.post("/me/join/", {"contact": member.phone})
    assert visitor.post("/me/join/code/", {"code": sent_code(), "language": "en"})["location"] == "/me/"
    assert "You were a member already" in visitor.get("/me/").content.decode()
    assert members() == 1


def test_the_code_screen_does_not_tell_who_is_a_member(business: Business, member: Member, client_for: Any) -> None:
    pages = []
    for contact in ("+8613800138000", "+8613900138000"):
        browser = client_for(business)
        browser.post("/me/sign-in/", {"contact": contact})
        answer = browser.get("/me/sign-in/code/")
        pages.append((answer.status_code, answer.templates[0].name, answer.content.count(b"<input")))
    assert pages[0] == pages[1]


def test_a_stranger_who_signs_in_goes_on_to_join_with_the_contact_proven(
    visitor: Client, sent_code: Callable[[], str]
) -> None:
    visitor.post("/me/sign-in/", {"contact": CONTACT})
    assert visitor.post("/me/sign-in/code/", {"code": sent_code()})["location"] == "/me/join/code/"
    page = visitor.get("/me/join/code/").content.decode()
    assert "is confirmed" in page
    assert visitor.post("/me/join/code/", agreed())["location"] == "/me/"
    assert members() == 1


def test_joining_without_a_proven_contact_is_impossible(visitor: Client) -> None:
    assert visitor.post("/me/join/code/", agreed("123456"))["location"] == "/me/join/"
    visitor.post("/me/join/", {"contact": CONTACT})
    assert visitor.post("/me/join/code/", agreed("")).status_code == 400
    assert members() == 0


def test_a_closed_membership_does_not_sign_in(visitor: Client, member: Member, sent_code: Callable[[], str]) -> None:
    member.is_active = False
    member.save(update_fields=["is_active"])
    visitor.post("/me/sign-in/", {"contact": member.phone})
    answer = visitor.post("/me/sign-in/code/", {"code": sent_code()})
    assert answer.status_code == 400
    assert "This membership is closed" in answer.content.decode()
    assert visitor.get("/me/").status_code == 302


def test_another_code_comes_after_a_minute_and_what_was_typed_stays(visitor: Client) -> None:
    from regulars.people.models import SignInCode

    visitor.post("/me/join/", {"contact": CONTACT})
    early = visitor.post("/me/join/code/", {"again": "1", "name": "Mei Lin", "language": "en"})
    assert early.status_code == 400
    assert 'value="Mei Lin"' in early.content.decode()
    assert SignInCode.objects.count() == 1
    with clock.turned_to(clock.now() + dt.timedelta(seconds=61)):
        later = visitor.post("/me/join/code/", {"again": "1", "name": "Mei Lin", "language": "en"})
    page = later.content.decode()
    assert later.status_code == 200
    assert 'value="Mei Lin"' in page
    assert 'id="id_terms_error"' not in page
    assert SignInCode.objects.count() == 2


def test_too_many_codes_are_refused_beside_the_field(visitor: Client) -> None:
    for _ in range(6):
        assert visitor.post("/me/join/", {"contact": CONTACT}).status_code == 302
    answer = visitor.post("/me/join/", {"contact": CONTACT})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'id="id_contact_error"' in page
    assert f'value="{CONTACT}"' in page


@pytest.mark.parametrize(
    "contact",
    ["", "   ", "12345", "not a contact", "a@b", "x" * 100_000, "\x00\x00", "'; DROP TABLE", "😀" * 50, "+86" * 80],
)
def test_what_is_no_contact_is_named_beside_the_field(visitor: Client, contact: str) -> None:
    answer = visitor.post("/me/join/", {"contact": contact})
    assert answer.status_code == 400
    assert 'id="id_contact_error"' in answer.content.decode()


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "9" * 100_000, "\x00" * 6, "<script>", "١٢٣٤٥٦"])
def test_what_is_no_code_uses_up_no_attempt_or_is_refused(visitor: Client, code: str) -> None:
    visitor.post("/me/join/", {"contact": CONTACT})
    answer = visitor.post("/me/join/code/", agreed(code))
    assert answer.status_code == 400
    assert 'id="id_code_error"' in answer.content.decode()
    assert members() == 0


@pytest.mark.parametrize("field", ["name", "language"])
def test_a_hostile_value_while_joining_is_named_beside_its_field(
    visitor: Client, sent_code: Callable[[], str], field: str
) -> None:
    visitor.post("/me/join/", {"contact": CONTACT})
    answer = visitor.post("/me/join/code/", agreed(sent_code(), **{field: "<b>" * 5_000}))
    assert answer.status_code == 400
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert members() == 0


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "/me/\r\nSet-Cookie: a=b",
        "/" + "x" * 5_000,
        "me/activity/",
    ],
)
def test_nobody_is_sent_on_to_another_host(
    visitor: Client, member: Member, sent_code: Callable[[], str], wanted: str
) -> None:
    visitor.post("/me/sign-in/", {"contact": member.phone, "next": wanted})
    assert visitor.post("/me/sign-in/code/", {"code": sent_code()})["location"] == "/me/"


def test_a_member_comes_back_to_where_the_way_began(
    visitor: Client, member: Member, sent_code: Callable[[], str]
) -> None:
    asked = visitor.get("/me/activity/purchases/?before=sal_abc")
    assert asked["location"] == "/me/sign-in/?next=%2Fme%2Factivity%2Fpurchases%2F%3Fbefore%3Dsal_abc"
    visitor.get(asked["location"])
    visitor.post("/me/sign-in/", {"contact": member.phone, "next": "/me/activity/purchases/?before=sal_abc"})
    answer = visitor.post("/me/sign-in/code/", {"code": sent_code()})
    assert answer["location"] == "/me/activity/purchases/?before=sal_abc"


def test_a_link_does_not_sign_out_but_the_button_does(phone: Client) -> None:
    assert phone.get("/me/sign-out/")["location"] == "/me/profile/"
    assert phone.get("/me/").status_code == 200
    assert phone.post("/me/sign-out/")["location"] == "/me/sign-in/"
    assert phone.get("/me/").status_code == 302


def test_staff_without_a_membership_are_asked_to_join(business: Business, cashier: Staff, client_for: Any) -> None:
    assert client_for(business, cashier.user).get("/me/")["location"] == "/me/sign-in/?next=%2Fme%2F"


def test_the_way_in_speaks_chinese(business: Business, client_for: Any) -> None:
    page = client_for(business, None, "zh-hans").get("/me/join/").content.decode()
    assert '<html lang="zh-hans"' in page
    assert "手机号或邮箱" in page
    assert "Phone number" not in page


def test_signing_in_says_what_is_wrong_in_chinese(business: Business, client_for: Any) -> None:
    page = client_for(business, None, "zh-hans").post("/me/sign-in/", {"contact": ""}).content.decode()
    assert "请输入你的手机号或邮箱。" in page
