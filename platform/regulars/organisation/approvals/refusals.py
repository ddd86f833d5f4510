"""Why something cannot be asked for or decided, in words for whoever tried."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from regulars.errors import RegularsError


class ApprovalError(RegularsError):
    """Asking or deciding was refused; nothing was done."""

    message = _("This could not be decided.")


class UnknownAct(ApprovalError):
    """No room registered an act of this name."""

    message = _("There is no such act that somebody could approve.")
    field = "act"


class OwnRequest(ApprovalError):
    """Whoever asked may not be the one who decides."""

    message = _("You asked for this yourself, so somebody else has to decide.")


class AlreadyDecided(ApprovalError):
    """It was approved, refused or withdrawn before, perhaps in another window."""

    message = _("This was decided already. Nothing was done a second time.")


class AlreadyWaiting(ApprovalError):
    """The same act on the same record waits for a decision."""

    message = _("Somebody asked for this already. Wait for the decision, or have the first request withdrawn.")


class TooLate(ApprovalError):
    """Its time is over; it has to be asked for again."""

    message = _("The time to decide this is over. It has to be asked for again.")


class BeyondYourLimit(ApprovalError):
    """The approver may not do it alone either."""

    message = _("This is beyond your own limit as well. Somebody with a higher limit has to decide.")


class ActRefused(ApprovalError):
    """It was approved, but it can no longer be done; it stays undecided."""

    message = _("This can no longer be done.")
