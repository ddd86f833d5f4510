-- Which rule gave how much, and the caps it used up. Called after the ledger has posted the points, in the same act; so
-- the order of locks is: wallet's account, then awards, then caps by (rule, holder, period). Raises RG412 when a rule
-- gave on this occasion before or a cap is reached meanwhile: whoever asked looks again at what there is to give.

-- What prices, points and tiers follow from: the rules in force, then the ladders with their tiers and the modules; each
-- row in the version that stands, so that any change to one of them makes this another text.
CREATE OR REPLACE FUNCTION {schema}.loyalty_basis() RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT concat(string_agg(concat(version, place), ',' ORDER BY place) FILTER (WHERE kind = 'rule'), '|',
                      md5(string_agg(concat(kind, version, place), ',' ORDER BY kind, place) FILTER (WHERE kind <> 'rule')))
        FROM (
            SELECT 'rule' AS kind, xmin AS version, ctid AS place FROM {schema}.loyalty_pointsrule WHERE is_active
            UNION ALL SELECT 'tier', xmin, ctid FROM {schema}.loyalty_tier
            UNION ALL SELECT 'track', xmin, ctid FROM {schema}.loyalty_track
            UNION ALL SELECT 'module', xmin, ctid FROM {schema}.organisation_enabledplugin
        ) AS rows);
END $$;

-- Its first part, by which a list of rules that was read is known to be the one in force.
CREATE OR REPLACE FUNCTION {schema}.loyalty_rules_version() RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN split_part({schema}.loyalty_basis(), '|', 1) || '|';
END $$;

CREATE OR REPLACE FUNCTION {schema}.loyalty_award(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    made int;
    cap record;
BEGIN
    INSERT INTO {schema}.loyalty_award
        (rule_id, member_id, occasion, transaction_id, points, taken_back, base, lines, counted, awarded_on)
    SELECT given.rule_id, given.member_id, given.occasion, (document->>'transaction')::bigint, given.points, 0, given.base,
           given.lines, given.counted, given.awarded_on
    FROM jsonb_populate_recordset(NULL::{schema}.loyalty_award, document->'awards') AS given
    ON CONFLICT (member_id, occasion, rule_id) DO NOTHING;
    GET DIAGNOSTICS made = ROW_COUNT;
    IF made < jsonb_array_length(document->'awards') THEN
        RAISE EXCEPTION 'given before' USING ERRCODE = 'RG412';
    END IF;
    FOR cap IN
        SELECT (award->>'rule_id')::bigint AS rule, (award->>'points')::bigint AS points,
               (counted->>'holder')::bigint AS holder, counted->>'period' AS period, (counted->>'most')::bigint AS most
        FROM jsonb_array_elements(document->'awards') AS award, jsonb_array_elements(award->'counted') AS counted
        ORDER BY 1, 3, 4
    LOOP
        INSERT INTO {schema}.loyalty_capuse AS seen (rule_id, holder, period, used)
            SELECT cap.rule, cap.holder, cap.period, cap.points WHERE cap.points <= cap.most
            ON CONFLICT (rule_id, holder, period) DO UPDATE SET used = seen.used + EXCLUDED.used
            WHERE seen.used + EXCLUDED.used <= cap.most;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'cap reached' USING ERRCODE = 'RG412';
        END IF;
    END LOOP;
    RETURN jsonb_build_object('made', made);
END $$;

CREATE OR REPLACE FUNCTION {schema}.loyalty_take_back(parts jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part record;
    award record;
BEGIN
    FOR part IN
        SELECT (value->>'award')::bigint AS award, (value->>'before')::bigint AS before, (value->>'after')::bigint AS after,
               COALESCE((value->>'missing')::bigint, 0) AS missing
        FROM jsonb_array_elements(parts) ORDER BY 1
    LOOP
        -- what was taken back before is part of the condition: the same part is never taken twice
        UPDATE {schema}.loyalty_award SET taken_back = part.after, missing = missing + part.missing
            WHERE id = part.award AND taken_back = part.before AND part.after BETWEEN part.before AND points
            RETURNING rule_id, counted INTO award;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'taken back meanwhile' USING ERRCODE = 'RG412';
        END IF;
        UPDATE {schema}.loyalty_capuse SET used = GREATEST(0, used - (part.after - part.before))
            WHERE rule_id = award.rule_id AND (holder, period) IN (
                SELECT (counted->>'holder')::bigint, counted->>'period' FROM jsonb_array_elements(award.counted) AS counted);
    END LOOP;
END $$;
