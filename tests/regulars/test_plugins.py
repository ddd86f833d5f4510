"""The gate: what a business has not switched on does not exist there, and a broken module takes nobody down."""

from __future__ import annotations

import logging
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import Resolver404, resolve

from regulars import hooks, plugins
from regulars.errors import NotFound
from regulars.operations.models import OutboxEvent, TrailEntry
from regulars.organisation.models import EnabledPlugin
from regulars.plugins import gate, loading, registration, switch

pytestmark = [pytest.mark.clause("2.4"), pytest.mark.capability(153), pytest.mark.capability(154)]

PAGE = "/modules/specimen/"
ROUTE = "/api/v1/modules/specimen/promises"
URLCONF = "regulars.config.urls_business"


@pytest.fixture
def on(business: Any) -> Any:
    """The specimen is on in the business the test works in."""
    return switch.switch_on(name="specimen", by="Lin Owner")


@pytest.fixture
def closing(on: Any) -> Any:
    """The specimen is closing there."""
    return switch.close(name="specimen", by="Lin Owner")


def is_address(path: str) -> bool:
    """Whether the address is one of a module's here."""
    try:
        match = resolve(path, urlconf=URLCONF)
    except Resolver404:
        return False
    return match.func.__module__.startswith(("specimen.", "ninja."))


def menu_labels(door: hooks.Door = "backoffice") -> list[str]:
    """What stands in a menu because of modules."""
    items = plugins.ask(hooks.menu_items, door=door, staff=None, member=None)
    return [str(item.label) for item in items if str(item.url).startswith("/modules/")]


def remembered(kind: str) -> int:
    """How many notes of a kind the specimen has written here."""
    from specimen.models import Note

    return int(Note.objects.filter(kind=kind).count())


def answers_here() -> dict[str, bool]:
    """Each kind of door to the specimen, and whether it is open in this business."""
    from specimen.tasks import sweep

    try:
        sweep()
        task = True
    except plugins.ModuleIsOff:
        task = False
    return {
        "address": is_address(PAGE),
        "route": is_address(ROUTE),
        "menu": menu_labels() == ["Specimen"],
        "sells": bool(plugins.ask(hooks.checklist_steps)),
        "honours": bool(plugins.ask(hooks.payment_sources, draft=SimpleNamespace())),
        "task": task,
        "hears": "specimen" in plugins.listeners("sale_posted"),
    }


ALL = dict.fromkeys(["address", "route", "menu", "sells", "honours", "task", "hears"], True)
NOTHING = dict.fromkeys(ALL, False)


# Installed and refused ------------------------------------------------------------------------------------------------


def test_the_specimen_is_installed_as_a_wheel_and_refuses_nothing() -> None:
    config = plugins.installed()["specimen"]
    assert "regulars-specimen-" in str(config.path)
    assert "/tests/" not in str(config.path)
    assert plugins.refused() == []


# States ---------------------------------------------------------------------------------------------------------------


def test_a_module_that_nobody_switched_on_is_not_there(business: Any) -> None:
    assert plugins.state_of("specimen") == "off"
    assert answers_here() == NOTHING
    assert remembered("swept") == 0


def test_a_module_that_is_on_answers_everywhere(on: Any) -> None:
    assert answers_here() == ALL
    assert remembered("swept") == 1


def test_a_closing_module_honours_what_members_own_and_sells_nothing(closing: Any) -> None:
    assert answers_here() == {**ALL, "sells": False}
    with pytest.raises(plugins.ModuleIsOff):
        plugins.require_on("specimen")


def test_on_closing_off_and_on_again_leaves_nothing_wrong(business: Any) -> None:
    from specimen.services import remember

    seen = []
    for act in (switch.switch_on, switch.close, switch.switch_off, switch.switch_on):
        seen.append(act(name="specimen", by="Lin Owner").state)
        if seen == ["on"]:
            remember(kind="kept")
    assert seen == ["on", "closing", "off", "on"]
    assert answers_here() == ALL
    assert remembered("kept") == 1
    assert EnabledPlugin.objects.filter(name="specimen").count() == 1


