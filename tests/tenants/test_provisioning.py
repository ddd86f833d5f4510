"""A business's schema: replayed from the template whole, with ids of its own, ahead of time when possible."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection

from regulars import clock
from regulars.ledger.selectors import balance
from regulars.ledger.services import adjust
from regulars.organisation.models import Branch, Language, Trade
from tenants import provisioning
from tenants.context import public_context, schema_context
from tenants.models import Business, PoolSchema, Template
from tenants.provisioning import dump, pool, rows, schemas
from tenants.provisioning.template import migrate_schema
from tenants.provisioning.versions import tables_version
from tests.conftest import new_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def template() -> Template:
    return provisioning.current_template()


def relations(schema_name: str) -> list[tuple[str, str]]:
    with public_context(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relkind::text, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = %s ORDER BY 1, 2",
            [schema_name],
        )
        return cursor.fetchall()


def test_the_template_has_a_start_for_each_trade_in_each_language(template: Template) -> None:
    assert set(template.seeds) == {f"{trade}:{language}" for trade in Trade.values for language in Language.values}


def test_the_template_names_no_schema_and_nothing_of_public(template: Template) -> None:
    for script in (template.script, *template.seeds.values()):
        assert re.search(rf"\b{schemas.NAME.pattern}\b", script.replace(schemas.TOKEN, "")) is None
        assert "public." not in script
        assert "DO $" not in script


def test_two_schemas_of_one_template_have_the_same_relations(template: Template) -> None:
    first, second = provisioning.new_schema_name(), provisioning.new_schema_name()
    provisioning.open_schema(first, template)
    provisioning.open_schema(second, template)
    assert relations(first) == relations(second)
    assert len(relations(first)) > 300


@pytest.mark.clause("2.3")
def test_two_businesses_of_one_trade_share_no_public_id(template: Template) -> None:
    ids = []
    for _ in range(2):
        schema_name = provisioning.new_schema_name()
        provisioning.open_schema(schema_name, template)
        schemas.sow(schema_name, template.seeds["gym:en"])
        with schema_context(schema_name):
            ids.append(Branch.objects.get().public_id)
    assert ids[0] != ids[1]
    assert all(each.startswith("brn_") and len(each) == 20 for each in ids)


def test_rows_made_after_opening_do_not_collide_with_the_seed(template: Template) -> None:
    schema_name = provisioning.new_schema_name()
    provisioning.open_schema(schema_name, template)
    schemas.sow(schema_name, template.seeds["retail:zh-hans"])
    with schema_context(schema_name):
        first = Branch.objects.get()
        assert Branch.objects.create(name="分店").pk == first.pk + 1


def test_what_a_trade_starts_with_is_as_old_as_the_business(template: Template, noon: dt.datetime) -> None:
    schema_name = provisioning.new_schema_name()
    provisioning.open_schema(schema_name, template)
    with clock.turned_to(noon):
        schemas.sow(schema_name, template.seeds["gym:en"])
    with schema_context(schema_name), connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT latest_revision_created_at, last_published_at, first_published_at FROM wagtailcore_page"
        )
        instants = {instant for row in cursor.fetchall() for instant in row if instant is not None}
    assert instants <= {noon}


def test_a_schema_with_a_missing_table_is_noticed(template: Template) -> None:
    schema_name = provisioning.new_schema_name()
    provisioning.open_schema(schema_name, template)
    with schema_context(schema_name), connection.cursor() as cursor:
        cursor.execute("DROP TABLE organisation_terminal CASCADE")
    with pytest.raises(schemas.SchemaIncomplete, match=schema_name):
        schemas.check_schema(schema_name, template)


@pytest.mark.parametrize("name", ["public", "extensions", 't_"; DROP SCHEMA public', "t_short", "T_ABCDEFGHIJKL"])
def test_only_schemas_of_ours_are_made_or_dropped(template: Template, name: str) -> None:
    with pytest.raises(ValueError, match="not the name"):
        provisioning.open_schema(name, template)
    with pytest.raises(ValueError, match="not the name"):
        provisioning.drop_schema(name)


def test_the_pool_is_filled_to_its_size_and_no_further(template: Template) -> None:
    assert provisioning.fill_pool(2) == 2
    assert provisioning.fill_pool(2) == 0
    assert PoolSchema.objects.filter(version=template.version).count() == 2


def test_a_claimed_schema_leaves_the_pool_and_is_whole(template: Template) -> None:
    provisioning.fill_pool(1)
    claimed = provisioning.claim_schema()
    assert claimed is not None
    schemas.check_schema(claimed, template)
    assert provisioning.claim_schema() is None


def test_a_schema_of_an_older_template_is_dropped_and_never_claimed(template: Template) -> None:
    provisioning.fill_pool(1)
    old = PoolSchema.objects.get()
    PoolSchema.objects.update(version="an older one")
    assert provisioning.claim_schema() is None
    assert pool.drop_stale() == 1
    assert not provisioning.schema_exists(old.schema_name)


def test_a_template_left_in_the_making_is_cleared_away_once_it_is_old() -> None:
    schema_name = provisioning.new_schema_name()
    with public_context(), connection.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA "{schema_name}"')
    begun = clock.now()
    PoolSchema.objects.create(schema_name=schema_name, version="being made", made_at=begun)
    assert pool.drop_stale() == 0
    with clock.turned_to(begun + dt.timedelta(hours=1)):
        assert pool.drop_stale() == 1
    assert not provisioning.schema_exists(schema_name)


def test_lines_of_function_bodies_are_kept_whatever_they_look_like() -> None:
    written = "\n".join(
        [
            "SET search_path = '';",
            "-- a remark",
            "CREATE FUNCTION f() AS $$",
            "-- kept",
            "SET x = 1;",
            "$$;",
            "\\restrict abc",
        ]
    )
    assert list(dump._without_noise(written)) == ["CREATE FUNCTION f() AS $$", "-- kept", "SET x = 1;", "$$;"]


def test_too_old_a_pg_dump_is_refused_in_words() -> None:
    with pytest.raises(dump.NoDump, match="needs pg_dump of PostgreSQL 99 or newer"):
        dump._program(99)


def test_changes_between_two_states_are_written_in_an_order_that_references_allow() -> None:
    branch = rows.Table("branch", ("id", "name"), ("bigint", "text"), ("id",))
    till = rows.Table("till", ("id", "branch_id"), ("bigint", "bigint"), ("id",))
    before = {"branch": {("'1'",): ("'1'", "'old'")}, "till": {("'7'",): ("'7'", "'1'")}}
    after = {"branch": {("'1'",): ("'1'", "'new'"), ("'2'",): ("'2'", "'b'")}, "till": {("'8'",): ("'8'", "'2'")}}
    assert list(rows.changes([branch, till], before, after, "s")) == [  # type: ignore[arg-type]
        """DELETE FROM s."till" WHERE "id" = '7';""",
        """UPDATE s."branch" SET "name" = 'new' WHERE "id" = '1';""",
        """INSERT INTO s."branch" ("id", "name") VALUES\n('2', 'b');""",
        """INSERT INTO s."till" ("id", "branch_id") VALUES\n('8', '2');""",
    ]


def test_a_version_says_how_the_tables_look_and_what_a_trade_starts_with() -> None:
    tables, presets = provisioning.current_version().split("-")
    assert (len(tables), len(presets)) == (24, 12)
    assert tables_version(provisioning.current_version()) == tables


def test_a_business_that_is_migrated_has_the_functions_of_today(business: Business) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f'CREATE OR REPLACE FUNCTION "{business.schema_name}".ledger_post(document jsonb) RETURNS jsonb '
            "LANGUAGE sql AS $$ SELECT jsonb_build_object('transaction', 0, 'repeated', false) $$"
        )
    migrate_schema(business.schema_name)
    wallet = new_member().wallet
    adjust(wallet=wallet, asset="points", amount=5, key="gift-one", reason="gift", actor="")
    assert balance(wallet) == 5
