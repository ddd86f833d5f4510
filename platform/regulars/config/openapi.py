"""`make openapi`: writes the description of the API, `docs/api/openapi.json`, anew from the code."""

from __future__ import annotations

import json
import os
from pathlib import Path

import django

FILE = Path(__file__).resolve().parents[3] / "docs" / "api" / "openapi.json"


def written() -> str:
    """The document as it is committed: sorted and indented, so that a change of a route is a small difference."""
    from regulars.api.document import document
    from regulars.api.urls import api

    return json.dumps(document(api), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> None:
    """Write it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.config.settings")
    django.setup()
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(written(), encoding="utf-8")


if __name__ == "__main__":
    main()
