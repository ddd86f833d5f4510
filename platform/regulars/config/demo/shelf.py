"""What the demo's points are good for: a shelf with pictures, a benefit, a task, and members who make use of them."""

from __future__ import annotations

import datetime as dt
import io
import random
from typing import Any

from regulars.config.demo.businesses import DemoBusiness

OPENS_ON = 60
"""The day of the year on which the shelf is put up."""
SHELVES: dict[str, tuple[dict[str, Any], ...]] = {
    "restaurant": (
        {"en": "A pot of Longjing", "zh-hans": "龙井一壶", "points": 150, "stock": 200, "drawn": "cup"},
        {"en": "Osmanthus cake", "zh-hans": "桂花糕一份", "points": 80, "stock": 120, "drawn": "cake"},
        {"en": "A private room for an hour", "zh-hans": "包间一小时", "points": 400, "kind": "service"},
        {"en": "A Pu'er cake to take home", "zh-hans": "普洱茶饼", "points": 1200, "stock": 12, "drawn": "tin"},
    ),
    "gym": (
        {"en": "Protein shake", "zh-hans": "蛋白奶昔", "points": 60, "stock": 150, "drawn": "cup"},
        {"en": "A day pass for a friend", "zh-hans": "好友单日券", "points": 120, "kind": "privilege"},
        {"en": "An hour with a trainer", "zh-hans": "一小时私教", "points": 400, "kind": "service"},
        {"en": "North Gym bottle", "zh-hans": "运动水壶", "points": 250, "stock": 0, "drawn": "tin"},
    ),
}
EXTRAS = {
    "restaurant": {
        "benefit": {"en": "A larger room when one is free", "zh-hans": "有空房时升级大包间"},
        "task": {"en": "Write a first review", "zh-hans": "写第一条点评"},
        "rule": "茶点双倍积分",
        "goods": "茶点",
    },
    "gym": {
        "benefit": {"en": "A towel on the house", "zh-hans": "免费毛巾"},
        "task": {"en": "Book a first class in the app", "zh-hans": "首次预约课程"},
        "rule": "Double points for classes",
        "goods": "Classes",
    },
}
GOODS = {
    **dict.fromkeys(("龙井", "普洱", "铁观音"), "茶水"),
    **dict.fromkeys(("茶点拼盘", "桂花糕"), "茶点"),
    **dict.fromkeys(("Personal training", "Spin class"), "Classes"),
}
"""The kind of goods of what is on the menu; none for the rest."""


def put_up(demo: DemoBusiness) -> None:
    """Rewards, a benefit of every tier but the first, and a task; nothing where the shelf stands already."""
    from regulars.loyalty.benefits.services import save_benefit
    from regulars.loyalty.models import Tier
    from regulars.loyalty.points.tasks import save_task
    from regulars.loyalty.rewards.models import Reward
    from regulars.loyalty.rewards.shelving import save_reward

    if Reward.objects.exists():
        return
    for planned in SHELVES[demo.trade]:
        words = {language: planned[language] for language in ("en", "zh-hans")}
        save_reward(
            kind=planned.get("kind", "goods"),
            words=words,
            details={},
            points=planned["points"],
            stock=planned.get("stock"),
            collect_days=30,
            picture=drawn(planned["drawn"]) if "drawn" in planned else None,
            picture_words=words,
        )
    extras: dict[str, Any] = EXTRAS[demo.trade]
    higher = Tier.objects.filter(track__is_default=True, threshold__gt=0)
    save_benefit(
        code="extra", kind="free_upgrade", words=extras["benefit"], details={}, uses=4, grants=dict.fromkeys(higher)
    )
    save_task(code="first-step", words=extras["task"], points=20)


def make_use(demo: DemoBusiness, offset: int, *, is_last: bool) -> None:
    """On one day somebody redeems and somebody uses a benefit; what is redeemed on the last days still waits."""
    from regulars.errors import RegularsError
    from regulars.loyalty.benefits.models import Benefit
    from regulars.loyalty.benefits.services import use
    from regulars.loyalty.rewards.models import Redemption, Reward
    from regulars.loyalty.rewards.services import hand_over, redeem
    from regulars.organisation.selectors import open_branches
    from regulars.people.models import Member

    chance = random.Random(f"{demo.slug}:shelf:{offset}")
    key = f"demo-shelf-{demo.slug}-{offset}"
    if Redemption.objects.filter(key=key).exists():
        return
    branch, cashier = chance.choice(open_branches()), _cashier()
    member = chance.choice(list(Member.objects.select_related("wallet", "standing__tier").order_by("pk")[:40]))
    try:
        done = redeem(member=member, reward=chance.choice(list(Reward.objects.order_by("pk")[:3])), key=key)
        if not is_last and cashier is not None:
            hand_over(redemption=done, branch=branch, by=cashier)
    except RegularsError:  # too few points, or all gone: nobody redeems on this day
        pass
    benefit = Benefit.objects.filter(code="extra").first()
    try:
        if benefit is not None and chance.random() < 0.4:
            use(member=member, benefit=benefit, key=f"{key}-use", branch=branch, staff=cashier)
    except RegularsError:  # not of a tier that has it, or used up
        pass


def finish(demo: DemoBusiness) -> None:
    """A rule for one kind of goods from today on, so that the counter asks for the kind."""
    from regulars.loyalty.models import PointsRule
    from regulars.loyalty.points.services import save_points_rule

    extras: dict[str, Any] = EXTRAS[demo.trade]
    if not PointsRule.objects.filter(name=extras["rule"]).exists():
        save_points_rule(name=extras["rule"], points=1, per_amount=1000, categories=[extras["goods"]])


def _cashier() -> Any:
    from regulars.organisation.models import Role, Staff

    return Staff.objects.filter(role=Role.CASHIER).order_by("pk").first()


def drawn(what: str) -> Any:
    """A picture of few shapes, drawn here: a cup, a piece of cake, a tin."""
    from django.core.files.base import ContentFile
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (640, 640), {"cup": "#dfe8dc", "cake": "#f3e4cf", "tin": "#dde3ea"}[what])
    draw = ImageDraw.Draw(picture)
    draw.ellipse((110, 470, 530, 560), fill="#c9cfc4")
    if what == "cup":
        draw.arc((410, 250, 540, 410), 250, 110, fill="#2f6b4f", width=26)
        draw.rounded_rectangle((150, 210, 450, 500), 90, fill="#3f8562")
        draw.ellipse((165, 190, 435, 260), fill="#b9cf8f")
    elif what == "cake":
        draw.polygon(((120, 470), (330, 210), (540, 470)), fill="#e2b45f")
        draw.polygon(((120, 470), (540, 470), (540, 520), (120, 520)), fill="#b9812f")
        for left, top in ((290, 300), (350, 380), (230, 400), (430, 420)):
            draw.ellipse((left, top, left + 26, top + 26), fill="#c8572a")
    else:
        draw.rounded_rectangle((190, 190, 450, 530), 36, fill="#47617d")
        draw.rounded_rectangle((210, 130, 430, 220), 24, fill="#2d4057")
        draw.rectangle((190, 300, 450, 410), fill="#e9dcc3")
    file = io.BytesIO()
    picture.save(file, "PNG")
    return ContentFile(file.getvalue(), name=f"{what}.png")


def is_open_on(offset: int) -> bool:
    """Whether the shelf stands on a day of the year."""
    return offset >= OPENS_ON


def is_among_the_last(date: dt.date, today: dt.date) -> bool:
    """Whether what is redeemed on a day still waits to be collected."""
    return (today - date).days < 6
