"""The words of the core's messages, by kind and language. Modules add theirs through `hooks.message_templates`."""

from __future__ import annotations

from functools import cache

from django.utils.translation import gettext_lazy as _

from regulars import hooks, plugins
from regulars.hooks import MessageTemplate
from regulars.plugins.gate import ask_one

OWN = (
    MessageTemplate(
        kind="sign_in_code",
        purpose="transactional",
        is_secret=True,
        at_once=True,
        label=_("Code to sign in"),
        words={
            "en": (
                "Your code: {code}",
                "{code} is your code for {business}. It works for {minutes} minutes. Tell nobody.",
            ),
            "zh-hans": ("验证码 {code}", "【{business}】验证码 {code}，{minutes} 分钟内有效，请勿告诉他人。"),
        },
    ),
    MessageTemplate(
        kind="welcome",
        purpose="service",
        at_once=True,
        label=_("Welcome"),
        words={
            "en": (
                "Welcome to {business}",
                "You are now a member of {business}. Show your card at the counter and collect points: {address}",
            ),
            "zh-hans": ("欢迎加入{business}", "你已成为{business}的会员。到店出示会员卡即可累积积分：{address}"),
        },
    ),
    MessageTemplate(
        kind="points_credited",
        purpose="service",
        at_once=True,
        label=_("Points arrived"),
        words={
            "en": ("{points} points arrived", "You earned {points} points. You now have {balance}: {address}"),
            "zh-hans": ("{points} 积分到账", "你获得了 {points} 积分，现有 {balance} 积分：{address}"),
        },
    ),
    MessageTemplate(
        kind="points_released",
        purpose="service",
        label=_("Points that waited can be used"),
        words={
            "en": (
                "{points} points can be used now",
                "{points} points that you had to wait for can be used from today. You now have {balance}: {address}",
            ),
            "zh-hans": (
                "{points} 积分可以使用了",
                "你等待生效的 {points} 积分从今天起可以使用，现有 {balance} 积分：{address}",
            ),
        },
    ),
    MessageTemplate(
        kind="points_expiring",
        purpose="service",
        label=_("Points end soon"),
        words={
            "en": (
                "{points} points end soon",
                "Use your points in time: {days}. You now have {balance}: {address}",
            ),
            "zh-hans": ("{points} 积分即将到期", "请及时使用积分：{days}。现有 {balance} 积分：{address}"),
        },
        examples={"points": "160", "days": _("120 until 31 Mar, 40 until 30 Apr")},
    ),
    MessageTemplate(
        kind="points_idle",
        purpose="service",
        label=_("Points end for want of a purchase"),
        words={
            "en": (
                "Keep your {points} points",
                "We have not seen you for a while. Buy something by {day} and your {points} points are kept: {address}",
            ),
            "zh-hans": (
                "留住你的 {points} 积分",
                "好久不见。在 {day}之前（含当天）消费一次，你的 {points} 积分就会保留：{address}",
            ),
        },
        examples={"day": _("31 Mar")},
    ),
    MessageTemplate(
        kind="tier_grace",
        purpose="service",
        label=_("Tier ends soon"),
        words={
            "en": (
                "Keep your tier {tier}",
                "You are {tier} until {until}. See what is missing to keep it: {address}",
            ),
            "zh-hans": ("保住你的{tier}等级", "你的{tier}等级保留至 {until}，来看看还差多少就能保级：{address}"),
        },
        examples={"until": _("31 Mar")},
    ),
    MessageTemplate(
        kind="coupon_given",
        purpose="service",
        label=_("A coupon was given"),
        words={
            "en": (
                "A coupon for you: {coupon}",
                "{coupon} ({gives}) is among your coupons, {until}. Show it at the counter: {address}",
            ),
            "zh-hans": (
                "送你一张优惠券：{coupon}",
                "“{coupon}”（{gives}）已放入你的优惠券，{until}。到店出示即可使用：{address}",
            ),
        },
        examples={"coupon": _("Happy birthday"), "gives": _("¥20 off"), "until": _("until 31 Mar")},
    ),
    MessageTemplate(
        kind="coupon_offer",
        purpose="marketing",
        label=_("A coupon as an offer"),
        words={
            "en": (
                "{coupon}: {gives}",
                "We have a coupon for you: {coupon} ({gives}), {until}. Show it at the counter: {address}",
            ),
            "zh-hans": (
                "{coupon}：{gives}",
                "为你准备了一张优惠券：“{coupon}”（{gives}），{until}。到店出示即可使用：{address}",
            ),
        },
        examples={"coupon": _("We have missed you"), "gives": _("¥20 off"), "until": _("until 31 Mar")},
    ),
    MessageTemplate(
        kind="coupon_ending",
        purpose="service",
        label=_("Coupons end soon"),
        words={
            "en": ("Your coupons end soon", "Use your coupons in time: {coupons}. You find them here: {address}"),
            "zh-hans": ("优惠券即将到期", "请及时使用优惠券：{coupons}。在这里查看：{address}"),
        },
        examples={"coupons": _("Happy birthday until 31 Mar")},
    ),
    MessageTemplate(
        kind="reward_ready",
        purpose="service",
        at_once=True,
        label=_("Reward ready to collect"),
        words={
            "en": (
                "{reward} is ready for you",
                "{reward} lies ready at {place}. Show your code there to collect it: {address}",
            ),
            "zh-hans": ("{reward}可以领取了", "{reward}已备好，请到{place}出示兑换码领取：{address}"),
        },
        examples={"reward": _("A pot of green tea"), "place": _("Lake Road")},
    ),
    MessageTemplate(
        kind="receipt",
        purpose="transactional",
        at_once=True,
        label=_("Receipt of a purchase"),
        words={
            "en": ("Your receipt {number}", "{business}, {place}, {when}\n{lines}\nTotal {total}\nReceipt {number}"),
            "zh-hans": ("小票 {number}", "【{business}】{place}，{when}\n{lines}\n合计 {total}\n小票号 {number}"),
        },
        examples={
            "number": "2026-000128",
            "place": _("Lake Road"),
            "when": "2026-03-31 14:03",
            "lines": _("A pot of green tea"),
            "total": "36.00",
        },
    ),
    MessageTemplate(
        kind="tier_changed",
        purpose="service",
        at_once=True,
        label=_("Tier changed"),
        words={
            "en": ("You are now {tier}", "Your tier at {business} is now {tier}. See what it gives you: {address}"),
            "zh-hans": ("你已升级为{tier}", "你在{business}的会员等级现为{tier}，来看看专属权益：{address}"),
        },
    ),
)


@cache
def templates() -> dict[str, MessageTemplate]:
    """Every message there is, by kind; asked once, from all installed modules."""
    return {template.kind: template for template in (*OWN, *plugins.ask(hooks.message_templates))}


def templates_here() -> list[MessageTemplate]:
    """The messages that this business can send: those of the house and of the modules that are on or closing here."""
    elsewhere = {
        template.kind
        for name in plugins.installed()
        if not plugins.answers(name)
        for template in ask_one(name, hooks.message_templates)
    }
    return [template for kind, template in templates().items() if kind not in elsewhere]