def test_a_closing_module_can_be_switched_back_on(closing: Any) -> None:
    switch.switch_on(name="specimen", by="Lin Owner")
    assert plugins.state_of("specimen") == "on"


def test_a_switch_says_who_and_when_and_is_announced(business: Any) -> None:
    row = switch.switch_on(name="specimen", by="Lin Owner")
    assert (row.state, row.changed_by) == ("on", "Lin Owner")
    entry = TrailEntry.objects.get(subject="specimen")
    assert (entry.act, entry.actor) == ("module_on", "Lin Owner")
    assert (entry.before, entry.after) == ({"state": "off"}, {"state": "on"})
    fact = OutboxEvent.objects.get(name="plugin_state_changed")
    assert {key: fact.payload[key] for key in ("plugin", "previous", "current")} == {
        "plugin": "specimen",
        "previous": "off",
        "current": "on",
    }


@pytest.mark.parametrize(
    ("before", "act", "said"),
    [
        ([], switch.close, "is not on, so there is nothing to close"),
        ([], switch.switch_off, "is off already"),
        ([switch.switch_on], switch.switch_on, "is on already"),
        ([switch.switch_on], switch.switch_off, "Set it to closing first"),
        ([switch.switch_on, switch.close], switch.close, "is not on, so there is nothing to close"),
    ],
)
def test_a_step_that_is_not_possible_is_refused_in_words(
    business: Any, before: list[Callable[..., Any]], act: Callable[..., Any], said: str
) -> None:
    for step in before:
        step(name="specimen", by="Lin Owner")
    state, entries = plugins.state_of("specimen"), TrailEntry.objects.count()
    with pytest.raises(switch.CannotSwitch, match=said):
        act(name="specimen", by="Lin Owner")
    assert (plugins.state_of("specimen"), TrailEntry.objects.count()) == (state, entries)


def test_a_module_that_owes_something_stays_closing(on: Any, member: Any) -> None:
    from specimen.services import keep_promises, promise

    promise(member=member.public_id)
    switch.close(name="specimen", by="Lin Owner")
    with pytest.raises(switch.CannotSwitch, match="Members can still claim from “specimen”: Promises: 1"):
        switch.switch_off(name="specimen", by="Lin Owner")
    assert plugins.state_of("specimen") == "closing"
    keep_promises()
    switch.switch_off(name="specimen", by="Lin Owner")
    assert plugins.state_of("specimen") == "off"


def test_an_unknown_module_is_refused_with_those_that_exist(business: Any) -> None:
    with pytest.raises(NotFound, match=r"There is no module “loyalty-9000”. Installed: referral, specimen"):
        switch.switch_on(name="loyalty-9000", by="Lin Owner")


