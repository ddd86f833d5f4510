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
