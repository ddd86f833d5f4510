"""Which template does this code ask for? One name, worked out from what decides how a fresh schema looks.

The files of every migration that a business's schema gets, and the code of the presets. Nothing is imported and no
query is made, so the name is cheap enough to be compared at each start and each turn of the pool.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from django.apps import AppConfig, apps
from django.conf import settings


@cache
def current_version() -> str:
    """The version of the template that this code makes: a digest of the migrations, a hyphen, one of the presets."""
    return f"{_digest(_migration_files(), 24)}-{_digest(_preset_files(), 12)}"


def tables_version(version: str) -> str:
    """The part of a version that says how the tables look; what a trade starts with matters to new businesses only."""
    return version.partition("-")[0]


def _digest(files: Iterator[tuple[str, Path]], length: int) -> str:
    digest = hashlib.sha256()
    for name, file in files:
        digest.update(f"{name}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:length]


def _migration_files() -> Iterator[tuple[str, Path]]:
    for config in sorted(apps.get_app_configs(), key=lambda config: config.label):
        if is_of_a_business(config):
            folder = _migrations(config)
            for file in sorted(folder.glob("*.py")) if folder else []:
                yield f"{config.label}/{file.name}", file
            for file in sorted(Path(config.path).glob("sql/*.sql")):
                yield f"{config.label}/{file.name}", file


def _preset_files() -> Iterator[tuple[str, Path]]:
    for folder in _preset_folders():
        for file in sorted(folder.rglob("*.py")):
            yield f"presets/{file.relative_to(folder)}", file


def is_of_a_business(config: AppConfig) -> bool:
    """Whether an app has its tables in each business's schema."""
    path = f"{type(config).__module__}.{type(config).__qualname__}"
    return config.name in settings.TENANT_APPS or path in settings.TENANT_APPS


def _migrations(config: AppConfig) -> Path | None:
    named = settings.MIGRATION_MODULES.get(config.label, f"{config.name}.migrations")
    if named is None or not (Path(config.path) / "migrations").is_dir():
        return None
    if named == f"{config.name}.migrations":
        return Path(config.path) / "migrations"
    spec = find_spec(named)
    return Path(spec.origin).parent if spec and spec.origin else None


def _preset_folders() -> list[Path]:
    module = settings.PRESET.rpartition(".")[0]
    spec = find_spec(module)
    return [Path(place) for place in (spec.submodule_search_locations or [])] if spec else []
