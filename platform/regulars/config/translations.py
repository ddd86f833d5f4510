"""Compiles the Chinese words with Babel, so that nobody needs gettext installed. Skips what is already newer."""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[3]
SOURCES = ("platform", "tenants", "billing", "cms", "plugins", "tests")


def compile_all(root: Path = ROOT) -> list[Path]:
    """Compile every changed `django.po` below the source folders; returns the files written."""
    written = []
    for source in SOURCES:
        for words in sorted((root / source).rglob("locale/*/LC_MESSAGES/*.po")):
            compiled = words.with_suffix(".mo")
            if compiled.exists() and compiled.stat().st_mtime >= words.stat().st_mtime:
                continue
            with words.open("rb") as file:
                catalogue = read_po(file, locale=words.parents[1].name)
            with compiled.open("wb") as file:
                write_mo(file, catalogue)
            written.append(compiled)
    return written


if __name__ == "__main__":
    for path in compile_all():
        print(path.relative_to(ROOT))
