"""What conditions can ask about dealing: which level of dealer a member is, unknown for whoever is none."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from regulars.catalogue.models import DealerLevel
from regulars.conditions.fields import Field, Sql, Window

LEVEL = (
    "SELECT dealer.member_id, level.public_id::text AS value FROM catalogue_dealer dealer"
    " JOIN catalogue_dealerlevel level ON level.id = dealer.level_id WHERE dealer.is_active"
)


def _level(_window: Window | None) -> Sql:
    return f"(SELECT told.value FROM ({LEVEL}) told WHERE told.member_id = member.id)", []  # noqa: S608


def _levels_of_all(_window: Window | None) -> Sql:
    return LEVEL, []


def _levels() -> list[tuple[str, str]]:
    return [(level.public_id, str(level)) for level in DealerLevel.objects.all()]


FIELDS = [
    Field(
        code="dealer.level",
        label=_("dealer level"),
        kind="choice",
        sql=_level,
        sql_of_all=_levels_of_all,
        group=_("Dealers"),
        choices=_levels,
    ),
]
