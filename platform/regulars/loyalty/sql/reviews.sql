-- Standings above the first tier that no night would look at, though figures decide on their track: from before there
-- were nights, or from when the track was another. Each is kept for the track's months from the day on which it began, as
-- if it had been planned then, and looked at on the day after, today at the earliest. What was set by hand or brought
-- along without an end stays. Repeated, it changes nothing.

CREATE OR REPLACE FUNCTION {schema}.loyalty_plan_reviews(document jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    in_zone text := COALESCE(document->>'zone', (SELECT zone FROM {schema}.organisation_organisation LIMIT 1), 'UTC');
    today date := (now() AT TIME ZONE in_zone)::date;
    planned bigint;
    more bigint;
BEGIN
    today := COALESCE((document->>'today')::date, today);
    WITH forgotten AS (
        SELECT standing.member_id, COALESCE(standing.kept_until, CASE WHEN track.keep_months > 0 THEN (date_trunc('month',
                (standing.since AT TIME ZONE in_zone) + make_interval(months => track.keep_months)) + '1 month')::date - 1
            END) AS kept
        FROM {schema}.loyalty_standing standing
        JOIN {schema}.loyalty_tier tier ON tier.id = standing.tier_id AND tier.threshold > 0
        JOIN {schema}.loyalty_track track ON track.id = tier.track_id
        WHERE standing.review_on IS NULL AND NOT standing.is_overridden
          AND NOT (track."window" = 'lifetime' AND track.refunds <> 'next'
              AND COALESCE(track.basis->'measures', '["spend"]') <@ '["spend", "points_earned", "visits", "activity"]')
          AND COALESCE(track.basis->'measures', '["spend"]') <> '[]'
          AND NOT {schema}.loyalty_was_brought(standing.member_id, tier.id)
    )
    UPDATE {schema}.loyalty_standing SET kept_until = kept, review_on = GREATEST(COALESCE(kept + 1, today), today)
        FROM forgotten WHERE loyalty_standing.member_id = forgotten.member_id;
    GET DIAGNOSTICS planned = ROW_COUNT;
    WITH forgotten AS (
        SELECT standing.id, COALESCE(standing.kept_until, CASE WHEN track.keep_months > 0 THEN (date_trunc('month',
                (standing.since AT TIME ZONE in_zone) + make_interval(months => track.keep_months)) + '1 month')::date - 1
            END) AS kept
        FROM {schema}.loyalty_trackstanding standing
        JOIN {schema}.loyalty_tier tier ON tier.id = standing.tier_id AND tier.threshold > 0
        JOIN {schema}.loyalty_track track ON track.id = tier.track_id
        WHERE standing.review_on IS NULL AND NOT standing.is_overridden
          AND NOT (track."window" = 'lifetime' AND track.refunds <> 'next'
              AND COALESCE(track.basis->'measures', '["spend"]') <@ '["spend", "points_earned", "visits", "activity"]')
          AND COALESCE(track.basis->'measures', '["spend"]') <> '[]'
          AND NOT {schema}.loyalty_was_brought(standing.member_id, tier.id)
    )
    UPDATE {schema}.loyalty_trackstanding SET kept_until = kept, review_on = GREATEST(COALESCE(kept + 1, today), today)
        FROM forgotten WHERE loyalty_trackstanding.id = forgotten.id;
    GET DIAGNOSTICS more = ROW_COUNT;
    RETURN planned + more;
END $$;

-- Whether a member stands on a tier because it was imported.
CREATE OR REPLACE FUNCTION {schema}.loyalty_was_brought(of_member bigint, on_tier bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT COALESCE((SELECT explanation->'result'->>'why' = 'import' FROM {schema}.loyalty_tiermove
        WHERE member_id = of_member AND current_id = on_tier ORDER BY id DESC LIMIT 1), false);
$$;
