"""What membership gives: the ladder of tiers with their benefits, and the shelf of rewards."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from regulars.loyalty.tiers.selectors import ladder
from regulars.people.models import Member
from regulars.portal import selectors
from regulars.portal.admission import members_only
from regulars.portal.pages import page


@members_only
@require_safe
def rewards(request: HttpRequest, member: Member) -> HttpResponse:
    """The ladder, where the member stands, and what can be had."""
    context = {
        "rungs": selectors.ladder_for(member),
        "progress": selectors.progress_or_none(member),
        "rules": selectors.earning_words(),
    }
    return page(request, member, "portal/rewards.html", section="rewards", context=context)


def first_benefits(*, limit: int = 3) -> list[str]:
    """What joining gives from the first day, for the screen that asks to join."""
    tiers = ladder()
    return selectors.benefits_of(tiers[0])[:limit] if tiers else []
