"""What a member decides: the profile, offers and news, the own data."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from regulars import hooks

if TYPE_CHECKING:
    from regulars.people.models import Member
    from regulars.sales.models import Sale


@pytest.mark.capability(20)
def test_a_member_changes_name_and_birthday_and_undoes_it(phone: Client, member: Member) -> None:
    answer = phone.post("/me/profile/", {"name": "Li Mei", "birthday": "1990-04-25", "language": "en"})
    assert answer["location"] == "/me/profile/?changed"
    member.refresh_from_db()
    assert (member.name, str(member.birthday)) == ("Li Mei", "1990-04-25")
    page = phone.get("/me/profile/?changed").content.decode()
    assert "Changed: your name, your birthday." in page
    assert 'name="undo"' in page
    phone.post("/me/profile/", {"undo": "1"})
    member.refresh_from_db()
    assert (member.name, member.birthday) == ("Li Hua", None)


def test_another_language_is_spoken_from_the_next_page_on(phone: Client, member: Member) -> None:
    phone.post("/me/profile/", {"name": "Li Hua", "birthday": "", "language": "zh-hans"})
    member.refresh_from_db()
    assert member.language == "zh-hans"
    assert '<html lang="zh-hans"' in phone.get("/me/").content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x" * 81),
        ("name", "x" * 100_000),
        ("name", "a\x00b"),
        ("birthday", "31.12.1990"),
        ("birthday", "2999-01-01"),
        ("birthday", "1066-10-14"),
        ("birthday", "9" * 10_000),
        ("language", "fr"),
        ("language", ""),
    ],
)
def test_a_value_that_cannot_be_is_named_and_the_others_stay(
    phone: Client, member: Member, field: str, value: str
) -> None:
    sent = {"name": "Li Mei", "birthday": "1990-04-25", "language": "en", field: value}
    answer = phone.post("/me/profile/", sent)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert f'id="id_{field}_error"' in page
    assert ('value="1990-04-25"' if field != "birthday" else 'value="Li Mei"') in page
    member.refresh_from_db()
    assert (member.name, member.birthday, member.language) == ("Li Hua", None, "en")


def test_offers_are_stopped_as_easily_as_they_are_agreed_to(phone: Client, member: Member) -> None:
    from regulars.people.models import Consent
    from regulars.people.selectors import agrees_to_marketing

    phone.post("/me/profile/marketing/", {"is_given": "yes"})
    assert agrees_to_marketing(member) is True
    phone.post("/me/profile/marketing/", {"is_given": "yes"})
    phone.post("/me/profile/marketing/", {"is_given": "no"})
    assert agrees_to_marketing(member) is False
    given = Consent.objects.filter(member=member, purpose="marketing").order_by("id").values_list("is_given", "source")
    assert list(given) == [(True, "site"), (False, "site")]


def test_a_link_changes_nothing(phone: Client, member: Member) -> None:
    from regulars.people.models import Consent

    assert phone.get("/me/profile/marketing/?is_given=yes").status_code == 405
    assert Consent.objects.filter(member=member, purpose="marketing").count() == 0


def test_a_member_takes_the_own_data_along(
    phone: Client, member: Member, sell: Callable[..., Sale], monkeypatch: pytest.MonkeyPatch
) -> None:
    from regulars import plugins
    from regulars.sales.services import refund

    real = plugins.ask
    part = {"module": "specimen", "notes": ["a note"]}
    monkeypatch.setattr(
        plugins, "ask", lambda spec, **named: [part] if spec is hooks.member_export else real(spec, **named)
    )
    sale = sell(member, 30_000)
    refund(sale=sale, key="refund-key-1", amount=10_000, reason="Cold tea", cashier=None)
    answer = phone.get("/me/profile/data.json")
    data = answer.json()
    assert answer["content-disposition"].startswith('attachment; filename="my-data-')
    assert (data["profile"]["id"], data["profile"]["phone"]) == (member.public_id, "+8613800138000")
    assert [consent["purpose"] for consent in data["consents"]] == ["terms"]
    assert [purchase["id"] for purchase in data["purchases"]] == [sale.public_id]
    assert data["purchases"][0]["refunds"][0]["amount"] == 10_000
    assert sum(change["amount"] for change in data["points"]["changes"]) == data["points"]["balance"]
    assert data["modules"] == [part]


def test_the_data_of_others_is_not_in_it(phone: Client, sell: Callable[..., Sale]) -> None:
    from regulars.people.contacts import normal_contact
    from regulars.people.services import join

    other = join(contact=normal_contact("stranger@example.com"), name="Stranger", language="en", source="site")
    sale = sell(other, 30_000)
    words = phone.get("/me/profile/data.json").content.decode()
    assert sale.public_id not in words
    assert "stranger@example.com" not in words
