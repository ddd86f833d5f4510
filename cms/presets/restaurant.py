"""The restaurant, café or tea house: a table, a dish, the same faces again."""

from __future__ import annotations

from cms.presets.preset import YUAN, Preset, TierDraft

PRESET = Preset(
    trade="restaurant",
    accent="#a3262a",
    layout="menu",
    hero_title={"en": "Your table knows you", "zh-hans": "常来，就是自己人"},
    hero_lede={
        "en": "Points with every meal, a dish on the house before long, and a better table the more often you come.",
        "zh-hans": "每顿饭都有积分，攒够了换道菜；来得越勤，礼遇越多。",
    },
    description={
        "en": "Join free, collect points with every meal and enjoy a regular's price.",
        "zh-hans": "免费入会，每餐积分，熟客有熟客的价。",
    },
    ladder_title={"en": "The regulars' card", "zh-hans": "熟客礼遇"},
    ladder_lede={
        "en": "Counted from what you eat and drink here in twelve months.",
        "zh-hans": "按最近十二个月在店消费自动升级。",
    },
    story_title={"en": "Join between two courses", "zh-hans": "等菜的工夫就能入会"},
    story={
        "en": "<p>Scan the code on your table or give your phone number at the till. Your card opens on your phone; "
        "show it when you pay, and the points are there before the tea is cold.</p>",
        "zh-hans": "<p>扫一扫桌上的二维码，或在收银台报手机号。会员卡就在手机里，结账时出示，积分马上到账。</p>",
    },
    hours={"en": "Lunch 11:00–14:30\nDinner 17:00–22:00", "zh-hans": "午市 11:00–14:30\n晚市 17:00–22:00"},
    join_title={"en": "The first cup is on its way", "zh-hans": "先坐下，再入会"},
    join_words={
        "en": "Free to join, and counted from today's bill.",
        "zh-hans": "免费加入，从今天这一单开始算。",
    },
    rule_name={"en": "Points for spending", "zh-hans": "消费积分"},
    points=1,
    per_amount=10 * YUAN,
    order=("text", "benefits", "branches", "join_call"),
    tiers=(
        TierDraft(
            code="guest",
            words={"en": "Guest", "zh-hans": "食客"},
            benefits={
                "en": ("Points with every meal", "Longevity noodles on your birthday"),
                "zh-hans": ("每餐都有积分", "生日送长寿面"),
            },
            threshold=0,
            discount=0,
            colour="#8c6a58",
        ),
        TierDraft(
            code="friend",
            words={"en": "Old friend", "zh-hans": "老友"},
            benefits={
                "en": ("New dishes a week early", "Tea on the house"),
                "zh-hans": ("新菜提前一周尝", "免茶位费"),
            },
            threshold=1500 * YUAN,
            discount=500,
            colour="#a35a2a",
        ),
        TierDraft(
            code="honoured",
            words={"en": "Guest of honour", "zh-hans": "座上宾"},
            benefits={
                "en": ("No queue on weekends", "A dish of the season each quarter", "Private room without minimum"),
                "zh-hans": ("周末免排队", "每季赠时令菜一道", "包间免低消"),
            },
            threshold=6000 * YUAN,
            discount=1200,
            colour="#6d1a1d",
        ),
    ),
)
