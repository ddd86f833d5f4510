"""The gym or studio: a start line, a lap, a record."""

from __future__ import annotations

from cms.presets.preset import YUAN, Preset, TierDraft

PRESET = Preset(
    trade="gym",
    accent="#3f6b12",
    layout="track",
    hero_title={"en": "Every session counts, twice", "zh-hans": "每一次训练，都有回报"},
    hero_lede={
        "en": "Points on passes, classes and shakes. Climb the ladder and train for less.",
        "zh-hans": "办卡、上课、补给都有积分。等级越高，练得越省。",
    },
    description={
        "en": "Join free: points on passes and classes, better prices as you climb.",
        "zh-hans": "免费入会：办卡上课都有积分，升级享更优价格。",
    },
    ladder_title={"en": "The ladder", "zh-hans": "进阶之路"},
    ladder_lede={
        "en": "What you spend on training in twelve months moves you up.",
        "zh-hans": "十二个月内的训练消费决定你的等级。",
    },
    story_title={"en": "Start where you are", "zh-hans": "从现在开始"},
    story={
        "en": "<p>Join on your phone, show your code at the door and at the bar, and see on one screen how far it is "
        "to the next step.</p>",
        "zh-hans": "<p>手机入会，进门和消费时出示会员码；离下一级还差多少，一眼就能看到。</p>",
    },
    hours={
        "en": "Monday to Friday 06:00–23:00\nWeekend 08:00–21:00",
        "zh-hans": "周一至周五 06:00–23:00\n周末 08:00–21:00",
    },
    join_title={"en": "On your marks", "zh-hans": "各就各位"},
    join_words={
        "en": "Free to join. Your first points wait at the door.",
        "zh-hans": "免费加入，积分从进门第一单算起。",
    },
    rule_name={"en": "Points for spending", "zh-hans": "消费积分"},
    points=1,
    per_amount=5 * YUAN,
    tiers=(
        TierDraft(
            code="starter",
            words={"en": "Starter", "zh-hans": "起步"},
            benefits={
                "en": ("Points on everything", "A first talk with a coach"),
                "zh-hans": ("消费全部积分", "首次教练咨询"),
            },
            threshold=0,
            discount=0,
            colour="#69756a",
        ),
        TierDraft(
            code="runner",
            words={"en": "Runner", "zh-hans": "进阶"},
            benefits={
                "en": ("Book classes a day early", "Towel and locker included"),
                "zh-hans": ("提前一天约课", "毛巾储物柜免费"),
            },
            threshold=3000 * YUAN,
            discount=500,
            colour="#4f7a2a",
        ),
        TierDraft(
            code="athlete",
            words={"en": "Athlete", "zh-hans": "达人"},
            benefits={
                "en": ("Bring a friend once a month", "A body check every quarter"),
                "zh-hans": ("每月可带一位朋友", "每季一次体测"),
            },
            threshold=8000 * YUAN,
            discount=1000,
            colour="#2c5d46",
        ),
        TierDraft(
            code="legend",
            words={"en": "Legend", "zh-hans": "传奇"},
            benefits={
                "en": ("A coach's hour each month", "Training days with guests of honour"),
                "zh-hans": ("每月一小时私教", "受邀参加名师训练日"),
            },
            threshold=15000 * YUAN,
            discount=1500,
            colour="#1d2a1c",
        ),
    ),
)
