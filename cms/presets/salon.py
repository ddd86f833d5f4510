"""The salon or spa: a mirror, a pair of hands, an hour for oneself."""

from __future__ import annotations

from cms.presets.preset import YUAN, Preset, TierDraft

PRESET = Preset(
    trade="salon",
    accent="#8b3a6b",
    layout="mirror",
    hero_title={"en": "An hour that is yours", "zh-hans": "把这一小时，留给自己"},
    hero_lede={
        "en": "Points for every treatment, your stylist and your colour remembered, and better prices as you return.",
        "zh-hans": "每次护理都有积分，你的发型师和发色我们都记得；来得越多，价格越贴心。",
    },
    description={
        "en": "Join free: points for every treatment and a better price with every tier.",
        "zh-hans": "免费入会：每次护理都有积分，等级越高折扣越多。",
    },
    ladder_title={"en": "The more you come, the softer the price", "zh-hans": "越来越美，越来越省"},
    ladder_lede={
        "en": "Treatments and products count together, over twelve months.",
        "zh-hans": "护理与产品消费一并累计，按十二个月计算。",
    },
    story_title={"en": "We remember, so you can rest", "zh-hans": "我们记得，你只管放松"},
    story={
        "en": "<p>What colour it was, how short, which tea: it is all on your card. Show it when you arrive and lean "
        "back.</p>",
        "zh-hans": "<p>上次的颜色、剪了多短、爱喝什么茶，都在你的会员卡里。到店出示，然后靠着歇会儿。</p>",
    },
    hours={"en": "Tuesday to Sunday 10:00–20:00\nMonday closed", "zh-hans": "周二至周日 10:00–20:00\n周一休息"},
    join_title={"en": "Start with your next visit", "zh-hans": "从下一次到店开始"},
    join_words={"en": "Free, and done before the kettle boils.", "zh-hans": "免费入会，水还没烧开就办好了。"},
    rule_name={"en": "Points for spending", "zh-hans": "消费积分"},
    points=1,
    per_amount=10 * YUAN,
    order=("text", "benefits", "join_call", "branches"),
    tiers=(
        TierDraft(
            code="glow",
            words={"en": "Glow", "zh-hans": "初见"},
            benefits={
                "en": ("Points for every treatment", "A care sample with each visit"),
                "zh-hans": ("每次护理都有积分", "到店赠护理小样"),
            },
            threshold=0,
            discount=0,
            colour="#9c7488",
        ),
        TierDraft(
            code="shine",
            words={"en": "Shine", "zh-hans": "焕颜"},
            benefits={
                "en": ("A fringe trim between visits", "Birthday treatment at half price"),
                "zh-hans": ("两次之间免费修刘海", "生日护理半价"),
            },
            threshold=3000 * YUAN,
            discount=1000,
            colour="#8b4a73",
        ),
        TierDraft(
            code="radiance",
            words={"en": "Radiance", "zh-hans": "臻享"},
            benefits={
                "en": ("Your stylist first", "A scalp treatment every quarter", "Evening appointments"),
                "zh-hans": ("优先预约指定发型师", "每季一次头皮护理", "可约夜间时段"),
            },
            threshold=10000 * YUAN,
            discount=2000,
            colour="#56264a",
        ),
    ),
)
