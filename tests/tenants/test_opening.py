"""A business opens whole or not at all, and closes in two steps."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import connection

from regulars import clock
from regulars.errors import InvalidInput
from regulars.loyalty.models import Tier
from regulars.operations.models import TrailEntry
from regulars.organisation.models import Branch, Organisation, Role, Staff
from regulars.organisation.team import services as team
from tenants import provisioning, selectors, services
from tenants.context import business_context, public_context
from tenants.models import Business, BusinessState, Domain, EmailConfirmation, PoolSchema, WorkHint

PASSWORD = "a-long-enough-pass-phrase"


def opened(**over: Any) -> Business:
    values: dict[str, Any] = {
        "name": "Harbour Books",
        "slug": "harbour-books",
        "trade": "retail",
        "language": "en",
        "owner_email": "Olga@Harbour.example",
        "password": PASSWORD,
        "currency": "EUR",
        "zone": "Europe/Berlin",
        "country": "DE",
    }
    return services.open_business(**{**values, **over})


def schemas_there() -> set[str]:
    with public_context(), connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\\_%'")
        return {row[0] for row in cursor.fetchall()}


@pytest.mark.clause("2.3")
def test_a_business_opens_with_its_owner_its_trade_and_its_trial(db: None, noon: dt.datetime) -> None:
    with clock.turned_to(noon):
        business = opened()
    assert business.trial_ends_at == noon + dt.timedelta(days=30)
    assert selectors.primary_host(business) == "harbour-books.regulars.test"
    assert re.fullmatch(r"t_[a-z0-9]{12}", business.schema_name)
    with business_context(business):
        settings = Organisation.objects.get()
        assert (settings.name, settings.currency, settings.zone, settings.country) == (
            "Harbour Books",
            "EUR",
            "Europe/Berlin",
            "DE",
        )
        owner = Staff.objects.select_related("user").get()
        assert (owner.role, owner.user.email, owner.user.check_password(PASSWORD)) == (
            Role.OWNER,
            "olga@harbour.example",
            True,
        )
        assert Branch.objects.count() == 1
        assert Tier.objects.count() >= 2


@pytest.mark.clause("2.3")
def test_opening_takes_a_ready_schema_from_the_pool(db: None) -> None:
    provisioning.fill_pool(1)
    ready = PoolSchema.objects.get().schema_name
    assert opened().schema_name == ready
    assert not PoolSchema.objects.exists()


def test_opening_without_a_pool_replays_the_template(db: None) -> None:
    assert provisioning.schema_exists(opened().schema_name)


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"trade": "casino"}, "trade"),
        ({"language": "fr"}, "language"),
        ({"owner_email": "nobody"}, "owner_email"),
        ({"password": "short"}, "password"),
        ({"currency": "XXXX"}, "currency"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"country": "Germany"}, "country"),
        ({"slug": "a b"}, "address"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_left_behind(db: None, over: dict[str, Any], field: str) -> None:
    before = schemas_there()
    with pytest.raises(InvalidInput) as refusal:
        opened(**over)
    assert refusal.value.field == field
    assert schemas_there() == before
    assert not Business.objects.filter(slug="harbour-books").exists()


def test_a_failure_half_way_leaves_nothing_and_throws_the_claimed_schema_away(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    provisioning.fill_pool(1)
    claimed = PoolSchema.objects.get().schema_name

    def fail(**_: Any) -> None:
        raise RuntimeError("the power is out")

    monkeypatch.setattr(team, "appoint", fail)
    with pytest.raises(RuntimeError, match="power"):
        opened()
    assert not Business.objects.filter(slug="harbour-books").exists()
    assert not Domain.objects.filter(domain__startswith="harbour").exists()
    assert not provisioning.schema_exists(claimed)
    assert not PoolSchema.objects.exists()


def test_an_address_taken_between_the_check_and_the_opening_is_refused_as_taken(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened()
    monkeypatch.setattr("tenants.addresses.check_address", lambda address, name="": address)
    with pytest.raises(services.AddressTaken) as refusal:
        opened()
    assert refusal.value.suggestions


# The owner's e-mail


def link_token() -> str:
    found = re.search(r"/confirm/([\w-]+)/", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


@pytest.mark.clause("2.3")
def test_the_owner_gets_a_link_and_opening_it_confirms_the_email(
    db: None, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        business = opened()
    assert mail.outbox[-1].to == ["olga@harbour.example"]
    assert "http://regulars.test/en/confirm/" in str(mail.outbox[-1].body)
    assert "http://harbour-books.regulars.test/" in str(mail.outbox[-1].body)
    assert services.confirm_email(link_token()) == business
    confirmed = EmailConfirmation.objects.get(business=business)
    assert confirmed.confirmed_at is not None
    assert confirmed.token_hash != link_token()


def test_a_link_opened_twice_keeps_its_first_instant(db: None, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        business = opened()
    services.confirm_email(link_token())
    first = EmailConfirmation.objects.get(business=business).confirmed_at
    services.confirm_email(link_token())
    assert EmailConfirmation.objects.get(business=business).confirmed_at == first


def test_a_link_is_refused_after_seven_days_and_an_unknown_one_always(
    db: None, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        business = opened()
    with clock.turned_to(clock.now() + dt.timedelta(days=8)), pytest.raises(services.LinkTooOld):
        services.confirm_email(link_token())
    with pytest.raises(services.LinkUnknown):
        services.confirm_email("never-sent")
    assert EmailConfirmation.objects.get(business=business).confirmed_at is None


def test_a_mail_server_that_is_away_does_not_undo_the_opening(
    db: None, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Any, fail_silently: bool = False) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        business = opened()
    assert Business.objects.filter(pk=business.pk).exists()


# Closing


@pytest.mark.clause("2.3")
def test_a_closed_business_keeps_its_data_and_may_be_deleted_after_thirty_days(
    gym: Business, noon: dt.datetime
) -> None:
    with clock.turned_to(noon):
        closed = services.close_business(business=gym, by="operator")
    assert (closed.state, closed.archived_at, closed.delete_after) == (
        BusinessState.ARCHIVED,
        noon,
        dt.date(2026, 7, 15),
    )
    with business_context(closed):
        assert Branch.objects.count() == 1
        assert TrailEntry.objects.filter(act="business.archived", actor="operator").count() == 1


def test_closing_once_more_does_not_begin_the_notice_anew(gym: Business, noon: dt.datetime) -> None:
    with clock.turned_to(noon):
        services.close_business(business=gym, by="operator")
    with clock.turned_to(noon + dt.timedelta(days=9)):
        assert services.close_business(business=gym, by="operator").delete_after == dt.date(2026, 7, 15)


def test_a_closed_business_has_no_work_and_gets_it_back_when_it_opens_again(gym: Business) -> None:
    WorkHint.objects.update_or_create(schema_name=gym.schema_name, defaults={"due_at": clock.now()})
    services.close_business(business=gym, by="operator")
    assert not WorkHint.objects.filter(schema_name=gym.schema_name).exists()
    again = services.reopen_business(business=gym, by="operator")
    assert (again.state, again.delete_after) == (BusinessState.OPEN, None)
    assert WorkHint.objects.filter(schema_name=gym.schema_name).exists()


def test_a_business_is_not_deleted_while_it_is_open_or_before_its_notice(gym: Business, noon: dt.datetime) -> None:
    with pytest.raises(services.TooEarly, match="Close the business first"):
        services.delete_business(business=gym)
    with clock.turned_to(noon):
        services.close_business(business=gym, by="operator")
        with pytest.raises(services.TooEarly, match="2026-07-15"):
            services.delete_business(business=gym)
    assert provisioning.schema_exists(gym.schema_name)


@pytest.mark.parametrize(("later", "asked"), [(dt.timedelta(days=31), False), (dt.timedelta(0), True)])
def test_after_notice_or_at_the_owners_request_everything_is_deleted(
    gym: Business, noon: dt.datetime, later: dt.timedelta, asked: bool
) -> None:
    with clock.turned_to(noon):
        services.close_business(business=gym, by="operator")
    with clock.turned_to(noon + later):
        services.delete_business(business=gym, is_requested_by_owner=asked)
    assert not provisioning.schema_exists(gym.schema_name)
    assert not Business.objects.filter(slug="gym").exists()
    assert not Domain.objects.filter(domain="gym.regulars.test").exists()


def test_deleting_a_business_removes_its_files_and_no_others(
    business: Business, gym: Business, settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    for each in (business, gym):
        (tmp_path / each.schema_name).mkdir()
        (tmp_path / each.schema_name / "logo.png").write_bytes(b"png")
    services.close_business(business=gym, by="operator")
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_business(business=gym, is_requested_by_owner=True)
    assert [folder.name for folder in tmp_path.iterdir()] == [business.schema_name]


def test_businesses_are_listed_by_state(gym: Business) -> None:
    services.close_business(business=gym, by="operator")
    assert [each.slug for each in services.list_businesses(state=BusinessState.ARCHIVED)] == ["gym"]
    assert {each.slug for each in services.list_businesses()} == {"gym", "teahouse"}


def test_a_committed_business_is_whole(open_business: Callable[..., Business]) -> None:
    business = open_business()
    with business_context(business):
        assert Organisation.objects.get().name == "Corner Shop"
