"""Acts beyond a limit: somebody asks, somebody else decides, and what was approved is done once.

A room registers what can need approval in its `approvals.py`; doors do it through `do_or_ask`, which does it at once
where the limit allows, and asks where it does not.
"""

from __future__ import annotations

from regulars.organisation.approvals.limits import exceeds, limit_for, set_limit, use_default
from regulars.organisation.approvals.refusals import (
    ActRefused,
    AlreadyDecided,
    AlreadyWaiting,
    ApprovalError,
    BeyondYourLimit,
    OwnRequest,
    TooLate,
    UnknownAct,
)
from regulars.organisation.approvals.registry import Act, Change, act_of, acts, approvable
from regulars.organisation.approvals.services import (
    Asked,
    Done,
    approve,
    do_or_ask,
    expire_due,
    next_expiry,
    refuse,
    withdraw,
)

__all__ = [
    "Act",
    "ActRefused",
    "AlreadyDecided",
    "AlreadyWaiting",
    "ApprovalError",
    "Asked",
    "BeyondYourLimit",
    "Change",
    "Done",
    "OwnRequest",
    "TooLate",
    "UnknownAct",
    "act_of",
    "acts",
    "approvable",
    "approve",
    "do_or_ask",
    "exceeds",
    "expire_due",
    "limit_for",
    "next_expiry",
    "refuse",
    "set_limit",
    "use_default",
    "withdraw",
]
