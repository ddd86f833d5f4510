"""How many members would move if thresholds or a track were changed, asked of all at once before anything is saved."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from regulars import clock
from regulars.loyalty.tiers.measures import CORE, counted_after, foreign, given_to_many
from regulars.loyalty.tiers.models import Downgrade, Tier, Track, Window
from regulars.loyalty.tiers.selectors import enough_to_keep, needs
from regulars.people.models import Member


@dataclass(frozen=True, kw_only=True)
class Row:
    """One tier: how many members stand on it now and how many then."""

    tier: Tier
    now: int
    then: int

    @property
    def difference(self) -> int:
        """How many more there would be."""
        return self.then - self.now


@dataclass(frozen=True, kw_only=True)
class Preview:
    """How many members would rise, fall (once what is promised to them ends) and stay, and each tier's members."""

    up: int
    down: int
    same: int
    rows: tuple[Row, ...]


def preview(*, track: Track, tiers: Sequence[Tier] | None = None) -> Preview:
    """What would become of everybody with a track and its tiers as they are given, saved or not; writes nothing.

    Without `tiers` those of the track. Members whose tier was set by hand stay.
    """
    rungs = sorted(tiers if tiers is not None else track.tiers.all(), key=lambda tier: tier.threshold)
    groups = _groups(track, rungs)
    index = {tier.pk: number for number, tier in enumerate(rungs) if tier.pk}
    now, then, moved = Counter[int](), Counter[int](), Counter[str]()
    for tier_id, reached, holds, is_set, members in groups:
        here = index.get(tier_id, 0)
        there = here if is_set else _becomes(track, here, reached, holds)
        now[here] += members
        then[there] += members
        moved["up" if there > here else "down" if there < here else "same"] += members
    rows = tuple(Row(tier=tier, now=now[n], then=then[n]) for n, tier in enumerate(rungs))
    return Preview(up=moved["up"], down=moved["down"], same=moved["same"], rows=rows)


def with_change(tier: Tier, **figures: Any) -> list[Tier]:
    """The ladder of a tier as it would be with other figures for it (or with it, where it is new)."""
    changed = Tier(**{field.attname: getattr(tier, field.attname) for field in Tier._meta.concrete_fields})
    for name, value in figures.items():
        setattr(changed, name, value)
    return [*Tier.objects.filter(track=tier.track).exclude(pk=tier.pk), changed]


def _becomes(track: Track, here: int, reached: int, holds: bool) -> int:
    if reached >= here or holds:
        return max(reached, here)
    return {Downgrade.STEP: here - 1, Downgrade.REQUALIFY: reached}.get(Downgrade(track.downgrade), 0)


def _groups(track: Track, rungs: Sequence[Tier]) -> list[tuple[int, int, bool, bool, int]]:
    """Members by tier, what they reach, whether they hold theirs and whether it was set by hand."""
    if not rungs:
        return []
    query, arguments = _query(track, rungs)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{query} SELECT tier_id, reached, holds, is_set, COUNT(*) FROM judged GROUP BY 1, 2, 3, 4",  # noqa: S608
            arguments,
        )
        return list(cursor.fetchall())


def risen(track: Track, *, among: Sequence[int] | None = None) -> list[int]:
    """Who reaches more than the tier they stand on (database ids, in order), those set by hand left out.

    `among` asks it of these members only.
    """
    rungs = list(track.tiers.order_by("threshold"))
    if not rungs:
        return []
    index = json.dumps({str(tier.pk): number for number, tier in enumerate(rungs)})
    query, arguments = _query(track, rungs, among)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{query} SELECT member_id FROM judged WHERE NOT is_set AND reached > (%s::jsonb->>tier_id::text)::int "  # noqa: S608
            "ORDER BY member_id",
            [*arguments, index],
        )
        return [row[0] for row in cursor.fetchall()]


