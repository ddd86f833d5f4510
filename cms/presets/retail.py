"""The shop: a window, a till, people who come back every week."""

from __future__ import annotations

from cms.presets.preset import YUAN, Preset, TierDraft

PRESET = Preset(
    trade="retail",
    accent="#b4532a",
    layout="shelf",
    hero_title={"en": "Every visit is worth more the next time", "zh-hans": "每次来逛，都算数"},
    hero_lede={
        "en": "Join free in under a minute. Points on everything you buy, and a better price the more often you come.",
        "zh-hans": "一分钟免费入会。买什么都有积分，来得越多，价格越好。",
    },
    description={
        "en": "Join free, collect points on every purchase and move up to a better price.",
        "zh-hans": "免费入会，消费即有积分，等级越高价格越优惠。",
    },
    ladder_title={"en": "What membership gives you", "zh-hans": "会员权益"},
    ladder_lede={
        "en": "Your tier follows what you spend in twelve months. It goes up by itself, at the till.",
        "zh-hans": "按最近十二个月的消费自动升级，结账时即刻生效。",
    },
    story_title={"en": "How it works", "zh-hans": "怎么用"},
    story={
        "en": "<ol><li>Join with your phone number or e-mail.</li><li>Show your card on your phone when you pay.</li>"
        "<li>See your points and what they are good for, any time.</li></ol>",
        "zh-hans": "<ol><li>用手机号或邮箱加入。</li><li>结账时出示手机里的会员卡。</li>"
        "<li>随时查看积分和可以享受的权益。</li></ol>",
    },
    hours={"en": "Daily 10:00–21:00", "zh-hans": "每天 10:00–21:00"},
    join_title={"en": "Your card is ready when you are", "zh-hans": "会员卡已为你备好"},
    join_words={"en": "No form to print, no plastic to carry.", "zh-hans": "不用填表，不用带卡。"},
    rule_name={"en": "Points for spending", "zh-hans": "消费积分"},
    points=1,
    per_amount=10 * YUAN,
    tiers=(
        TierDraft(
            code="regular",
            words={"en": "Regular", "zh-hans": "普卡"},
            benefits={
                "en": ("Points on every purchase", "A small gift in your birthday month"),
                "zh-hans": ("每笔消费都有积分", "生日当月有小礼物"),
            },
            threshold=0,
            discount=0,
            colour="#8a6f5e",
        ),
        TierDraft(
            code="silver",
            words={"en": "Silver", "zh-hans": "银卡"},
            benefits={
                "en": ("Invitations before each sale", "Exchange without receipt within 30 days"),
                "zh-hans": ("促销提前通知", "30 天内无小票可换货"),
            },
            threshold=2000 * YUAN,
            discount=500,
            colour="#7b838c",
        ),
        TierDraft(
            code="gold",
            words={"en": "Gold", "zh-hans": "金卡"},
            benefits={
                "en": ("First choice of limited editions", "Free gift wrapping", "Free delivery in town"),
                "zh-hans": ("限量商品优先购买", "免费礼品包装", "同城免费送货"),
            },
            threshold=8000 * YUAN,
            discount=1000,
            colour="#a8792a",
        ),
        TierDraft(
            code="vip",
            words={"en": "VIP", "zh-hans": "贵宾卡"},
            benefits={
                "en": ("A yearly gift made for you", "Your own contact in the shop"),
                "zh-hans": ("每年一份定制礼品", "专属店员一对一服务"),
            },
            threshold=20000 * YUAN,
            discount=2000,
            colour="#3b2a24",
        ),
    ),
)
