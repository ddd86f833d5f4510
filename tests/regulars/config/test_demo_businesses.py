"""Who works in the demo's businesses, and that whoever starts it is told how to come in as each of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from regulars.config.demo.businesses import BUSINESSES, PASSWORD, staff_up, write_down
from regulars.organisation.models import Branch, Staff

pytestmark = [pytest.mark.clause("3.3"), pytest.mark.capability(144)]


def test_the_tea_house_has_a_region_and_a_team(business: Any) -> None:
    tea_house = BUSINESSES[0]
    staff_up(tea_house)
    assert list(Branch.objects.filter(region__name="上海").order_by("id").values_list("name", flat=True)) == [
        "静安总店",
        "徐汇店",
    ]
    assert Branch.objects.get(name="西湖店").region is None
    team = {staff.role: str(staff.branch or "") for staff in Staff.objects.select_related("branch")}
    assert team == {"owner": "", "cashier": "静安总店", "manager": "静安总店", "marketer": ""}
    assert all(staff.user.check_password(PASSWORD) for staff in Staff.objects.exclude(role="owner"))


def test_the_ways_in_are_written_down_for_people_and_programs(tmp_path: Path) -> None:
    file = tmp_path / "demo.json"
    lines = "\n".join(write_down(list(BUSINESSES), port=8000, file=file))
    tea_house, gym = json.loads(file.read_text(encoding="utf-8"))["businesses"]
    for role in ("owner", "cashier", "manager", "marketer"):
        assert tea_house[role] == {"email": f"{role}@shancha.example", "password": PASSWORD}
        assert f"{role}@shancha.example" in lines
    assert "manager" not in gym
