"""A handful of things that each trade sells, to begin a catalogue with: names in both languages, kinds, tax and prices.

A business opens without them. Its shop window is there for everybody at once, and its till would sell what nobody there
has; who wants to see how a catalogue looks takes them by one press (`services.examples`).
"""

from __future__ import annotations

from dataclasses import dataclass

from regulars.catalogue.models import ProductKind
from regulars.money import digits_of

THOUSANDTHS = {
    "CNY": 1000, "HKD": 1000, "MOP": 1000, "TWD": 4000, "THB": 5000, "PHP": 8000, "INR": 12_000, "RUB": 12_000,
    "JPY": 20_000, "KRW": 190_000, "IDR": 2_200_000, "VND": 3_500_000,
}  # fmt: skip
"""What a yuan becomes, so that prices look like prices; elsewhere seven yuan are about one of theirs."""
TAXES = {"CN": (1300, 600), "JP": (1000, 1000), "KR": (1000, 1000), "TW": (500, 500), "GB": (2000, 2000),
         "DE": (1900, 1900), "FR": (2000, 2000), "TH": (700, 700), "SG": (900, 900)}  # fmt: skip
"""The usual tax on goods and on services, hundredths of a percent, contained in the price; elsewhere nothing."""


@dataclass(frozen=True)
class Ware:
    """An example: its kind of goods by place among the shelves of its trade, and its price in yuan."""

    sku: str
    shelf: int
    english: str
    chinese: str
    yuan: int
    kind: str = ProductKind.SERVICE

    @property
    def words(self) -> dict[str, str]:
        """Its name by language."""
        return {"en": self.english, "zh-hans": self.chinese}


GOODS = ProductKind.GOODS
SHELVES: dict[str, tuple[tuple[str, str], ...]] = {
    "retail": (("Clothing", "服饰"), ("Home", "家居")),
    "restaurant": (("Dishes", "菜品"), ("Drinks", "饮品")),
    "hotel": (("Rooms", "客房"), ("Extras", "增值服务")),
    "salon": (("Treatments", "护理项目"), ("Products", "护理产品")),
    "gym": (("Classes", "课程"), ("Bar", "饮品与用品")),
    "school": (("Lessons", "课程"), ("Material", "教材")),
    "dealers": (("Parts", "配件"), ("Service", "服务")),
}
"""The kinds of goods of each trade, English and Chinese, in their order."""
WARES: dict[str, tuple[Ware, ...]] = {
    "retail": (
        Ware("EX-01", 0, "Linen shirt", "亚麻衬衫", 298, GOODS),
        Ware("EX-02", 0, "Cotton scarf", "棉围巾", 128, GOODS),
        Ware("EX-03", 0, "Tote bag", "帆布袋", 88, GOODS),
        Ware("EX-04", 1, "Scented candle", "香薰蜡烛", 118, GOODS),
        Ware("EX-05", 1, "Ceramic mug", "陶瓷杯", 68, GOODS),
        Ware("EX-06", 1, "Gift wrapping", "礼品包装", 15),
    ),
    "restaurant": (
        Ware("EX-01", 0, "Lunch for one", "单人午餐", 68),
        Ware("EX-02", 0, "Dinner for two", "双人晚餐", 268),
        Ware("EX-03", 0, "Dessert of the day", "今日甜品", 36),
        Ware("EX-04", 1, "Pot of tea", "一壶茶", 48),
        Ware("EX-05", 1, "Coffee", "咖啡", 28),
        Ware("EX-06", 1, "House beans, 250 g", "自烘咖啡豆 250 克", 98, GOODS),
    ),
    "hotel": (
        Ware("EX-01", 0, "Double room, one night", "大床房一晚", 580),
        Ware("EX-02", 0, "Family room, one night", "家庭房一晚", 780),
        Ware("EX-03", 1, "Breakfast", "早餐", 68),
        Ware("EX-04", 1, "Late check-out", "延迟退房", 150),
        Ware("EX-05", 1, "Laundry, one bag", "洗衣一袋", 60),
        Ware("EX-06", 1, "Bathrobe", "浴袍", 288, GOODS),
    ),
    "salon": (
        Ware("EX-01", 0, "Cut and blow-dry", "洗剪吹", 168),
        Ware("EX-02", 0, "Colour", "染发", 580),
        Ware("EX-03", 0, "Scalp treatment", "头皮护理", 298),
        Ware("EX-04", 0, "Manicure", "美甲", 198),
        Ware("EX-05", 1, "Shampoo, 300 ml", "洗发水 300 毫升", 128, GOODS),
        Ware("EX-06", 1, "Hair oil, 50 ml", "护发精油 50 毫升", 158, GOODS),
    ),
    "gym": (
        Ware("EX-01", 0, "Day pass", "单日券", 88),
        Ware("EX-02", 0, "Personal training, one hour", "私教课一小时", 360),
        Ware("EX-03", 0, "Spin class", "动感单车课", 78),
        Ware("EX-04", 0, "Yoga class", "瑜伽课", 78),
        Ware("EX-05", 1, "Protein shake", "蛋白奶昔", 35, GOODS),
        Ware("EX-06", 1, "Sports bottle", "运动水壶", 98, GOODS),
    ),
    "school": (
        Ware("EX-01", 0, "Trial lesson", "体验课", 98),
        Ware("EX-02", 0, "Lesson, one hour", "一课时", 180),
        Ware("EX-03", 0, "Course of ten lessons", "十课时课程包", 1580),
        Ware("EX-04", 0, "Exam fee", "考试费", 260),
        Ware("EX-05", 1, "Textbook", "教材", 88, GOODS),
        Ware("EX-06", 1, "Workbook", "练习册", 38, GOODS),
    ),
    "dealers": (
        Ware("EX-01", 0, "Spare part", "配件", 220, GOODS),
        Ware("EX-02", 0, "Filter set", "滤芯套装", 160, GOODS),
        Ware("EX-03", 0, "Cleaning kit", "清洁套装", 68, GOODS),
        Ware("EX-04", 0, "Display stand", "展示架", 480, GOODS),
        Ware("EX-05", 1, "Installation", "安装", 300),
        Ware("EX-06", 1, "Yearly check", "年度保养", 480),
    ),
}
"""What each trade may begin with."""


def likely_price(yuan: int, currency: str) -> int:
    """What would cost so many yuan, as a price of another currency looks, minor units."""
    return int(max(1, yuan * THOUSANDTHS.get(currency, 140) // 1000) * 10 ** digits_of(currency))


def usual_tax(country: str, kind: str) -> int:
    """The usual rate of a country for goods or services, hundredths of a percent."""
    goods, services = TAXES.get(country, (0, 0))
    return goods if kind == ProductKind.GOODS else services
