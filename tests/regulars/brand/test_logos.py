"""A logo is judged by what is in it: pixels are written anew, drawings are searched for what acts or fetches."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from regulars.brand.logo import MOST_BYTES, Logo, read_logo
from regulars.errors import InvalidInput

pytestmark = pytest.mark.clause("3.6")

XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'


def drawn(inside: str, attributes: str = "", before: str = "") -> bytes:
    """An SVG with these parts."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {XLINK} viewBox="0 0 40 20" {attributes}>'
    return f"{before}{head}{inside}</svg>".encode()


def picture(size: tuple[int, int] = (400, 200), mode: str = "RGB", colour: Any = "red", kind: str = "PNG") -> bytes:
    """A picture file of one colour."""
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, kind)
    return out.getvalue()


def refusal(content: bytes) -> str:
    """The words in which a file is refused."""
    with pytest.raises(InvalidInput) as refused:
        read_logo(content)
    assert refused.value.field == "logo"
    return str(refused.value)


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize(
    ("inside", "named"),
    [
        ("<script>alert(1)</script>", "<script>"),
        ('<path onload="x()" d="M0 0"/>', "an event handler (onload)"),
        ("<foreignObject/>", "<foreignObject>"),
        ('<use xlink:href="http://elsewhere.example/x#a"/>', "a reference to another place (href)"),
        ('<image href="data:image/png;base64,AA"/>', "<image>"),
        ("<style>path{fill:url(http://elsewhere.example)}</style>", "a CSS url() that leads elsewhere"),
        ('<path style="fill:u\\72l(x)" d=""/>', "CSS that loads something"),
        ('<style>@import "x.css"</style>', "CSS that loads something"),
        ('<a href="#x"><path d=""/></a>', "<a>"),
        ('<path fill="java script:x" d=""/><animate/>', "<animate>"),
        ('<path d="" fill=" javascript:alert(1)"/>', "a script in an attribute (fill)"),
        ('<h:script xmlns:h="http://www.w3.org/1999/xhtml">x</h:script>', "<script>"),
        ('<g id="a"><use href="#b"/></g><use href="#a"/>', "copies of copies (<use>)"),
    ],
)
def test_a_drawing_that_acts_or_fetches_is_refused_by_name(inside: str, named: str) -> None:
    assert named in refusal(drawn(inside))


def test_everything_that_is_wrong_is_named_at_once() -> None:
    said = refusal(drawn('<script/><path onclick="x"/>', attributes='onload="y"'))
    assert ("<script>" in said, "onclick" in said, "onload" in said) == (True, True, True)


def test_entities_are_refused_however_harmless() -> None:
    assert "entities" in refusal(drawn("<text>&a;</text>", before='<!DOCTYPE svg [<!ENTITY a "b">]>'))
    fetching = '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    assert "entities" in refusal(drawn("<text>&a;</text>", before=fetching))


@pytest.mark.parametrize("inside", ["<g>" * 30_000 + "</g>" * 30_000, "<g/>" * 5_000, '<use href="#a"/>' * 100])
def test_a_drawing_of_too_many_parts_is_refused(inside: str) -> None:
    assert "too many parts" in refusal(drawn(inside))


def test_a_drawing_is_kept_without_what_editors_leave() -> None:
    inside = (
        '<!-- made by --><metadata>who</metadata><e:view xmlns:e="http://editor.example" e:x="1"/>'
        '<linearGradient id="g"/><path e:y="2" xmlns:e="http://editor.example" fill="url(#g)" d="M0 0h9v9z"/>'
    )
    logo = read_logo(drawn(inside, before='<?xml version="1.0"?><!DOCTYPE svg PUBLIC "x" "http://www.w3.org/x.dtd">'))
    assert logo.picture == (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><linearGradient id="g" />'
        b'<path fill="url(#g)" d="M0 0h9v9z" /></svg>'
    )
    assert (logo.ending, logo.square_ending, logo.square) == ("svg", "svg", logo.picture)


def test_a_light_drawing_stands_on_ink_and_a_dark_one_on_white() -> None:
    light, dark = drawn('<path fill="#fff" d=""/>'), drawn('<path fill="#fff" d=""/><path fill="#0b5563" d=""/>')
    assert (read_logo(light).ground, read_logo(dark).ground) == ("#1b1c1f", "#ffffff")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"not a picture", "no picture, whatever its name says"),
        (b"GIF89a" + b"\x00" * 40, "no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", "damaged"),
        (b"<?xml version='1.0'?><html/>", "no drawing"),
        (picture()[:60], "damaged"),
        (picture((12, 12)), "too small"),
        (picture((90, 90), "RGBA", (0, 0, 0, 0)), "entirely clear"),
        (picture((5000, 40)), "5,000 × 40 pixels"),
        (b"x" * (30 * 1024 * 1024), "30.0 MB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_logo_is_refused_in_words(content: bytes, words: str) -> None:
    assert words in refusal(content)


def test_a_picture_of_twenty_thousand_pixels_is_refused_before_it_is_opened() -> None:
    def part(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", zlib.compress(b"\x00")) + part(b"IEND", b"")
    assert "a side may have 4,000" in refusal(bomb)


def test_a_picture_is_written_anew_without_what_the_camera_says() -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "a camera that knows where", 6
    Image.new("RGB", (300, 200), "navy").save(out, "JPEG", exif=exif, icc_profile=b"profile")
    logo = read_logo(out.getvalue())
    kept = opened(logo.picture)
    assert kept.size == (200, 300)  # turned as the camera meant
    assert (b"camera" in logo.picture, dict(kept.getexif()), kept.info.get("icc_profile")) == (False, {}, None)


@pytest.mark.parametrize(
    ("mode", "kind"), [("RGB", "WEBP"), ("CMYK", "JPEG"), ("P", "PNG"), ("L", "PNG"), ("1", "PNG")]
)
def test_every_kind_of_picture_becomes_one_that_all_can_show(mode: str, kind: str) -> None:
    colour: Any = (1, 2, 3, 4) if mode == "CMYK" else 1
    logo = read_logo(picture((3000, 1500), mode, "navy" if mode == "RGB" else colour, kind))
    assert opened(logo.picture).size == (1024, 512)
    assert opened(logo.square).size == (512, 512)
    assert (logo.ending in {"png", "jpg"}, opened(logo.square).mode) == (True, "RGB")


def test_a_clear_logo_is_trimmed_and_gets_a_ground_it_is_seen_on() -> None:
    def clear(colour: tuple[int, int, int]) -> Logo:
        whole = Image.new("RGBA", (600, 600), (0, 0, 0, 0))
        whole.paste((*colour, 255), (100, 250, 500, 350))
        out = io.BytesIO()
        whole.save(out, "PNG")
        return read_logo(out.getvalue())

    white, navy = clear((255, 255, 255)), clear((10, 20, 80))
    assert opened(navy.picture).size == (400, 100)
    assert (white.ground, navy.ground) == ("#1b1c1f", "#ffffff")
    assert opened(white.square).getpixel((3, 3)) == (0x1B, 0x1C, 0x1F)


@given(content=st.binary(max_size=400))
def test_no_bytes_are_anything_but_kept_or_refused(content: bytes) -> None:
    for start in (b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\x00\x00\x00\x00WEBP", b"<svg "):
        try:
            logo = read_logo(start + content)
        except InvalidInput:
            continue
        assert len(logo.picture) <= MOST_BYTES
