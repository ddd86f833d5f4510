"""Logos of pixels: opened with care, freed of everything that is no picture, and written anew."""

from __future__ import annotations

import io
import warnings

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, ImageStat

from regulars.brand.colour import WHITE, contrast
from regulars.errors import InvalidInput

FORMATS = ("PNG", "JPEG", "WEBP")
LONGEST_SIDE = 4000
"""The most pixels of one side that are opened at all."""
KEPT_SIDE = 1024
SQUARE_SIDE = 512
SMALLEST_SIDE = 32
INK = "#1b1c1f"
_MARGIN = 0.1


def opened(content: bytes) -> Image.Image:
    """The picture upright, in RGB or RGBA, trimmed of clear margins, without metadata.

    Raises `InvalidInput` for what is no picture, is broken, too large or too small, or shows nothing.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except (OSError, ValueError, SyntaxError) as error:
        raise InvalidInput(
            _("This is no picture, whatever its name says. Choose a PNG, JPEG, WebP or SVG file."), field="logo"
        ) from error
    if max(picture.size) > LONGEST_SIDE:
        raise _too_large(*picture.size)
    try:
        picture.load()
        upright = ImageOps.exif_transpose(picture)
    except (OSError, ValueError, SyntaxError, MemoryError) as error:
        raise InvalidInput(_("This picture is damaged and cannot be read. Export it again."), field="logo") from error
    return _plain(upright)


def _too_large(width: int = 0, height: int = 0) -> InvalidInput:
    words = {"width": f"{width:,}", "height": f"{height:,}", "most": f"{LONGEST_SIDE:,}"}
    said = (
        _("This picture has %(width)s × %(height)s pixels; a side may have %(most)s. Save it smaller.")
        if width
        else _("This picture has far too many pixels; a side may have %(most)s. Save it smaller.")
    )
    return InvalidInput(said % words, field="logo")


def _plain(picture: Image.Image) -> Image.Image:
    is_clear = "A" in picture.getbands() or "transparency" in picture.info
    mode = "RGBA" if is_clear else "RGB"
    converted = picture.convert(mode)
    plain = Image.new(mode, converted.size)
    plain.paste(converted)  # pixels only: nothing of the file's metadata comes along
    if is_clear:
        box = plain.getchannel("A").point([255 if value > 8 else 0 for value in range(256)]).getbbox()
        if box is None:
            raise InvalidInput(_("This picture is entirely clear: nothing of it would be seen."), field="logo")
        plain = plain.crop(box)
    if max(plain.size) < SMALLEST_SIDE:
        raise InvalidInput(
            _("This picture is too small to be seen well. Its longer side needs %(least)s pixels.")
            % {"least": SMALLEST_SIDE},
            field="logo",
        )
    return plain


def ground_of(picture: Image.Image) -> str:
    """The colour that a logo is seen on: its own corner, or for a clear one white, or ink where it is light itself."""
    if picture.mode == "RGB":
        return "#" + "".join(f"{value:02x}" for value in _bytes_of(picture.getpixel((0, 0))))
    small = picture.resize((64, 64))
    mean = [round(value) for value in ImageStat.Stat(small.convert("RGB"), mask=small.getchannel("A")).mean]
    seen = "#" + "".join(f"{value:02x}" for value in mean)
    return WHITE if contrast(seen, WHITE) >= contrast(seen, INK) or contrast(seen, WHITE) >= 2 else INK


def _bytes_of(pixel: object) -> tuple[int, ...]:
    return tuple(int(value) for value in pixel) if isinstance(pixel, tuple) else (255, 255, 255)


def encoded(picture: Image.Image) -> tuple[bytes, str]:
    """The picture at most `KEPT_SIDE` pixels long, as a file, and its ending: PNG, or JPEG where that is smaller."""
    kept = picture.copy()
    kept.thumbnail((KEPT_SIDE, KEPT_SIDE), Image.Resampling.LANCZOS)
    as_png = _written(kept, "PNG", optimize=True)
    if kept.mode == "RGB":
        as_jpeg = _written(kept, "JPEG", quality=90)
        if len(as_jpeg) * 2 < len(as_png):
            return as_jpeg, "jpg"
    return as_png, "png"


def square(picture: Image.Image, ground: str) -> bytes:
    """The whole logo in the middle of a square of its ground, as PNG without clear parts: phones ask for such."""
    is_clear = picture.mode == "RGBA"
    room = round(SQUARE_SIDE * (1 - 2 * _MARGIN)) if is_clear else SQUARE_SIDE
    inner = ImageOps.contain(picture, (room, room), Image.Resampling.LANCZOS)
    canvas = Image.new("RGB", (SQUARE_SIDE, SQUARE_SIDE), ground)
    place = ((SQUARE_SIDE - inner.width) // 2, (SQUARE_SIDE - inner.height) // 2)
    canvas.paste(inner, place, inner if is_clear else None)
    return _written(canvas, "PNG", optimize=True)


def _written(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()
