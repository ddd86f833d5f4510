"""Logos as drawings (SVG): an allow-list of what a logo needs, everything else refused by name.

An SVG is a document that can run scripts and fetch files. What is kept is written anew from the checked tree, without
comments, instructions, a document type or what editors leave behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree  # nosec B405 - only to write; reading is defusedxml's

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from django.utils.translation import gettext as _

from regulars.brand.colour import WHITE, BrandColourError, luminance, normalise
from regulars.errors import InvalidInput

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
MOST_BYTES = 300 * 1024
MOST_ELEMENTS = 4000
DEEPEST = 40
MOST_USES = 60
INK = "#1b1c1f"

SHAPES = {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan"}
PAINTS = {"linearGradient", "radialGradient", "stop", "clipPath", "mask", "pattern", "style"}
ELEMENTS = {"svg", "g", "defs", "symbol", "use", "switch", "view", "title", "desc", "metadata"} | SHAPES | PAINTS
"""What a drawing may be made of."""


_START = re.compile(rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml|<!--|<!DOCTYPE|<svg|<[A-Za-z]+:svg)", re.IGNORECASE)
_ADDRESS = re.compile(r"url\s*\(\s*['\"]?\s*([^)'\"]*)", re.IGNORECASE)
_HEX_FILL = re.compile(r"#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?\b")


def is_drawing(content: bytes) -> bool:
    """Whether a file begins as a drawing does; what it holds is another question."""
    return _START.match(content[:400].lstrip(b"\x00")) is not None


def cleaned(content: bytes) -> tuple[bytes, str]:
    """The drawing written anew, and the colour it is seen on.

    Raises `InvalidInput` (field `logo`) naming everything in it that no logo needs.
    """
    root = _read(content)
    found = sorted(set(_refused(root)))
    if found:
        raise InvalidInput(
            _("This drawing holds what could act or fetch something: %(found)s. Export it as plain shapes, or as PNG.")
            % {"found": _("; ").join(found)},
            field="logo",
        )
    _strip(root)
    _measure(root)
    ElementTree.register_namespace("", SVG)  # here, for the register is one for all, and other libraries write in it
    ElementTree.register_namespace("xlink", XLINK)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=False), _ground_of(root)


def _read(content: bytes) -> ElementTree.Element:
    if len(content) > MOST_BYTES:
        raise InvalidInput(
            _("This drawing is too heavy: %(size)s KB, at most %(most)s fit. Simplify it, or export it as PNG.")
            % {"size": len(content) // 1024, "most": MOST_BYTES // 1024},
            field="logo",
        )
    try:
        root: ElementTree.Element = fromstring(content, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        raise InvalidInput(
            _("This drawing declares entities, by which files can be fetched or multiplied. Export it as plain SVG."),
            field="logo",
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise InvalidInput(_("This drawing is damaged and cannot be read. Export it again."), field="logo") from error
    if root.tag != f"{{{SVG}}}svg":
        raise InvalidInput(_("This is a document, but no drawing (SVG)."), field="logo")
    count, uses = 0, 0
    for element, depth in _walk(root):
        count, uses = count + 1, uses + (element.tag == f"{{{SVG}}}use")
        if depth > DEEPEST or count > MOST_ELEMENTS or uses > MOST_USES:
            raise InvalidInput(_("This drawing has too many parts for a logo. Export it as PNG."), field="logo")
    return root


def _walk(root: ElementTree.Element) -> Iterator[tuple[ElementTree.Element, int]]:
    waiting = [(root, 1)]
    while waiting:
        element, depth = waiting.pop()
        yield element, depth
        waiting += [(child, depth + 1) for child in element]


def _parts(name: str) -> tuple[str, str]:
    space, _brace, local = name.rpartition("}")
    return space.lstrip("{"), local


def _refused(root: ElementTree.Element) -> Iterator[str]:
    for element, _depth in _walk(root):
        space, local = _parts(element.tag)
        if space not in (SVG, ""):
            if local.lower() in {"script", "iframe", "object", "embed"}:
                yield f"<{local}>"
            continue  # what an editor left behind is not kept
        if local not in ELEMENTS:
            yield f"<{local}>"
        if local == "style":
            yield from _refused_style("".join(element.itertext()))
        if local == "use" and any(child.tag == element.tag for child in _target(root, element).iter()):
            yield _("copies of copies (<use>)")
        for name, value in element.attrib.items():
            yield from _refused_attribute(name, value)


def _target(root: ElementTree.Element, use: ElementTree.Element) -> ElementTree.Element:
    wanted = (use.get("href") or use.get(f"{{{XLINK}}}href") or "").lstrip("#")
    named = (element for element in root.iter() if element.get("id") == wanted)
    return next(named, ElementTree.Element("nothing"))


def _refused_attribute(name: str, value: str) -> Iterator[str]:
    _space, local = _parts(name)
    if local.lower().startswith("on"):
        yield _("an event handler (%(name)s)") % {"name": local}
    elif local in {"href", "src"} and not value.strip().startswith("#"):
        yield _("a reference to another place (%(name)s)") % {"name": local}
    elif "javascript:" in re.sub(r"\s", "", value).lower():
        yield _("a script in an attribute (%(name)s)") % {"name": local}
    else:
        yield from _refused_style(value)


def _refused_style(text: str) -> Iterator[str]:
    if any(not address.startswith("#") for address in _ADDRESS.findall(text)):
        yield _("a CSS url() that leads elsewhere")
    if re.search(r"@import|@font-face|expression\s*\(|-moz-binding|behavior\s*:|image-set|\\", text, re.IGNORECASE):
        yield _("CSS that loads something")


def _strip(root: ElementTree.Element) -> None:
    """Leave out what editors write for themselves: foreign elements and attributes, and `metadata`."""
    for element, _depth in list(_walk(root)):
        for child in list(element):
            space, local = _parts(child.tag)
            if space not in (SVG, "") or local == "metadata":
                element.remove(child)
        for name in list(element.attrib):
            if _parts(name)[0] not in ("", XLINK):
                del element.attrib[name]


def _measure(root: ElementTree.Element) -> None:
    """A drawing needs a view box to be drawn at any size; one is made from width and height where it has none."""
    numbers = [re.fullmatch(r"\s*(\d{1,5}(?:\.\d+)?)(?:px)?\s*", root.get(name, "")) for name in ("width", "height")]
    if not root.get("viewBox"):
        if numbers[0] is None or numbers[1] is None:
            raise InvalidInput(_("This drawing says nothing of its size (viewBox). Export it again."), field="logo")
        root.set("viewBox", f"0 0 {numbers[0][1]} {numbers[1][1]}")
    for name in ("width", "height"):
        root.attrib.pop(name, None)


def _ground_of(root: ElementTree.Element) -> str:
    """White, or ink for a drawing whose named colours are all light."""
    said = " ".join(f"{' '.join(element.attrib.values())} {element.text or ''}" for element in root.iter())
    colours = [light for text in _HEX_FILL.findall(said) if (light := _light_of(text)) is not None]
    if re.search(r"(?:fill|stroke)[:=\s]*white|\bwhite\b", said):
        colours.append(1.0)
    return INK if colours and min(colours) > 0.6 else WHITE


def _light_of(text: str) -> float | None:
    try:
        return luminance(normalise(text))
    except BrandColourError:
        return None
