"""What the team adds to the house: the words of the invitation, and whom the first page reminds of a second factor."""

from __future__ import annotations

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.hooks import MessageTemplate, NeedsYou, hookimpl
from regulars.organisation.models import Staff
from regulars.organisation.team import second_factor


@hookimpl
def message_templates() -> list[MessageTemplate]:
    """The mail with the link to come in."""
    return [
        MessageTemplate(
            kind="staff_invitation",
            purpose="transactional",
            at_once=True,
            is_secret=True,
            audience="staff",
            label=gettext_lazy("Invitation to the team"),
            words={
                "en": (
                    "{inviter} invites you to {business}",
                    "Hello {name},\n\n{inviter} has invited you to {business} as {role}. Choose a password and you are "
                    "in: {address}\n\nThe link works once, for {days} days.",
                ),
                "zh-hans": (
                    "{inviter}邀请您加入{business}",
                    "{name}，您好：\n\n{inviter}邀请您加入{business}，角色为{role}。设置密码即可进入：{address}\n\n"
                    "链接只能使用一次，{days} 天内有效。",
                ),
            },
            examples={
                "name": "Mei",
                "inviter": "Lin",
                "role": gettext_lazy("Cashier"),
                "address": "https://example.com/account/invitation/…/",
                "days": "7",
            },
        )
    ]


@hookimpl
def needs_you(staff: Staff) -> list[NeedsYou]:
    """A second factor that the role demands and that is not set up yet."""
    by = second_factor.demanded_from(staff)
    if by is None:
        return []
    label = _("Set up your second factor by %(date)s") % {"date": date_format(by, "DATE_FORMAT")}
    return [NeedsYou(label=label, count=1, url=reverse("team_sign_in"), order=50)]
