"""The house keeps its plan: which app lives in which schema, which room may know which, and what no file may carry."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.questioner import NonInteractiveMigrationQuestioner
from django.db.migrations.state import ProjectState

from regulars.config.apps import BOTH_SCHEMAS, CORE_ROOMS, PUBLIC_APPS, WITHOUT_TABLES, app_lists, plugin_configs
from tests.sources import ROOT, ROOTS, below, modules, package_of, project_files, templates, text_of, tree_of

pytestmark = pytest.mark.clause("2.8")

RANK = {"regulars": 0, "tenants": 1, "billing": 2, "cms": 3, "plugins": 3}
"""Who may know whom: only those that stand lower."""

FRAME = "platform/regulars/config/"
LONGEST_MODULE = 500
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "extras", "tools", "stuff", "base_utils"}


def our_app_folders() -> dict[str, str]:
    """The dotted name of every Django app of ours and the folder it lies in."""
    found = {}
    for name in modules():
        if name.endswith("/apps.py") and not name.startswith(FRAME):
            folder = name.removesuffix("/apps.py")
            found[folder.removeprefix("platform/").replace("/", ".")] = folder
    return found


# The law of schemas ---------------------------------------------------------------------------------------------------


def lives_in_public(folder: str) -> bool:
    """`tenants/` and any folder called `public/` live in the public schema."""
    return folder == "tenants" or folder.endswith("/public")


def test_every_app_of_ours_is_in_the_schema_its_folder_says() -> None:
    shared, business, _ = app_lists(plugin_configs())
    for app, folder in our_app_folders().items():
        if app in BOTH_SCHEMAS or app in WITHOUT_TABLES:
            continue
        if folder.startswith("plugins/"):
            continue
        assert (app in shared) == lives_in_public(folder), f"{app} lies in {folder}"
        assert (app in business) != lives_in_public(folder), f"{app} lies in {folder}"


def test_every_room_of_the_list_has_a_folder() -> None:
    ours = our_app_folders()
    assert [app for app in [*CORE_ROOMS, "tenants", "cms"] if app not in ours] == []


def test_the_public_schema_holds_nothing_else() -> None:
    assert set(settings.SHARED_APPS) == {*PUBLIC_APPS, *BOTH_SCHEMAS, *WITHOUT_TABLES}
    assert set(PUBLIC_APPS) - set(our_app_folders()) == {"django_tenants"}


def test_an_app_in_both_schemas_says_why() -> None:
    assert set(settings.SHARED_APPS) & set(settings.TENANT_APPS) == {*BOTH_SCHEMAS, *WITHOUT_TABLES}
    assert [app for app, reason in BOTH_SCHEMAS.items() if len(reason.split()) < 4] == []


def test_apps_without_tables_have_none() -> None:
    configs = {config.name: config for config in apps.get_app_configs()}
    listed = [configs[name] for name in WITHOUT_TABLES if name in configs]
    assert [str(model) for config in listed for model in config.get_models(include_auto_created=True)] == []


def test_every_plugin_has_its_tables_in_each_business() -> None:
    assert [path for path in settings.PLUGIN_CONFIGS if path not in settings.TENANT_APPS] == []


def _public_labels() -> set[str]:
    return {
        config.label
        for config in apps.get_app_configs()
        if config.name in PUBLIC_APPS or config.name.endswith(".public")
    }


def test_no_foreign_key_joins_public_and_a_business() -> None:
    public = _public_labels()
    crossing = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey | models.ManyToManyField) and not isinstance(field.related_model, str)
        if (model._meta.app_label in public) != (field.related_model._meta.app_label in public)
    ]
    assert crossing == [], "\n".join(crossing)


def test_public_tables_of_ours_are_named_with_their_schema() -> None:
    named = {model._meta.db_table for model in apps.get_app_config("tenants").get_models()}
    assert [table for table in named if not table.startswith('"public"."')] == []


def _our_models() -> Iterator[type[models.Model]]:
    for model in apps.get_models():
        if model.__module__.partition(".")[0] in ROOTS:
            yield model


def test_uniqueness_is_declared_as_a_named_constraint() -> None:
    """`unique=True` on text makes a second index for LIKE, a fifth of all indexes."""
    inherited = {"tenants.Business.schema_name", "tenants.Domain.domain"}  # they come with django-tenants' mixins
    unique = {
        f"{model._meta.label}.{field.name}"
        for model in _our_models()
        for field in model._meta.local_fields
        if isinstance(field, models.CharField) and field.unique and not field.primary_key
    }
    assert unique - inherited == set()


def test_no_model_is_ahead_of_its_migrations() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    detector = MigrationAutodetector(
        loader.project_state(), ProjectState.from_apps(apps), NonInteractiveMigrationQuestioner(dry_run=True)
    )
    ours = {config.label for config in apps.get_app_configs() if config.name.partition(".")[0] in ROOTS}
    changes = detector.changes(graph=loader.graph, trim_to_apps=ours)
    assert {label: [str(step.operations) for step in steps] for label, steps in changes.items() if label in ours} == {}


def test_no_table_belongs_to_two_models() -> None:
    """It would let one room's rows be another's."""
    tables = Counter(
        model._meta.db_table for model in apps.get_models(include_auto_created=True) if not model._meta.proxy
    )
    assert [table for table, count in tables.items() if count > 1] == []


# The arrows -----------------------------------------------------------------------------------------------------------


def _owner_of_reference(text: str) -> str | None:
    """Which of our packages a dotted path or a template's name speaks of."""
    head = re.split(r"[./:]", text, maxsplit=1)[0]
    return head if head in ROOTS and head != text else None


