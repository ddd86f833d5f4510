"""A question that is written once for a process answers as the queryset it was written from, in whichever business."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.access.models import User
from regulars.asked_often import AskedOften
from regulars.organisation.models import Staff
from regulars.organisation.selectors import ACTIVE_STAFF
from regulars.sales.models import Quote
from regulars.sales.quoting import LineRequest
from regulars.sales.selectors import QUOTE, QUOTE_WITH_MEMBER
from regulars.sales.services import quote
from tenants.backend.base import NoBusinessChosen
from tenants.context import business_context
from tests.conftest import new_member

if TYPE_CHECKING:
    from collections.abc import Callable

    from regulars.organisation.models import Branch
    from tenants.models import Business

pytestmark = pytest.mark.clause("5.Speed and sureness")


@pytest.fixture
def kept(business: Business, branch: Branch) -> Quote:
    """A quote for a member, with values of many kinds in its columns."""
    return quote(branch=branch, member=new_member(branch=branch), lines=[LineRequest("Tea", 1280)])


def columns(row: Any) -> dict[str, Any]:
    """What a row holds."""
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_row_is_what_the_queryset_finds(kept: Quote) -> None:
    found = QUOTE.first(kept.public_id)
    assert found is not None
    assert columns(found) == columns(Quote.objects.get(public_id=kept.public_id))
    assert not found._state.adding


def test_what_the_queryset_follows_comes_along_without_another_question(kept: Quote) -> None:
    with CaptureQueriesContext(connection) as asked:
        found = QUOTE_WITH_MEMBER.first(kept.public_id)
        assert found is not None
        assert found.member is not None
        assert (found.branch, found.member.standing.tier) == (kept.branch, kept.member.standing.tier)  # type: ignore[union-attr]
    assert len(asked) == 1


def test_no_row_is_none(kept: Quote) -> None:
    assert QUOTE.first("quo_nothing") is None


def test_what_the_queryset_leaves_out_is_not_found(business: Business) -> None:
    staff = Staff.objects.get()
    assert ACTIVE_STAFF.first(staff.user_id) == staff
    Staff.objects.update(is_active=False)
    assert ACTIVE_STAFF.first(staff.user_id) is None


def test_it_asks_where_it_is_and_nowhere_else(open_business: Callable[..., Business]) -> None:
    users = AskedOften(User.objects.all, by="id")
    names = []
    for business in (open_business(), open_business()) * 2:
        with business_context(business):
            here = User.objects.earliest("pk")
            found = users.first(here.pk)
            assert found is not None
            assert found.username == here.username
            names.append(found.username)
    assert names[:2] == names[2:]
    assert names[0] != names[1]


def test_without_a_business_it_is_refused(business: Business) -> None:
    ACTIVE_STAFF.first(0)
    tenant = connection.tenant  # type: ignore[attr-defined]
    connection.leave()  # type: ignore[attr-defined]
    try:
        with pytest.raises(NoBusinessChosen):
            ACTIVE_STAFF.first(0)
    finally:
        connection.set_tenant(tenant)  # type: ignore[attr-defined]


def test_the_server_plans_it_once_for_a_connection(kept: Quote) -> None:
    QUOTE.first(kept.public_id)
    planned = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%sales_quote%'"
    with connection.cursor() as cursor:
        cursor.execute(planned)
        before = cursor.fetchone()
        QUOTE.first(kept.public_id)
        cursor.execute(planned)
        assert before == cursor.fetchone() == (1,)
