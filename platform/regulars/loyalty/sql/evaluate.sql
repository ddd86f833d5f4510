-- Tiers. `loyalty_decide` is the rule itself, the same as `regulars.loyalty.tiers.decision.decide`: JSON in, JSON out,
-- no table read. `loyalty_evaluate` counts what a member did, asks it for each track, moves, stores why, gives what the
-- tier's pack holds, and announces it. The standing's row is the lock, taken after the ledger's.

CREATE OR REPLACE FUNCTION {schema}.loyalty_measure(
    of_member bigint, measure text, after_day date, after_instant timestamptz, is_net boolean, given jsonb
) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    counted bigint;
    day date := COALESCE(after_day, '-infinity');
    instant timestamptz := COALESCE(after_instant, '-infinity');
BEGIN
    IF measure = 'spend' THEN
        SELECT COALESCE(SUM(CASE WHEN is_net THEN total - refunded_total ELSE total END), 0) INTO counted
            FROM {schema}.sales_sale
            WHERE member_id = of_member AND business_date > day AND confirmed_at > instant;
    ELSIF measure = 'visits' THEN
        SELECT COUNT(*) INTO counted FROM {schema}.sales_sale
            WHERE member_id = of_member AND business_date > day AND confirmed_at > instant
              AND (NOT is_net OR total = 0 OR refunded_total < total);
    ELSIF measure = 'activity' THEN
        SELECT COUNT(DISTINCT business_date) INTO counted FROM {schema}.sales_sale
            WHERE member_id = of_member AND business_date > day AND confirmed_at > instant
              AND (NOT is_net OR total = 0 OR refunded_total < total);
    ELSIF measure = 'points_earned' THEN
        -- what was earned, never the balance; what a refund took back lowers the day on which it was earned
        SELECT COALESCE(SUM(posting.amount), 0) INTO counted
            FROM {schema}.people_member person
            JOIN {schema}.ledger_account account ON account.wallet_id = person.wallet_id AND account.asset = 'points'
            JOIN {schema}.ledger_posting posting ON posting.account_id = account.id
            JOIN {schema}.ledger_transaction act ON act.id = posting.transaction_id
            LEFT JOIN {schema}.ledger_transaction undone ON undone.id = act.reverses_id
            WHERE person.id = of_member
              AND COALESCE(undone.business_date, act.business_date) > day
              AND COALESCE(undone.occurred_at, act.occurred_at) > instant
              AND COALESCE(undone.kind, act.kind) <> ALL (ARRAY[
                    'adjustment', 'gift', 'import', 'expiry', 'reinstatement', 'tier.pack'])
              AND (act.reverses_id IS NULL AND posting.amount > 0
                   OR is_net AND act.reverses_id IS NOT NULL AND posting.amount < 0);
    ELSE
        counted := (given->>measure)::bigint;  -- a module's; null where it did not answer
    END IF;
    RETURN counted;
END $$;

