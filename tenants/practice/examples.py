"""Made-up members who have bought now and then, made by the product's own services with the clock turned back.

The same every time, so that a lesson can say "look up Mia". Phone numbers are the examples that the numbering plan of
the country gives; nothing is sent to them or to anybody from a practice place.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

import phonenumbers

from regulars import clock
from regulars.catalogue.examples import likely_price
from regulars.operations.models import OutboxEvent
from regulars.organisation.models import Branch
from regulars.organisation.selectors import open_branches, organisation
from regulars.people.contacts import Contact
from regulars.people.models import Member
from regulars.people.services import join
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote
from tenants.practice.coupons import put_in_wallets

DAYS = 75
SALES = 24
NAMES = {
    "en": ("Mia Taylor", "Leo Brown", "Ivy Patel", "Oscar Evans", "Freya Khan", "Noah Wright", "Ava Green", "Max Hall"),
    "zh-hans": ("王思远", "李雨桐", "张子涵", "陈佳怡", "刘浩然", "赵静怡", "周俊杰", "吴晓燕"),
}
THINGS: dict[str, dict[str, tuple[tuple[str, int], ...]]] = {
    "retail": {
        "en": (("Linen shirt", 298), ("Candle", 88), ("Tote bag", 128), ("Notebook", 36)),
        "zh-hans": (("亚麻衬衫", 298), ("香薰蜡烛", 88), ("帆布袋", 128), ("笔记本", 36)),
    },
    "restaurant": {
        "en": (("Pot of tea", 68), ("Lunch for one", 88), ("Cake", 36), ("Dinner for two", 328)),
        "zh-hans": (("龙井", 68), ("单人午餐", 88), ("桂花糕", 36), ("双人晚餐", 328)),
    },
    "hotel": {
        "en": (("One night", 680), ("Breakfast", 98), ("Laundry", 60), ("Late check-out", 200)),
        "zh-hans": (("标准间一晚", 680), ("早餐", 98), ("洗衣", 60), ("延迟退房", 200)),
    },
    "salon": {
        "en": (("Haircut", 168), ("Colour", 580), ("Manicure", 198), ("Hair oil", 128)),
        "zh-hans": (("剪发", 168), ("染发", 580), ("美甲", 198), ("护发精油", 128)),
    },
    "gym": {
        "en": (("Day pass", 98), ("Personal training", 380), ("Spin class", 88), ("Protein shake", 35)),
        "zh-hans": (("单日卡", 98), ("私教课", 380), ("动感单车", 88), ("蛋白饮", 35)),
    },
    "school": {
        "en": (("Trial lesson", 99), ("Month of lessons", 1280), ("Workbook", 48), ("Exam fee", 260)),
        "zh-hans": (("体验课", 99), ("一个月课程", 1280), ("练习册", 48), ("考试费", 260)),
    },
    "dealers": {
        "en": (("Spare part", 220), ("Service", 480), ("Accessory", 160), ("Cleaning kit", 68)),
        "zh-hans": (("配件", 220), ("保养", 480), ("精品", 160), ("清洁套装", 68)),
    },
}
"""What is sold, by trade and language, with its price in yuan."""


@dataclass(frozen=True)
class Example:
    """One made-up member."""

    name: str
    contact: Contact
    joined: int
    """Days before today."""


def examples(*, language: str, country: str) -> list[Example]:
    """The members, each with a contact that is valid in the country; by e-mail where it has no example number."""
    chance = random.Random("practice")
    number = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    return [
        Example(name=name, contact=_contact(number, place), joined=chance.randrange(20, DAYS))
        for place, name in enumerate(NAMES[language], start=1)
    ]


def let_them_buy() -> None:
    """Fill the business this thread is in with members and sales; nobody is told of what is long over."""
    settings, branches = organisation(), open_branches()
    if not branches:
        return
    told = OutboxEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    chance = random.Random("practice")
    today = clock.start_of(clock.today())
    members = []
    for place, example in enumerate(examples(language=settings.language, country=settings.country)):
        with clock.turned_to(today - dt.timedelta(days=example.joined, hours=-9)):
            members.append(
                join(
                    contact=example.contact,
                    name=example.name,
                    language=settings.language,
                    source="counter",
                    branch=branches[place % len(branches)],
                    agrees_to_marketing=place % 2 == 0,
                )
            )
    for number, days in enumerate(sorted((chance.randrange(1, 20) for _ in range(SALES)), reverse=True)):
        minutes = chance.randrange(10 * 60, 20 * 60)
        with clock.turned_to(today - dt.timedelta(days=days) + dt.timedelta(minutes=minutes)):
            _sell(number, members[number % len(members)], branches[number % len(branches)], chance)
    put_in_wallets(members)
    OutboxEvent.objects.filter(pk__gt=told, dispatched_at=None).update(dispatched_at=clock.now())


def _sell(number: int, member: Member, branch: Branch, chance: random.Random) -> None:
    settings = organisation()
    things = THINGS[settings.trade][settings.language]
    lines = [
        LineRequest(name, likely_price(yuan, settings.currency), 1)
        for name, yuan in chance.sample(things, chance.choice((1, 1, 2)))
    ]
    buyer = Member.objects.select_related("standing__tier").get(pk=member.pk)
    confirm(quote=quote(branch=branch, member=buyer, lines=lines), key=f"practice-{number:04d}", cashier=None)


def _contact(number: phonenumbers.PhoneNumber | None, place: int) -> Contact:
    if number is not None:
        number.national_number = int(number.national_number or 0) // 100 * 100 + place
        if phonenumbers.is_valid_number(number):
            return Contact("phone", phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return Contact("email", f"member{place}@practice.invalid")
