"""The shop's own app: colours with an ETag, a manifest, and a worker that keeps the card and nothing else."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from django.test import Client

if TYPE_CHECKING:
    from regulars.people.models import Member


def test_the_brand_is_sent_once_and_again_only_when_it_changed(visitor: Client) -> None:
    from regulars.organisation.services import change

    first = visitor.get("/me/brand.css")
    assert (first.status_code, first["content-type"]) == (200, "text/css; charset=utf-8")
    assert first["cache-control"] == "public, max-age=300"
    assert "--accent:" in first.content.decode()
    assert "set-cookie" not in first.headers
    again = visitor.get("/me/brand.css", headers={"if-none-match": first["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    change(by="test", accent="#123456")
    changed = visitor.get("/me/brand.css", headers={"if-none-match": first["etag"]})
    assert changed.status_code == 200
    assert changed["etag"] != first["etag"]


@pytest.mark.capability(152)
def test_the_manifest_names_the_business_and_stays_below_the_portal(visitor: Client) -> None:
    answer = visitor.get("/me/manifest.webmanifest")
    words = json.loads(answer.content)
    assert answer["content-type"] == "application/manifest+json"
    assert (words["scope"], words["start_url"], words["display"]) == ("/me/", "/me/", "standalone")
    assert words["name"] == "山茶 Tea House"
    icon = visitor.get(words["icons"][0]["src"])
    assert icon["content-type"] == "image/svg+xml"
    assert ">山</text>" in icon.content.decode()


def test_the_worker_keeps_the_card_and_knows_where_one_signs_out(visitor: Client) -> None:
    answer = visitor.get("/me/service-worker.js")
    script = answer.content.decode()
    found = re.search(r"const places = (\{.*\});", script)
    assert found is not None
    places = json.loads(found[1])
    assert answer["content-type"] == "text/javascript; charset=utf-8"
    assert answer["cache-control"] == "no-cache"
    assert (places["card"], places["signOut"], places["offline"]) == ("/me/", "/me/sign-out/", "/me/offline/")
    for place in (*places["parts"], places["offline"], places["brand"]):
        assert place.startswith(("/me/", "/static/")), place


def test_what_is_kept_for_everybody_speaks_of_nobody(phone: Client, member: Member) -> None:
    for address in (
        "/me/brand.css",
        "/me/icon.svg",
        "/me/manifest.webmanifest",
        "/me/service-worker.js",
        "/me/offline/",
    ):
        words = phone.get(address).content.decode()
        assert member.name not in words
        assert member.public_id not in words


def test_a_stored_colour_that_is_none_gives_the_default(visitor: Client) -> None:
    from django.core.cache import cache

    from regulars import brand
    from regulars.organisation.models import Organisation

    Organisation.objects.update(accent="red")
    cache.clear()
    assert visitor.get("/me/brand.css").content.decode() == brand.style_sheet()
    assert visitor.get("/me/icon.svg").status_code == 200


def test_the_terms_stand_on_a_page_of_their_own(visitor: Client) -> None:
    from regulars.people.selectors import terms

    assert terms("en").words in visitor.get("/me/terms/").content.decode()
