"""Each trade's start: it applies cleanly in both languages, is its own, and knows no business's name."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from wagtail.models import Locale, Page, Site

from cms.models import HomePage
from cms.presets import LANGUAGES, PRESETS, accent, apply
from regulars.loyalty.models import PointsRule, Tier
from regulars.loyalty.tiers.selectors import benefits_of
from regulars.organisation.models import Branch, Terminal, Trade

TRADES = sorted(PRESETS)


@pytest.fixture
def bare(business: Any) -> Any:
    """The business without what its own trade brought: what provisioning finds in a scratch schema."""
    for table in ("loyalty_standing", "loyalty_tiermove", "loyalty_tier", "loyalty_pointsrule"):
        _empty(table)
    for table in ("organisation_staff", "organisation_terminal", "organisation_branch"):
        _empty(table)
    return business


def _empty(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")


def test_every_kind_of_business_has_a_start() -> None:
    assert sorted(Trade.values) == TRADES


@pytest.mark.clause("2.6")
@pytest.mark.capability(40)
@pytest.mark.capability(155)
@pytest.mark.capability(166)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("trade", TRADES)
def test_a_trade_starts_with_tiers_a_rule_a_branch_and_a_site_in_both_languages(
    bare: Any, trade: str, language: str
) -> None:
    apply(trade, language)

    tiers = list(Tier.objects.order_by("threshold"))
    assert 3 <= len(tiers) <= 4
    assert tiers[0].threshold == 0
    assert [tier.discount for tier in tiers] == sorted(tier.discount for tier in tiers)
    assert all(benefits_of(tier, code) and tier.words[code] for tier in tiers for code in LANGUAGES)
    assert PointsRule.objects.filter(is_active=True).count() == 1
    assert Branch.objects.get().name == {"en": "Main shop", "zh-hans": "总店"}[language]
    assert Terminal.objects.count() == 1

    homes = {page.locale.language_code: page for page in HomePage.objects.all()}
    assert set(homes) == set(LANGUAGES)
    assert homes["en"].translation_key == homes["zh-hans"].translation_key
    assert homes["en"].hero_title != homes["zh-hans"].hero_title
    assert Site.objects.get().root_page.pk == homes[language].pk
    assert Page.objects.count() == 3
    assert set(Locale.objects.values_list("language_code", flat=True)) == set(LANGUAGES)


def test_trades_differ_in_words_layout_picture_and_colour() -> None:
    for say in ("accent", "layout"):
        assert len({getattr(preset, say) for preset in PRESETS.values()}) == len(TRADES)
    for language in LANGUAGES:
        assert len({preset.hero_title[language] for preset in PRESETS.values()}) == len(TRADES)
    assert accent("hotel") == PRESETS["hotel"].accent
    assert accent("circus") == PRESETS["retail"].accent


def test_an_unknown_trade_or_language_is_refused_before_anything_is_made(bare: Any) -> None:
    for trade, language in (("circus", "en"), ("retail", "fr")):
        with pytest.raises(KeyError):
            apply(trade, language)
    assert Tier.objects.count() == 0


def test_the_same_start_twice_differs_only_in_what_is_random(bare: Any) -> None:
    seen = []
    for _ in range(2):
        apply("salon", "en")
        seen.append([(page.slug, str(page.translation_key), page.body.raw_data) for page in _homes()])
        _empty("loyalty_tier")
        _empty("organisation_terminal")
        _empty("organisation_branch")
    assert str(seen[0]) == str(seen[1])


def _homes() -> list[HomePage]:
    return list(HomePage.objects.order_by("slug"))


def test_one_group_changes_pages_and_files_and_opens_nothing_else(business: Any) -> None:
    group = Group.objects.get()
    assert group.name == "site editors"
    assert not group.permissions.exists()
    assert group.page_permissions.count() == 5
