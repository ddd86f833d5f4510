"""Who may give which role."""

from __future__ import annotations

import pytest

from regulars.errors import NotAllowed
from regulars.operations.models import TrailEntry
from regulars.organisation.models import Staff
from regulars.organisation.team.services import appoint


@pytest.mark.capability(145)
def test_a_manager_appoints_cashiers_and_nobody_above(business, owner):
    manager = appoint(name="Mei", email="mei@tea.example", role="manager", appointed_by=owner)
    for role in ("owner", "manager"):
        with pytest.raises(NotAllowed) as refusal:
            appoint(name="Bo", email="bo@tea.example", role=role, appointed_by=manager)
        assert refusal.value.field == "role"
    cashier = appoint(name="Bo", email="bo@tea.example", role="cashier", appointed_by=manager)
    assert Staff.objects.filter(user__email="bo@tea.example").count() == 1
    assert TrailEntry.objects.get(subject=cashier.public_id).actor == manager.public_id
