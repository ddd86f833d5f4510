"""Nouns of referral: the module switched on, a member who invites, a friend who comes, a purchase, days that pass."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import new_member

if TYPE_CHECKING:
    from plugins.referral.models import Referral
    from regulars.organisation.models import Branch
    from regulars.people.models import Member
    from regulars.sales.models import Sale


@pytest.fixture
def on(business: Any) -> Any:
    """Referral is on in the tea house."""
    from regulars.plugins import switch

    return switch.switch_on(name="referral", by="Lin Owner")


@pytest.fixture
def anna(on: Any, branch: Branch) -> Member:
    """A member who invites."""
    return new_member(contact="anna@example.com", name="Anna Bell", branch=branch)


@pytest.fixture
def code(anna: Member) -> str:
    """Anna's code."""
    from plugins.referral.services import invitation_of

    return invitation_of(member=anna).code


def deliver() -> None:
    """Whoever listens hears what has happened."""
    from regulars import clock
    from regulars.operations.services import deliver_facts

    deliver_facts(now=clock.now(), limit=500)


def join(contact: str, name: str, *, word: str | None, branch: Any, source: str = "site", address: str = "") -> Member:
    """Somebody joins, perhaps with a word that brought them, and everybody hears of it."""
    from regulars.people import services
    from regulars.people.contacts import normal_contact

    made = services.join(
        contact=normal_contact(contact),
        name=name,
        language="en",
        source=source,
        branch=branch,
        introduction=word,
        address=address or None,
    )
    deliver()
    return made


@pytest.fixture
def friend(anna: Member, code: str, branch: Branch) -> Member:
    """Ben, who came through Anna."""
    return join("ben@example.com", "Ben Carter", word=code, branch=branch)


@pytest.fixture
def sell(branch: Branch) -> Callable[..., Sale]:
    """`sell(member, amount)`: a purchase in minor units, of which everybody hears."""
    from regulars.people.selectors import member_by_public_id
    from regulars.sales.quoting import LineRequest
    from regulars.sales.services import confirm, quote

    count = 0

    def selling(member: Member, amount: int = 10_000) -> Sale:
        nonlocal count
        count += 1
        buyer = member_by_public_id(member.public_id)
        offered = quote(branch=branch, member=buyer, lines=[LineRequest("Longjing", amount)])
        sale = confirm(quote=offered, key=f"a-sale-of-tea-{count}", cashier=None)
        deliver()
        return sale

    return selling


@pytest.fixture
def refund() -> Callable[..., None]:
    """`refund(sale, amount=None)`: money goes back, and everybody hears of it."""
    from regulars.sales.models import Sale
    from regulars.sales.services import refund as give_back

    count = 0

    def refunding(sale: Sale, amount: int | None = None) -> None:
        nonlocal count
        count += 1
        give_back(sale=Sale.objects.get(pk=sale.pk), key=f"a-refund-{count}", amount=amount, reason="", cashier=None)
        deliver()

    return refunding


@pytest.fixture
def after() -> Callable[[float], AbstractContextManager[None]]:
    """`with after(days):` it is so many days later, and the workers have done what fell due."""
    from contextlib import contextmanager

    from regulars import clock, hooks, plugins

    @contextmanager
    def later(days: float) -> Iterator[None]:
        with clock.turned_to(clock.now() + dt.timedelta(days=days)):
            plugins.ask(hooks.due_work, now=clock.now(), limit=500)
            deliver()
            yield

    return later


def row_of(friend: Member) -> Referral:
    """The referral of a friend as it stands now."""
    from plugins.referral.models import Referral

    return Referral.objects.get(friend=friend)


def referral_points(member: Member) -> int:
    """The points that invitations gave a member and left."""
    from regulars.ledger.models import Posting

    postings = Posting.objects.filter(account__wallet=member.wallet, transaction__kind__startswith="referral")
    return sum(postings.values_list("amount", flat=True))
