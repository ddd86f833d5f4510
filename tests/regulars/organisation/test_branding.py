"""The brand changes as one, can be taken back, and leaves no file behind that nobody uses."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from regulars.brand.logo import Logo, read_logo
from regulars.errors import InvalidInput
from regulars.operations.models import TrailEntry
from regulars.organisation.branding import PaleColour, change_brand, undo_brand
from regulars.organisation.selectors import organisation

if TYPE_CHECKING:
    from tenants.models import Business

pytestmark = pytest.mark.clause("3.6")


@pytest.fixture(autouse=True)
def folder(business: Business, settings: Any, tmp_path: Path) -> Path:
    """Where the files of the business lie."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / business.schema_name / "brand"


def logo(colour: str = "navy") -> Logo:
    """A logo of one colour."""
    out = io.BytesIO()
    Image.new("RGB", (300, 100), colour).save(out, "PNG")
    return read_logo(out.getvalue())


def test_the_brand_changes_as_one_and_is_written_into_the_trail() -> None:
    before = organisation().accent
    version = organisation().brand_version
    change_brand(by="stf_x", accent="0B5563", second_colour="#86C5D0", card_pattern="hotel", logo=logo())
    now = organisation()
    assert (now.accent, now.second_colour, now.pattern, now.logo_ground) == ("#0b5563", "#86c5d0", "hotel", "#000080")
    assert now.brand_version != version
    entry = TrailEntry.objects.filter(act="organisation.changed").latest("id")
    assert (entry.before["accent"], entry.after["accent"]) == (before, "#0b5563")


def test_without_a_pattern_of_its_own_the_card_has_that_of_the_trade() -> None:
    assert organisation().pattern == "restaurant"


def test_a_colour_that_nobody_reads_is_refused_until_it_is_meant() -> None:
    before = organisation().accent
    with pytest.raises(PaleColour) as refused:
        change_brand(by="stf_x", accent="#ffd600")
    assert (refused.value.field, refused.value.reading.nearest) == ("accent", "#7e6900")
    assert organisation().accent == before
    change_brand(by="stf_x", accent="#ffd600", keeps_pale=True)
    assert organisation().accent == "#ffd600"
    change_brand(by="stf_x", accent="#ffd600", card_pattern="plain")  # it is meant already
    assert organisation().card_pattern == "plain"


@pytest.mark.parametrize(
    ("field", "value"), [("accent", "blue"), ("accent", ""), ("second_colour", "red"), ("card_pattern", "skulls")]
)
def test_what_cannot_be_is_refused_and_nothing_is_changed(field: str, value: str, folder: Path) -> None:
    before = organisation().brand_version
    sent: dict[str, Any] = {"accent": "#0b5563", field: value}
    with pytest.raises(InvalidInput) as refused:
        change_brand(by="stf_x", logo=logo(), **sent)
    assert (refused.value.field, organisation().brand_version, folder.exists()) == (field, before, False)


def test_the_last_change_is_taken_back_and_can_come_again() -> None:
    first = organisation().accent
    change_brand(by="stf_x", accent="#0b5563", logo=logo())
    name = str(organisation().logo)
    undo_brand(by="stf_x")
    assert (organisation().accent, organisation().logo_url) == (first, "")
    undo_brand(by="stf_x")
    assert (organisation().accent, str(organisation().logo)) == ("#0b5563", name)


def test_where_nothing_was_changed_nothing_can_be_taken_back() -> None:
    with pytest.raises(InvalidInput, match="no change to take back"):
        undo_brand(by="stf_x")
    same = organisation()
    change_brand(by="stf_x", accent=same.accent, card_pattern=same.card_pattern)
    with pytest.raises(InvalidInput):
        undo_brand(by="stf_x")


def test_files_stay_as_long_as_they_can_come_back(folder: Path, django_capture_on_commit_callbacks: Any) -> None:
    def names() -> set[str]:
        return {file.name for file in folder.iterdir()}

    with django_capture_on_commit_callbacks(execute=True):
        change_brand(by="stf_x", accent="#0b5563", logo=logo())
    first = names()
    with django_capture_on_commit_callbacks(execute=True):
        change_brand(by="stf_x", accent="#0b5563", logo=logo("green"))
    assert (len(first), first < names(), len(names())) == (2, True, 4)
    with django_capture_on_commit_callbacks(execute=True):
        change_brand(by="stf_x", accent="#0b5563", removes_logo=True)
    assert (len(names()), names() & first, organisation().mark_url) == (2, set(), "")
