-- Uses of benefits and redemptions of rewards, each in one call: the row with its key (the first lock), its number among
-- those allowed, stock, points, trail and facts. Lock order: key, number, the reward's row, then what the ledger locks.
-- Raises RG409 for a key used for another request, RG410 when a reward is gone or no longer what was shown, RG423 when
-- all uses are taken, and what the ledger raises.

CREATE OR REPLACE FUNCTION {schema}.loyalty_announce(document jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO {schema}.operations_outboxevent (public_id, name, payload, occurred_at)
    SELECT event->>'event_id', event->>'name', event->'payload', (document->>'occurred_at')::timestamptz
    FROM jsonb_array_elements(document->'events') AS event;
    INSERT INTO {schema}.operations_trailentry
        (act, actor, subject, detail, before, after, branch_id, door, terminal, address, occurred_at, hash)
    SELECT given.act, given.actor, given.subject, given.detail, given.before, given.after, given.branch_id, given.door,
           given.terminal, given.address, given.occurred_at, given.hash
    FROM jsonb_populate_record(NULL::{schema}.operations_trailentry, document->'trail') AS given;
END $$;

CREATE OR REPLACE FUNCTION {schema}.loyalty_use_benefit(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    use {schema}.loyalty_benefituse := jsonb_populate_record(NULL::{schema}.loyalty_benefituse, document->'use');
    known record;
    free int;
    this bigint;
    posted jsonb;
BEGIN
    LOOP
        SELECT id, request_hash INTO known FROM {schema}.loyalty_benefituse WHERE key = use.key;
        IF FOUND THEN
            IF known.request_hash IS DISTINCT FROM use.request_hash THEN
                RAISE EXCEPTION 'key used for another request' USING ERRCODE = 'RG409';
            END IF;
            RETURN jsonb_build_object('use', known.id, 'repeated', true);
        END IF;
        -- the smallest number nobody has; of two who find the same one, the constraint lets one have it
        SELECT COALESCE(MIN(candidate.number), 1) INTO free FROM (
            SELECT 1 AS number
            UNION ALL
            SELECT taken.number + 1 FROM {schema}.loyalty_benefituse taken
            WHERE taken.member_id = use.member_id AND taken.benefit_id = use.benefit_id
              AND taken.period_key = use.period_key AND taken.number IS NOT NULL
        ) candidate WHERE NOT EXISTS (
            SELECT FROM {schema}.loyalty_benefituse taken
            WHERE taken.member_id = use.member_id AND taken.benefit_id = use.benefit_id
              AND taken.period_key = use.period_key AND taken.number = candidate.number);
        IF free > use.allowed THEN
            RAISE EXCEPTION 'all uses are taken' USING ERRCODE = 'RG423';
        END IF;
        INSERT INTO {schema}.loyalty_benefituse
            (public_id, member_id, benefit_id, tier_id, period_key, number, allowed, key, request_hash, used_at, used_on,
             branch_id, staff_id, undone_by)
        VALUES (use.public_id, use.member_id, use.benefit_id, use.tier_id, use.period_key, free, use.allowed, use.key,
                use.request_hash, use.used_at, use.used_on, use.branch_id, use.staff_id, '')
        ON CONFLICT DO NOTHING RETURNING id INTO this;
        EXIT WHEN this IS NOT NULL;
    END LOOP;
    IF document->'posting' <> 'null' THEN
        posted := {schema}.ledger_post(document->'posting');
        UPDATE {schema}.loyalty_benefituse SET transaction_id = (posted->>'transaction')::bigint WHERE id = this;
    END IF;
    PERFORM {schema}.loyalty_announce(document);
    RETURN jsonb_build_object('use', this, 'repeated', false);
END $$;

CREATE OR REPLACE FUNCTION {schema}.loyalty_redeem(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    given {schema}.loyalty_redemption := jsonb_populate_record(NULL::{schema}.loyalty_redemption, document->'redemption');
    known record;
    free int;
    this bigint;
    posted jsonb;
BEGIN
    LOOP
        SELECT id, request_hash INTO known FROM {schema}.loyalty_redemption WHERE key = given.key;
        IF FOUND THEN
            IF known.request_hash IS DISTINCT FROM given.request_hash THEN
                RAISE EXCEPTION 'key used for another request' USING ERRCODE = 'RG409';
            END IF;
            RETURN jsonb_build_object('redemption', known.id, 'repeated', true);
        END IF;
        SELECT COALESCE(MIN(candidate.number), 1) INTO free FROM (
            SELECT 1 AS number
            UNION ALL
            SELECT taken.number + 1 FROM {schema}.loyalty_redemption taken
            WHERE taken.member_id = given.member_id AND taken.reward_id = given.reward_id AND taken.number IS NOT NULL
        ) candidate WHERE NOT EXISTS (
            SELECT FROM {schema}.loyalty_redemption taken
            WHERE taken.member_id = given.member_id AND taken.reward_id = given.reward_id
              AND taken.number = candidate.number);
        IF free > given.allowed THEN
            RAISE EXCEPTION 'as many as one member may have' USING ERRCODE = 'RG423';
        END IF;
        INSERT INTO {schema}.loyalty_redemption
            (public_id, member_id, reward_id, number, allowed, words, points, state, code, key, request_hash, branch_id,
             ordered_at, ordered_on, expires_at, closed_at, closed_by, reason)
        VALUES (given.public_id, given.member_id, given.reward_id, free, given.allowed, given.words, given.points,
                given.state, given.code, given.key, given.request_hash, given.branch_id, given.ordered_at,
                given.ordered_on, given.expires_at, given.closed_at, '', '')
        ON CONFLICT DO NOTHING RETURNING id INTO this;
        EXIT WHEN this IS NOT NULL;
        IF EXISTS (SELECT FROM {schema}.loyalty_redemption WHERE code = given.code) THEN
            RAISE EXCEPTION 'the code is taken' USING ERRCODE = 'RG410';
        END IF;
    END LOOP;
    -- one statement takes it from the shelf, and only what was shown for the price that was shown
    UPDATE {schema}.loyalty_reward SET stock = stock - 1
        WHERE id = given.reward_id AND is_active AND points = given.points AND (stock IS NULL OR stock > 0);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'gone from the shelf' USING ERRCODE = 'RG410';
    END IF;
    IF document->'coupon' <> 'null' THEN
        PERFORM {schema}.loyalty_make_coupon(
            jsonb_populate_record(NULL::{schema}.loyalty_coupon, document->'coupon'));
    END IF;
    posted := {schema}.ledger_post(document->'posting');
    UPDATE {schema}.loyalty_redemption SET transaction_id = (posted->>'transaction')::bigint WHERE id = this;
    PERFORM {schema}.loyalty_announce(document);
    RETURN jsonb_build_object('redemption', this, 'repeated', false);
END $$;

-- Moves a redemption on when it still stands where it was: of two who hand over one code, one does. Returns its state
-- before, or null when it stood elsewhere. What is given back gives its number and its place on the shelf back too; a
-- coupon that it issued (`coupon` is its key) is void then, and where it was used nothing is given back.
CREATE OR REPLACE FUNCTION {schema}.loyalty_move_redemption(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    becomes text := document->>'state';
    of_reward bigint;
    of_coupon bigint;
BEGIN
    IF document->'coupon' <> 'null' AND becomes = 'cancelled' THEN
        UPDATE {schema}.loyalty_coupon SET state = 'void', number = NULL, reason = document->>'reason'
            WHERE key = document->>'coupon' AND state = 'issued' RETURNING id INTO of_coupon;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
        INSERT INTO {schema}.loyalty_couponmove (coupon_id, act, at, actor, amount, reason)
            VALUES (of_coupon, 'voided', (document->>'occurred_at')::timestamptz, document->>'actor', 0,
                    document->>'reason');
    END IF;
    UPDATE {schema}.loyalty_redemption SET
        state = becomes,
        number = CASE WHEN becomes IN ('cancelled', 'expired') THEN NULL ELSE number END,
        branch_id = COALESCE((document->>'branch')::bigint, branch_id),
        closed_at = CASE WHEN becomes = 'ready' THEN NULL ELSE (document->>'occurred_at')::timestamptz END,
        closed_by = CASE WHEN becomes = 'ready' THEN '' ELSE document->>'actor' END,
        reason = document->>'reason'
        WHERE id = (document->>'redemption')::bigint
          AND (state IN ('ordered', 'ready') OR state = 'handed_over' AND of_coupon IS NOT NULL) AND state <> becomes
          AND (becomes <> 'handed_over' OR expires_at IS NULL OR expires_at > (document->>'occurred_at')::timestamptz)
        RETURNING reward_id INTO of_reward;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF becomes IN ('cancelled', 'expired') THEN
        UPDATE {schema}.loyalty_reward SET stock = stock + 1 WHERE id = of_reward AND stock IS NOT NULL;
    END IF;
    PERFORM {schema}.loyalty_announce(document);
    RETURN jsonb_build_object('moved', true);
END $$;
