"""The contract itself: every hook is typed, documented, answered by the specimen and asked here, with what it says."""

from __future__ import annotations

import datetime as dt
import inspect
import re
import typing
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from regulars import events, hooks, plugins
from regulars.plugins import loading, registration, switch

pytestmark = [pytest.mark.clause("2.4"), pytest.mark.capability(153)]

PAGE = (Path(__file__).parents[2] / "docs" / "plugins.md").read_text()
SPECS: dict[str, Any] = {name: spec for name, spec in vars(hooks).items() if hasattr(spec, "regulars_spec")}
HOUSE = [name for name, spec in SPECS.items() if hooks.asked_of(spec).reach == "house"]
FOR_MODULES = [name for name in SPECS if name not in HOUSE]
SECTIONS = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^##|\Z)", PAGE, flags=re.MULTILINE | re.DOTALL))

INSTANT = dt.datetime(2026, 6, 15, 4, 0, tzinfo=dt.UTC)
STAMP = hooks.Credit(asset="stamps", amount=1, reason="stamp")


def basket(*lines: str, list_total: int = 2500) -> Any:
    """A draft as far as the specimen looks at it."""
    return SimpleNamespace(lines=[SimpleNamespace(description=line) for line in lines], list_total=list_total)


def words(answer: Any) -> str:
    """An answer as its reader sees it."""
    return str(answer.label)


# Each hook for modules, asked: the arguments (given a member) and what the specimen's answer must be.
ASKED: dict[str, tuple[Callable[[Any], dict[str, Any]], Callable[[list[Any]], Any], Any]] = {
    "menu_items": (
        lambda member: {"door": "counter", "staff": None, "member": member},
        lambda answers: [(words(item), str(item.url)) for item in answers],
        [("Specimen", "/modules/specimen/")],
    ),
    "quote_price": (
        lambda member: {"draft": basket("tea")},
        lambda answers: [(each.amount, str(each.reason)) for each in answers],
        [(-100, "Specimen day")],
    ),
    "validate_sale": (
        lambda member: {"draft": basket("tea", "not for sale")},
        lambda answers: [(each.field, str(each.reason)) for each in answers],
        [("description", "This is not for sale.")],
    ),
    "payment_sources": (
        lambda member: {"draft": basket("tea")},
        lambda answers: [(each.code, each.largest) for each in answers],
        [("stamps", 5000), ("stamp_link", None)],
    ),
    "payment_prompts": (
        lambda member: {
            "wanted": hooks.PaymentWanted(
                hold="soh_1", source="stamp_link", amount=2500, currency="CNY", ends_at=INSTANT
            )
        },
        lambda answers: [(each.link, each.reference) for each in answers],
        [("https://stamps.example/soh_1", "stamp-soh_1")],
    ),
    "introduction_fields": (
        lambda member: {},
        lambda answers: [words(each) for each in answers],
        ["Word of the specimen"],
    ),
    "introductions": (
        lambda member: {"word": "stamp"},
        lambda answers: [words(each) for each in answers],
        ["A stamp for you"],
    ),
    "sale_contributions": (
        lambda member: {"draft": basket("tea", "cake")},
        lambda answers: answers,
        [hooks.SaleContribution(plugin="specimen", credits=(STAMP,), remembered={"lines": 2})],
    ),
    "points_triggers": (
        lambda member: {},
        lambda answers: [(each.code, words(each)) for each in answers],
        [("specimen:kept", "Promise kept")],
    ),
    "ledger_assets": (lambda member: {}, lambda answers: [each.code for each in answers], ["stamps"]),
    "tier_measures": (
        lambda member: {},
        lambda answers: [each.code for each in answers],
        ["specimen_promises"],
    ),
    "message_templates": (
        lambda member: {},
        lambda answers: [
            (each.kind, each.purpose, sorted(each.words)) for each in answers if each.kind.startswith("specimen")
        ],
        [("specimen_full", "service", ["en", "zh-hans"])],
    ),
    "condition_fields": (
        lambda member: {},
        lambda answers: [(each.code, each.kind) for each in answers],
        [("specimen.promises", "number")],
    ),
    "wallet_tiles": (
        lambda member: {"member": member},
        lambda answers: [(words(tile), tile.value) for tile in answers],
        [("Promised", "1")],
    ),
    "checklist_steps": (
        lambda member: {},
        lambda answers: [(step.code, step.done) for step in answers if step.code == "specimen"],
        [("specimen", True)],
    ),
    "needs_you": (
        lambda member: {"staff": None},
        lambda answers: [(words(each), each.count) for each in answers if each.order == 600],
        [("Promises to keep", 1)],
    ),
    "member_export": (
        lambda member: {"member": member},
        lambda answers: [part["kind"] for part in answers if part.get("module") == "specimen"],
        ["promise"],
    ),
    "member_erase": (lambda member: {"member": member}, lambda answers: answers, []),
    "due_work": (
        lambda member: {"now": INSTANT, "limit": 10},
        lambda answers: answers,
        [INSTANT + dt.timedelta(days=1)],
    ),
    "what_is_owed": (
        lambda member: {},
        lambda answers: [(words(owed), owed.amount) for owed in answers],
        [("Promises", "1")],
    ),
}

