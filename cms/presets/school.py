"""The school or training centre: a desk, a course, the next one."""

from __future__ import annotations

from cms.presets.preset import YUAN, Preset, TierDraft

PRESET = Preset(
    trade="school",
    accent="#4338a0",
    layout="notebook",
    hero_title={"en": "Keep learning, it adds up", "zh-hans": "学得越多，收获越多"},
    hero_lede={
        "en": "Points for every course and book. They become a better fee for the next one, for you and your family.",
        "zh-hans": "每门课、每本书都有积分，下一门课学费更优惠，全家都能用。",
    },
    description={
        "en": "Join free: points for every course and lower fees for those who stay.",
        "zh-hans": "免费入会：课程积分，续报更优惠。",
    },
    ladder_title={"en": "Step by step", "zh-hans": "一步一个台阶"},
    ladder_lede={
        "en": "Courses, exams and books of twelve months count together.",
        "zh-hans": "十二个月内的课程、考试与教材一并累计。",
    },
    story_title={"en": "Three things to note", "zh-hans": "记好这三点"},
    story={
        "en": "<ol><li>Join with your phone number or e-mail; it is free.</li><li>Show your card at the desk when you "
        "enrol.</li><li>See on your phone what you have earned and what the next step brings.</li></ol>",
        "zh-hans": "<ol><li>用手机号或邮箱免费加入。</li><li>报名缴费时出示会员卡。</li>"
        "<li>在手机上查看积分，以及下一级有什么。</li></ol>",
    },
    hours={
        "en": "Monday to Friday 09:00–21:00\nWeekend 08:30–18:00",
        "zh-hans": "周一至周五 09:00–21:00\n周末 08:30–18:00",
    },
    join_title={"en": "The first page is yours", "zh-hans": "翻开第一页"},
    join_words={"en": "Free for students and parents.", "zh-hans": "学员与家长均可免费加入。"},
    rule_name={"en": "Points for spending", "zh-hans": "消费积分"},
    points=1,
    per_amount=20 * YUAN,
    order=("text", "benefits", "branches", "join_call"),
    tiers=(
        TierDraft(
            code="learner",
            words={"en": "Learner", "zh-hans": "学员"},
            benefits={
                "en": ("Points for every course", "Open reading room"),
                "zh-hans": ("每门课程都有积分", "自习室免费开放"),
            },
            threshold=0,
            discount=0,
            colour="#6c6f8a",
        ),
        TierDraft(
            code="scholar",
            words={"en": "Scholar", "zh-hans": "优学"},
            benefits={
                "en": ("Enrol a week early", "One missed lesson made up"),
                "zh-hans": ("提前一周选课", "可补课一次"),
            },
            threshold=5000 * YUAN,
            discount=500,
            colour="#5a4fb0",
        ),
        TierDraft(
            code="fellow",
            words={"en": "Fellow", "zh-hans": "卓越"},
            benefits={
                "en": ("Seminars for members only", "A talk with your teacher each term", "A guest seat for a friend"),
                "zh-hans": ("会员专享研讨会", "每学期一次教师面谈", "可带一位朋友旁听"),
            },
            threshold=20000 * YUAN,
            discount=1000,
            colour="#2c2670",
        ),
    ),
)
