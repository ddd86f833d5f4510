"""The page of the brand: what is wrong is said beside its field, nothing typed is lost, everybody sees the change."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from regulars.organisation.selectors import organisation
from tenants.context import business_context
from tests.conftest import PASSWORD

if TYPE_CHECKING:
    from regulars.organisation.models import Staff
    from tenants.models import Business

pytestmark = [pytest.mark.clause("3.6"), pytest.mark.capability(16)]

PAGE = "/office/settings/brand/"
GOOD = {"accent": "#0b5563", "second_colour": "#86c5d0", "card_pattern": "hotel", "logo_kept": ""}


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def office(business: Business, owner: Staff, client_for: Callable[..., Client]) -> Client:
    """The owner in the back office."""
    return client_for(business, owner.user)


def file(name: str = "logo.png", content: bytes | None = None) -> SimpleUploadedFile:
    """A file as a browser sends it."""
    if content is None:
        out = io.BytesIO()
        Image.new("RGB", (300, 100), "navy").save(out, "PNG")
        content = out.getvalue()
    return SimpleUploadedFile(name, content)


def test_the_look_is_saved_and_seen_at_once_by_portal_counter_and_site(
    business: Business, office: Client, client_for: Callable[..., Client]
) -> None:
    assert office.post(PAGE, {**GOOD, "logo": file()}).status_code == 302
    now, stranger = organisation(), client_for(business)
    assert (now.accent, now.second_colour, now.card_pattern) == ("#0b5563", "#86c5d0", "hotel")
    for browser, page in ((stranger, "/me/sign-in/"), (stranger, "/account/login/"), (office, "/counter/")):
        words = browser.get(page).content.decode()
        assert f"/me/brand.css?v={now.brand_version}" in words, page
        assert f'src="{now.mark_url}"' in words, page
    home = stranger.get("/", follow=True).content.decode()
    assert f'src="{now.mark_url}"' in home
    words = office.get(PAGE).content.decode()
    assert f'class="office-mark" src="{now.mark_url}"' in words
    assert f"/office/brand.css?v={now.brand_version}" in words
    sheet = stranger.get(f"/me/brand.css?v={now.brand_version}")
    assert "--card-ground:#0b5563" in sheet.content.decode()
    assert sheet["cache-control"] == "public, max-age=31536000"


def test_a_style_sheet_of_a_newer_version_is_never_served_from_memory(office: Client) -> None:
    from regulars.organisation.models import Organisation

    organisation()  # remembered
    Organisation.objects.update(accent="#123456")  # by another process, which cannot make this one forget
    version = Organisation.objects.get().brand_version
    for address in ("/me/brand.css", "/office/brand.css"):
        fresh = office.get(f"{address}?v={version}").content.decode()
        assert "--accent:#123456" in fresh or "--office-accent:#123456" in fresh, address


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#ffd600", "#0b2545", "#c8102e"])
def test_links_of_the_back_office_are_read_in_the_dark(office: Client, colour: str) -> None:
    from regulars import brand
    from regulars.organisation.branding import change_brand

    change_brand(by="stf_x", accent=colour, keeps_pale=True)
    found = re.findall(r"--w-color-secondary-100:(#\w+)", office.get("/office/brand.css").content.decode())
    assert len(found) == 2
    assert min(brand.contrast(seen, ground) for seen in found for ground in ("#262626", "#333333")) >= 4.5


def test_the_logo_is_served_as_a_picture_that_can_do_nothing_else(office: Client) -> None:
    office.post(PAGE, {**GOOD, "logo": file()})
    for address in (organisation().logo_url, organisation().mark_url, "/me/icon.svg"):
        shown = office.get(address)
        assert (shown.status_code, shown["content-type"], shown["x-content-type-options"]) == (
            200,
            "image/png",
            "nosniff",
        )
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
    office.post(PAGE, {**GOOD, "logo": file("logo.svg", drawing)})
    shown = office.get(organisation().logo_url)
    assert shown["content-type"] == "image/svg+xml"
    assert shown["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    stored = office.get(f"/media/{organisation().logo}")
    assert stored["content-disposition"].startswith("attachment")


def test_the_logo_of_one_business_is_not_that_of_another(
    business: Business, gym: Business, office: Client, client_for: Callable[..., Client]
) -> None:
    office.post(PAGE, {**GOOD, "logo": file()})
    ours = organisation()
    stranger = client_for(gym)
    for address in (ours.logo_url, ours.mark_url, f"/media/{ours.logo}", f"/media/{ours.logo_square}"):
        assert (office.get(address).status_code, stranger.get(address).status_code) == (200, 404), address
    assert "--card-ground:#0b5563" not in stranger.get(f"/me/brand.css?v={ours.brand_version}").content.decode()
    with business_context(gym):
        assert organisation().logo_url == ""


def test_a_colour_that_nobody_reads_is_told_with_its_sample_and_the_nearest(office: Client) -> None:
    before = organisation().accent
    response = office.post(PAGE, {**GOOD, "accent": "#ffd600"})
    said = response.content.decode()
    assert (response.status_code, organisation().accent) == (422, before)
    assert response.context["form"].errors.keys() == {"accent"}
    assert re.search(r'<input[^>]*name="accent"[^>]*value="#ffd600"|<input[^>]*value="#ffd600"[^>]*name="accent"', said)
    assert re.search(r'fill="#ffffff"/><text[^>]*fill="#ffd600"', said)
    assert 'value="use:#7e6900"' in said
    clicked = office.post(PAGE, {**GOOD, "accent": "#ffd600", "act": "use:#7e6900"})
    assert (clicked.status_code, clicked.context["form"]["accent"].value()) == (200, "#7e6900")
    assert organisation().accent == before
    assert office.post(PAGE, {**GOOD, "accent": "#ffd600", "keeps_pale": "on"}).status_code == 302
    assert organisation().accent == "#ffd600"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("logo.svg", b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><script/></svg>', "&lt;script&gt;"),
        ("logo.png", b"a text, whatever its name", "no picture"),
        ("logo.jpg", b"\xff\xd8\xff" + b"x" * (30 * 1024 * 1024), "30.0 MB"),
        ("logo.png", b"", "empty"),
    ],
)
def test_a_bad_logo_is_refused_beside_its_field_and_nothing_typed_is_lost(
    office: Client, name: str, content: bytes, words: str
) -> None:
    before = organisation().brand_version
    response = office.post(PAGE, {**GOOD, "logo": file(name, content)})
    form = response.context["form"]
    assert (response.status_code, list(form.errors), organisation().brand_version) == (422, ["logo"], before)
    assert words in response.content.decode()
    assert [form[field].value() for field in ("accent", "second_colour", "card_pattern")] == list(GOOD.values())[:3]


def test_a_good_logo_stays_when_something_else_is_wrong(office: Client) -> None:
    response = office.post(PAGE, {**GOOD, "accent": "blue", "logo": file()})
    kept = response.context["form"].kept
    assert (response.status_code, len(kept) > 100, organisation().logo_url) == (422, True, "")
    assert f'value="{kept}"' in response.content.decode()
    assert office.post(PAGE, {**GOOD, "logo_kept": kept}).status_code == 302
    assert office.get(organisation().logo_url)["content-type"] == "image/png"


@pytest.mark.parametrize("kept", ["%%%", "QUJD", "x" * 4_000_000])
def test_what_is_sent_as_a_kept_logo_is_checked_like_any(office: Client, kept: str) -> None:
    response = office.post(PAGE, {**GOOD, "logo_kept": kept})
    assert (response.status_code, organisation().logo_url) == (302, "")


def test_a_ready_palette_fills_the_form_and_saves_nothing(office: Client) -> None:
    before = organisation().brand_version
    response = office.post(PAGE, {**GOOD, "act": "palette:gym:1"})
    form = response.context["form"]
    filled = [form[name].value() for name in ("accent", "second_colour", "card_pattern")]
    assert (response.status_code, filled) == (200, ["#1f2a1c", "#b9e04c", "gym"])
    assert organisation().brand_version == before
    for nonsense in ("palette:gym:99", "palette:x:1", "palette:", "use:red", "nothing"):
        assert office.post(PAGE, {**GOOD, "act": nonsense}).status_code == 200


def test_the_last_change_is_taken_back_by_one_click(office: Client) -> None:
    before = organisation().accent
    office.post(PAGE, {**GOOD, "logo": file()})
    assert "Take the last change back" in office.get(PAGE).content.decode()
    assert office.post(PAGE, {"act": "undo"}).status_code == 302
    assert (organisation().accent, organisation().logo_url) == (before, "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_preview_wears_a_look_that_nobody_saved(office: Client, scheme: str) -> None:
    from regulars import brand

    answer = office.get(
        f"{PAGE}preview/", {"scheme": scheme, "accent": "#1f4b73", "second_colour": "#8fbbe0", "card_pattern": "gym"}
    )
    said = answer.content.decode()
    colours = brand.palette("#1f4b73", "#8fbbe0")[scheme]
    assert answer.status_code == 200
    assert f'data-theme="{scheme}" style="--accent:{colours["--accent"]};' in said
    assert "pattern-gym" in said
    assert f'bgcolor="{colours["--accent"]}"' in said  # the button of the mail
    assert all(part in said for part in ("member-card", "counter-bar", "receipt", organisation().name))
    assert answer["x-frame-options"] == "SAMEORIGIN"


@pytest.mark.parametrize("sent", ["red;}</style><script>", "#", "\x00", "9" * 3000])
def test_the_preview_takes_nothing_but_colours(office: Client, sent: str) -> None:
    asked = {"accent": sent, "second_colour": sent, "card_pattern": sent, "logo": sent, "scheme": sent}
    said = office.get(f"{PAGE}preview/", asked).content.decode()
    assert f"--card-ground:{organisation().accent}" in said
    assert "<script" not in said
    assert office.get(f"{PAGE}reading/", {"accent": sent}).content == b""


def test_only_those_who_may_change_the_brand_come_here(
    business: Business, branch: Any, client_for: Callable[..., Client]
) -> None:
    from regulars.organisation.team.services import appoint

    accountant = appoint(name="An", email="an@teahouse.example", password=PASSWORD, role="accountant")
    browser = client_for(business, accountant.user)
    for address in (PAGE, f"{PAGE}preview/", f"{PAGE}reading/"):
        assert browser.get(address).status_code in {302, 403}, address
    before = organisation().accent
    assert browser.post(PAGE, GOOD).status_code in {302, 403}
    assert organisation().accent == before