FACTS: dict[str, events.Event] = {
    "member_joined": events.MemberJoined(event_id="evt_1", occurred_at=INSTANT, member="mem_1", source="site"),
    "sale_posted": events.SalePosted(
        event_id="evt_2",
        occurred_at=INSTANT,
        sale="sal_1",
        member=None,
        branch="brn_1",
        total=2500,
        currency="CNY",
        points_earned=0,
        business_date=dt.date(2026, 6, 15),
    ),
    "sale_refunded": events.SaleRefunded(
        event_id="evt_3",
        occurred_at=INSTANT,
        sale="sal_1",
        refund="ref_1",
        member="mem_1",
        amount=500,
        refunded_total=500,
        points_taken_back=5,
    ),
    "payment_came_too_late": events.PaymentCameTooLate(
        event_id="evt_10",
        occurred_at=INSTANT,
        hold="soh_1",
        source="stamp_link",
        amount=2500,
        currency="CNY",
        reference="stamp-soh_1",
    ),
    "points_credited": events.PointsCredited(
        event_id="evt_4", occurred_at=INSTANT, member="mem_1", points=25, balance=30, reason="sale"
    ),
    "tier_changed": events.TierChanged(
        event_id="evt_5", occurred_at=INSTANT, member="mem_1", previous=None, current="gold"
    ),
    "benefit_used": events.BenefitUsed(
        event_id="evt_7",
        occurred_at=INSTANT,
        member="mem_1",
        benefit="late-checkout",
        tier="gold",
        use="use_1",
        branch="brn_1",
    ),
    "reward_redeemed": events.RewardRedeemed(
        event_id="evt_8", occurred_at=INSTANT, member="mem_1", reward="rew_1", redemption="rdm_1", points=100
    ),
    "redemption_moved": events.RedemptionMoved(
        event_id="evt_9",
        occurred_at=INSTANT,
        member="mem_1",
        reward="rew_1",
        redemption="rdm_1",
        state="handed_over",
        branch="brn_1",
    ),
    "plugin_state_changed": events.PluginStateChanged(
        event_id="evt_6", occurred_at=INSTANT, plugin="specimen", previous="off", current="on"
    ),
}


@pytest.fixture
def promised(member: Any) -> Any:
    """A member to whom the specimen, which is on, has promised something."""
    from specimen.services import promise

    switch.switch_on(name="specimen", by="Lin Owner")
    promise(member=member.public_id)
    return member


# The page of the contract ---------------------------------------------------------------------------------------------


def test_there_are_hooks_of_every_kind() -> None:
    assert set(FOR_MODULES) == set(ASKED) | set(FACTS)
    assert set(events.FACTS) == set(FACTS)
    assert set(HOUSE) == {
        "chain_head",
        "chain_sealed",
        "practice_page",
        "settings_changed",
        "site_address",
        "trial_days_left",
        "work_waiting",
    }


@pytest.mark.parametrize("name", SPECS)
def test_a_hook_is_typed(name: str) -> None:
    signature = inspect.signature(SPECS[name])
    assert signature.return_annotation is not inspect.Signature.empty
    for parameter in signature.parameters.values():
        assert parameter.annotation is not inspect.Parameter.empty, parameter.name
        assert "Any" not in str(parameter.annotation)


@pytest.mark.parametrize("name", SPECS)
def test_a_hook_says_whom_it_reaches_and_what_it_is_for(name: str) -> None:
    assert hooks.asked_of(SPECS[name]).reach in typing.get_args(hooks.Reach)
    said = inspect.getdoc(SPECS[name]) or ""
    assert len(said) > 30
    assert said.rstrip().endswith(".")


@pytest.mark.parametrize("name", events.FACTS)
def test_a_fact_is_heard_under_its_own_name_and_kind(name: str) -> None:
    (parameter,) = inspect.signature(SPECS[name]).parameters.values()
    assert (parameter.name, parameter.annotation) == ("event", f"events.{events.FACTS[name].__name__}")


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_is_the_same_after_its_journey_through_the_outbox(name: str) -> None:
    assert events.from_payload(name, events.to_payload(FACTS[name])) == FACTS[name]


# Answered and asked ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FOR_MODULES)
def test_the_specimen_answers_every_hook_for_modules(name: str) -> None:
    answering = [each.plugin_name for each in getattr(loading.manager().hook, name).get_hookimpls()]
    assert "specimen" in answering


