"""The card as a scanner reads it: a QR code and a bar code, drawn as SVG so that they stay sharp and work offline."""

from __future__ import annotations

import segno
from barcode import Code128
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

QUIET_MODULES = 10
"""How much white a bar code needs on both sides, in widths of its narrowest bar."""


def qr_code(text: str) -> SafeString:
    """A QR code (error correction M, with its quiet zone) as inline SVG that scales with its box."""
    drawing = segno.make(text, error="m", micro=False).svg_inline(
        border=4, omitsize=True, svgclass=None, lineclass=None
    )
    return _labelled(drawing, _("QR code of your card"))


def reward_code(text: str) -> SafeString:
    """The QR code by which a reward is collected, as inline SVG on white, so that a dark screen is scanned too."""
    drawing = segno.make(text, error="m", micro=False).svg_inline(
        border=4, omitsize=True, svgclass=None, lineclass=None, light="#fff"
    )
    return _labelled(drawing, _("QR code to collect your reward"))


def coupon_code(text: str) -> SafeString:
    """The QR code of a coupon, as inline SVG on white, so that a dark screen is scanned too."""
    drawing = segno.make(text, error="m", micro=False).svg_inline(
        border=4, omitsize=True, svgclass=None, lineclass=None, light="#fff"
    )
    return _labelled(drawing, _("QR code of your coupon"))


def bar_code(text: str) -> SafeString:
    """A Code 128 bar code as inline SVG that stretches to its box; one path, one unit per module."""
    modules = Code128(text).build()[0]
    bars = "".join(f"M{QUIET_MODULES + start} 0h{length}v40h-{length}z" for start, length in _runs(modules))
    width = len(modules) + 2 * QUIET_MODULES
    drawing = (
        f'<svg viewBox="0 0 {width} 40" preserveAspectRatio="none" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{width}v40H0z"/><path d="{bars}"/></svg>'
    )
    return _labelled(drawing, _("Bar code of your card number"))


def _runs(modules: str) -> list[tuple[int, int]]:
    """Where each bar of a row of modules ("1101…") starts and how wide it is."""
    runs: list[tuple[int, int]] = []
    for position, module in enumerate(modules):
        if module != "1":
            continue
        if runs and sum(runs[-1]) == position:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((position, 1))
    return runs


def _labelled(drawing: str, label: str) -> SafeString:
    """A drawing of ours with words for those who cannot see it; nothing of a person's own text is in the drawing."""
    return format_html('<span role="img" aria-label="{}">{}</span>', label, mark_safe(drawing))  # noqa: S308
