"""The picture of a reward: kept in the library of the business, shown square, with words for who cannot see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.files.base import File
from django.db.models import Prefetch, QuerySet
from wagtail.images import get_image_model
from wagtail.images.models import SourceImageIOError

from regulars.loyalty.rewards.models import Reward
from regulars.words import in_language

SQUARE = "fill-320x320"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Where the square picture is and, in the reader's language, what it shows; empty where the name says it."""

    url: str
    alt: str


def with_pictures(rewards: QuerySet[Reward]) -> QuerySet[Reward]:
    """The same rewards, with what their pictures need fetched at once."""
    images = get_image_model().objects.prefetch_renditions(SQUARE)
    return rewards.prefetch_related(Prefetch("picture", queryset=images))


def picture_of(reward: Reward) -> Picture | None:
    """The picture of a reward, None where it has none or its file is gone."""
    if reward.picture is None:
        return None
    try:
        shown = reward.picture.get_rendition(SQUARE)
    except (SourceImageIOError, OSError):
        return None
    return Picture(url=shown.url, alt=in_language(reward.picture_words))


def keep_picture(file: File[Any], *, title: str) -> Any:
    """Put an uploaded picture, checked already, into the library."""
    return get_image_model().objects.create(title=title[:255] or file.name, file=file)