@pytest.mark.parametrize("name", HOUSE)
def test_the_house_answers_its_own_hooks(name: str) -> None:
    answering = [each.plugin_name for each in getattr(loading.manager().hook, name).get_hookimpls()]
    assert set(answering) <= set(loading.house())
    assert answering


@pytest.mark.parametrize("name", ASKED)
def test_a_module_that_is_on_is_asked(promised: Any, name: str) -> None:
    arguments, seen, expected = ASKED[name]
    assert seen(plugins.ask(SPECS[name], **arguments(promised))) == expected


@pytest.mark.parametrize("name", ASKED)
def test_a_module_that_is_closing_or_off_is_asked_only_what_the_hook_says(promised: Any, name: str) -> None:
    from specimen.services import keep_promises

    arguments, seen, expected = ASKED[name]
    reach, nothing = hooks.asked_of(SPECS[name]).reach, seen([])
    switch.close(name="specimen", by="Lin Owner")
    closing = seen(plugins.ask(SPECS[name], **arguments(promised)))
    assert closing == (nothing if reach == "on" else expected)
    keep_promises()
    switch.switch_off(name="specimen", by="Lin Owner")
    off = seen(plugins.ask(SPECS[name], **arguments(promised)))
    assert bool(off) == (reach == "installed" and name not in {"member_export", "member_erase"})


def test_a_module_that_is_off_still_exports_and_erases_what_it_keeps(business: Any, member: Any) -> None:
    from specimen.models import Note
    from specimen.services import remember

    remember(kind="kept", about="evt_9", member=member.public_id)
    exported = plugins.ask(hooks.member_export, member=member)
    assert [part["kind"] for part in exported if part.get("module") == "specimen"] == ["kept"]
    assert plugins.ask(hooks.member_erase, member=member) == []
    assert not Note.objects.filter(member=member.public_id).exists()


@pytest.mark.parametrize("name", FACTS)
def test_a_module_that_is_on_or_closing_hears_every_fact(promised: Any, name: str) -> None:
    from specimen.models import Note

    switch.close(name="specimen", by="Lin Owner")
    assert "specimen" in plugins.listeners(name)
    plugins.tell("specimen", FACTS[name])
    assert Note.objects.filter(kind=name, about=FACTS[name].event_id).count() == 1


# The page for authors -------------------------------------------------------------------------------------------------


def samples(text: str) -> list[str]:
    """The Python samples of a part of the page."""
    return re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)


def test_the_page_describes_every_hook_and_no_other() -> None:
    assert set(SECTIONS) == set(SPECS)


@pytest.mark.parametrize("name", SPECS)
def test_the_sample_of_a_hook_keeps_to_the_contract(name: str) -> None:
    (sample,) = samples(SECTIONS[name])
    space: dict[str, Any] = {"__name__": "sample"}
    exec(compile(sample, f"docs/plugins.md {name}", "exec"), space)
    if name in HOUSE:
        assert name in sample
        return
    registration.check_answers(SimpleNamespace(**{name: space[name]}))
    arguments = {each: SimpleNamespace() for each in inspect.signature(space[name]).parameters}
    if name in FACTS:
        arguments = {"event": FACTS[name]}
    elif "draft" in arguments:
        arguments = {"draft": SimpleNamespace(lines=["tea"] * 101, list_total=2500, member=object())}
    elif "wanted" in arguments:
        arguments = {"wanted": SimpleNamespace(source="stamp_link", hold="soh_1")}
    elif "word" in arguments:
        arguments["word"] = "stamps-2026"
    elif "now" in arguments:
        arguments |= {"now": INSTANT, "limit": 10}
    elif "door" in arguments:
        arguments |= {"door": "portal"}
    answer = space[name](**arguments)
    assert answer is None if name in FACTS else len(answer) == 1


def test_every_other_sample_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = PAGE[: PAGE.index("## Questions and vetoes")]
    found = samples(before)
    assert len(found) == 7
    for number, sample in enumerate(found):
        name = f"stamps_sample_{number}"
        (tmp_path / f"{name}.py").write_text(sample)
        monkeypatch.syspath_prepend(tmp_path)
        module = __import__(name)
        if hasattr(module, "StampsConfig"):
            config = module.StampsConfig("stamps", SimpleNamespace(__path__=[str(tmp_path)], __name__="stamps"))
            assert (config.label, config.settings().stamps_a_card) == ("stamps", 10)
            loading._check_bounds(config)
            loading._check_settings(config)


def test_a_sample_that_breaks_the_contract_would_be_seen() -> None:
    space: dict[str, Any] = {}
    exec("from regulars.hooks import hookimpl\n@hookimpl\ndef quote_price(cart):\n    return []\n", space)
    with pytest.raises(registration.CannotRegister):
        registration.check_answers(SimpleNamespace(quote_price=space["quote_price"]))
