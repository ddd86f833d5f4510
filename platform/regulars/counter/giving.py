"""What the till gives besides goods: a benefit that is used, with an undo, and a reward collected by its code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.errors import InvalidInput, NotFound, RegularsError
from regulars.loyalty.benefits import selectors as benefits
from regulars.loyalty.benefits import services as benefit_services
from regulars.loyalty.benefits.models import Benefit
from regulars.loyalty.rewards import selectors as rewards
from regulars.loyalty.rewards import services as reward_services
from regulars.loyalty.rewards.codes import shown_code
from regulars.loyalty.rewards.models import OPEN_STATES, Redemption
from regulars.loyalty.rewards.pictures import picture_of

if TYPE_CHECKING:
    from regulars.counter.state import Till
    from regulars.people.models import Member


def due(member: Member) -> list[benefits.Entitlement]:
    """The benefits whose use is noted at the till, those that are left first."""
    found = [each for each in benefits.of(member) if each.is_used_by_hand]
    return sorted(found, key=lambda each: not each.is_usable)


def to_collect(member: Member) -> list[Redemption]:
    """What the member has redeemed and not collected."""
    return [each for each in rewards.redemptions_of(member, limit=20) if each.state in OPEN_STATES]


def use(till: Till, sent: str) -> None:
    """Note a use: `sent` is the benefit's code and the key of this click."""
    code, _colon, key = sent.partition(":")
    member = till.basket.member
    if member is None:
        return
    try:
        done = benefit_services.use(
            member=member,
            benefit=benefits.benefit_by_code(code),
            key=f"use:{key[:40]}:{code[:30]}",
            branch=till.desk.branch,
            staff=till.desk.staff,
        )
    except RegularsError as refusal:
        till.refuse(refusal)
        return
    till.notice, till.tone = words_of_use(member, done.benefit), "gain"
    till.undo = "" if done.undone_at else done.public_id


def words_of_use(member: Member, benefit: Benefit) -> str:
    """That a use is noted, and what is left of it."""
    found = benefits.entitlement_to(member, benefit)
    if found is None or found.uses_left is None:
        return _("%(benefit)s is noted.") % {"benefit": benefit}
    if found.until is None:
        return _("%(benefit)s is noted. %(left)s left.") % {"benefit": benefit, "left": found.uses_left}
    return _("%(benefit)s is noted. %(left)s left until %(day)s.") % {
        "benefit": benefit,
        "left": found.uses_left,
        "day": date_format(found.until, "DATE_FORMAT"),
    }


def undo(till: Till, public_id: str) -> None:
    """Take back a use that was noted at this branch a moment ago."""
    try:
        found = benefits.use_by_public_id(public_id)
        if found.branch_id != till.desk.branch.pk:
            raise NotFound
        benefit_services.undo(use=found, by=till.desk.staff)
    except RegularsError as refusal:
        till.refuse(refusal)
        return
    till.notice = _("%(benefit)s was taken back. Nothing is used.") % {"benefit": found.benefit}


def show_code(till: Till, text: str) -> None:
    """Show what a code stands for, with the member it belongs to; why it cannot be handed over stands beside it."""
    try:
        found = rewards.redemption_by_code(text)
    except RegularsError as refusal:
        till.refuse(InvalidInput(refusal.message, field="text"))
        return
    _show(till, found)


def show(till: Till, public_id: str) -> None:
    """Show a redemption of the member on the sale."""
    try:
        found = rewards.redemption_by_public_id(public_id)
        if till.basket.member is None or found.member_id != till.basket.member.pk:
            raise NotFound
    except RegularsError as refusal:
        till.refuse(refusal)
        return
    _show(till, found)


def _show(till: Till, found: Redemption) -> None:
    till.take(found.member.public_id)
    till.redemption, till.text = found, ""
    till.redemption_picture = picture_of(found.reward)
    till.redemption_code = shown_code(found.code)
    till.redemption_trouble = reward_services.why_not_here(found, till.desk.branch)


def mark_ready(till: Till, public_id: str) -> None:
    """Note that a redemption of the member on the sale lies ready here, and go on showing it."""
    try:
        found = rewards.redemption_by_public_id(public_id)
        done = reward_services.mark_ready(redemption=found, branch=till.desk.branch, by=till.desk.staff)
    except RegularsError as refusal:
        till.notice, till.tone, till.status = str(refusal), "danger", 422
        return
    till.notice, till.tone = _("%(reward)s lies ready. The member is told.") % {"reward": done.reward}, "gain"
    _show(till, done)


def hand_over(till: Till, public_id: str) -> None:
    """Hand a redemption over at this branch, once."""
    try:
        found = rewards.redemption_by_public_id(public_id)
        done = reward_services.hand_over(redemption=found, branch=till.desk.branch, by=till.desk.staff)
    except RegularsError as refusal:
        till.notice, till.tone, till.status = str(refusal), "danger", 422
        return
    words = ngettext(
        "Handed over: %(reward)s, for %(points)s point.",
        "Handed over: %(reward)s, for %(points)s points.",
        done.points,
    )
    till.notice, till.tone = words % {"reward": done.reward, "points": done.points}, "gain"
