"""What members are told about their tier before it changes."""

from __future__ import annotations

import datetime as dt

from regulars import hooks, plugins
from regulars.outreach.services import send
from regulars.people.selectors import member_by_public_id
from regulars.words import in_language


def grace_begins(*, member: str, until: dt.date) -> None:
    """Tell a member (public id) that the tier was not held and until which day it still is."""
    found = member_by_public_id(member)
    send(
        kind="tier_grace",
        member=found,
        variables={
            "tier": in_language(found.standing.tier.words, found.language),
            "until": until.isoformat(),
            "address": plugins.first(hooks.site_address, path="/me/rewards/") or "/me/rewards/",
        },
        key=f"tier-grace:{member}:{until.isoformat()}",
    )
