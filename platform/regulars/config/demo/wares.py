"""What the demo sells: a handful of products for each trade, books of prices, holidays, and a level of dealers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from regulars.config.demo.businesses import DemoBusiness
from regulars.config.demo.shelf import drawn

TEA, SWEETS, HOME = "茶水", "茶点", "带回家"
KINDS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "restaurant": ((TEA, "Tea", "茶水"), (SWEETS, "Sweets", "茶点"), (HOME, "To take home", "带回家")),
    "gym": (("Classes", "Classes", "课程"), ("Bar", "Bar", "饮品")),
}
"""The kinds of goods, as the rules of the demo name them, with their words."""
WARES: dict[str, tuple[dict[str, Any], ...]] = {
    "restaurant": (
        {"sku": "T01", "en": "Longjing, a pot", "zh-hans": "龙井", "price": 6800, "kind": TEA, "drawn": "cup"},
        {"sku": "T02", "en": "Pu'er, a pot", "zh-hans": "普洱", "price": 8800, "kind": TEA},
        {"sku": "T03", "en": "Tieguanyin, a pot", "zh-hans": "铁观音", "price": 7200, "kind": TEA},
        {"sku": "S01", "en": "Plate of sweets", "zh-hans": "茶点拼盘", "price": 4800, "kind": SWEETS, "drawn": "cake"},
        {"sku": "S02", "en": "Osmanthus cake", "zh-hans": "桂花糕", "price": 2600, "kind": SWEETS},
        {"sku": "R01", "en": "Private room", "zh-hans": "包间", "price": 19800, "service": True},
        {
            "sku": "H01",
            "en": "Tin of Longjing, 250 g",
            "zh-hans": "龙井礼罐 250 克",
            "price": 26800,
            "kind": HOME,
            "drawn": "tin",
            "barcode": "6901234567892",
            "tax": 1300,
        },
        {
            "sku": "H02",
            "en": "Spring cake of the year, numbered",
            "zh-hans": "年度春饼（限量编号）",
            "price": 58800,
            "kind": HOME,
            "stock": 60,
            "per_member": 2,
        },
        {
            "sku": "D01",
            "en": "Crate of Longjing, 20 tins",
            "zh-hans": "龙井整箱 20 罐",
            "price": 428000,
            "dealers": True,
        },
    ),
    "gym": (
        {"sku": "G01", "en": "Day pass", "zh-hans": "单日券", "price": 1500, "service": True},
        {
            "sku": "G02",
            "en": "Personal training",
            "zh-hans": "私教课",
            "price": 4500,
            "kind": "Classes",
            "service": True,
        },
        {"sku": "G03", "en": "Spin class", "zh-hans": "动感单车", "price": 1200, "kind": "Classes", "service": True},
        {
            "sku": "B01",
            "en": "Protein shake",
            "zh-hans": "蛋白奶昔",
            "price": 450,
            "kind": "Bar",
            "drawn": "cup",
            "tax": 2000,
        },
        {"sku": "B02", "en": "Towel", "zh-hans": "毛巾", "price": 300, "barcode": "5012345678900", "tax": 2000},
        {
            "sku": "B03",
            "en": "North Gym bottle",
            "zh-hans": "运动水壶",
            "price": 1600,
            "stock": 40,
            "drawn": "tin",
            "tax": 2000,
        },
    ),
}
HOLIDAYS: dict[str, tuple[tuple[str, str, dt.date, dt.date], ...]] = {
    "restaurant": (
        ("Spring Festival", "春节", dt.date(2027, 2, 5), dt.date(2027, 2, 11)),
        ("National Day", "国庆节", dt.date(2027, 10, 1), dt.date(2027, 10, 7)),
    ),
    "gym": (("New Year's Day", "元旦", dt.date(2027, 1, 1), dt.date(2027, 1, 1)),),
}


def lay_out(demo: DemoBusiness) -> None:
    """Put the products of a demo business into its catalogue, inside it; nothing where there are some."""
    from regulars.catalogue.models import Product
    from regulars.catalogue.services.products import save_category, save_product

    if Product.objects.exists():
        return
    kinds = {
        kind: save_category(kind=kind, words={"en": english, "zh-hans": chinese}, position=place)
        for place, (kind, english, chinese) in enumerate(KINDS[demo.trade])
    }
    made = {}
    for ware in WARES[demo.trade]:
        words = {language: ware[language] for language in ("en", "zh-hans")}
        made[ware["sku"]] = save_product(
            sku=ware["sku"],
            barcode=ware.get("barcode", ""),
            words=words,
            price=ware["price"],
            kind="service" if ware.get("service") else "goods",
            category=kinds.get(ware.get("kind", "")),
            tax_rate=ware.get("tax", 0),
            audience="dealers" if ware.get("dealers") else "everybody",
            stock=ware.get("stock"),
            per_member=ware.get("per_member"),
            picture=drawn(ware["drawn"]) if "drawn" in ware else None,
            picture_words=words,
        )
    _price(demo, made)


def _price(demo: DemoBusiness, made: dict[str, Any]) -> None:
    """Prices for the highest tier, a member day, a holiday, and in the tea house for dealers."""
    from regulars.catalogue.services.dealers import save_level
    from regulars.catalogue.services.price_books import save_book, save_holiday, set_prices
    from regulars.loyalty.models import Tier

    for english, chinese, first, last in HOLIDAYS[demo.trade]:
        save_holiday(words={"en": english, "zh-hans": chinese}, starts_on=first, ends_on=last)
    tiers = list(Tier.objects.filter(track__is_default=True).order_by("threshold"))
    dear = made["H01"] if "H01" in made else made["G02"]
    words = {"en": "Member day", "zh-hans": "会员日价"}
    book = save_book(kind="tier", words=words, tier=tiers[0], month_days=[8, 18, 28])
    set_prices(book=book, product=dear, prices={1: dear.price * 85 // 100})
    words = {
        language: f"{tiers[-1].words.get(language, '')}{tail}"
        for language, tail in (("en", " price"), ("zh-hans", "价"))
    }
    book = save_book(kind="tier", words=words, tier=tiers[-1])
    set_prices(book=book, product=dear, prices={1: dear.price * 8 // 10})
    book = save_book(kind="list", words={"en": "Holiday price", "zh-hans": "节日特惠"}, on_holidays=True)
    set_prices(book=book, product=dear, prices={1: dear.price * 9 // 10})
    if "D01" in made:
        level = save_level(words={"en": "Tea shop", "zh-hans": "茶叶店"}, rank=10)
        book = save_book(kind="dealer", words={"en": "Dealer price", "zh-hans": "经销价"}, level=level)
        set_prices(book=book, product=dear, prices={1: 18_800, 20: 17_200})
        set_prices(book=book, product=made["D01"], prices={1: 360_000, 5: 330_000})
