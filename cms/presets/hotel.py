"""The hotel: nights, rooms, and somebody who remembers the pillow."""

from __future__ import annotations

from cms.presets.preset import YUAN, Preset, TierDraft

PRESET = Preset(
    trade="hotel",
    accent="#1f4b73",
    layout="stay",
    hero_title={"en": "Arrive as a guest, return as one of us", "zh-hans": "来时是客，再来是家"},
    hero_lede={
        "en": "Points for every night, a better room when there is one, and time to sleep in.",
        "zh-hans": "每晚住宿都有积分，有好房优先为你升级，还可以多睡一会儿。",
    },
    description={
        "en": "Join free: points for every stay, room upgrades and late checkout.",
        "zh-hans": "免费入会：住宿积分、客房升级、延迟退房。",
    },
    ladder_title={"en": "What awaits you", "zh-hans": "会员礼遇"},
    ladder_lede={
        "en": "Rooms, meals and everything else on your bill count, over twelve months.",
        "zh-hans": "房费、餐饮等账单消费全部计入，按十二个月累计。",
    },
    story_title={"en": "From the door to the room in two minutes", "zh-hans": "从大门到房间，两分钟"},
    story={
        "en": "<p>Give your phone number at the desk and we know what you like: the floor, the pillow, the hour of "
        "breakfast. Your card is on your phone; the rest is our work.</p>",
        "zh-hans": "<p>在前台报手机号，喜欢的楼层、枕头和早餐时间我们都记得。会员卡就在手机里，其余的交给我们。</p>",
    },
    hours={
        "en": "Reception day and night\nCheck-in from 14:00, checkout until 12:00",
        "zh-hans": "前台 24 小时服务\n14:00 起入住，12:00 前退房",
    },
    join_title={"en": "Join before you unpack", "zh-hans": "放下行李，顺手入会"},
    join_words={"en": "This stay already counts.", "zh-hans": "这次入住就开始累计。"},
    rule_name={"en": "Points for spending", "zh-hans": "消费积分"},
    points=1,
    per_amount=1 * YUAN,
    tiers=(
        TierDraft(
            code="classic",
            words={"en": "Classic", "zh-hans": "悦客"},
            benefits={
                "en": ("Points for every night", "Free wireless network in every room"),
                "zh-hans": ("每晚住宿都有积分", "全店免费无线网络"),
            },
            threshold=0,
            discount=0,
            colour="#5f7485",
        ),
        TierDraft(
            code="silver",
            words={"en": "Silver", "zh-hans": "银卡"},
            benefits={
                "en": ("Late checkout until 14:00", "A drink on arrival"),
                "zh-hans": ("延迟退房至 14:00", "入住欢迎饮品"),
            },
            threshold=5000 * YUAN,
            discount=500,
            colour="#76838f",
        ),
        TierDraft(
            code="gold",
            words={"en": "Gold", "zh-hans": "金卡"},
            benefits={
                "en": ("Free room upgrade when there is one", "Breakfast for two", "Late checkout until 16:00"),
                "zh-hans": ("有房时免费升级房间", "双人早餐", "延迟退房至 16:00"),
            },
            threshold=20000 * YUAN,
            discount=1000,
            colour="#9b7a36",
        ),
        TierDraft(
            code="platinum",
            words={"en": "Platinum", "zh-hans": "白金卡"},
            benefits={
                "en": ("A room for you up to 48 hours ahead", "Your own contact day and night"),
                "zh-hans": ("提前 48 小时保证有房", "专属客服，昼夜都在"),
            },
            threshold=50000 * YUAN,
            discount=1500,
            colour="#22364a",
        ),
    ),
)
