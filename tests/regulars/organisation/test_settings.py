"""Settings of a business: what may stand in them, and that whoever enters the business lives by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from regulars.errors import InvalidInput
from regulars.operations.models import TrailEntry
from regulars.organisation.selectors import organisation
from regulars.organisation.services import change
from regulars.organisation.team.services import appoint
from tenants import selectors
from tenants.context import business_context
from tenants.models import Business

if TYPE_CHECKING:
    from regulars.organisation.models import Staff

pytestmark = pytest.mark.clause("2.5")


def test_a_new_time_zone_cuts_the_days_of_whoever_enters_next(business: Business) -> None:
    selectors.business_at(f"{business.slug}.regulars.test")  # known before the change
    change(by="stf_owner", zone="America/New_York", name="Camellia", language="en")
    entered = selectors.business_at(f"{business.slug}.regulars.test")
    assert entered is not None
    assert (entered.zone, entered.name, entered.language) == ("America/New_York", "Camellia", "en")
    with business_context(entered):
        assert timezone.get_current_timezone_name() == "America/New_York"


def test_one_business_moving_moves_no_other(business: Business, gym: Business) -> None:
    change(by="stf_owner", zone="America/New_York")
    assert Business.objects.get(pk=gym.pk).zone == "Europe/London"


def test_a_colour_is_kept_in_one_form(business: Business) -> None:
    change(by="stf_owner", accent=" B4532A ")
    assert organisation().accent == "#b4532a"


def test_who_appointed_somebody_stands_in_the_trail(owner: Staff) -> None:
    staff = appoint(name="Mei", email=" Mei@Teahouse.example ", role="manager", appointed_by=owner)
    assert staff.user.email == "mei@teahouse.example"
    assert TrailEntry.objects.get(act="staff.appointed", subject=staff.public_id).actor == owner.public_id


def test_an_e_mail_that_is_none_names_its_field(business: Business) -> None:
    with pytest.raises(InvalidInput) as refusal:
        appoint(name="Mei", email="mei", role="manager")
    assert refusal.value.field == "email"
