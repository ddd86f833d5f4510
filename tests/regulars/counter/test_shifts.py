"""A shift: the drawer is opened, cash goes in and out, the drawer is counted, and the report says how it came out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from regulars import clock
from regulars.errors import InvalidInput, KeyUsedBefore

if TYPE_CHECKING:
    from regulars.counter.models import Shift
    from regulars.organisation.models import Branch, Staff
    from regulars.people.models import Member
    from regulars.sales.models import Sale

pytestmark = [pytest.mark.clause("5.6"), pytest.mark.capability(146)]
FLOAT = 20_000


@pytest.fixture
def shift(branch: Branch, cashier: Staff) -> Shift:
    """An open drawer with 200.00 in it."""
    from regulars.counter.shifts.services import open_shift

    return open_shift(branch=branch, terminal=None, opening_float=FLOAT, by=cashier, key="opening-key")


def counted(amount: int) -> Any:
    """An amount as it lies in a drawer: as many tens as there are, and the rest loose."""
    from regulars.counter.shifts.services import Count

    return Count(pieces={1_000: amount // 1_000}, loose=amount % 1_000)


def close(shift: Shift, cashier: Staff, amount: int, expected: int, **more: Any) -> Shift:
    """Count and close."""
    from regulars.counter.shifts.services import close_shift

    asked = {"kept": 0, "key": "closing-key", **more}
    return close_shift(shift=shift, count=counted(amount), expected=expected, by=cashier, **asked)


def expected_in(shift: Shift) -> int:
    """What the drawer should hold now."""
    from regulars.counter.shifts.selectors import figures_of

    return figures_of(shift).expected


def test_a_drawer_holds_float_cash_sales_and_what_was_put_in_less_what_went_out(
    shift: Shift, branch: Branch, cashier: Staff, sell: Callable[..., Sale]
) -> None:
    from regulars.counter.shifts.services import move_cash, note_refund
    from regulars.sales.services import refund

    sale = sell(branch, None, 5_000)
    move_cash(shift=shift, amount=10_000, reason="Change from the bank", by=cashier, key="moving-in")
    move_cash(shift=shift, amount=-3_000, reason="Paid a delivery", by=cashier, key="moving-out")
    note_refund(key="a-refund-key", branch=branch, terminal=None)
    refund(sale=sale, key="a-refund-key", amount=1_500, reason="Cold", cashier=cashier)
    assert expected_in(shift) == FLOAT + 5_000 + 10_000 - 3_000 - 1_500


def test_only_one_drawer_is_open_at_a_till(shift: Shift, branch: Branch, cashier: Staff) -> None:
    from regulars.counter.models import Shift as Shifts
    from regulars.counter.shifts.services import ShiftOpen, open_shift

    asked = {"branch": branch, "terminal": None, "opening_float": FLOAT, "by": cashier}
    assert open_shift(**asked, key="opening-key").pk == shift.pk
    with pytest.raises(ShiftOpen):
        open_shift(**asked, key="another-key")
    assert Shifts.objects.count() == 1


def test_each_till_has_its_own_drawer(shift: Shift, branch: Branch, cashier: Staff, sell: Callable[..., Sale]) -> None:
    from regulars.counter.shifts.services import open_shift
    from regulars.organisation.places.services import add_terminal
    from regulars.sales.quoting import LineRequest
    from regulars.sales.services import confirm, quote

    window = add_terminal(branch=branch, name="Window")
    other = open_shift(branch=branch, terminal=window, opening_float=0, by=cashier, key="window-opening")
    sell(branch, None, 5_000)
    priced = quote(branch=branch, lines=[LineRequest("Tea", 700)], terminal=window)
    confirm(quote=priced, key="at-the-window", cashier=cashier, terminal=window)
    assert (expected_in(shift), expected_in(other)) == (FLOAT + 5_000, 700)


def test_what_was_sold_before_and_after_a_shift_is_not_in_it(
    branch: Branch, cashier: Staff, sell: Callable[..., Sale], noon: dt.datetime
) -> None:
    from regulars.counter.shifts.selectors import figures_kept
    from regulars.counter.shifts.services import open_shift

    with clock.turned_to(noon):
        sell(branch, None, 9_900, key="before-the-shift")
    with clock.turned_to(noon + dt.timedelta(minutes=1)):
        shift = open_shift(branch=branch, terminal=None, opening_float=0, by=cashier, key="opening-key")
    with clock.turned_to(noon + dt.timedelta(minutes=2)):
        sell(branch, None, 1_200, key="within-the-shift")
    with clock.turned_to(noon + dt.timedelta(minutes=3)):
        closed = close(shift, cashier, 1_200, 1_200)
    with clock.turned_to(noon + dt.timedelta(minutes=4)):
        sell(branch, None, 4_400, key="after-the-shift")
    assert (figures_kept(closed).sales, figures_kept(closed).sold, expected_in(closed)) == (1, 1_200, 1_200)


def test_a_card_payment_is_sold_and_not_in_the_drawer(shift: Shift, branch: Branch, sell: Callable[..., Sale]) -> None:
    from regulars.counter.shifts.selectors import figures_of
    from regulars.sales.models import Sale as Sales

    sale = sell(branch, None, 5_000)
    Sales.objects.filter(pk=sale.pk).update(payment_source="card")
    figures = figures_of(shift)
    assert (figures.sold, figures.cash_sold, figures.expected) == (5_000, 0, FLOAT)


def test_a_refund_takes_its_money_from_the_till_where_it_was_done(
    shift: Shift, branch: Branch, cashier: Staff, sell: Callable[..., Sale]
) -> None:
    from regulars.counter.shifts.services import note_refund, open_shift
    from regulars.organisation.places.services import add_terminal
    from regulars.sales.services import refund

    window = add_terminal(branch=branch, name="Window")
    other = open_shift(branch=branch, terminal=window, opening_float=9_000, by=cashier, key="window-opening")
    sale = sell(branch, None, 5_000)
    note_refund(key="at-the-window", branch=branch, terminal=window)
    refund(sale=sale, key="at-the-window", amount=2_000, reason="Cold", cashier=cashier)
    refund(sale=sale, key="by-another-door", amount=500, reason="Cold", cashier=cashier)
    assert (expected_in(shift), expected_in(other)) == (FLOAT + 5_000 - 500, 9_000 - 2_000)


def test_a_difference_needs_a_reason_and_an_exact_count_does_not(shift: Shift, cashier: Staff) -> None:
    with pytest.raises(InvalidInput) as refused:
        close(shift, cashier, 19_000, FLOAT)
    assert refused.value.field == "reason"
    shift.refresh_from_db()
    assert shift.is_open
    closed = close(shift, cashier, 19_000, FLOAT, reason="Gave too much change")
    assert (closed.difference, closed.reason) == (-1_000, "Gave too much change")


def test_a_shift_is_not_closed_by_a_comparison_that_is_old(
    shift: Shift, branch: Branch, cashier: Staff, sell: Callable[..., Sale]
) -> None:
    from regulars.counter.shifts.services import DrawerMoved

    sell(branch, None, 5_000)
    with pytest.raises(DrawerMoved):
        close(shift, cashier, FLOAT, FLOAT)
    shift.refresh_from_db()
    assert shift.is_open


def test_a_shift_is_closed_once_and_its_key_says_so_again(shift: Shift, cashier: Staff) -> None:
    from regulars.counter.shifts.services import ShiftClosed, move_cash

    first = close(shift, cashier, FLOAT, FLOAT)
    assert close(shift, cashier, FLOAT, FLOAT).closed_at == first.closed_at
    with pytest.raises(KeyUsedBefore):
        close(shift, cashier, 1_000, FLOAT, reason="Another count")
    with pytest.raises(ShiftClosed):
        close(shift, cashier, FLOAT, FLOAT, key="another-key")
    with pytest.raises(ShiftClosed):
        move_cash(shift=shift, amount=100, reason="Too late", by=cashier, key="moving-late")
    assert shift.movements.count() == 0


def test_cash_is_moved_once_per_key(shift: Shift, cashier: Staff) -> None:
    from regulars.counter.shifts.services import move_cash

    asked = {"shift": shift, "reason": "Change", "by": cashier, "key": "moving-key"}
    assert move_cash(amount=500, **asked).pk == move_cash(amount=500, **asked).pk
    with pytest.raises(KeyUsedBefore):
        move_cash(amount=600, **asked)
    assert expected_in(shift) == FLOAT + 500


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"amount": 0, "reason": "x"}, "amount"),
        ({"amount": -20_001, "reason": "x"}, "amount"),
        ({"amount": 10**14, "reason": "x"}, "amount"),
        ({"amount": 100, "reason": "  "}, "reason"),
        ({"amount": 100, "reason": "x", "key": "short"}, "key"),
    ],
)
def test_cash_that_cannot_be_moved_is_refused_beside_its_field(
    shift: Shift, cashier: Staff, values: dict[str, Any], field: str
) -> None:
    from regulars.counter.shifts.services import move_cash

    with pytest.raises(InvalidInput) as refused:
        move_cash(shift=shift, by=cashier, **{"key": "moving-key", **values})
    assert (refused.value.field, shift.movements.count()) == (field, 0)


def test_pieces_that_a_currency_does_not_have_are_refused(shift: Shift, cashier: Staff) -> None:
    from regulars.counter.shifts.services import Count, close_shift

    for pieces in ({777: 1}, {1_000: -1}, {1_000: 100_001}):
        with pytest.raises(InvalidInput) as refused:
            close_shift(shift=shift, count=Count(pieces=pieces), expected=FLOAT, kept=0, by=cashier, key="closing-key")
        assert refused.value.field == "counts"


@pytest.mark.parametrize(
    ("currency", "largest", "smallest", "kinds"),
    [("CNY", 10_000, 10, 8), ("JPY", 10_000, 1, 10), ("KWD", 20_000, 5, 11), ("ISK", 1_000, 1, 10)],
)
def test_a_drawer_is_counted_by_the_notes_and_coins_of_its_currency(
    currency: str, largest: int, smallest: int, kinds: int
) -> None:
    from regulars.counter.shifts.denominations import denominations_of

    found = denominations_of(currency)
    assert (found[0], found[-1], len(found)) == (largest, smallest, kinds)
    assert found == sorted(set(found), reverse=True)


def test_a_shift_from_opening_to_report_at_the_till(till: Any, branch: Branch, sell: Callable[..., Sale]) -> None:
    from regulars.counter.models import Shift as Shifts

    assert "The first shift of this till" in till.get("shift/").content.decode()
    opened = till.browser.post("/counter/shift/open/", {"opening_float": "200", "key": "opening-key"})
    assert (opened.status_code, opened["Location"]) == (302, "/counter/")
    sell(branch, None, 5_000)
    moved = {"direction": "out", "amount": "50", "reason": "To the safe", "key": "moving-key"}
    assert till.browser.post("/counter/shift/cash/", moved).status_code == 302

    count = till.get("shift/count/").content.decode()
    assert "¥100.00" in count
    assert "¥200.00" not in count, "whoever counts does not see what should be there"
    so_far = till.post("shift/compare/", pieces_10000="1", loose="3.5").content.decode()
    assert "¥103.50" in so_far
    assert "¥200.00" not in so_far

    compared = till.browser.post("/counter/shift/compare/", {"pieces_10000": "2", "loose": ""}).content.decode()
    assert "It comes out exactly." in compared
    shift = Shifts.objects.get()
    sent = {"shift": shift.public_id, "pieces_10000": "2", "expected": "20000", "kept": "150", "key": "closing-key"}
    closed = till.browser.post("/counter/shift/close/", sent)
    assert closed["Location"] == f"/counter/shifts/{shift.public_id}/"
    report = till.browser.get(closed["Location"]).content.decode()
    for words in ("¥100.00 × 2", "To the safe", "¥150.00", "Cash sales", "Signature"):
        assert words in report
    assert 'value="150.00"' in till.get("shift/").content.decode(), "the next float is offered"


def test_a_difference_is_shown_and_asked_about(till: Any, shift: Shift) -> None:
    compared = till.browser.post("/counter/shift/compare/", {"pieces_10000": "1"}).content.decode()
    assert "¥100.00 missing." in compared
    sent = {"shift": shift.public_id, "pieces_10000": "1", "expected": "20000", "kept": "0", "key": "closing-key"}
    refused = till.browser.post("/counter/shift/close/", sent)
    assert refused.status_code == 422
    assert "Say in a few words why the drawer differs" in refused.content.decode()
    shift.refresh_from_db()
    assert shift.is_open


def test_a_sale_while_counting_is_shown_before_closing(
    till: Any, shift: Shift, branch: Branch, sell: Callable[..., Sale]
) -> None:
    sell(branch, None, 5_000)
    sent = {"shift": shift.public_id, "pieces_10000": "2", "expected": "20000", "kept": "0", "key": "closing-key"}
    answer = till.browser.post("/counter/shift/close/", sent)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "The drawer changed while it was counted" in page
    assert 'name="expected" value="25000"' in page


def test_a_refund_at_the_till_takes_its_money_from_this_drawer(
    till: Any, shift: Shift, branch: Branch, member: Member, sell: Callable[..., Sale]
) -> None:
    from regulars.counter.models import TillRefund

    sale = sell(branch, member, 400)
    sent = {"confirm": "1", "amount": "4", "reason": "Cold", "key": "refund-key-1"}
    assert till.browser.post(f"/counter/sales/{sale.public_id}/refund/", sent).status_code == 302
    assert TillRefund.objects.get().key == "refund-key-1"
    assert expected_in(shift) == FLOAT


def test_shifts_of_another_branch_are_not_there(till: Any, second_branch: Branch, owner: Staff, cashier: Staff) -> None:
    from regulars.counter.shifts.services import open_shift

    other = open_shift(branch=second_branch, terminal=None, opening_float=0, by=owner, key="opening-key")
    closed = close(other, owner, 0, 0)
    assert till.get(f"shifts/{closed.public_id}/").status_code == 404
    with pytest.raises(Exception, match="role"):
        open_shift(branch=second_branch, terminal=None, opening_float=0, by=cashier, key="another-key")


def test_the_back_office_lists_shifts_with_their_difference(
    business: Any, owner: Staff, cashier: Staff, shift: Shift, client_for: Callable[..., Any]
) -> None:
    close(shift, cashier, 19_000, FLOAT, reason="Gave too much change")
    office = client_for(business, owner.user)
    answer = office.get("/office/shifts/")
    assert answer.status_code == 200, answer["Location"]
    page = answer.content.decode()
    assert "−¥10.00" in page
    assert "Gave too much change" in page
    one = office.get(f"/office/shifts/{shift.public_id}/").content.decode()
    assert "counted and closed the drawer" in one
    assert "¥190.00" in one


def test_nothing_is_sold_without_a_shift_where_the_business_says_so(
    till: Any, cashier: Staff, owner: Staff, branch: Branch, carried: Callable[..., dict[str, str]]
) -> None:
    from regulars.counter.rules import change_counter_settings
    from regulars.counter.shifts.services import open_shift
    from regulars.sales.models import Sale as Sales

    change_counter_settings(lock_after=10, void_within=15, needs_shift=True, by=owner.public_id)
    answer = till.enter("12.5")
    assert "Open the drawer first" in answer.content.decode()
    refused = till.post("pay/", **carried(answer))
    assert (refused.status_code, Sales.objects.count()) == (422, 0)
    open_shift(branch=branch, terminal=None, opening_float=0, by=cashier, key="opening-key")
    assert till.post("pay/", **carried(till.enter("12.5"))).status_code == 302
    assert Sales.objects.count() == 1
