"""Files of a business lie in its own folder, and nothing leads out of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client

from tenants.backend.base import NoBusinessChosen
from tenants.context import business_context, leave
from tenants.models import Business

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def stored(name: str, content: bytes = PNG) -> str:
    return default_storage.save(name, ContentFile(content))


def got(host: str, path: str) -> Any:
    return Client(headers={"host": host}).get(path)


def test_a_file_lies_below_the_schema_of_its_business(business: Business, tmp_path: Path) -> None:
    stored("images/logo.png")
    assert (tmp_path / business.schema_name / "images" / "logo.png").read_bytes() == PNG


def test_a_file_of_one_business_does_not_exist_at_another(business: Business, gym: Business) -> None:
    name = stored("images/logo.png")
    with business_context(gym):
        assert not default_storage.exists(name)
        assert default_storage.listdir("images/")[1] == [] if default_storage.exists("images") else True


def test_an_address_of_a_file_names_no_schema(business: Business) -> None:
    assert default_storage.url(stored("images/logo.png")) == "/media/images/logo.png"


def test_nowhere_there_are_no_files(business: Business) -> None:
    leave()
    with pytest.raises(NoBusinessChosen):
        default_storage.exists("images/logo.png")
    connection.set_tenant(business)


def test_a_picture_is_shown_on_the_host_of_its_business_and_on_no_other(business: Business, gym: Business) -> None:
    stored("images/logo.png")
    shown = got("teahouse.regulars.test", "/media/images/logo.png")
    assert (shown.status_code, shown["Content-Type"], shown["X-Content-Type-Options"]) == (200, "image/png", "nosniff")
    assert b"".join(shown.streaming_content) == PNG
    assert got("gym.regulars.test", "/media/images/logo.png").status_code == 404


@pytest.mark.parametrize("name", ["drawing.svg", "page.html", "script.js", "unknown.zzz"])
def test_what_could_act_as_a_page_is_offered_for_download(business: Business, name: str) -> None:
    stored(name, b"<svg onload=alert(1)>")
    response = got("teahouse.regulars.test", f"/media/{name}")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert "sandbox" in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path",
    [
        "../{gym}/images/logo.png",
        "images/../../{gym}/images/logo.png",
        "%2e%2e/{gym}/images/logo.png",
        "/etc/passwd",
        "images",
        "images%00.png",
        "documents/secret.pdf",
        "nothing.png",
        "x" * 5000,
    ],
)
def test_no_way_leads_out_of_the_folder(business: Business, gym: Business, path: str) -> None:
    with business_context(gym):
        stored("images/logo.png")
    stored("images/own.png")
    stored("documents/secret.pdf")
    assert got("teahouse.regulars.test", f"/media/{path.format(gym=gym.schema_name)}").status_code == 404
