"""The dealer network: orders, levels, terms that hold for a year."""

from __future__ import annotations

from cms.presets.preset import YUAN, Preset, TierDraft

PRESET = Preset(
    trade="dealers",
    accent="#0e6070",
    layout="network",
    hero_title={"en": "Terms that grow with your orders", "zh-hans": "订得越多，条件越好"},
    hero_lede={
        "en": "Register as a dealer, order at your level's price and move up by what you sell.",
        "zh-hans": "注册成为经销商，按等级价订货，凭销量逐级升级。",
    },
    description={
        "en": "Register as a dealer: prices by level, points on every order.",
        "zh-hans": "注册经销商：分级价格，每单积分。",
    },
    ladder_title={"en": "Levels and terms", "zh-hans": "等级与条件"},
    ladder_lede={
        "en": "Orders of the last twelve months decide your level, without asking.",
        "zh-hans": "按最近十二个月订货额自动定级，无需申请。",
    },
    story_title={"en": "One account for head office and branches", "zh-hans": "总部与网点，一个账户"},
    story={
        "en": "<p>Register with your business phone or e-mail. Your account manager sees your level with every order, "
        "and you see the points and what is missing to the next one.</p>",
        "zh-hans": "<p>用业务手机号或邮箱注册。每次订货，客户经理都能看到你的等级；"
        "积分和距下一级的差额，你随时可查。</p>",
    },
    hours={"en": "Orders Monday to Saturday 08:30–18:00", "zh-hans": "订货时间：周一至周六 08:30–18:00"},
    join_title={"en": "Become a dealer", "zh-hans": "成为经销商"},
    join_words={
        "en": "Registration takes a minute; your level starts with your first order.",
        "zh-hans": "注册只需一分钟，从第一单开始计算等级。",
    },
    rule_name={"en": "Points for orders", "zh-hans": "订货积分"},
    points=1,
    per_amount=100 * YUAN,
    order=("benefits", "text", "join_call", "branches"),
    tiers=(
        TierDraft(
            code="dealer",
            words={"en": "Dealer", "zh-hans": "经销商"},
            benefits={
                "en": ("Points on every order", "Product training online"),
                "zh-hans": ("每单都有积分", "线上产品培训"),
            },
            threshold=0,
            discount=0,
            colour="#5c7378",
        ),
        TierDraft(
            code="silver",
            words={"en": "Silver dealer", "zh-hans": "银牌经销商"},
            benefits={
                "en": ("Orders dispatched first", "Display material free of charge"),
                "zh-hans": ("优先发货", "免费提供陈列物料"),
            },
            threshold=50000 * YUAN,
            discount=500,
            colour="#6f7f88",
        ),
        TierDraft(
            code="gold",
            words={"en": "Gold dealer", "zh-hans": "金牌经销商"},
            benefits={
                "en": ("Your own account manager", "New products a month early"),
                "zh-hans": ("专属客户经理", "新品提前一个月供货"),
            },
            threshold=200000 * YUAN,
            discount=1000,
            colour="#94752f",
        ),
        TierDraft(
            code="core",
            words={"en": "Core partner", "zh-hans": "核心经销商"},
            benefits={
                "en": ("A say in the yearly range", "Protected territory"),
                "zh-hans": ("参与年度选品", "区域保护"),
            },
            threshold=500000 * YUAN,
            discount=1500,
            colour="#113a45",
        ),
    ),
)
