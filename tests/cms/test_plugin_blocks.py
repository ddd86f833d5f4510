"""Page blocks of modules: defined for all, offered and shown only where the module is on, never in migrations."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from wagtail import blocks

from cms.blocks.plugin_blocks import PluginStreamBlock, PluginStreamBlockAdapter
from regulars.plugins import switch

pytestmark = [pytest.mark.clause("2.4"), pytest.mark.capability(154)]

ON_A_PAGE = [{"type": "text", "value": "Tea"}, {"type": "specimen__stamp", "value": {"words": "Ten cups"}}]


class Body(PluginStreamBlock):
    """A page's body with one block of its own."""

    text = blocks.CharBlock()


@pytest.fixture
def body() -> Body:
    """A stream that takes blocks of modules."""
    return Body()


def shown(body: Body, value: Any) -> str:
    """The page as members see it."""
    return str(body.to_python(value).render_as_block())


def offered(body: Body) -> set[str]:
    """The blocks that the editor may add."""
    _name, grouped, _defaults, meta = PluginStreamBlockAdapter().js_args(body)
    names = {block.name for _group, members in grouped for block in members}
    return names - {name for name, counts in meta["blockCounts"].items() if counts.get("max_num") == 0}


def test_blocks_of_modules_come_after_the_streams_own(body: Body) -> None:
    assert list(body.child_blocks) == ["text", "specimen__stamp"]


def test_a_block_whose_module_is_off_is_neither_offered_nor_shown(business: Any, body: Body) -> None:
    assert offered(body) == {"text"}
    assert "Tea" in shown(body, ON_A_PAGE)
    assert "Ten cups" not in shown(body, ON_A_PAGE)


def test_a_block_whose_module_is_off_keeps_its_content(business: Any, body: Body) -> None:
    kept = body.get_prep_value(body.to_python(ON_A_PAGE))
    assert [(each["type"], each["value"]) for each in kept] == [(each["type"], each["value"]) for each in ON_A_PAGE]


def test_a_block_whose_module_is_on_is_offered_and_shown(business: Any, body: Body) -> None:
    switch.switch_on(name="specimen", by="Lin Owner")
    assert offered(body) == {"text", "specimen__stamp"}
    assert '<p class="specimen-stamp">Ten cups</p>' in shown(body, ON_A_PAGE)


def test_a_block_whose_module_is_closing_is_shown_and_no_longer_offered(business: Any, body: Body) -> None:
    switch.switch_on(name="specimen", by="Lin Owner")
    switch.close(name="specimen", by="Lin Owner")
    assert offered(body) == {"text"}
    assert "Ten cups" in shown(body, ON_A_PAGE)


def test_a_block_that_breaks_is_left_out_and_the_log_names_the_module(
    business: Any, body: Body, caplog: pytest.LogCaptureFixture
) -> None:
    switch.switch_on(name="specimen", by="Lin Owner")
    with caplog.at_level(logging.ERROR):
        page = shown(body, [ON_A_PAGE[0], {"type": "specimen__stamp", "value": {"words": "break"}}])
    assert "Tea" in page
    assert any("block_left_out" in str(record.msg) and "'specimen'" in str(record.msg) for record in caplog.records)


def test_migrations_know_nothing_of_the_blocks(body: Body) -> None:
    assert body.deconstruct() == ("wagtail.blocks.StreamBlock", [[]], {})
    assert blocks.StreamBlock([("inner", body)]).child_blocks["inner"].deconstruct_with_lookup(None)[1] == [[]]
