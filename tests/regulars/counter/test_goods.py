"""The kind of goods at a line: asked for only where a rule uses it, remembered by the name of the goods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from regulars.organisation.models import Branch
    from regulars.people.models import Member

pytestmark = [pytest.mark.clause("4.3"), pytest.mark.capability(146)]


@pytest.fixture
def rule_for_tea(programme: None) -> None:
    """Two points more for every 10.00 of tea."""
    from django.core.cache import cache

    from regulars.loyalty.models import PointsRule

    PointsRule.objects.create(name="Tea", points=2, per_amount=1000, categories=["Tea"])
    cache.clear()


def changed(till: Any, field: str, **basket: Any) -> Any:
    """Leave a field of the first line, as the page's script sends it."""
    headers = {"hx-request": "true", "hx-trigger": f"line-1-{field}"}
    return till.browser.post("/counter/change/", basket, headers=headers)


def line(description: str, category: str = "") -> dict[str, str]:
    """A line of 100.00 as the form sends it."""
    return {"description": description, "price": "100", "quantity": "1", "category": category}


def test_nobody_is_asked_where_nothing_uses_it(till: Any, programme: None) -> None:
    assert b'name="category"' not in till.enter("128.5").content


def test_a_rule_for_tea_lets_the_line_say_that_it_is_tea(
    till: Any, rule_for_tea: None, member: Member, carried: Any
) -> None:
    from regulars.sales.models import Quote

    assert "<option>Tea</option>" in till.enter("100", member=member.public_id).content.decode()
    till.post("change/", member=member.public_id, **line("Oolong"))
    till.post("change/", member=member.public_id, **line("Oolong", "Tea"))
    plain, of_tea = Quote.objects.order_by("pk")[1:]
    assert (plain.content["points"], of_tea.content["points"]) == (10, 30)


def test_a_kind_is_remembered_by_what_the_line_is_called(till: Any, rule_for_tea: None) -> None:
    changed(till, "category", **line("Oolong", "Tea"))
    assert "<option selected>Tea</option>" in changed(till, "description", **line("OOLONG")).content.decode()
    assert "selected" not in changed(till, "description", **line("Scone")).content.decode()
    changed(till, "category", **line("Oolong", ""))
    assert "selected" not in changed(till, "description", **line("Oolong")).content.decode()


def test_an_amount_without_a_name_remembers_nothing(till: Any, rule_for_tea: None) -> None:
    changed(till, "category", **line("Purchase", "Tea"))
    assert "selected" not in changed(till, "description", **line("Purchase")).content.decode()


def test_a_kind_survives_a_reload_and_another_line(till: Any, rule_for_tea: None, branch: Branch) -> None:
    first = till.enter("5", **line("Oolong", "Tea"))
    assert "<option selected>Tea</option>" in till.browser.get(first["HX-Replace-Url"]).content.decode()


def test_one_that_a_condition_names_is_offered_too(till: Any, programme: None) -> None:
    from django.core.cache import cache

    from regulars.loyalty.models import PointsRule

    condition = {"any": [{"not": {"field": "sale.category", "is": "any_of", "value": ["China", "Tea"]}}]}
    PointsRule.objects.create(name="Not china", points=1, per_amount=1000, condition=condition)
    cache.clear()
    page = till.enter("5").content.decode()
    assert page.index("<option>China</option>") < page.index("<option>Tea</option>")


@pytest.mark.parametrize("category", ["<script>alert(1)</script>", "\x00", "x" * 5000, "Tea\r\nTea"])
def test_an_absurd_kind_breaks_nothing(till: Any, rule_for_tea: None, category: str) -> None:
    answer = changed(till, "category", **line("Oolong", category))
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()
