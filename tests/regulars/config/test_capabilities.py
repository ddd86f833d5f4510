"""`make capabilities` counts what tests bear, wherever the mark stands, and refuses numbers that mean nothing."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from regulars.config.capabilities import Shown, listed, read_marks, report

pytestmark = pytest.mark.clause("2.8")


@pytest.fixture
def marked(tmp_path: Path) -> Shown:
    """What is read from a folder with one file of marked tests."""
    (tmp_path / "test_sample.py").write_text(
        dedent(
            """
            import pytest
            pytestmark = [pytest.mark.clause("2.5"), pytest.mark.django_db]

            @pytest.mark.capability(63)
            @pytest.mark.capability(63, 72)
            def test_points(): ...

            class TestCard:
                @pytest.mark.capability(500)
                def test_card(self): ...

            @pytest.mark.capability(1)
            def no_test(): ...
            """
        )
    )
    return read_marks(tmp_path)


def test_the_list_has_every_number_once() -> None:
    assert list(listed()) == list(range(1, 168))
    assert listed()[29] == "Report loss · 挂失"


def test_marks_are_found_on_tests_classes_and_modules(marked: Shown) -> None:
    assert {number: len(tests) for number, tests in marked.capabilities.items()} == {63: 1, 72: 1}
    assert [test.partition("::")[2] for test in marked.clauses["2.5"]] == ["test_points", "TestCard::test_card"]


def test_a_number_that_is_not_on_the_list_is_not_counted(marked: Shown) -> None:
    assert [(mark.kind, mark.name) for mark in marked.unknown] == [("capability", "500")]


def test_the_last_line_counts_what_is_shown(marked: Shown) -> None:
    assert report(marked, listed())[-1] == "shown = 2 of 167"


def test_no_test_of_ours_bears_a_number_that_is_not_on_the_list() -> None:
    assert read_marks().unknown == []