def _query(track: Track, rungs: Sequence[Tier], among: Sequence[int] | None = None) -> tuple[str, list[Any]]:
    """The common table `judged`: member_id, tier_id, reached (index of a rung), holds, is_set; of `among` or of all."""
    chosen = list(among) if among is not None else None
    after = counted_after(track, clock.today(), None)
    arguments: list[Any] = [rungs[0].pk or 0]
    places = (
        "SELECT member_id, tier_id, since, is_overridden AS is_set, %s::bigint AS base FROM loyalty_standing "
        "WHERE %s::bigint[] IS NULL OR member_id = ANY(%s)"
        if track.is_default
        else (
            "SELECT member.id AS member_id, COALESCE(place.tier_id, %s::bigint) AS tier_id, place.since, "
            "COALESCE(place.is_overridden, false) AS is_set FROM people_member member LEFT JOIN loyalty_trackstanding "
            "place ON place.member_id = member.id AND place.track_id = %s WHERE member.is_active "
            "AND (%s::bigint[] IS NULL OR member.id = ANY(%s))"
        )
    )
    if not track.is_default:
        arguments.append(track.pk or 0)
    arguments += [chosen, chosen]
    is_since_tier = track.window == Window.TIER
    total = "sale.total - sale.refunded_total" if track.refunds != "none" else "sale.total"
    live = "sale.total = 0 OR sale.refunded_total < sale.total" if track.refunds != "none" else "true"
    bought = (
        f"SELECT sale.member_id, SUM({total}) AS spend, COUNT(*) FILTER (WHERE {live}) AS visits, "  # noqa: S608
        f"COUNT(DISTINCT sale.business_date) FILTER (WHERE {live}) AS activity FROM sales_sale sale "
        + (
            "JOIN place ON place.member_id = sale.member_id AND sale.confirmed_at > place.since "
            if is_since_tier
            else ""
        )
        + "WHERE sale.member_id IS NOT NULL AND sale.business_date > COALESCE(%s::date, '-infinity') "
        "AND (%s::bigint[] IS NULL OR sale.member_id = ANY(%s)) GROUP BY 1"
    )
    arguments += [after, chosen, chosen]
    reached, holds, asked = _judging(track, rungs)
    extra, given = _given(track, chosen)
    query = (
        f"WITH place AS ({places}), bought AS ({bought}), counted AS (SELECT place.*, "  # noqa: S608
        "COALESCE(bought.spend, 0) AS spend, COALESCE(bought.visits, 0) AS visits, "
        f"COALESCE(bought.activity, 0) AS activity{extra} FROM place LEFT JOIN bought USING (member_id)), "
        f"judged AS (SELECT member_id, tier_id, is_set, {reached} AS reached, {holds} AS holds FROM counted)"
    )
    return query, [*arguments, *given, *asked]


def _given(track: Track, among: Sequence[int] | None) -> tuple[str, list[Any]]:
    """Columns that are not of sales: points earned by the function that an evaluation asks, modules' as a map."""
    columns = ""
    arguments: list[Any] = []
    if "points_earned" in track.measures:
        schema = connection.ops.quote_name(connection.schema_name)  # type: ignore[attr-defined]
        since = "place.since" if track.window == Window.TIER else "NULL"
        columns += (
            f", {schema}.loyalty_measure(place.member_id, 'points_earned', %s::date, {since}::timestamptz, %s, NULL) "
            "AS points_earned"
        )
        day = None if track.window == Window.TIER else counted_after(track, clock.today(), None)
        arguments += [day, track.refunds != "none"]
    codes = foreign(track)
    if codes:
        asked = among if among is not None else Member.objects.filter(is_active=True).values_list("pk", flat=True)
        everybody = list(asked)
        given = given_to_many(everybody, track)
        for number, code in enumerate(codes):
            columns += f", (%s::jsonb->>place.member_id::text)::bigint AS given_{number}"
            arguments.append(json.dumps({str(pk): given[pk][code] for pk in everybody}))
    return columns, arguments


def _judging(track: Track, rungs: Sequence[Tier]) -> tuple[str, str, list[Any]]:
    """The expressions for the rung that is reached and for holding one's own, with their arguments."""
    today, reached, holds = clock.today(), "0", "true"
    for_reached: list[Any] = []
    for_holds: list[Any] = []
    for number, tier in reversed(list(enumerate(rungs))):
        if number == 0:
            continue
        entry, asked = _met(track, needs(track, tier, today))
        reached = reached if reached != "0" else "CASE"
        reached += f" WHEN {entry} THEN {number}"
        for_reached += asked
        keep = {code: int(each.get("retain", each["entry"])) for code, each in tier.further.items()}
        kept, asked = _met(
            track,
            {
                code: enough_to_keep(tier, today) if code == track.measures[0] else keep[code]
                for code in needs(track, tier, today)
            },
        )
        holds = holds if holds != "true" else "CASE"
        holds += f" WHEN tier_id = %s THEN {kept}"
        for_holds += [tier.pk or 0, *asked]
    reached += " ELSE 0 END" if reached != "0" else ""
    holds += " ELSE true END" if holds != "true" else ""
    return reached, holds, [*for_reached, *for_holds]


def _met(track: Track, asked: Mapping[str, int]) -> tuple[str, list[int]]:
    """A condition on the counted columns, and what it compares with."""
    if not asked:
        return "false", []
    columns = {code: f"given_{number}" for number, code in enumerate(foreign(track))}
    parts = [f"COALESCE({columns.get(code, code)} >= %s, false)" for code in asked if code in CORE or code in columns]
    joined = (" AND " if track.combine == "all" else " OR ").join(parts)
    return f"({joined})", list(asked.values())