def _string_references(name: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree_of(name)):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if re.fullmatch(r"[a-z_]+([./:][A-Za-z_0-9-]+)+(\.html|\.txt)?", node.value):
            yield node.lineno, node.value


def test_string_references_keep_to_the_arrows() -> None:
    against = [
        f"{name}:{line}: {text}"
        for name in modules()
        if not name.startswith(FRAME)
        for line, text in _string_references(name)
        if (owner := _owner_of_reference(text)) and owner != package_of(name)
        if RANK[owner] >= RANK[package_of(name)]
    ]
    assert against == [], "\n".join(against)


TAG = re.compile(r"{%\s*(extends|include|url|load)\s+([^%]*?)%}")


def test_templates_keep_to_the_arrows() -> None:
    """A room's template extends, includes, loads and links only what stands lower; the rest comes through hooks."""
    against = []
    for name in templates():
        for tag, rest in TAG.findall(text_of(name)):
            for literal in re.findall(r"""["']([^"']+)["']""", rest) if tag != "load" else rest.split():
                owner = re.split(r"[/:._]", literal, maxsplit=1)[0]
                if owner in ROOTS and owner != package_of(name) and RANK[owner] >= RANK[package_of(name)]:
                    against.append(f"{name}: {tag} {literal}")
    assert against == [], "\n".join(against)


def test_every_template_lies_under_the_name_of_its_app() -> None:
    """`<app>/templates/<app>/…`: so that no room overrides another's page by accident."""
    shared = {"regulars", "cotton", "wagtailadmin", "account", "mfa", "allauth", "admin"}
    at_the_root = re.compile(r"\d{3}(_csrf)?\.html|robots\.txt")
    foreign = []
    for name in templates():
        inside = name.rpartition("/templates/")[2]
        app = name.partition("/templates/")[0].rpartition("/")[2]
        head = inside.partition("/")[0]
        if head != app and head not in shared and not at_the_root.fullmatch(inside):
            foreign.append(name)
    assert foreign == [], "\n".join(foreign)


