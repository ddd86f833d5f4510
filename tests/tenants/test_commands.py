"""An operator does everything from a shell, in clear words and with an exit status."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tenants import provisioning, services
from tenants.context import public_context
from tenants.models import Business, BusinessState, PoolSchema
from tenants.provisioning import public

pytestmark = pytest.mark.usefixtures("db")


def said(command: str, *arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out, **options)
    return out.getvalue()


def open_books(*more: str) -> str:
    given = ["--name", "Books", "--address", "books", "--trade", "retail", "--owner-email", "o@books.example"]
    return said("open_business", *given, *more)


@pytest.mark.clause("2.3")
def test_a_business_is_opened_and_its_address_and_password_are_told() -> None:
    lines = open_books().splitlines()
    assert lines[0] == "Books is open at http://books.regulars.test/"
    assert lines[1].startswith("Owner: o@books.example, password ")
    assert Business.objects.get(slug="books").trade == "retail"


def test_a_given_password_is_not_repeated() -> None:
    assert "a-long-enough-pass-phrase" not in open_books("--password", "a-long-enough-pass-phrase")


def test_a_taken_address_is_refused_with_free_ones() -> None:
    with pytest.raises(CommandError, match=r"address: .*teahouse.* is taken .* Free: "):
        open_books("--address", "teahouse")


@pytest.mark.clause("2.3")
def test_a_business_is_closed_reopened_and_deleted_by_its_address() -> None:
    assert "Gym is archived; it may be deleted after" in said("close_business", "gym")
    assert Business.objects.get(slug="gym").state == BusinessState.ARCHIVED
    assert said("close_business", "gym", "--reopen") == "North Gym is open again.\n"
    with pytest.raises(CommandError, match="Close the business first"):
        call_command("delete_business", "gym", yes=True)
    said("close_business", "gym")
    with pytest.raises(CommandError, match="may be deleted after"):
        call_command("delete_business", "gym", yes=True)
    assert said("delete_business", "gym", "--yes", "--owner-asked") == "North Gym is deleted.\n"
    assert not Business.objects.filter(slug="gym").exists()


def test_deleting_asks_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda prompt: "no")
    with pytest.raises(CommandError, match="Nothing was deleted"):
        call_command("delete_business", "gym")


@pytest.mark.parametrize("command", ["close_business", "delete_business"])
def test_an_unknown_address_is_said(command: str) -> None:
    with pytest.raises(CommandError, match="No business has the address 'nobody'"):
        call_command(command, "nobody")


@pytest.mark.clause("2.3")
def test_businesses_are_listed_one_a_line(gym: Business) -> None:
    services.close_business(business=gym, by="operator")
    assert [line.split()[0] for line in said("list_businesses").splitlines()] == ["teahouse", "gym"]
    assert [line.split()[1] for line in said("list_businesses", "--state", "archived").splitlines()] == ["archived"]


def test_the_pool_is_filled() -> None:
    assert said("fill_pool", "1") == "1 made, 1 ready.\n"
    assert PoolSchema.objects.count() == 1


def test_a_template_that_is_there_is_not_built_again() -> None:
    assert said("build_template") == f"The template {provisioning.current_version()} is ready.\n"


@pytest.mark.clause("2.3")
def test_the_public_schema_is_migrated_for_what_lives_there_alone() -> None:
    from django.db import connection

    with public_context(), connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT app FROM public.django_migrations")
        there = {row[0] for row in cursor.fetchall()}
    assert "tenants" in there
    assert there.isdisjoint({"sales", "ledger", "people", "wagtailcore", "cms", "specimen"})
    assert not public.is_behind()


def test_migrating_visits_only_businesses_that_are_behind(gym: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    visited: list[str] = []
    place = "tenants.management.commands.migrate_businesses"
    monkeypatch.setattr(f"{place}.migrate_schema", visited.append)
    monkeypatch.setattr(f"{place}.migrate_public", lambda verbosity: None)
    said("migrate_businesses")
    assert visited == []
    gym.template_version = "older-one"
    gym.save()
    assert "Migrating gym" in said("migrate_businesses")
    assert visited == [gym.schema_name]
    assert Business.objects.get(slug="gym").template_version == provisioning.current_version()


def test_a_new_preset_alone_moves_no_business(gym: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    place = "tenants.management.commands.migrate_businesses"
    monkeypatch.setattr(f"{place}.migrate_public", lambda verbosity: None)
    gym.template_version = provisioning.current_version().split("-")[0] + "-otherpreset0"
    gym.save()
    assert "Migrating" not in said("migrate_businesses")
