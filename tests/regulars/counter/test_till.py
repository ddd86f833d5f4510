"""The sale at the till: one field, a price that explains itself, one confirmation that counts once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from regulars.organisation.models import Branch
    from regulars.people.models import Member
    from regulars.sales.models import Sale

pytestmark = pytest.mark.clause("2.5")


def test_an_empty_till_teaches_with_an_example_and_has_the_last_sale_at_hand(
    till: Any, branch: Branch, sell: Callable[..., Sale]
) -> None:
    sale = sell(branch, None, 4_200)
    page = till.get().content.decode()
    assert "For example, 128.5 and Enter" in page
    assert f"Last sale {sale.number}" in page
    assert f'href="/counter/sales/{sale.public_id}/"' in page


@pytest.mark.capability(146)
def test_an_amount_becomes_a_line_with_a_price(till: Any) -> None:
    from regulars.sales.models import Quote

    answer = till.enter("128.5")
    assert 'value="128.50"' in answer.content.decode()
    quote = Quote.objects.get()
    assert quote.content["total"] == 12_850
    assert answer["HX-Replace-Url"].startswith(f"/counter/?quote={quote.public_id}&sale=")


def test_a_reload_finds_the_same_sale(till: Any, member: Member) -> None:
    first = till.enter("3*12", member=member.public_id)
    again = till.browser.get(first["HX-Replace-Url"]).content.decode()
    assert 'value="12.00"' in again
    assert 'name="quantity" value="3"' in again
    assert f'name="member" value="{member.public_id}"' in again


def test_a_sale_put_aside_can_be_brought_back(till: Any, carried: Any) -> None:
    quote = carried(till.enter("55"))["quote"]
    assert f"/counter/?quote={quote}" in till.get(aside=quote).content.decode()


@pytest.mark.parametrize("by", ["number", "code", "phone", "tail", "name"])
@pytest.mark.capability(146)
def test_a_member_is_found_and_taken(till: Any, member: Member, carried: Any, by: str) -> None:
    card = member.cards.get()
    text = {"number": card.number, "code": card.code, "phone": "138 0013 8000", "tail": "8000", "name": "Li H"}[by]
    answer = till.enter(text)
    assert carried(answer)["member"] == member.public_id
    page = answer.content.decode()
    assert "Li Hua" in page
    assert "13800138000" not in page


def test_the_member_panel_says_what_matters(till: Any, silver_member: Member) -> None:
    from regulars import clock

    silver_member.birthday = clock.today().replace(year=1988, day=min(clock.today().day, 28))
    silver_member.save()
    page = till.enter("13800138000").content.decode()
    for words in ("Silver", "A free cup", "LH", "Points"):
        assert words in page


def test_figures_that_were_an_amount_after_all_are_one_key_away(till: Any, member: Member, carried: Any) -> None:
    assert "8000 is the end of this phone number." in till.enter("8000").content.decode()
    answer = till.post(amount="8000", member=member.public_id)
    assert "member" not in carried(answer)
    assert 'value="8000.00"' in answer.content.decode()


def test_with_a_member_on_the_sale_bare_figures_are_an_amount(till: Any, member: Member) -> None:
    assert 'value="8000.00"' in till.enter("8000", member=member.public_id).content.decode()


def test_several_members_are_shown_masked(till: Any, member: Member, branch: Branch) -> None:
    from regulars.people.contacts import normal_contact
    from regulars.people.services import join

    other = join(
        contact=normal_contact("13900138000"), name="Wang Secretive", language="en", source="counter", branch=branch
    )
    page = till.enter("8000").content.decode()
    for public_id in (member.public_id, other.public_id):
        assert f'name="take" value="{public_id}"' in page
    for private in ("Secretive", "Hua", "13900138000", "13800138000"):
        assert private not in page
    assert "W. S." in page
    assert "8000 is an amount" in page
    taken = till.post(take=other.public_id)
    assert "Wang Secretive" in taken.content.decode()


@pytest.mark.parametrize(
    "text", ["0000000000000", "zebra", "<script>alert(1)</script>", "'; drop table people_member; --", "%_%"]
)
def test_what_is_unknown_is_said_and_joining_is_offered(till: Any, member: Member, text: str) -> None:
    answer = till.enter(text)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Nobody found for" in page
    assert "Join now" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("-5", "above zero"),
        ("1.234", "2 decimals"),
        ("9999999999999.00", "too large"),
        ("x" * 500, "too long"),
        ("0", "above zero"),
    ],
)
def test_bad_input_is_answered_beside_the_field_and_nothing_is_lost(
    till: Any, basket: Any, text: str, says: str
) -> None:
    answer = till.enter(text, **basket("12.5"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert says in page
    assert 'aria-invalid="true"' in page
    assert f'value="{text}"' in page
    assert 'value="12.5"' in page


@pytest.mark.parametrize(
    ("price", "quantity", "says"),
    [
        ("abc", "1", "in figures"),
        ("", "1", "in figures"),
        ("10000000000000", "1", "too large"),
        ("99999999999", "9999", "too large"),
        ("-1", "1", "above zero"),
        ("0", "1", "above zero"),
        ("1.234", "1", "2 decimals"),
        ("5", "0", "from 1 to 9999"),
        ("5", "-1", "from 1 to 9999"),
        ("5", "1.5", "from 1 to 9999"),
        ("5", "99999999999999999999", "from 1 to 9999"),
        ("5", "٣", "from 1 to 9999"),
    ],
)
def test_a_line_that_cannot_be_is_marked_and_cannot_be_paid(
    till: Any, basket: Any, price: str, quantity: str, says: str
) -> None:
    from regulars.sales.models import Sale

    lines = basket(price) | {"quantity": [quantity]}
    page = till.post("change/", **lines).content.decode()
    assert says in page
    assert "Mend the line marked above" in page
    assert till.post("pay/", **lines, quote="quo_x", key="k" * 12).status_code == 422
    assert not Sale.objects.exists()


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "x" * 500, "\x00\x01", "{{ 7|add:7 }}"])
def test_a_description_is_shown_as_it_was_typed_and_never_run(till: Any, basket: Any, text: str) -> None:
    page = till.post(**(basket("5") | {"description": [text]})).content.decode()
    assert "<script>alert" not in page
    assert "14" not in page.split('name="description"')[1][:60]


def test_a_basket_has_room_for_sixty_lines(till: Any, basket: Any) -> None:
    full = till.enter("1", **basket(*["1"] * 60))
    assert full.status_code == 422
    assert b"at most 60 lines" in full.content


def test_a_line_is_taken_out(till: Any, basket: Any) -> None:
    page = till.post(remove="0", **basket("11", "22")).content.decode()
    assert 'value="22"' in page
    assert 'value="11"' not in page


@pytest.mark.parametrize("position", ["7", "-1", "x", "9" * 50, "²"])
def test_a_line_that_is_not_there_is_taken_out_by_nobody(till: Any, basket: Any, position: str) -> None:
    page = till.post(remove=position, **basket("11", "22")).content.decode()
    assert page.count('name="price"') == 2


@pytest.mark.capability(49)
@pytest.mark.capability(63)
def test_the_price_explains_itself_line_by_line(till: Any, silver_member: Member, basket: Any) -> None:
    page = till.post(**basket("100", "50", member=silver_member.public_id)).content.decode()
    for words in ("¥150.00", "Silver discount 5%", "−¥7.50", "¥142.50", "14 points", "<s>"):
        assert words in page


@pytest.mark.capability(49)
@pytest.mark.capability(151)
@pytest.mark.capability(146)
def test_cash_is_taken_and_the_receipt_says_what_to_read_aloud(
    till: Any, silver_member: Member, branch: Branch, basket: Any, carried: Any
) -> None:
    from regulars.ledger.selectors import balance
    from regulars.sales.models import Sale

    lines = basket("100", "50", member=silver_member.public_id)
    paid = till.post("pay/", **{**lines, **carried(till.post(**lines)), "received": "200", "payment_source": "cash"})
    sale = Sale.objects.get()
    assert (sale.total, sale.received, sale.payment_source, sale.branch) == (14_250, 20_000, "cash", branch)
    assert (sale.cashier.name if sale.cashier else "", sale.points_earned) == ("Xiao Cashier", 14)
    assert balance(silver_member.wallet) == 14
    assert paid["Location"] == f"/counter/receipt/{sale.public_id}/"
    page = till.get(f"receipt/{sale.public_id}/").content.decode()
    for words in (sale.number, "¥57.50 change.", "14 points earned, you now have 14.", "Silver discount 5%", "¥142.50"):
        assert words in page
    assert "Li Hua" not in page
    assert "13800138000" not in page


def test_a_tier_that_was_reached_is_read_aloud(
    till: Any, programme: None, member: Member, basket: Any, carried: Any
) -> None:
    from regulars.sales.models import Sale

    lines = basket("600", member=member.public_id)
    till.post("pay/", **{**lines, **carried(till.post(**lines))})
    page = till.get(f"receipt/{Sale.objects.get().public_id}/").content.decode()
    assert "You are now Silver." in page


@pytest.mark.capability(151)
@pytest.mark.parametrize(
    ("received", "says"),
    [
        ("100", "less than the total"),
        ("-5", "less than the total"),
        ("abc", "in figures"),
        ("99999999999999", "too large"),
        ("1.234", "2 decimals"),
    ],
)
def test_cash_that_does_not_do_is_said_and_the_sale_stays(
    till: Any, basket: Any, carried: Any, received: str, says: str
) -> None:
    from regulars.sales.models import Sale

    lines = basket("128.5")
    answer = till.post("pay/", **lines, **carried(till.post(**lines)), received=received)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert says in page
    assert f'value="{received}"' in page
    assert 'value="128.5"' in page
    assert not Sale.objects.exists()


@pytest.mark.parametrize(
    ("received", "words"),
    [("200", "Change ¥71.50"), ("100", "¥28.50 short"), ("", "Change ¥0.00"), ("abc", "in figures")],
)
def test_the_change_is_told_while_it_is_typed(till: Any, carried: Any, received: str, words: str) -> None:
    quote = carried(till.enter("128.5"))["quote"]
    assert words in till.get("change-due/", quote=quote, received=received).content.decode()


@pytest.mark.capability(167)
def test_one_key_sells_once_however_often_it_is_sent(till: Any, member: Member, basket: Any, carried: Any) -> None:
    from regulars.sales.models import Sale

    lines = basket("128.5", member=member.public_id)
    sent = {**lines, **carried(till.post(**lines)), "received": "130"}
    answers = [till.post("pay/", **sent) for _ in range(3)]
    assert Sale.objects.count() == 1
    receipt = f"/counter/receipt/{Sale.objects.get().public_id}/"
    assert [answer["Location"] for answer in answers] == [receipt, f"{receipt}?again=once", f"{receipt}?again=once"]


@pytest.mark.capability(167)
@pytest.mark.clause("5.Bad input")
def test_a_key_of_another_sale_is_refused(till: Any, basket: Any, carried: Any) -> None:
    from regulars.sales.models import Sale

    lines, other = basket("10"), basket("20")
    key = carried(till.post(**lines))["key"]
    till.post("pay/", **lines, **{**carried(till.post(**lines)), "key": key})
    answer = till.post("pay/", **other, **{**carried(till.post(**other)), "key": key})
    assert answer["Location"] == f"/counter/receipt/{Sale.objects.get().public_id}/?again=before"
    assert "Nothing was posted now" in till.browser.get(answer["Location"]).content.decode()
    assert [sale.total for sale in Sale.objects.all()] == [1_000]


@pytest.mark.clause("5.Bad input")
def test_a_stale_quote_shows_the_new_price_and_sells_nothing(
    till: Any, programme: None, member: Member, basket: Any, carried: Any
) -> None:
    from regulars.loyalty.models import Standing, Tier
    from regulars.sales.models import Sale

    lines = basket("100", member=member.public_id)
    sent = carried(till.post(**lines))
    Standing.objects.filter(member=member).update(tier=Tier.objects.get(code="silver"))
    answer = till.post("pay/", **{**lines, **sent})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "check the new price" in page
    assert "¥95.00" in page
    assert not Sale.objects.exists()
    assert till.post("pay/", **{**lines, **carried(answer)}).status_code == 302
    assert Sale.objects.get().total == 9_500


@pytest.mark.clause("5.Bad input")
def test_an_old_quote_is_asked_for_again(till: Any, basket: Any, carried: Any) -> None:
    from regulars import clock
    from regulars.sales.models import Sale

    lines = basket("100")
    sent = carried(till.post(**lines))
    with clock.turned_to(clock.now() + dt.timedelta(hours=2)):
        assert till.post("pay/", **{**lines, **sent}).status_code == 409
    assert not Sale.objects.exists()


def test_a_line_changed_since_the_price_is_not_paid_at_the_old_one(till: Any, basket: Any, carried: Any) -> None:
    from regulars.sales.models import Sale

    sent = carried(till.post(**basket("100")))
    answer = till.post("pay/", **basket("80"), **sent)
    assert answer.status_code == 409
    assert "¥80.00" in answer.content.decode()
    assert not Sale.objects.exists()


def test_what_stands_in_the_field_comes_before_paying(till: Any, basket: Any, carried: Any) -> None:
    from regulars.sales.models import Sale

    sent = carried(till.post(**basket("100")))
    answer = till.post("pay/", **basket("100"), **sent, text="30")
    assert answer.status_code == 409
    assert "¥130.00" in answer.content.decode()
    assert not Sale.objects.exists()


@pytest.mark.parametrize("source", ["barter", "x" * 500, "<script>", "\x00"])
def test_a_way_of_paying_that_is_none_is_refused(till: Any, basket: Any, carried: Any, source: str) -> None:
    from regulars.sales.models import Sale

    lines = basket("10")
    assert till.post("pay/", **lines, **carried(till.post(**lines)), payment_source=source).status_code == 422
    assert not Sale.objects.exists()


@pytest.mark.parametrize("quote", ["", "quo_none", "x" * 500, "\x00", "' or 1=1"])
def test_a_quote_that_is_none_sells_nothing(till: Any, basket: Any, quote: str) -> None:
    from regulars.sales.models import Sale

    assert till.post("pay/", **basket("10"), quote=quote, key="k" * 12).status_code == 422
    assert not Sale.objects.exists()


@pytest.mark.parametrize("member_id", ["mem_none", "x" * 500, "\x00", "' or 1=1"])
def test_a_member_who_is_none_is_left_out(till: Any, basket: Any, carried: Any, member_id: str) -> None:
    answer = till.post(**basket("10", member=member_id))
    assert answer.status_code == 200
    assert "member" not in carried(answer)


def test_another_businesss_member_is_nobody_here(till: Any, gym: Any, carried: Any) -> None:
    from regulars.people.contacts import normal_contact
    from regulars.people.services import join
    from tenants.context import business_context

    with business_context(gym):
        theirs = join(contact=normal_contact("13700137000"), name="Gym Canary", language="en", source="site")
        number = theirs.cards.get().number
    for answer in (
        till.post(take=theirs.public_id),
        till.enter(number),
        till.enter("13700137000"),
        till.get(member=theirs.public_id),
    ):
        assert b"Gym Canary" not in answer.content
        assert "member" not in carried(answer)


@pytest.mark.parametrize("path", ["change/", "join/", "pay/"])
def test_acts_are_not_links(till: Any, path: str) -> None:
    assert till.get(path).status_code == 405
