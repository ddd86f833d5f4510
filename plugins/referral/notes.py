"""What members are told: that a friend joined, that the points arrived; of a friend never more than a first name."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plugins.referral.models import Referral
from plugins.referral.selectors import called
from regulars import hooks, plugins
from regulars.hooks import MessageTemplate
from regulars.outreach.services import send
from regulars.people.selectors import Member

JOINED = "referral_joined"
REWARDED = "referral_rewarded"
PAGE = "/modules/referral/"

TEMPLATES = (
    MessageTemplate(
        kind=JOINED,
        purpose="service",
        label=gettext_lazy("A friend joined"),
        words={
            "en": (
                "{friend} has joined",
                "{friend} is now a member of {business} through you. After their first purchase you get {points} "
                "points: {address}",
            ),
            "zh-hans": (
                "{friend}已加入",
                "{friend}通过你的邀请成为了{business}的会员。对方首次消费后，你将获得 {points} 积分：{address}",
            ),
        },
        examples={"friend": "Anna", "points": "200", "address": "https://shop.example/modules/referral/"},
    ),
    MessageTemplate(
        kind=REWARDED,
        purpose="service",
        label=gettext_lazy("Points for an invitation"),
        words={
            "en": ("{points} points for the invitation", "{points} points have arrived, thanks to {friend}: {address}"),
            "zh-hans": ("邀请奖励 {points} 积分", "{points} 积分已到账，多亏了{friend}：{address}"),
        },
        examples={"friend": "Anna", "points": "200", "address": "https://shop.example/me/activity/"},
    ),
)


def tell_joined(row: Referral, *, friend: Member, referrer: Member) -> None:
    """Tell the referrer that a friend has joined."""
    if referrer.is_active:
        _tell(JOINED, row, referrer, about=friend, points=row.promised_referrer_points, path=PAGE)


def tell_rewarded(row: Referral) -> None:
    """Tell both that their points arrived; who got none is told nothing."""
    assert row.friend is not None
    for member, about, points in (
        (row.referrer, row.friend, row.referrer_points),
        (row.friend, row.referrer, row.friend_points),
    ):
        if points:
            _tell(REWARDED, row, member, about=about, points=points, path="/me/activity/")


def _tell(kind: str, row: Referral, member: Member, *, about: Member, points: int, path: str) -> None:
    with translation.override(member.language):
        named = called(about) or _("Your friend")
    variables = {
        "friend": named,
        "points": points,
        "address": plugins.first(hooks.site_address, path=path) or path,
    }
    send(kind=kind, member=member, variables=variables, key=f"{kind}:{row.public_id}:{member.public_id}")
