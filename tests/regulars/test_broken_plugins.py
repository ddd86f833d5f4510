"""A plugin that cannot be loaded is refused alone and named; the site and the other plugins are up.

Each kind of fault is a distribution of its own. All are installed at once beside two healthy ones, and a process is
started on them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.clause("2.4"), pytest.mark.capability(153)]

APPS = """
from regulars.plugins import PluginConfig

class Config(PluginConfig):
    name = "{name}"
    verbose_name = "{name}"
    {more}
"""
HOOK = "from regulars.hooks import hookimpl\n@hookimpl\ndef {signature}:\n    return []\n"

FAULTS: dict[str, tuple[dict[str, str], str, str]] = {
    # name: files, a line of the config, what the refusal says
    "import_error": (
        {"views.py": "import nothing_of_the_kind"},
        "",
        "ModuleNotFoundError: No module named 'nothing_of",
    ),
    "config_error": ({"apps.py": "import nothing_of_the_kind"}, "", "ModuleNotFoundError: No module named 'nothing_of"),
    "exits": ({"apps.py": "import sys; sys.exit(3)"}, "", "SystemExit: 3"),
    "model_error": (
        {
            "models.py": "from django.db import models\n"
            "class Half(models.Model):\n    name = models.TextField()\n"
            "class Broken(models.Model):\n    name = models.NoSuchField()\n"
        },
        "",
        "AttributeError: module 'django.db.models' has no attribute 'NoSuchField'",
    ),
    "migration_error": (
        {"migrations/__init__.py": "", "migrations/0001_initial.py": "raise ValueError('half written')"},
        "",
        "ValueError: half written",
    ),
    "ready_error": ({}, "def ready(self): raise KeyError('not ready')", "KeyError: 'not ready'"),
    "too_new": ({}, 'min_version = "99.0"', "It needs Regulars 99.0 or newer, this is"),
    "too_old": ({}, 'max_version = "0.0.1"', "It works up to Regulars 0.0.1, this is"),
    "odd_bounds": ({}, 'min_version = "the newest"', "Its version bounds cannot be read"),
    "odd_settings": ({}, "settings = dict", "Its settings must be a dataclass"),
    "unknown_hook": ({"hooks.py": HOOK.format(signature="read_minds(member)")}, "", "unknown hook 'read_minds'"),
    "wrong_arguments": ({"hooks.py": HOOK.format(signature="member_joined(event, weather)")}, "", "{'weather'}"),
    "speaks_for_the_house": (
        {"hooks.py": HOOK.format(signature="site_address(path)")},
        "",
        "only the house itself answers",
    ),
    "needs_a_missing_one": ({}, 'requires = ("nobody",)', "It needs the module “nobody”, which is not there"),
    "needs_a_refused_one": ({}, 'requires = ("too_new",)', "It needs the module “too_new”, which is not there"),
    "needs_a_broken_one": (
        {},
        'requires = ("import_error",)',
        "It needs the module “import_error”, which is not there",
    ),
    "past_the_gate": ({"wagtail_hooks.py": ""}, "", "Its module wagtail_hooks would reach every business"),
    "odd_label": ({}, 'label = "another"', "both must be “another”"),
    "odd_urls": ({"urls.py": "urlpatterns = 7"}, "", "urls.py must hold a list called urlpatterns"),
    "odd_view": (
        {"urls.py": "from django.urls import path\nurlpatterns = [path('', 'home')]"},
        "",
        "TypeError: view must be",
    ),
    "odd_navigation": ({"navigation.py": "MENU = {'cellar': []}"}, "", "navigation.py must hold MENU"),
    "odd_blocks": ({"blocks.py": "BLOCKS = ['stamp']"}, "", "blocks.py must hold BLOCKS"),
    "odd_router": ({"api.py": "router = None"}, "", "api.py must hold a ninja Router"),
    "people": ({}, "", "Its name belongs to a part of Regulars itself"),
    "Loud": ({}, "", "Its name may hold small letters"),
}

START = """
import json, os
os.environ["DJANGO_SETTINGS_MODULE"] = "regulars.config.settings"
import django
django.setup()
from django.core.checks import run_checks
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from django.urls import resolve
from regulars import hooks, plugins
from django.utils import translation
print("STARTED" + json.dumps({
    "refused": {each.name: str(each.reason) for each in plugins.refused()},
    "installed": sorted(plugins.installed()),
    "warnings": sorted(each.msg for each in run_checks() if each.id == "regulars.W001"),
    "migrated": sorted(MigrationLoader(None).migrated_apps),
    "answers": sorted(name for name, _plugin in plugins.manager().list_name_plugin()),
    "alive": Client().get("/livez").status_code,
    "page": resolve("/account/login/", urlconf="regulars.config.urls_business").url_name,
}))
call_command("plugin", "list")
translation.activate("zh-hans")
call_command("plugin", "list")
"""


def distribution(folder: Path, name: str, files: dict[str, str], more: str = "") -> None:
    """Lay a package and its entry point down as if pip had installed them."""
    package = folder / (f"{name}_package" if name in {"people", "Loud"} else name)
    for path, text in {
        "__init__.py": "",
        "apps.py": APPS.format(name=package.name, more=more or "pass"),
        **files,
    }.items():
        (package / path).parent.mkdir(parents=True, exist_ok=True)
        (package / path).write_text(text)
    known = folder / f"{package.name}-1.0.dist-info"
    known.mkdir()
    (known / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package.name}\nVersion: 1.0\n")
    (known / "entry_points.txt").write_text(f"[regulars.plugins]\n{name} = {package.name}.apps:Config\n")


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process says that was started on every kind of broken plugin."""
    folder = tmp_path_factory.mktemp("strangers")
    for name, (files, more, _said) in FAULTS.items():
        distribution(folder, name, files, more)
    distribution(folder, "healthy", {"hooks.py": HOOK.format(signature="checklist_steps()")})
    twin = folder / "twins"
    for number in ("one", "two"):
        distribution(twin / number, f"twin_{number}", {})
        points = twin / number / f"twin_{number}-1.0.dist-info" / "entry_points.txt"
        points.write_text(points.read_text().replace(f"twin_{number} =", "twin ="))
    paths = [str(folder), *(str(twin / number) for number in ("one", "two"))]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*paths, os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(
        [sys.executable, "-c", START], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    first, _newline, rest = done.stdout.partition("STARTED")[2].partition("\n")
    found: dict[str, Any] = {**json.loads(first), "listed": rest, "log": done.stdout + done.stderr}
    return found


@pytest.mark.parametrize("name", FAULTS)
def test_a_broken_plugin_is_refused_in_words(started: dict[str, Any], name: str) -> None:
    assert FAULTS[name][2] in started["refused"][name]


def test_two_packages_of_one_name_are_both_refused(started: dict[str, Any]) -> None:
    assert started["refused"]["twin"] == "Two installed packages have this name; uninstall one of them."


def test_the_others_are_not_touched(started: dict[str, Any]) -> None:
    assert set(started["refused"]) == {*FAULTS, "twin"}
    assert started["installed"] == ["healthy", "referral", "specimen"]
    assert {"healthy", "specimen", "specimen:navigation", "outreach"} <= set(started["answers"])
    assert not set(started["answers"]) & set(FAULTS)
    assert not set(started["migrated"]) & (set(FAULTS) - {"people"})


def test_the_site_is_up(started: dict[str, Any]) -> None:
    assert (started["alive"], started["page"]) == (200, "account_login")


def test_check_log_and_list_name_who_was_refused(started: dict[str, Any]) -> None:
    for name in started["refused"]:
        assert any(f"The plugin “{name}” was refused." in warning for warning in started["warnings"])
        assert f"{name:<24} refused" in started["listed"]
        assert f"plugin={name}" in started["log"]
    assert "它需要模块“nobody”" in started["listed"]