def test_a_module_of_the_shelf_imports_only_what_is_promised() -> None:
    promised = {
        "hooks",
        "events",
        "plugins",
        "conditions",
        "money",
        "clock",
        "testing",
        "errors",
        "public_ids",
        "words",
    }
    beyond = []
    for name in below("plugins", ends=".py"):
        for node in ast.walk(tree_of(name)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("regulars."):
                parts = (node.module or "").split(".")
                if parts[1] not in promised and not {"services", "selectors"} & {*parts, *(a.name for a in node.names)}:
                    beyond.append(f"{name}:{node.lineno}: {node.module}")
    assert beyond == [], "\n".join(beyond)


# Files and names ------------------------------------------------------------------------------------------------------


def test_platform_is_no_package() -> None:
    """It would shadow the standard library's `platform`, and `uuid` with it."""
    assert not (ROOT / "platform" / "__init__.py").exists()


def test_tests_are_no_package() -> None:
    assert [name for name in below("tests", ends="__init__.py") if not name.startswith("tests/specimen/")] == []


def test_nothing_is_called_utils() -> None:
    parts = {
        name: {Path(part).stem for part in Path(name).parts}
        for name in [*modules(), *below("tests", "bench", ends=".py")]
    }
    assert [name for name, words in parts.items() if words & VAGUE] == []


def test_every_module_is_of_a_size_one_can_read() -> None:
    long = {name: text_of(name).count("\n") for name in modules() if text_of(name).count("\n") > LONGEST_MODULE}
    assert long == {}


def test_every_module_opens_by_saying_why_it_exists() -> None:
    silent = [name for name in modules() if tree_of(name).body and not ast.get_docstring(tree_of(name))]
    assert silent == [], "\n".join(silent)


def test_every_package_opens_by_saying_why_it_exists() -> None:
    silent = [
        name
        for name in modules()
        if name.endswith("/__init__.py") and not text_of(name).strip()
        if not re.search(r"/(management|commands|templatetags)/__init__\.py$", name)
    ]
    assert silent == [], "\n".join(silent)


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {str(Path(name).parent) for name in modules()}
    assert sorted(f for f in folders if not (ROOT / f / "__init__.py").exists()) == []


def test_only_the_named_rooms_stand_in_the_core() -> None:
    """A folder of the core is a room of the plan, or it is named in the plan first."""
    doors = {"api", "backoffice", "counter", "help", "portal"}
    rooms = {
        "access",
        "care",
        "catalogue",
        "insights",
        "ledger",
        "loyalty",
        "operations",
        "organisation",
        "outreach",
        "people",
        "sales",
    }
    frame = {"brand", "conditions", "config", "plugins", "testing", "locale", "static", "templates", "templatetags"}
    folders = {Path(name).parts[2] for name in below("platform/regulars") if len(Path(name).parts) > 3}
    assert folders - doors - rooms - frame == set()


# What code may not do -------------------------------------------------------------------------------------------------

CLOCKS = {("timezone", "now"), ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}
CLOCKS |= {("time", "time"), ("time", "time_ns")}
CLOCKS_WITHOUT_AN_INSTANT = {("timezone", "localdate"), ("timezone", "localtime")}
"""They only convert when they are given an instant, and read the time when they are not."""
THE_CLOCK = "platform/regulars/clock.py"


def _dotted(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Attribute):
        return [*_dotted(node.value), node.attr]
    return [node.id] if isinstance(node, ast.Name) else []


def _reads_the_time(node: ast.AST) -> bool:
    if isinstance(node, ast.keyword):
        return node.arg in {"auto_now", "auto_now_add"}
    if not isinstance(node, ast.Call):
        return False
    called = tuple(_dotted(node.func)[-2:])
    return called in CLOCKS or (called in CLOCKS_WITHOUT_AN_INSTANT and not node.args)


def test_time_is_read_from_the_clock_alone() -> None:
    read = [
        f"{name}: {ast.unparse(node)}"
        for name in modules()
        if name != THE_CLOCK
        for node in ast.walk(tree_of(name))
        if _reads_the_time(node)
    ]
    assert read == [], "\n".join(read)


MONEY_CODE = [
    "platform/regulars/money.py",
    "platform/regulars/ledger",
    "platform/regulars/sales",
    "platform/regulars/loyalty",
    "platform/regulars/catalogue",
]
MONEY_CODE += ["billing", "platform/regulars/counter"]


def test_money_code_holds_no_float() -> None:
    floats = []
    for name in modules():
        if not name.startswith(tuple(MONEY_CODE)):
            continue
        for node in ast.walk(tree_of(name)):
            is_literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
            is_call = isinstance(node, ast.Call) and _dotted(node.func)[-1:] in (["float"], ["FloatField"])
            is_division = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and not _is_path(node)
            if is_literal or is_call or is_division:
                floats.append(f"{name}:{node.lineno}: {ast.unparse(node)}")  # type: ignore[attr-defined]
    assert floats == [], "\n".join(floats)


def _is_path(node: ast.BinOp) -> bool:
    """`folder / "name"` is no division."""
    return any(
        isinstance(side, ast.Constant | ast.JoinedStr) and not _is_number(side) for side in (node.left, node.right)
    )


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


REGISTRY = re.compile(
    r'"resolved":\s*"http|^\s*(--index-url|--extra-index-url|--find-links|-i )[ =]?\S*(http|file:)'
    r'|registry\s*[=:]\s*"?http'
    r"|^source = \{ registry|index-url *= *\"?http|https?://[\w.-]*(pypi|npmjs|pythonhosted)\.",
    re.MULTILINE,
)
MACHINE = re.compile(r"(?<![\w.$~{}*])/(?:work|root|farm|Users|home/(?!regulars\b)[a-z]+)/[.\w-]+")


def test_no_file_carries_a_registrys_address_or_a_machines_path() -> None:
    found = []
    for name in project_files():
        if name == "tests/test_layout.py" or name.endswith((".svg", ".png")):
            continue
        for pattern in (REGISTRY, MACHINE):
            if match := pattern.search(text_of(name)):
                line = text_of(name).count("\n", 0, match.start()) + 1
                found.append(f"{name}:{line}: {match.group(0).strip()}")
    assert found == [], "\n".join(found)


# Settings and requirements --------------------------------------------------------------------------------------------


def settings_read() -> set[str]:
    """The names of all environment variables that the settings, the processes and the containers read."""
    read = set()
    for name in modules():
        for node in ast.walk(tree_of(name)):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            called = _dotted(node.func)
            is_setting = name == f"{FRAME}settings.py" and called[:1] == ["env"] and len(called) == 2
            if is_setting or called in (["os", "environ", "get"], ["os", "getenv"]):
                read.add(str(node.args[0].value))
    for name in ("docker/compose.yaml", "docker/entrypoint.sh"):
        read |= set(re.findall(r"\${([A-Z_]+)", text_of(name)))
    return read


def settings_documented() -> dict[str, str]:
    """The names in `.env.example`, each with the words above it."""
    found: dict[str, str] = {}
    words: list[str] = []
    for line in text_of(".env.example").splitlines():
        if match := re.fullmatch(r"#?([A-Z][A-Z_]+)=.*", line):
            found[match.group(1)] = " ".join(words)
            words = []
        elif line.startswith("# ") and not line.startswith("# ---"):
            words.append(line.removeprefix("# "))
        else:
            words = []
    return found


@pytest.mark.clause("2.1")
def test_every_setting_is_in_the_example_and_nothing_else_is() -> None:
    assert settings_read() == set(settings_documented())


@pytest.mark.clause("2.1")
def test_every_setting_is_told_in_words() -> None:
    assert [name for name, words in settings_documented().items() if len(words.split()) < 4] == []


@pytest.mark.clause("2.1")
def test_every_requirement_is_locked_with_a_hash() -> None:
    wanted = {
        re.split(r"[\[<>=~!; ]", line, maxsplit=1)[0].lower().replace("_", "-")
        for name in ("requirements.in", "requirements-dev.in")
        for line in text_of(name).splitlines()
        if line and not line.startswith(("#", "-"))
    }
    locked = re.findall(r"^([a-z0-9.-]+)==\S+.*\n +--hash=sha256:", text_of("requirements.lock"), re.MULTILINE)
    assert wanted - set(locked) == set()
    assert len(locked) == len(re.findall(r"^\S+==", text_of("requirements.lock"), re.MULTILINE))


@pytest.mark.clause("2.1")
def test_every_target_of_make_has_a_line_of_help() -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    helped = set(re.findall(r"^([a-z]+):.*## \S", text_of("Makefile"), re.MULTILINE))
    assert targets == helped
    assert {"demo", "test", "browser", "lint", "types", "bench", "storm", "assets", "lock", "capabilities"} <= helped


def test_every_test_marker_is_registered() -> None:
    registered = tomllib.loads(text_of("pyproject.toml"))["tool"]["pytest"]["ini_options"]["markers"]
    assert {re.split(r"[(:]", words)[0] for words in registered} >= {
        "capability",
        "clause",
        "browser",
        "sample",
        "storm",
    }