@pytest.fixture
def two_modules(business: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the specimen there is a module that needs it."""
    modules = {
        "specimen": SimpleNamespace(label="specimen", requires=()),
        "jar": SimpleNamespace(label="jar", requires=("specimen",)),
    }
    monkeypatch.setattr(loading, "installed", lambda: modules)


def test_a_module_goes_on_only_after_what_it_needs(two_modules: None) -> None:
    with pytest.raises(switch.CannotSwitch, match=r"The module “jar” needs “specimen”. Switch that on first"):
        switch.switch_on(name="jar", by="Lin Owner")
    switch.switch_on(name="specimen", by="Lin Owner")
    assert switch.switch_on(name="jar", by="Lin Owner").state == "on"


def test_a_module_that_is_needed_does_not_close_before_who_needs_it(two_modules: None) -> None:
    for name in ("specimen", "jar"):
        switch.switch_on(name=name, by="Lin Owner")
    with pytest.raises(switch.CannotSwitch, match=r"is needed by “jar”. Close that first"):
        switch.close(name="specimen", by="Lin Owner")
    switch.close(name="jar", by="Lin Owner")
    switch.close(name="specimen", by="Lin Owner")
    with pytest.raises(switch.CannotSwitch, match="is needed by “jar”"):
        switch.switch_off(name="specimen", by="Lin Owner")


# One business and another ---------------------------------------------------------------------------------------------


def test_on_at_one_off_at_another_closing_at_a_third(open_business: Callable[..., Any]) -> None:
    from tenants.context import business_context

    one, other, third = open_business(), open_business(), open_business()
    for business, acts in ((one, [switch.switch_on]), (third, [switch.switch_on, switch.close])):
        with business_context(business):
            for act in acts:
                act(name="specimen", by="Olga Owner")
    expected = {one: ALL, other: NOTHING, third: {**ALL, "sells": False}}
    for _twice in range(2):
        for business, answers in expected.items():
            with business_context(business):
                assert answers_here() == answers


def test_in_public_only_the_house_answers(on: Any) -> None:
    from tenants.context import public_context

    assert menu_labels() == ["Specimen"]
    with public_context():
        assert plugins.state_of("specimen") == "off"
        assert menu_labels() == []


# Pages, routes --------------------------------------------------------------------------------------------------------


def test_a_page_of_a_module_that_is_off_is_like_any_unknown_address(
    business: Any, owner: Any, client_for: Callable[..., Any]
) -> None:
    client = client_for(business, owner.user)
    unknown = client.get("/modules/nothing-of-the-kind/", follow=True)
    page = client.get(PAGE, follow=True)
    assert (page.status_code, unknown.status_code) == (404, 404)
    assert [url.replace("specimen", "nothing-of-the-kind") for url, _status in page.redirect_chain] == [
        url for url, _status in unknown.redirect_chain
    ]


def test_a_page_of_a_module_that_is_on_is_served(on: Any, business: Any, client_for: Callable[..., Any]) -> None:
    answer = client_for(business).get(PAGE)
    assert (answer.status_code, answer.content.decode()) == (200, "Promises: 0")


def test_a_module_speaks_the_language_of_who_asks(on: Any, business: Any, client_for: Callable[..., Any]) -> None:
    assert client_for(business, language="zh-hans").get(PAGE).content.decode() == "承诺: 0"


def test_a_closing_module_refuses_a_new_promise_in_words(
    closing: Any, business: Any, member: Any, client_for: Callable[..., Any]
) -> None:
    from tenants.context import business_context

    client = client_for(business)
    answer = client.post(f"{PAGE}promises/", {"member": member.public_id})
    assert answer.status_code == 409
    assert "takes on nothing new" in answer.content.decode()
    with business_context(business):
        assert remembered("promise") == 0


# Asking ---------------------------------------------------------------------------------------------------------------


def test_a_warm_page_asks_the_database_nothing_about_modules(
    business: Any, django_assert_num_queries: Callable[..., Any]
) -> None:
    EnabledPlugin.objects.create(name="specimen", state="on", changed_at="2026-06-15T04:00:00Z")
    assert menu_labels() == ["Specimen"]
    with django_assert_num_queries(0):
        assert menu_labels() == ["Specimen"]
        assert is_address(PAGE)
        assert plugins.is_on("specimen")


def test_a_switch_that_is_rolled_back_was_never_seen_by_others(business: Any) -> None:
    assert plugins.state_of("specimen") == "off"
    with transaction.atomic():
        switch.switch_on(name="specimen", by="Lin Owner")
        assert plugins.state_of("specimen") == "on"
        assert cache.get(gate.CACHE_KEY) == {}
        transaction.set_rollback(True)
    assert plugins.state_of("specimen") == "off"


def test_a_switch_is_seen_at_once_after_commit(business: Any, django_capture_on_commit_callbacks: Any) -> None:
    assert plugins.state_of("specimen") == "off"
    with django_capture_on_commit_callbacks(execute=True):
        switch.switch_on(name="specimen", by="Lin Owner")
    assert cache.get(gate.CACHE_KEY) is None
    assert plugins.state_of("specimen") == "on"


def test_a_question_that_fails_surfaces_and_names_the_module(on: Any) -> None:
    with pytest.raises(AttributeError) as raised:
        plugins.ask(hooks.quote_price, draft=None)  # type: ignore[arg-type]
    assert raised.value.__notes__ == ["while module specimen answered quote_price"]


def test_a_tile_that_fails_is_left_out_and_the_log_names_the_module(on: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert plugins.ask(hooks.wallet_tiles, member=None) == []  # type: ignore[arg-type]
    (line,) = [str(record.msg) for record in caplog.records if "answer_left_out" in str(record.msg)]
    assert "'specimen'" in line
    assert "wallet_tiles" in line


def test_an_answer_that_is_no_list_fails_in_its_modules_name(on: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "_callers", lambda hook: (("specimen", lambda **arguments: 7),))
    with pytest.raises(TypeError) as raised:
        plugins.ask(hooks.payment_sources, draft=SimpleNamespace())  # type: ignore[arg-type]
    assert raised.value.__notes__ == ["while module specimen answered payment_sources"]


def test_the_house_is_asked_before_the_modules(on: Any) -> None:
    names = [name for name, _plugin in loading.manager().list_name_plugin()]
    house = [name for name in names if name in loading.house()]
    modules = [name for name in names if name not in house]
    assert names == [*modules, *house]
    assert {"specimen", "specimen:navigation"} <= set(modules)
    asked = gate._implementers("menu_items")
    assert [name for name in asked if name in house] == asked[: -len([n for n in asked if n in modules])]


def test_a_worker_drops_a_task_whose_module_is_off(business: Any, caplog: pytest.LogCaptureFixture) -> None:
    from specimen.tasks import sweep

    with caplog.at_level(logging.WARNING):
        outcome = sweep.apply()
    assert outcome.state == "IGNORED"
    assert remembered("swept") == 0
    assert any("task_refused" in str(record.msg) for record in caplog.records)


# What may not be registered -------------------------------------------------------------------------------------------


def answering(**functions: Callable[..., Any]) -> Any:
    """A module that answers with these functions."""
    return SimpleNamespace(**{name: hooks.hookimpl(function) for name, function in functions.items()})


def test_an_answer_of_the_house_is_not_for_modules() -> None:
    with pytest.raises(registration.CannotRegister) as raised:
        registration.check_answers(answering(site_address=lambda path: "https://elsewhere.example"))
    assert "site_address, which only the house itself answers" in str(raised.value.reason)


def test_a_module_may_not_wrap_the_answers_of_others() -> None:
    def quote_price(draft: Any) -> Any:
        return (yield)

    wrapping = SimpleNamespace(quote_price=hooks.hookimpl(wrapper=True)(quote_price))
    with pytest.raises(registration.CannotRegister) as raised:
        registration.check_answers(wrapping)
    assert "wraps the answers of others to quote_price" in str(raised.value.reason)


# The command ----------------------------------------------------------------------------------------------------------


def test_the_command_lists_modules_with_their_state(on: Any, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("plugin", "list", business="teahouse")
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines == [["referral", "off", "Referral"], ["specimen", "on", "Specimen"]]


def test_the_command_switches_a_module(business: Any, capsys: pytest.CaptureFixture[str]) -> None:
    for act in ("on", "closing", "off"):
        call_command("plugin", act, "specimen", business="teahouse")
    assert capsys.readouterr().out.splitlines() == ["specimen: on", "specimen: closing", "specimen: off"]
    assert TrailEntry.objects.filter(subject="specimen", actor__startswith="operator ").count() == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("on", "specimen"), "Say which module and which business"),
        (("on", "--business", "teahouse"), "Say which module and which business"),
        (("on", "specimen", "--business", "nobody"), "There is no open business with the address “nobody”"),
        (("on", "nothing", "--business", "teahouse"), "There is no module “nothing”"),
        (("off", "specimen", "--business", "teahouse"), "is off already"),
    ],
)
def test_the_command_refuses_in_words(business: Any, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("plugin", *arguments)
