"""How referral declares itself: its words on the shelf, what a business may set, and the rights it adds."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from regulars.plugins import PluginConfig, setting


@dataclass(frozen=True)
class ReferralSettings:
    """What a business may set. What a friend was promised on joining holds for that friend, whatever is set later."""

    referrer_points: int = setting(
        200, label=_("Points for the member who invites"), unit="points", most=100_000, help=_("0 for none.")
    )
    friend_points: int = setting(
        100, label=_("Points for the friend"), unit="points", most=100_000, help=_("0 for none.")
    )
    smallest_sale: int = setting(
        0,
        label=_("First purchase of at least"),
        unit="money",
        most=10**9,
        help=_("Smaller purchases do not count. 0: any paid purchase counts."),
    )
    hold_days: int = setting(
        14,
        label=_("Days until the points arrive"),
        unit="days",
        most=90,
        help=_("The purchase must stand that long. What is refunded before gives nothing."),
    )
    days_to_join: int = setting(
        30, label=_("Days in which an accepted invitation is open"), unit="days", least=1, most=365
    )
    days_to_buy: int = setting(
        90,
        label=_("Days in which the first purchase must follow"),
        unit="days",
        least=1,
        most=365,
        help=_("Counted from the day the friend joins."),
    )
    points_last_days: int = setting(
        365, label=_("Days for which the points can be used"), unit="days", most=3650, help=_("0: they never expire.")
    )
    rewards_a_month: int = setting(
        10,
        label=_("Rewards for one member in a calendar month"),
        least=1,
        most=1000,
        help=_("Friends beyond it get theirs, the member who invited them does not."),
    )
    rewards_in_all: int = setting(100, label=_("Rewards for one member in all"), least=1, most=100_000)
    friends_a_day: int = setting(
        5,
        label=_("Friends of one member in a day before a person looks"),
        least=1,
        most=1000,
        help=_("More than these wait for a decision under “To review”."),
    )
    looks_at_addresses: bool = setting(
        True,
        label=_("Let a person look when friends join from the same network address"),
        help=_("As the member who invites them, or as another friend. Households and shop Wi-Fi look like this too."),
    )


class ReferralConfig(PluginConfig):
    """Members bring friends."""

    name = "plugins.referral"
    label = "referral"
    verbose_name = _("Referral")
    summary = _("Members bring friends, and both get points after the friend's first purchase.")
    icon = "gift"
    picture = "referral/picture.svg"
    min_version = "0.1"
    price = _("Free for now")
    settings = ReferralSettings
    adds = (
        ("portal", _("A page “Invite a friend” with link, code and QR code")),
        ("counter", _("A field for the invitation code when somebody joins")),
        ("backoffice", _("A list of invitations, a report, and a queue for what looks odd")),
        ("messages", _("A note when a friend joins, and one when the points arrive")),
    )
    stores = (
        _("The code of each member who invites"),
        _("Who brought whom, when, and which points both got"),
    )
    when_closing = (
        _("Links and codes stop working: nobody else can join through them."),
        _("Friends who have joined still get their points, and so do those who invited them."),
    )
    when_off = (_("Points that were given stay. A purchase refunded later takes none of them back."),)
    permissions = (
        ("view", _("See invitations and their report"), ("manager", "marketer", "reader")),
        ("review", _("Decide on invitations that look odd"), ("manager",)),
    )