CREATE OR REPLACE FUNCTION {schema}.loyalty_meets(needs jsonb, reached jsonb, combine text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    need record;
    is_met boolean;
    is_any boolean := false;
BEGIN
    FOR need IN SELECT key, value::bigint AS enough FROM jsonb_each_text(needs) LOOP
        is_any := true;
        is_met := COALESCE((reached->>need.key)::bigint >= need.enough, false);
        IF is_met AND combine = 'any' THEN
            RETURN true;
        ELSIF NOT is_met AND combine = 'all' THEN
            RETURN false;
        END IF;
    END LOOP;
    RETURN is_any AND combine = 'all';
END $$;

CREATE OR REPLACE FUNCTION {schema}.loyalty_highest(rungs jsonb, reached jsonb, combine text) RETURNS int
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    FOR rung IN REVERSE jsonb_array_length(rungs) - 1 .. 1 LOOP
        IF {schema}.loyalty_meets(rungs->rung->'entry', reached, combine) THEN
            RETURN rung;
        END IF;
    END LOOP;
    RETURN 0;
END $$;

CREATE OR REPLACE FUNCTION {schema}.loyalty_decide(inputs jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    rungs jsonb := inputs->'rungs';
    counted jsonb := inputs->'values';
    at text := inputs->>'at';
    today date := (inputs->>'today')::date;
    step interval := CASE inputs->>'evaluated' WHEN 'year' THEN '1 year' WHEN 'quarter' THEN '3 months' ELSE '1 month' END;
    next_evaluation date;
    now_on int := 0;
    reached int;
    becomes int;
    why text;
    kept date := (inputs->>'kept_until')::date;
    grace date := (inputs->>'grace_until')::date;
    review date := (inputs->>'review_on')::date;
    last_grace date;
    is_set boolean := COALESCE(inputs->'override', 'null') <> 'null';
    is_held boolean;
    holds boolean;
    ends boolean := false;
    keep int := (inputs->>'keep_months')::int;
BEGIN
    next_evaluation := (date_trunc(inputs->>'evaluated', today::timestamp) + step)::date;
    SELECT ordinal - 1 INTO now_on FROM jsonb_array_elements(rungs) WITH ORDINALITY AS one(rung, ordinal)
        WHERE rung->>'code' = inputs->>'current';
    now_on := COALESCE(now_on, 0);
    becomes := now_on;
    reached := {schema}.loyalty_highest(rungs, counted, inputs->>'combine');
    is_held := is_set AND today <= COALESCE((inputs->'override'->>'until')::date, 'infinity');
    IF is_held AND NOT (reached > now_on AND (inputs->'override'->>'is_floor')::boolean) THEN
        why := 'held';
        review := (inputs->'override'->>'until')::date + 1;
    ELSIF reached > now_on AND (inputs->>'timing' = 'at_once' OR at IN ('night', 'change')) THEN
        why := 'risen';
        becomes := reached;
        ends := is_set;
    ELSIF reached > now_on THEN
        why := 'waits';
        review := LEAST(review, next_evaluation);
    ELSIF at = 'sale' THEN
        why := 'unchanged';
    ELSIF now_on = 0 THEN
        why := CASE WHEN is_set THEN 'override_ended' ELSE 'unchanged' END;
        ends := is_set;
        kept := NULL; grace := NULL; review := NULL;
    ELSIF EXISTS (SELECT FROM jsonb_each(counted) WHERE value = 'null') THEN
        why := 'unknown';  -- a module that does not answer lowers nobody
        review := next_evaluation;
    ELSIF is_set THEN
        why := 'override_ended';
        becomes := reached;
        ends := true;
    ELSE
        holds := reached >= now_on OR {schema}.loyalty_meets(rungs->now_on->'retain', counted, inputs->>'combine');
        last_grace := COALESCE(grace, COALESCE(kept, today - 1) + (inputs->>'grace_days')::int);
        IF at = 'refund' AND (holds OR inputs->>'refunds' <> 'at_once') THEN
            why := 'unchanged';
        ELSIF at <> 'refund' AND kept >= today THEN
            why := 'guaranteed';
            review := kept + 1;
        ELSIF holds THEN
            why := 'kept';
        ELSIF at <> 'refund' AND (inputs->>'grace_days')::int > 0 AND last_grace >= today THEN
            why := 'grace';
            grace := last_grace;
            review := grace + 1;
        ELSE
            why := 'fallen';
            becomes := CASE inputs->>'downgrade' WHEN 'step' THEN now_on - 1 WHEN 'requalify' THEN reached ELSE 0 END;
        END IF;
    END IF;
    IF why IN ('risen', 'kept', 'fallen') OR why = 'override_ended' AND now_on > 0 THEN
        kept := NULL; grace := NULL; review := NULL;
        -- for ever only where nothing but a refund that counts at once could lower what holds it
        IF becomes > 0 AND NOT (
            inputs->>'window' = 'lifetime' AND inputs->>'refunds' <> 'next'
            AND counted - ARRAY['spend', 'points_earned', 'visits', 'activity'] = '{}'
            AND (reached >= becomes OR {schema}.loyalty_meets(rungs->becomes->'retain', counted, inputs->>'combine'))
        ) THEN
            IF keep > 0 THEN
                kept := (date_trunc('month', today::timestamp + make_interval(months => keep)) + interval '1 month')::date - 1;
                review := kept + 1;
            ELSE
                review := next_evaluation;
            END IF;
        END IF;
    END IF;
    RETURN jsonb_build_object(
        'tier', rungs->becomes->>'code', 'why', why, 'kept_until', kept, 'grace_until', grace, 'review_on', review,
        'ends_override', ends);
END $$;

CREATE OR REPLACE FUNCTION {schema}.loyalty_rungs(of_track bigint, measures jsonb, today date) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    found jsonb;
    first_measure text := measures->>0;
BEGIN
    SELECT jsonb_agg(jsonb_build_object(
            'id', id, 'code', code,
            'entry', CASE WHEN first_measure IS NULL THEN '{}' ELSE jsonb_build_object(first_measure, entry) END || COALESCE(
                (SELECT jsonb_object_agg(key, value->'entry') FROM jsonb_each(further) WHERE measures ? key), '{}'),
            'retain', CASE WHEN first_measure IS NULL THEN '{}' ELSE jsonb_build_object(first_measure, LEAST(retain, entry)) END
                || COALESCE((SELECT jsonb_object_agg(key, COALESCE(value->'retain', value->'entry'))
                    FROM jsonb_each(further) WHERE measures ? key), '{}'))
            ORDER BY threshold) INTO found
        FROM (SELECT id, code, threshold, CASE WHEN further = '{}' THEN NULL ELSE further END AS further,
                CASE WHEN is_changed THEN COALESCE((change->>'threshold')::bigint, threshold) ELSE threshold END AS entry,
                CASE WHEN is_changed THEN COALESCE((change->>'retain_threshold')::bigint, retain_threshold)
                     ELSE retain_threshold END AS retain
            FROM (SELECT *, COALESCE(today BETWEEN changed_from AND changed_until, false) AS is_changed
                FROM {schema}.loyalty_tier WHERE track_id = of_track) AS present) AS effective;
    RETURN found;
END $$;

CREATE OR REPLACE FUNCTION {schema}.loyalty_place(of_member bigint, on_track jsonb, at timestamptz, adds boolean)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    place record;
    is_default boolean := (on_track->>'is_default')::boolean;
    this_track bigint := (on_track->>'id')::bigint;
BEGIN
    FOR attempt IN 1 .. 2 LOOP
        IF is_default THEN
            SELECT standing.*, tier.code INTO place FROM {schema}.loyalty_standing standing
                JOIN {schema}.loyalty_tier tier ON tier.id = standing.tier_id
                WHERE standing.member_id = of_member FOR UPDATE OF standing;
        ELSE
            SELECT standing.*, tier.code INTO place FROM {schema}.loyalty_trackstanding standing
                JOIN {schema}.loyalty_tier tier ON tier.id = standing.tier_id
                WHERE standing.member_id = of_member AND standing.track_id = this_track FOR UPDATE OF standing;
        END IF;
        IF FOUND THEN
            RETURN to_jsonb(place);
        ELSIF NOT adds AND NOT is_default THEN
            RETURN NULL;
        ELSIF is_default THEN
            INSERT INTO {schema}.loyalty_standing (member_id, tier_id, since)
                SELECT of_member, id, at FROM {schema}.loyalty_tier WHERE track_id = this_track
                ORDER BY threshold LIMIT 1 ON CONFLICT DO NOTHING;
        ELSE
            INSERT INTO {schema}.loyalty_trackstanding (member_id, track_id, tier_id, since)
                SELECT of_member, this_track, id, at FROM {schema}.loyalty_tier WHERE track_id = this_track
                ORDER BY threshold LIMIT 1 ON CONFLICT DO NOTHING;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION {schema}.loyalty_evaluate_on(document jsonb, on_track jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    of_member bigint := (document->>'member')::bigint;
    at timestamptz := (document->>'occurred_at')::timestamptz;
    today date := (document->>'today')::date;
    this_track bigint := (on_track->>'id')::bigint;
    measures jsonb := COALESCE(on_track->'basis'->'measures', '["spend"]');
    combine text := CASE on_track->'basis'->>'combine' WHEN 'all' THEN 'all' ELSE 'any' END;
    rungs jsonb := {schema}.loyalty_rungs(this_track, measures, today);
    place jsonb := {schema}.loyalty_place(of_member, on_track, at, false);
    counted jsonb := '{}';
    measure text;
    after_day date;
    after_instant timestamptz;
    reached int;
    now_on int;
    inputs jsonb;
    decided jsonb;
    becomes bigint;
    is_move boolean;
    kept date;
    more_days int := 0;
BEGIN
    IF rungs IS NULL OR (on_track->>'is_default')::boolean AND place IS NULL THEN
        RETURN NULL;  -- a track without tiers
    END IF;
    CASE on_track->>'window'
        WHEN 'rolling' THEN
            after_day := (today - make_interval(months => (on_track->>'window_months')::int))::date;
        WHEN 'year' THEN
            after_day := make_date(extract(year FROM today)::int - 1, 12, 31);
        WHEN 'tier' THEN
            after_instant := (place->>'since')::timestamptz;
        ELSE
            NULL;
    END CASE;
    FOR measure IN SELECT jsonb_array_elements_text(measures) LOOP
        counted := counted || jsonb_build_object(measure, {schema}.loyalty_measure(
            of_member, measure, after_day, after_instant, on_track->>'refunds' <> 'none',
            document->'given'->(on_track->>'code')));
    END LOOP;
    reached := {schema}.loyalty_highest(rungs, counted, combine);
    SELECT ordinal - 1 INTO now_on FROM jsonb_array_elements(rungs) WITH ORDINALITY AS one(rung, ordinal)
        WHERE rung->>'code' = COALESCE(place->>'code', rungs->0->>'code');
    IF reached <= now_on AND (document->>'at' = 'sale' OR place IS NULL) THEN
        RETURN NULL;  -- what a sale nearly always finds
    END IF;
    IF place IS NULL THEN
        place := {schema}.loyalty_place(of_member, on_track, at, true);
    END IF;
    inputs := jsonb_build_object(
        'at', document->>'at', 'today', today, 'combine', combine,
        'rungs', (SELECT jsonb_agg(rung - 'id' ORDER BY ordinal)
            FROM jsonb_array_elements(rungs) WITH ORDINALITY AS one(rung, ordinal)),
        'values', counted, 'current', place->>'code',
        'kept_until', place->'kept_until', 'grace_until', place->'grace_until', 'review_on', place->'review_on',
        'override', CASE WHEN (place->>'is_overridden')::boolean THEN jsonb_build_object(
            'until', place->'override_until', 'is_floor', place->'is_floor') END,
        'window', on_track->'window', 'timing', on_track->'timing', 'evaluated', on_track->'evaluated',
        'keep_months', on_track->'keep_months', 'downgrade', on_track->'downgrade',
        'grace_days', on_track->'grace_days', 'refunds', on_track->'refunds');
    decided := {schema}.loyalty_decide(inputs);
    SELECT (rung->>'id')::bigint INTO becomes FROM jsonb_array_elements(rungs) AS rung
        WHERE rung->>'code' = decided->>'tier';
    is_move := becomes <> (place->>'tier_id')::bigint;
    kept := (decided->>'kept_until')::date;
    IF is_move AND decided->>'why' = 'risen' AND COALESCE((document->>'gives_packs')::boolean, false) THEN
        WITH given AS (  -- every tier passed on the way, each once in its cycle
            INSERT INTO {schema}.loyalty_tierpack (member_id, tier_id, cycle, points, days, given_at, is_posted)
            SELECT of_member, tier.id, CASE tier.pack->>'cycle' WHEN 'year' THEN to_char(today, 'YYYY') ELSE '' END,
                   COALESCE((tier.pack->>'points')::int, 0), COALESCE((tier.pack->>'days')::int, 0), at,
                   COALESCE((tier.pack->>'points')::int, 0) = 0
            FROM jsonb_array_elements(rungs) WITH ORDINALITY AS one(rung, ordinal)
            JOIN {schema}.loyalty_tier tier ON tier.id = (rung->>'id')::bigint
            WHERE ordinal - 1 > now_on AND ordinal - 1 <= reached AND tier.pack <> '{}'
            ON CONFLICT DO NOTHING RETURNING days)
        SELECT COALESCE(SUM(days), 0) INTO more_days FROM given;
        kept := kept + more_days;
        IF more_days > 0 AND kept IS NOT NULL THEN
            decided := decided || jsonb_build_object('days_given', more_days);
        END IF;
    END IF;
    IF (on_track->>'is_default')::boolean THEN
        UPDATE {schema}.loyalty_standing SET
            tier_id = becomes, since = CASE WHEN is_move THEN at ELSE since END, kept_until = kept,
            grace_until = (decided->>'grace_until')::date,
            review_on = (decided->>'review_on')::date + CASE WHEN kept IS NULL THEN 0 ELSE more_days END,
            is_overridden = is_overridden AND NOT (decided->>'ends_override')::boolean
            WHERE member_id = of_member;
    ELSE
        UPDATE {schema}.loyalty_trackstanding SET
            tier_id = becomes, since = CASE WHEN is_move THEN at ELSE since END, kept_until = kept,
            grace_until = (decided->>'grace_until')::date,
            review_on = (decided->>'review_on')::date + CASE WHEN kept IS NULL THEN 0 ELSE more_days END,
            is_overridden = is_overridden AND NOT (decided->>'ends_override')::boolean
            WHERE member_id = of_member AND track_id = this_track;
    END IF;
    IF NOT is_move THEN
        RETURN jsonb_build_object('why', decided->>'why', 'kept_until', kept, 'grace_until', decided->'grace_until');
    END IF;
    INSERT INTO {schema}.loyalty_tiermove (member_id, previous_id, current_id, explanation, moved_at)
        VALUES (of_member, (place->>'tier_id')::bigint, becomes, jsonb_build_object(
            'track', on_track->>'code', 'inputs', inputs, 'result', decided, 'counted_after',
            COALESCE(to_jsonb(after_day), to_jsonb(after_instant)), 'spent', counted->(measures->>0), 'thresholds',
            (SELECT jsonb_object_agg(rung->>'code', rung->'entry'->(measures->>0)) FROM jsonb_array_elements(rungs) rung)),
            at);
    INSERT INTO {schema}.operations_outboxevent (public_id, name, payload, occurred_at)
        SELECT event, 'tier_changed', jsonb_build_object(
            'event_id', event, 'occurred_at', document->>'occurred_at',
            'member', document->>'member_public_id', 'previous', place->>'code', 'current', decided->>'tier'), at
        FROM (SELECT CASE WHEN (on_track->>'is_default')::boolean THEN document->>'event_id'
            ELSE left('evt_' || md5((document->>'event_id') || this_track), 24) END AS event) AS named;
    RETURN jsonb_build_object('previous', place->>'code', 'current', decided->>'tier', 'why', decided->>'why',
        'spent', counted->(measures->>0), 'track', on_track->>'code', 'kept_until', kept);
END $$;

CREATE OR REPLACE FUNCTION {schema}.loyalty_evaluate(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    on_track jsonb;
    move jsonb;
    first_move jsonb;
BEGIN
    FOR on_track IN
        SELECT to_jsonb(track) FROM {schema}.loyalty_track track
        WHERE is_active AND (NOT document ? 'tracks' OR document->'tracks' ? code) ORDER BY is_default DESC, id
    LOOP
        move := {schema}.loyalty_evaluate_on(document, on_track);
        IF move ? 'current' THEN
            first_move := COALESCE(first_move, move);
        END IF;
    END LOOP;
    RETURN first_move;
END $$;

-- The night: `document.members` are those who are due, each with its own event; answers what became of each.
CREATE OR REPLACE FUNCTION {schema}.loyalty_review(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    due jsonb;
    on_track jsonb;
    became jsonb;
    told jsonb := '[]';
BEGIN
    SELECT to_jsonb(track) INTO on_track FROM {schema}.loyalty_track track WHERE id = (document->>'track')::bigint;
    FOR due IN SELECT value FROM jsonb_array_elements(document->'members') LOOP
        became := {schema}.loyalty_evaluate_on(document - 'members' || due, on_track);
        told := told || jsonb_build_array(COALESCE(became, '{}') || jsonb_build_object('member', due->'member'));
    END LOOP;
    RETURN told;
END $$;
