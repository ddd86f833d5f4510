"""`regulars verify-trail` says whether a trail is as it was written, and names each row that is not."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from regulars import clock
from regulars.operations import trail
from regulars.operations.models import TrailEntry
from regulars.operations.sealing.chains import TRAIL
from regulars.operations.sealing.sealer import seal
from tenants.context import business_context
from tenants.models import Business, ChainHead
from tenants.provisioning import drop_schema

pytestmark = [pytest.mark.clause("3.5"), pytest.mark.usefixtures("db")]


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("verify_trail", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def sealed(gym: Business) -> Business:
    """The gym with two sealed entries and one that is not sealed yet."""
    with business_context(gym):
        seal(TRAIL, now=clock.now())
        for number in range(2):
            trail.record(act="organisation.changed", actor=f"stf_{number}")
        seal(TRAIL, now=clock.now())
        trail.record(act="organisation.changed", actor="stf_late")
    return gym


def test_an_intact_trail_is_said_to_be_with_its_unsealed_tail(sealed: Business) -> None:
    (line,) = said("--business", sealed.slug).splitlines()
    assert line.startswith(f"{sealed.slug}: intact. ")
    assert "1 not sealed yet. Head: " in line
    with business_context(sealed):
        assert line.endswith(ChainHead.objects.get(schema_name=sealed.schema_name).digest)


def test_each_wrong_row_is_named_and_the_exit_status_is_not_0(sealed: Business) -> None:
    with business_context(sealed), connection.cursor() as cursor:
        first, second = TrailEntry.objects.filter(actor__in=["stf_0", "stf_1"]).values_list("pk", flat=True)
        cursor.execute("UPDATE operations_trailentry SET actor = 'x' WHERE id = %s", [first])
        cursor.execute("DELETE FROM operations_trailentry WHERE id = %s", [second])
    out = StringIO()
    with pytest.raises(CommandError, match=f"not as it was written at: {sealed.slug}") as refused:
        call_command("verify_trail", stdout=out)
    assert refused.value.returncode == 1
    lines = [line for line in out.getvalue().splitlines() if line.startswith("  ")]
    assert any(line.startswith(f"  changed: row {first} was changed") for line in lines)
    assert any(line.startswith(f"  deleted: row {second} was deleted") for line in lines)
    assert len(lines) == 2
    assert "teahouse: intact" in out.getvalue()


def test_a_business_that_is_not_there_is_refused_in_words() -> None:
    with pytest.raises(CommandError, match="There is no business with the address “nowhere”"):
        said("--business", "nowhere")


def test_the_head_goes_with_the_schema(sealed: Business) -> None:
    assert ChainHead.objects.filter(schema_name=sealed.schema_name).exists()
    drop_schema(sealed.schema_name)
    assert not ChainHead.objects.filter(schema_name=sealed.schema_name).exists()


def test_an_older_head_never_takes_the_place_of_a_newer(sealed: Business) -> None:
    from tenants.hooks import chain_head, chain_sealed

    with business_context(sealed):
        noted = chain_head("trail")
        chain_sealed("trail", 1, "0" * 64)
        assert chain_head("trail") == noted
