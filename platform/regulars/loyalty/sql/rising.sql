-- A sale looks at the member's tier, and nearly always finds that nothing moves. So the evaluation that finds it notes how
-- much more must be spent before anything can (`room`), and until then a sale takes its amount off that: one update in
-- place of a sum over a year of sales. What is noted holds for the day, the tier and the ladder it was counted for
-- (`room_basis`); where more than spending on one ladder counts, nothing is noted. Raises nothing of its own.

-- What is noted for a member holds for this basis, day and tier.
CREATE OR REPLACE FUNCTION {schema}.loyalty_room_basis(basis text, today date, on_tier bigint) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT md5(concat(basis, today, on_tier));
$$;

DROP FUNCTION IF EXISTS {schema}.loyalty_room_basis(date, bigint);

CREATE OR REPLACE FUNCTION {schema}.loyalty_after_sale(document jsonb, amount bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    of_member bigint := (document->>'member')::bigint;
    today date := (document->>'today')::date;
    move jsonb;
BEGIN
    UPDATE {schema}.loyalty_standing SET room = room - amount
        WHERE member_id = of_member AND room > amount
          AND room_basis = {schema}.loyalty_room_basis({schema}.loyalty_basis(), today, tier_id);
    IF FOUND THEN
        RETURN NULL;
    END IF;
    move := {schema}.loyalty_evaluate(document);
    PERFORM {schema}.loyalty_note_room(of_member, today);
    RETURN move;
END $$;

CREATE OR REPLACE FUNCTION {schema}.loyalty_note_room(of_member bigint, today date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    ladder {schema}.loyalty_track;
    place {schema}.loyalty_standing;
    spent bigint;
    enough bigint;
BEGIN
    SELECT * INTO ladder FROM {schema}.loyalty_track WHERE is_active AND is_default;
    IF NOT FOUND OR COALESCE(ladder.basis->'measures', '["spend"]') <> '["spend"]'
        OR EXISTS (SELECT FROM {schema}.loyalty_track WHERE is_active AND NOT is_default) THEN
        RETURN;
    END IF;
    SELECT * INTO place FROM {schema}.loyalty_standing WHERE member_id = of_member FOR NO KEY UPDATE;
    spent := {schema}.loyalty_measure(
        of_member, 'spend',
        CASE ladder."window" WHEN 'rolling' THEN (today - make_interval(months => ladder.window_months))::date
                             WHEN 'year' THEN make_date(extract(year FROM today)::int - 1, 12, 31) END,
        CASE WHEN ladder."window" = 'tier' THEN place.since END, ladder.refunds <> 'none', NULL);
    WITH rungs AS (
        SELECT (rung->>'id')::bigint AS tier, (rung->'entry'->>'spend')::bigint AS entry, ordinal
        FROM jsonb_array_elements({schema}.loyalty_rungs(ladder.id, '["spend"]', today)) WITH ORDINALITY AS one(rung, ordinal))
    SELECT COALESCE(MIN(above.entry), 9000000000000000000) INTO enough FROM rungs AS above
        WHERE above.ordinal > (SELECT ordinal FROM rungs WHERE tier = place.tier_id);
    UPDATE {schema}.loyalty_standing
        SET room = enough - spent, room_basis = {schema}.loyalty_room_basis({schema}.loyalty_basis(), today, place.tier_id)
        WHERE member_id = of_member AND enough > spent;
END $$;
