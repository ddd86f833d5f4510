"""What a business sets about a module: declared once, checked in words, kept for one business, read from a cache."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from specimen.apps import SpecimenSettings

from plugins.referral.apps import ReferralSettings
from regulars import plugins
from regulars.errors import InvalidInput, NotFound
from regulars.operations.models import TrailEntry
from regulars.organisation.models import EnabledPlugin
from regulars.plugins import registration, setting
from regulars.plugins.settings import Setting, declared

pytestmark = [pytest.mark.clause("3.7"), pytest.mark.capability(154)]


def config(kind: Any, **more: Any) -> Any:
    """A module's declaration as far as it is looked at."""
    values = {"settings": kind, "adds": (), "picture": "", "permissions": ()}
    return SimpleNamespace(**{**values, **more})


def change(**values: object) -> dict[str, Any]:
    """The owner sets something about the specimen."""
    return plugins.change_settings(name="specimen", values=values, by="Lin Owner")


# Declared -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Everything:
    """One of each kind."""

    plain: int = 3
    amount: int = setting(500, label="Amount", unit="money", least=100, most=1000)
    is_loud: bool = setting(False, label="Loud")
    shape: str = setting("round", label="Shape", choices=[("round", "Round"), ("square", "Square")])


def test_a_field_says_its_words_its_bounds_and_its_answers() -> None:
    assert declared(config(Everything)) == [
        Setting(name="plain", kind=int, default=3, label="Plain"),
        Setting(name="amount", kind=int, default=500, label="Amount", unit="money", least=100, most=1000),
        Setting(name="is_loud", kind=bool, default=False, label="Loud"),
        Setting(
            name="shape", kind=str, default="round", label="Shape", choices=(("round", "Round"), ("square", "Square"))
        ),
    ]
    assert Everything().amount == 500


@dataclass(frozen=True)
class OddKind:
    ratio: float = 0.5


@dataclass(frozen=True)
class OddDefault:
    days: int = setting(0, label="Days", least=1)


@dataclass(frozen=True)
class OddFactory:
    names: list[str] = field(default_factory=list)


@pytest.mark.parametrize(
    ("declaration", "said"),
    [
        (config(OddKind), "the setting ratio is neither int, bool nor str"),
        (config(OddDefault), "the default of the setting days is not allowed"),
        (config(OddFactory), "the setting names is neither int, bool nor str"),
        (config(None, adds=(("cellar", "A barrel"),)), "What it adds must name where"),
        (config(None, picture="stamps/picture.png"), "must be an SVG"),
        (config(None, permissions=(("view", "See"),)), "a code, its words and the roles"),
        (config(None, permissions=(("See it", "See", ()),)), "a code, its words and the roles"),
    ],
)
def test_an_odd_declaration_is_refused_in_words(declaration: Any, said: str) -> None:
    with pytest.raises(registration.CannotRegister) as raised:
        registration.check_declaration(declaration)
    assert said in str(raised.value.reason)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("amount", 99, "from 100 to 1000"),
        ("amount", "500", "Enter a whole number"),
        ("amount", True, "Enter a whole number"),
        ("is_loud", 1, "Answer yes or no"),
        ("shape", "oval", "Choose one of the answers"),
        ("shape", "round\n", "Enter one line"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_in_words(name: str, value: object, said: str) -> None:
    (each,) = [each for each in declared(config(Everything)) if each.name == name]
    with pytest.raises(InvalidInput, match=said) as raised:
        each.clean(value)
    assert raised.value.field == name


# Kept -----------------------------------------------------------------------------------------------------------------


def test_what_nobody_set_is_the_default(business: Any) -> None:
    assert plugins.settings_of("specimen") == SpecimenSettings()
    assert plugins.settings_of(SpecimenSettings) == SpecimenSettings(stamps_a_sale=1, discount=100)


def test_what_is_set_holds_and_stands_in_the_trail(business: Any) -> None:
    assert change(stamps_a_sale=2, discount=100) == {"stamps_a_sale": 2}
    assert plugins.settings_of(SpecimenSettings).stamps_a_sale == 2
    entry = TrailEntry.objects.get(act="module_settings_changed")
    assert (entry.actor, entry.subject) == ("Lin Owner", "specimen")
    assert entry.detail == {"before": {"stamps_a_sale": 1}, "after": {"stamps_a_sale": 2}}


def test_setting_the_same_again_says_nothing(business: Any) -> None:
    assert change(stamps_a_sale=1) == {}
    assert not TrailEntry.objects.filter(act="module_settings_changed").exists()


def test_setting_switches_nothing(business: Any) -> None:
    change(stamps_a_sale=2)
    assert plugins.state_of("specimen") == "off"


def test_settings_are_those_of_one_business(business: Any, gym: Any) -> None:
    from tenants.context import business_context

    change(stamps_a_sale=2)
    with business_context(gym):
        assert plugins.settings_of(SpecimenSettings).stamps_a_sale == 1


def test_what_no_longer_fits_counts_as_not_set(business: Any) -> None:
    EnabledPlugin.objects.create(
        name="referral",
        state="off",
        changed_at="2026-06-15T04:00:00Z",
        settings={"hold_days": 1000, "friend_points": "many", "gone": 1, "referrer_points": 7},
    )
    found = plugins.settings_of(ReferralSettings)
    assert (found.hold_days, found.friend_points, found.referrer_points) == (14, 100, 7)


def test_a_refused_value_leaves_everything_as_it_was(business: Any) -> None:
    with pytest.raises(InvalidInput) as raised:
        plugins.change_settings(name="referral", values={"friend_points": 5, "hold_days": 1000}, by="Lin")
    assert raised.value.field == "hold_days"
    assert plugins.settings_of(ReferralSettings) == ReferralSettings()


@pytest.mark.parametrize(("name", "values"), [("nobody", {}), ("specimen", {"nothing": 1})])
def test_what_is_not_there_cannot_be_set(business: Any, name: str, values: dict[str, int]) -> None:
    with pytest.raises(NotFound):
        plugins.change_settings(name=name, values=values, by="Lin")
    with pytest.raises(NotFound):
        plugins.settings_of("nobody")


def test_a_warm_page_asks_the_database_nothing_about_settings(
    business: Any, django_assert_num_queries: Callable[..., Any]
) -> None:
    EnabledPlugin.objects.create(
        name="specimen", state="on", changed_at="2026-06-15T04:00:00Z", settings={"stamps_a_sale": 2}
    )
    plugins.settings_of("specimen")
    with django_assert_num_queries(0):
        assert plugins.settings_of(SpecimenSettings).stamps_a_sale == 2
