"""What conditions can ask about a member: since when, how old, from where, with which tags and which consents.

And everything that the business asks of its members by itself, each question a field of its own.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from regulars import clock
from regulars.conditions.fields import Field, Kind, Sql, Window
from regulars.organisation.models import Branch, Language, Region
from regulars.organisation.scope import WHOLE, Scope
from regulars.people import profile
from regulars.people.models import AnswerKind, CardState, ConsentPurpose, ProfileField, Source, Tag
from regulars.people.selectors import MARKETING_CHANNELS

MEMBER = _("The member")
ANSWERS = _("What members answered")
CHANNELS = {"email": _("e-mail"), "sms": _("text message"), "inbox": _("inbox of the portal")}


def column(name: str) -> Sql:
    """A column of the member."""
    return f"member.{name}", []


def _days_as_member(_window: Window | None) -> Sql:
    return "%s::date - member.joined_on", [clock.today()]


def _age(_window: Window | None) -> Sql:
    return "date_part('year', age(%s::date, member.birthday))", [clock.today()]


def days_of_birthday(day: dt.date) -> list[int]:
    """Which days of its month are celebrated on a day: the 29th of February is on the 28th in a year without it."""
    is_last_of_february = day.month == 2 and day.day == 28 and (day + dt.timedelta(days=1)).month == 3
    return [28, 29] if is_last_of_february else [day.day]


def _is_birthday(_window: Window | None) -> Sql:
    today = clock.today()
    return (
        "date_part('month', member.birthday) = %s AND date_part('day', member.birthday) = ANY(%s::int[])",
        [today.month, days_of_birthday(today)],
    )


def _is_birthday_month(_window: Window | None) -> Sql:
    return "date_part('month', member.birthday) = %s", [clock.today().month]


def _region(_window: Window | None) -> Sql:
    """The region of the branch and every region that it lies in."""
    return (
        """COALESCE((
            WITH RECURSIVE around AS (
                SELECT region.id, region.parent_id, region.public_id
                FROM organisation_branch branch JOIN organisation_region region ON region.id = branch.region_id
                WHERE branch.id = member.branch_id
                UNION
                SELECT region.id, region.parent_id, region.public_id
                FROM around JOIN organisation_region region ON region.id = around.parent_id
            ) SELECT array_agg(public_id::text) FROM around
        ), '{}'::text[])""",
        [],
    )


def _tags(_window: Window | None) -> Sql:
    return (
        """ARRAY(
            SELECT tag.public_id::text FROM people_membertag tagging JOIN people_tag tag ON tag.id = tagging.tag_id
            WHERE tagging.member_id = member.id
        )""",
        [],
    )


def _agreed(_window: Window | None) -> Sql:
    """By which channels offers may come: the newest word on a channel counts, one about none is about all."""
    return (
        """ARRAY(
            SELECT way.channel FROM unnest(%s::text[]) AS way(channel)
            WHERE (
                SELECT consent.is_given FROM people_consent consent
                WHERE consent.member_id = member.id AND consent.purpose = %s
                  AND (consent.channel = way.channel OR consent.channel <> ALL(%s::text[]))
                ORDER BY consent.given_at DESC, consent.id DESC LIMIT 1
            )
        )""",
        [[*MARKETING_CHANNELS], ConsentPurpose.MARKETING.value, [*MARKETING_CHANNELS]],
    )


def _cards(_window: Window | None) -> Sql:
    return "ARRAY(SELECT card.state::text FROM people_card card WHERE card.member_id = member.id)", []


def branches(scope: Scope = WHOLE) -> list[tuple[str, str]]:
    """The branches of a scope, to choose from."""
    return [(branch.public_id, branch.name) for branch in scope.limit(Branch.objects.order_by("name"), "")]


def _regions(scope: Scope = WHOLE) -> list[tuple[str, str]]:
    regions = Region.objects.order_by("name")
    if not scope.is_whole:
        regions = regions.filter(branches__in=scope.branch_ids).distinct()
    return [(region.public_id, region.name) for region in regions]


FIELDS = [
    Field(
        code="people.joined",
        is_always_known=True,
        label=_("day of joining"),
        kind="date",
        sql=lambda _w: column("joined_on"),
        group=MEMBER,
    ),
    Field(
        code="people.member_days",
        is_always_known=True,
        label=_("days as a member"),
        kind="number",
        sql=_days_as_member,
        group=MEMBER,
        unit=pgettext_lazy("unit", "days"),
        least=0,
    ),
    Field(
        code="people.birthday", label=_("date of birth"), kind="date", sql=lambda _w: column("birthday"), group=MEMBER
    ),
    Field(
        code="people.age",
        label=_("age"),
        kind="number",
        sql=_age,
        group=MEMBER,
        unit=pgettext_lazy("unit", "years"),
        least=0,
        most=150,
        help=_("Only of members who told their birthday."),
    ),
    Field(
        code="people.birthday_month",
        label=_("month of the birthday"),
        kind="choice",
        sql=lambda _w: ("date_part('month', member.birthday)::int::text", []),
        group=MEMBER,
        choices=lambda: [(str(number), name) for number, name in MONTHS.items()],
    ),
    Field(
        code="people.birthday_this_month",
        label=_("birthday this month"),
        kind="yes_no",
        sql=_is_birthday_month,
        group=MEMBER,
    ),
    Field(
        code="people.birthday_today",
        label=_("birthday today"),
        kind="yes_no",
        sql=_is_birthday,
        group=MEMBER,
        help=_("Whoever was born on 29 February celebrates on the 28th in other years."),
    ),
    Field(
        code="people.language",
        is_always_known=True,
        label=_("language of the member"),
        kind="choice",
        sql=lambda _w: column("language"),
        group=MEMBER,
        choices=lambda: list(Language.choices),
    ),
    Field(
        code="people.source",
        is_always_known=True,
        label=_("way of joining"),
        kind="choice",
        sql=lambda _w: column("source"),
        group=MEMBER,
        choices=lambda: list(Source.choices),
    ),
    Field(
        code="people.branch",
        label=_("home branch"),
        kind="choice",
        sql=lambda _w: (
            "(SELECT branch.public_id::text FROM organisation_branch branch WHERE branch.id = member.branch_id)",
            [],
        ),
        group=MEMBER,
        choices=branches,
        choices_in=branches,
    ),
    Field(
        code="people.regions",
        is_always_known=True,
        label=_("regions of the home branch"),
        kind="choices",
        sql=_region,
        group=MEMBER,
        choices=_regions,
        choices_in=_regions,
    ),
    Field(
        code="people.tags",
        is_always_known=True,
        label=_("tags"),
        kind="choices",
        sql=_tags,
        group=MEMBER,
        choices=lambda: [(tag.public_id, tag.name) for tag in Tag.objects.all()],
    ),
    Field(
        code="people.offers",
        is_always_known=True,
        label=_("channels for offers and news"),
        kind="choices",
        sql=_agreed,
        group=MEMBER,
        choices=lambda: [(channel, CHANNELS[channel]) for channel in MARKETING_CHANNELS],
        help=_("By which the member agreed to hear of offers and news."),
    ),
    Field(
        code="people.has_phone",
        is_always_known=True,
        label=_("has given a phone number"),
        kind="yes_no",
        sql=lambda _w: ("member.phone <> ''", []),
        group=MEMBER,
    ),
    Field(
        code="people.has_email",
        is_always_known=True,
        label=_("has given an e-mail address"),
        kind="yes_no",
        sql=lambda _w: ("member.email <> ''", []),
        group=MEMBER,
    ),
    Field(
        code="people.cards",
        is_always_known=True,
        label=_("states of the cards"),
        kind="choices",
        sql=_cards,
        group=MEMBER,
        choices=lambda: list(CardState.choices),
    ),
]


@dataclass(frozen=True)
class _Answer:
    """What is asked of the answers to one question."""

    field: ProfileField

    def sql(self, _window: Window | None) -> Sql:
        """The answer of the row `member` in the type of its kind; no answer is NULL, of several choices none."""
        if self.field.kind == AnswerKind.CHOICES:
            return "ARRAY(SELECT jsonb_array_elements_text(member.profile -> %s::text))", [self.field.code]
        return f"(member.profile ->> %s::text){CASTS.get(self.field.kind, '')}", [self.field.code]

    def choices(self) -> list[tuple[str, str]]:
        """The choices there are."""
        return profile.choices_of(self.field)


CASTS: dict[str, str] = {AnswerKind.NUMBER: "::bigint", AnswerKind.DATE: "::date", AnswerKind.YES_NO: "::boolean"}
KINDS: dict[str, Kind] = {
    AnswerKind.TEXT: "text",
    AnswerKind.CHOICE: "choice",
    AnswerKind.CHOICES: "choices",
    AnswerKind.NUMBER: "number",
    AnswerKind.DATE: "date",
    AnswerKind.YES_NO: "yes_no",
}


def fields_of_business() -> list[Field]:
    """A field for each question that members are asked now: `profile.<code>`."""
    return [
        Field(
            code=f"profile.{asked.code}",
            is_always_known=asked.kind == AnswerKind.CHOICES,
            label=str(asked),
            kind=KINDS[asked.kind],
            sql=_Answer(asked).sql,
            group=ANSWERS,
            choices=_Answer(asked).choices if asked.choices else None,
        )
        for asked in profile.asked()
    ]
