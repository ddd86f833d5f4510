"""The words a person agrees to when joining, with the version that the proof of consent keeps."""

from __future__ import annotations

from dataclasses import dataclass

VERSION = "2026-11"

WORDS = {
    "en": (
        "I agree to the membership terms and the privacy notice: the business keeps my contact, my purchases and my "
        "points to run my membership, shares them with nobody else, and deletes what law does not require when I leave."
    ),
    "zh-hans": (
        "我同意会员条款和隐私说明：商家保存我的联系方式、消费和积分，仅用于我的会员服务，不提供给他人；"
        "我退出时，除法律要求保留的以外均予删除。"
    ),
}

MARKETING = {
    "en": "Yes, send me offers and news. I can stop them at any time.",
    "zh-hans": "愿意接收优惠和新消息，可随时取消。",
}


@dataclass(frozen=True)
class Terms:
    """The words shown and the version they belong to."""

    words: str
    version: str
    marketing: str


def terms(language: str) -> Terms:
    """What is shown to somebody who joins in this language."""
    code = "zh-hans" if language.startswith("zh") else "en"
    return Terms(words=WORDS[code], version=VERSION, marketing=MARKETING[code])
