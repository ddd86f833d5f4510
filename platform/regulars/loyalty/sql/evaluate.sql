-- Moves a member to the tier that the spend since a day reaches, stores why, and announces it. `may_fall` false only
-- lifts. Returns the move, or null when nothing moved. The standing's row is the lock.

CREATE OR REPLACE FUNCTION {schema}.loyalty_evaluate(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    of_member bigint := (document->>'member')::bigint;
    at timestamptz := (document->>'occurred_at')::timestamptz;
    now_on record;
    reached record;
    spent bigint;
BEGIN
    SELECT standing.tier_id, tier.code, tier.threshold INTO now_on
        FROM {schema}.loyalty_standing standing JOIN {schema}.loyalty_tier tier ON tier.id = standing.tier_id
        WHERE standing.member_id = of_member FOR UPDATE OF standing;
    IF NOT FOUND THEN
        INSERT INTO {schema}.loyalty_standing (member_id, tier_id, since)
            SELECT of_member, id, at FROM {schema}.loyalty_tier ORDER BY threshold LIMIT 1 ON CONFLICT DO NOTHING;
        SELECT standing.tier_id, tier.code, tier.threshold INTO now_on
            FROM {schema}.loyalty_standing standing JOIN {schema}.loyalty_tier tier ON tier.id = standing.tier_id
            WHERE standing.member_id = of_member FOR UPDATE OF standing;
        IF NOT FOUND THEN
            RETURN NULL;  -- a business without tiers
        END IF;
    END IF;
    SELECT COALESCE(SUM(total - refunded_total), 0) INTO spent FROM {schema}.sales_sale
        WHERE member_id = of_member AND business_date > (document->>'spent_after')::date;
    SELECT id, code, threshold INTO reached FROM {schema}.loyalty_tier
        WHERE threshold <= spent OR threshold = 0 ORDER BY threshold DESC LIMIT 1;
    IF NOT FOUND OR reached.id = now_on.tier_id
        OR (reached.threshold < now_on.threshold AND NOT (document->>'may_fall')::boolean) THEN
        RETURN NULL;
    END IF;
    UPDATE {schema}.loyalty_standing SET tier_id = reached.id, since = at WHERE member_id = of_member;
    INSERT INTO {schema}.loyalty_tiermove (member_id, previous_id, current_id, explanation, moved_at)
        VALUES (of_member, now_on.tier_id, reached.id,
                jsonb_build_object('spent', spent, 'spent_after', document->>'spent_after', 'thresholds',
                    (SELECT jsonb_object_agg(code, threshold) FROM {schema}.loyalty_tier)), at);
    INSERT INTO {schema}.operations_outboxevent (public_id, name, payload, occurred_at)
        VALUES (document->>'event_id', 'tier_changed', jsonb_build_object(
            'event_id', document->>'event_id', 'occurred_at', document->>'occurred_at',
            'member', document->>'member_public_id', 'previous', now_on.code, 'current', reached.code), at);
    RETURN jsonb_build_object('previous', now_on.code, 'current', reached.code, 'spent', spent);
END $$;
