"""Invitations: a link in somebody's mail by which they choose a password and come in, once, within a week.

The mail goes out after commit and is tried again by itself; a link that was lost is sent anew, and the old one stops
working at that moment.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars import clock, hooks, plugins
from regulars.access.models import User
from regulars.access.services import confirm_email
from regulars.errors import InvalidInput, RegularsError
from regulars.operations.trail import record
from regulars.organisation.models import Invitation, Staff
from regulars.organisation.selectors import hash_of_token, organisation
from regulars.organisation.team.services import appoint, must_be_within
from regulars.outreach.models import Channel
from regulars.outreach.services import send
from regulars.public_ids import random_code

LIFE = dt.timedelta(days=7)


class InvitationOver(RegularsError):
    """The link was used, replaced by a newer one or is too old, or the person no longer works here."""

    message = _("This invitation has been used or is over. Ask whoever invited you to send a new one.")


class AcceptedAlready(RegularsError):
    """The person has chosen a password; no link is needed any more."""

    message = _("This person has accepted the invitation already. They sign in with their e-mail and password.")


@transaction.atomic
def invite(*, by: Staff, name: str, email: str, role: str, language: str = "", **place: Any) -> Staff:
    """Appoint somebody and send the link; `place` is `custom_role`, `region`, `branch`. Raises as `appoint` does."""
    staff = appoint(name=name, email=email, role=role, appointed_by=by, **place)
    if language:
        User.objects.filter(pk=staff.user_id).update(language=language)
        staff.user.language = language
    _send(staff, by=by)
    return staff


@transaction.atomic
def send_again(*, staff: Staff, by: Staff) -> Invitation:
    """Send a new link; the earlier one stops working. Raises `AcceptedAlready`, `BeyondYou`, `InvitationOver`."""
    must_be_within(giver=by, staff=staff)
    user = User.objects.select_for_update().get(pk=staff.user_id)
    if user.has_usable_password():
        raise AcceptedAlready
    if not staff.is_active:
        raise InvitationOver
    record(act="staff.invited_again", actor=by.public_id, subject=staff.public_id)
    return _send(staff, by=by)


def _send(staff: Staff, *, by: Staff) -> Invitation:
    token, now = random_code(32), clock.now()
    invitation, _is_new = Invitation.objects.update_or_create(
        staff=staff,
        defaults={
            "token_hash": hash_of_token(token),
            "sent_at": now,
            "expires_at": now + LIFE,
            "accepted_at": None,
        },
    )
    path = f"/account/invitation/{token}/"
    send(
        kind="staff_invitation",
        member=None,
        recipient=staff.user.email,
        channel=Channel.EMAIL,
        language=staff.user.language or organisation().language,
        variables={
            "name": staff.name,
            "inviter": by.name,
            "role": staff.role_name,
            "address": plugins.first(hooks.site_address, path=path) or path,
            "days": LIFE.days,
        },
        key=f"invitation:{hash_of_token(token)[:24]}",
    )
    return invitation


def invitation_of(token: str) -> Invitation:
    """The open invitation of a link. Raises `InvitationOver`."""
    found = (
        Invitation.objects.select_related("staff__user", "staff__branch", "staff__custom_role")
        .filter(token_hash=hash_of_token(token[:200]), accepted_at__isnull=True, expires_at__gt=clock.now())
        .filter(staff__is_active=True, staff__user__is_active=True)
        .first()
    )
    if found is None:
        raise InvitationOver
    return found


@transaction.atomic
def accept(*, token: str, password: str) -> User:
    """Choose the password; the link is used up, its mailbox proved. Raises `InvitationOver`, `InvalidInput` (password).

    Of two who accept at once exactly one succeeds.
    """
    invitation = invitation_of(token)
    user = invitation.staff.user
    try:
        validate_password(password, user=user)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), field="password") from error
    open_still = Invitation.objects.filter(pk=invitation.pk, accepted_at__isnull=True, expires_at__gt=clock.now())
    if open_still.update(accepted_at=clock.now()) != 1:
        raise InvitationOver
    user.set_password(password)
    user.save(update_fields=["password"])
    confirm_email(email=user.email)
    record(act="staff.accepted", actor=invitation.staff.public_id, subject=invitation.staff.public_id)
    return user
