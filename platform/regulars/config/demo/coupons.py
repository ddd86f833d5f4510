"""The demo's coupons: for joining, birthdays and who is long not seen, one that lies open, and a shared code."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from regulars.config.demo.businesses import DemoBusiness

GOODS = {"restaurant": "茶点", "gym": "Classes"}
GIFTS = {
    "restaurant": {"en": "A pot of jasmine tea", "zh-hans": "茉莉花茶一壶"},
    "gym": {"en": "A towel to keep", "zh-hans": "纪念毛巾一条"},
}
SHARED = "SPRING20"
HAVE_SOME = 40
"""So many of the first members have a coupon or two."""


@transaction.atomic
def put_up(demo: DemoBusiness) -> None:
    """Coupons for everybody, and some in wallets, all or none; nothing where they are there already."""
    from regulars.loyalty.coupons.batches import share_code
    from regulars.loyalty.coupons.giving import give_many
    from regulars.loyalty.coupons.models import CouponTemplate
    from regulars.loyalty.coupons.templating import TemplateTerms, save_template
    from regulars.organisation.models import Staff
    from regulars.people.models import Member

    if CouponTemplate.objects.exists():
        return
    saved = [save_template(terms=TemplateTerms(**planned)) for planned in _planned(demo)]
    members = list(Member.objects.order_by("pk").values_list("pk", flat=True)[:HAVE_SOME])
    give_many(template=saved[3], members=members[::3], key="demo-birthday", by="")
    give_many(template=saved[4], members=members[::2], key="demo-gift", by="")
    owner = Staff.objects.order_by("pk")[0]
    share_code(
        template=saved[3],
        name="春季" if demo.language == "zh-hans" else "Spring",
        code=SHARED,
        most_claims=500,
        by=owner,
    )


def _planned(demo: DemoBusiness) -> list[dict[str, Any]]:
    goods = [GOODS[demo.trade]]
    return [
        {
            "kind": "amount",
            "value": 1_000,
            "words": {"en": "Welcome", "zh-hans": "新会员礼券"},
            "occasion": "welcome",
            "least_spend": 5_000,
            "days": 30,
            "most_per_member": 1,
            "is_given_by_itself": True,
        },
        {
            "kind": "percent",
            "value": 2_000,
            "most_off": 5_000,
            "words": {"en": "Happy birthday", "zh-hans": "生日快乐"},
            "occasion": "birthday",
            "days": 14,
            "is_given_by_itself": True,
        },
        {
            "kind": "amount",
            "value": 2_000,
            "least_spend": 8_000,
            "words": {"en": "We have missed you", "zh-hans": "好久不见"},
            "occasion": "wake_up",
            "days": 21,
            "is_given_by_itself": True,
            "idle_days": 60,
            "again_days": 180,
        },
        {
            "kind": "percent",
            "value": 1_200,
            "most_off": 5_000,
            "words": {"en": "A little spring", "zh-hans": "春日小惊喜"},
            "days": 60,
        },
        {
            "kind": "gift",
            "words": GIFTS[demo.trade],
            "days": 90,
            "stacking": "joint",
            "stacking_group": "gift",
            "is_transferable": True,
        },
        {
            "kind": "service",
            "words": {"en": "Member day", "zh-hans": "会员日"},
            "occasion": "member_day",
            "categories": goods,
            "weekdays": [2],
            "days": 31,
            "most_per_member": 1,
            "is_open": True,
        },
    ]
