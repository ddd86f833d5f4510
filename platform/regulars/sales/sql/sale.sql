-- A sale and its undoing, each in one call: the sale's row (its key is the first lock), its lines, the value it moves,
-- the tier it reaches, the trail and the facts. Raises what the ledger raises, RG409 for a key used for another request,
-- and RG412 when more would be refunded than is left.

CREATE OR REPLACE FUNCTION {schema}.sales_announce(document jsonb, balance bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO {schema}.operations_outboxevent (public_id, name, payload, occurred_at)
    SELECT event->>'event_id', event->>'name',
           (event->'payload') || CASE WHEN event->>'name' = 'points_credited'
                                      THEN jsonb_build_object('balance', balance) ELSE '{}' END,
           (document->>'occurred_at')::timestamptz
    FROM jsonb_array_elements(document->'events') AS event;
    INSERT INTO {schema}.operations_trailentry
        (act, actor, subject, detail, before, after, branch_id, door, terminal, address, occurred_at, hash)
    SELECT given.act, given.actor, given.subject, given.detail, given.before, given.after, given.branch_id, given.door,
           given.terminal, given.address, given.occurred_at, given.hash
    FROM jsonb_populate_record(NULL::{schema}.operations_trailentry, document->'trail') AS given;
END $$;

CREATE OR REPLACE FUNCTION {schema}.sales_confirm(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    sale jsonb := document->'sale';
    this bigint;
    before_hash text;
    posted jsonb;
    move jsonb;
    balance bigint;
BEGIN
    INSERT INTO {schema}.sales_sale
        (public_id, key, request_hash, number, member_id, branch_id, terminal_id, cashier_id, currency, list_total,
         discount_total, total, refunded_total, points_earned, points_taken_back, payment_source, received, explanation,
         contributions, confirmed_at, business_date)
    SELECT given.public_id, given.key, given.request_hash, given.number, given.member_id, given.branch_id, given.terminal_id,
           given.cashier_id, given.currency, given.list_total, given.discount_total, given.total, 0, given.points_earned, 0,
           given.payment_source, given.received, given.explanation, given.contributions, given.confirmed_at, given.business_date
    FROM jsonb_populate_record(NULL::{schema}.sales_sale, sale) AS given
    ON CONFLICT (key) DO NOTHING RETURNING id INTO this;
    IF this IS NULL THEN
        SELECT id, request_hash INTO this, before_hash FROM {schema}.sales_sale WHERE key = sale->>'key';
        IF before_hash IS DISTINCT FROM sale->>'request_hash' THEN
            RAISE EXCEPTION 'key used for another request' USING ERRCODE = 'RG409';
        END IF;
        RETURN jsonb_build_object('sale', this, 'repeated', true);
    END IF;
    INSERT INTO {schema}.sales_saleline (sale_id, position, description, quantity, list_amount, amount)
        SELECT this, line.position, line.description, line.quantity, line.list_amount, line.amount
        FROM jsonb_populate_recordset(NULL::{schema}.sales_saleline, document->'lines') AS line;
    IF document->'posting' <> 'null' THEN
        posted := {schema}.ledger_post(document->'posting');  -- whose points are noted with the sale, below
        balance := (posted->'balances'->>(document->>'points_place'))::bigint;
    END IF;
    UPDATE {schema}.sales_sale
        SET number = to_char(business_date, 'YYMMDD') || '-' || id, transaction_id = (posted->>'transaction')::bigint
        WHERE id = this;
    IF document->'evaluation' <> 'null' THEN
        move := {schema}.loyalty_evaluate(document->'evaluation');
    END IF;
    PERFORM {schema}.sales_announce(document, balance);
    PERFORM {schema}.insights_note(
        (sale->>'business_date')::date, (sale->>'branch_id')::bigint, COALESCE(sale->'explanation'->>'tier', ''),
        (document->>'hour')::int, sold => 1, amount => (sale->>'total')::bigint,
        discount => (sale->>'discount_total')::bigint, to_member => sale->>'member_id' IS NOT NULL,
        issued => (sale->>'points_earned')::bigint);
    RETURN jsonb_build_object('sale', this, 'repeated', false, 'balance', balance, 'move', move);
END $$;

CREATE OR REPLACE FUNCTION {schema}.sales_refund(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    refund jsonb := document->'refund';
    this bigint;
    before_hash text;
    posted jsonb;
    branch bigint;
    tier text;
BEGIN
    INSERT INTO {schema}.sales_refund
        (public_id, key, request_hash, sale_id, amount, points_taken_back, reason, cashier_id, refunded_at, business_date)
    SELECT given.public_id, given.key, given.request_hash, given.sale_id, given.amount, given.points_taken_back,
           given.reason, given.cashier_id, given.refunded_at, given.business_date
    FROM jsonb_populate_record(NULL::{schema}.sales_refund, refund) AS given
    ON CONFLICT (key) DO NOTHING RETURNING id INTO this;
    IF this IS NULL THEN
        SELECT id, request_hash INTO this, before_hash FROM {schema}.sales_refund WHERE key = refund->>'key';
        IF before_hash IS DISTINCT FROM refund->>'request_hash' THEN
            RAISE EXCEPTION 'key used for another request' USING ERRCODE = 'RG409';
        END IF;
        RETURN jsonb_build_object('refund', this, 'repeated', true);
    END IF;
    -- what was refunded before is part of the condition: of two refunds at once one finds it changed
    UPDATE {schema}.sales_sale
        SET refunded_total = refunded_total + (refund->>'amount')::bigint,
            points_taken_back = points_taken_back + (refund->>'points_taken_back')::bigint
        WHERE id = (refund->>'sale_id')::bigint
          AND refunded_total = (document->>'refunded_before')::bigint
          AND refunded_total + (refund->>'amount')::bigint <= total
        RETURNING branch_id, COALESCE(explanation->>'tier', '') INTO branch, tier;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'refunded meanwhile' USING ERRCODE = 'RG412';
    END IF;
    IF document->'posting' <> 'null' THEN
        posted := {schema}.ledger_post(document->'posting');
        UPDATE {schema}.sales_refund SET transaction_id = (posted->>'transaction')::bigint WHERE id = this;
    END IF;
    PERFORM {schema}.sales_announce(document, NULL);
    PERFORM {schema}.insights_note(
        (refund->>'business_date')::date, branch, tier, (document->>'hour')::int, given_back => 1,
        amount_back => (refund->>'amount')::bigint, taken_back => (refund->>'points_taken_back')::bigint);
    RETURN jsonb_build_object('refund', this, 'repeated', false);
END $$;
