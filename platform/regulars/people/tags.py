"""Acts and questions about tags: making one, putting it on members and taking it off, however many they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from regulars import clock
from regulars.errors import NotFound
from regulars.operations.trail import record
from regulars.people.models import Member, MemberTag, Tag
from regulars.text import plain_text

LONGEST = 40


@dataclass(frozen=True, kw_only=True)
class TakenOff:
    """A tag as it was on a member, so that it can be put back as it was."""

    member: int
    tagged_at: dt.datetime
    tagged_by: str


def all_tags() -> list[Tag]:
    """Every tag of the business, by name."""
    return list(Tag.objects.all())


def tag_by_public_id(public_id: str) -> Tag:
    """One tag. Raises `NotFound`."""
    found = Tag.objects.filter(public_id=public_id[:40]).first()
    if found is None:
        raise NotFound
    return found


def tag_called(name: str) -> Tag | None:
    """The tag of this name, however it is written. Raises `InvalidInput` for what no tag can be called."""
    return Tag.objects.filter(name__iexact=plain_text(name, field="name", longest=LONGEST)).first()


def tags_of(member: Member) -> list[MemberTag]:
    """The tags on a member, by name."""
    return list(MemberTag.objects.filter(member=member).select_related("tag").order_by("tag__name"))


@transaction.atomic
def tag_named(*, name: str, by: str) -> Tag:
    """The tag of this name, made if there is none; capitals make no difference. Raises `InvalidInput`."""
    found = tag_called(name)
    if found is not None:
        return found
    words = plain_text(name, field="name", longest=LONGEST)
    made, is_new = Tag.objects.get_or_create(name=words)
    if is_new:
        record(act="tag.made", actor=by, subject=made.public_id, detail={"name": words})
    return made


@transaction.atomic
def tag_member(*, member: Member, tag: Tag, by: str) -> None:
    """Put a tag on one member; one that has it already is left as it is."""
    if put_on(tag=tag, members=[member.pk], by=by):
        record(act="member.tagged", actor=by, subject=member.public_id, detail={"tag": tag.name})


@transaction.atomic
def untag_member(*, member: Member, tag: Tag, by: str) -> None:
    """Take a tag off one member."""
    if take_off(tag=tag, members=[member.pk]):
        record(act="member.untagged", actor=by, subject=member.public_id, detail={"tag": tag.name})


@transaction.atomic
def put_on(*, tag: Tag, members: Sequence[int], by: str) -> list[tuple[int, int]]:
    """Put a tag on members by database id, in one statement; the new rows as (row, member), none for who had it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_membertag (member_id, tag_id, tagged_at, tagged_by) "
            "SELECT member, %s, %s, %s FROM unnest(%s::bigint[]) AS member ORDER BY member "
            "ON CONFLICT (member_id, tag_id) DO NOTHING RETURNING id, member_id",
            [tag.pk, clock.now(), by[:80], list(members)],
        )
        return [(int(row), int(member)) for row, member in cursor.fetchall()]


@transaction.atomic
def take_off(*, tag: Tag, members: Sequence[int]) -> list[TakenOff]:
    """Take a tag off members by database id, in one statement; what was taken off, as it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM people_membertag WHERE tag_id = %s AND member_id = ANY(%s::bigint[]) "
            "RETURNING member_id, tagged_at, tagged_by",
            [tag.pk, list(members)],
        )
        return [TakenOff(member=row[0], tagged_at=row[1], tagged_by=row[2]) for row in cursor.fetchall()]


@transaction.atomic
def put_back(*, tag: Tag, taken: Sequence[TakenOff]) -> int:
    """Put tags back as they were, with their day and hand; returns how many, less those that have it again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_membertag (member_id, tag_id, tagged_at, tagged_by) "
            "SELECT taken.member, %s, taken.tagged_at, taken.tagged_by "
            "FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[]) AS taken(member, tagged_at, tagged_by) "
            "ON CONFLICT (member_id, tag_id) DO NOTHING",
            [tag.pk, [one.member for one in taken], [one.tagged_at for one in taken], [one.tagged_by for one in taken]],
        )
        return int(cursor.rowcount)
