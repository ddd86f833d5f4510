-- Holds: value promised for a while. Reserving, spending and giving up are one call each; locks as in post.sql.
-- Raises RG402 when not enough is free or more is spent than was held, RG409 for a key used for something else, RG414
-- for a hold that has ended.

CREATE OR REPLACE FUNCTION {schema}.ledger_reserve(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz := (document->>'made_at')::timestamptz;
    wanted bigint := (document->>'amount')::bigint;
    left_over bigint := wanted;
    place jsonb := document->'where';
    account bigint;
    this bigint;
    before_hash text;
    lot record;
    part bigint;
BEGIN
    account := {schema}.ledger_account_of((document->>'wallet')::bigint, '', document->>'asset');
    INSERT INTO {schema}.ledger_hold
        (public_id, key, request_hash, account_id, amount, captured, state, reason, actor, made_at, expires_at)
    VALUES (document->>'public_id', document->>'key', document->>'request_hash', account, wanted, 0, 'held',
            COALESCE(document->>'reason', ''), COALESCE(document->>'actor', ''), at, (document->>'expires_at')::timestamptz)
    ON CONFLICT (key) DO NOTHING RETURNING id INTO this;
    IF this IS NULL THEN
        SELECT id, request_hash INTO this, before_hash FROM {schema}.ledger_hold WHERE key = document->>'key';
        IF before_hash IS DISTINCT FROM document->>'request_hash' THEN
            RAISE EXCEPTION 'key used for another request' USING ERRCODE = 'RG409';
        END IF;
        RETURN jsonb_build_object('hold', this, 'repeated', true);
    END IF;
    UPDATE {schema}.ledger_account SET held = held + wanted WHERE id = account AND balance - held >= wanted;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not enough' USING ERRCODE = 'RG402';
    END IF;
    FOR lot IN
        SELECT id, remaining - held AS free FROM {schema}.ledger_lot
        WHERE account_id = account AND remaining > 0 AND remaining > held
          AND available_from <= at AND (expires_at IS NULL OR expires_at > at)
          AND (restrictions = '{}' OR place ? 'anywhere' OR (
              (NOT restrictions ? 'branches' OR restrictions->'branches' ? (place->>'branch'))
              AND (NOT restrictions ? 'categories' OR restrictions->'categories' ? (place->>'category'))))
        ORDER BY expires_at NULLS LAST, id
    LOOP
        EXIT WHEN left_over = 0;
        part := LEAST(lot.free, left_over);
        UPDATE {schema}.ledger_lot SET held = held + part WHERE id = lot.id;
        INSERT INTO {schema}.ledger_holdpart (hold_id, lot_id, amount) VALUES (this, lot.id, part);
        left_over := left_over - part;
    END LOOP;
    IF left_over > 0 THEN
        RAISE EXCEPTION 'not enough' USING ERRCODE = 'RG402';
    END IF;
    RETURN jsonb_build_object('hold', this, 'repeated', false);
END $$;

-- What lies free in the lots of a locked account beyond its balance: a debt that was made while it was held.
CREATE OR REPLACE FUNCTION {schema}.ledger_owed(of_account bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE owed bigint;
BEGIN
    SELECT COALESCE((SELECT sum(lot.remaining - lot.held) FROM {schema}.ledger_lot lot
                     WHERE lot.account_id = account.id AND lot.remaining > 0), 0)
           - GREATEST(0, account.balance - account.held)
        INTO owed FROM {schema}.ledger_account account WHERE account.id = of_account;
    RETURN owed;
END $$;

CREATE OR REPLACE FUNCTION {schema}.ledger_settle(of_transaction bigint, of_account bigint, owed bigint, at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE balance_now bigint;
BEGIN
    SELECT balance INTO balance_now FROM {schema}.ledger_account WHERE id = of_account;
    PERFORM {schema}.ledger_draw(of_transaction, of_account, owed, balance_now, at, '{"take_back_of": null}');
    INSERT INTO {schema}.ledger_posting (transaction_id, account_id, lot_id, amount, balance_after)
        VALUES (of_transaction, of_account, NULL, owed, balance_now);
END $$;

CREATE OR REPLACE FUNCTION {schema}.ledger_capture(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz := (document->>'occurred_at')::timestamptz;
    this bigint;
    known boolean;
    promised record;
    spent bigint;
    left_over bigint;
    balance_now bigint;
    held_now bigint;
    holder record;
    owed bigint;
    part record;
    taken bigint;
BEGIN
    SELECT begun.this, begun.is_repeated INTO this, known FROM {schema}.ledger_begin(document) AS begun;
    IF known THEN
        RETURN jsonb_build_object('transaction', this, 'repeated', true);
    END IF;
    SELECT * INTO promised FROM {schema}.ledger_hold WHERE id = (document->>'hold')::bigint FOR NO KEY UPDATE;
    IF promised.state <> 'held' OR promised.expires_at <= at THEN
        RAISE EXCEPTION 'the hold has ended' USING ERRCODE = 'RG414';
    END IF;
    spent := COALESCE((document->>'amount')::bigint, promised.amount);
    IF spent > promised.amount THEN
        RAISE EXCEPTION 'more is spent than was held' USING ERRCODE = 'RG402';
    END IF;
    UPDATE {schema}.ledger_account
        SET balance = balance - spent, held = held - promised.amount,
            floor = CASE WHEN floor IS NULL THEN NULL ELSE LEAST(floor, balance - spent) END
        WHERE id = promised.account_id RETURNING balance, held, wallet_id, asset INTO holder;
    balance_now := holder.balance;
    held_now := holder.held;
    left_over := spent;
    FOR part IN SELECT lot_id, amount FROM {schema}.ledger_holdpart WHERE hold_id = promised.id ORDER BY id LOOP
        taken := LEAST(part.amount, left_over);
        left_over := left_over - taken;
        UPDATE {schema}.ledger_lot SET held = held - part.amount, remaining = remaining - taken WHERE id = part.lot_id;
        IF taken > 0 THEN
            INSERT INTO {schema}.ledger_posting (transaction_id, account_id, lot_id, amount, balance_after)
                VALUES (this, promised.account_id, part.lot_id, -taken, balance_now + left_over);
        END IF;
    END LOOP;
    UPDATE {schema}.ledger_hold SET state = 'captured', captured = spent, ended_at = at, transaction_id = this
        WHERE id = promised.id;
    INSERT INTO {schema}.ledger_posting (transaction_id, account_id, lot_id, amount, balance_after)
        VALUES (this, {schema}.ledger_account_of(NULL, document->>'house', holder.asset), NULL, spent, NULL);
    IF spent < promised.amount AND balance_now < held_now + promised.amount - spent THEN
        owed := {schema}.ledger_owed(promised.account_id);
        IF owed > 0 THEN
            PERFORM {schema}.ledger_settle(this, promised.account_id, owed, at);
        END IF;
    END IF;
    IF holder.asset = 'points' THEN
        PERFORM {schema}.insights_note_points((document->>'business_date')::date, document->>'house', -spent, false);
    END IF;
    PERFORM {schema}.ledger_hash(ARRAY[this]);
    RETURN jsonb_build_object('transaction', this, 'repeated', false,
        'balances', jsonb_build_object(holder.wallet_id || ':' || holder.asset, balance_now));
END $$;

-- Give up a hold (`state`: released or expired). Whether it was given up now; false when that was done before.
CREATE OR REPLACE FUNCTION {schema}.ledger_release(document jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz := (document->>'occurred_at')::timestamptz;
    this bigint;
    promised record;
    owed bigint;
BEGIN
    SELECT * INTO promised FROM {schema}.ledger_hold WHERE id = (document->>'hold')::bigint FOR NO KEY UPDATE;
    IF promised.state = 'captured' THEN
        RAISE EXCEPTION 'the hold has ended' USING ERRCODE = 'RG414';
    ELSIF promised.state <> 'held' THEN
        RETURN false;
    END IF;
    UPDATE {schema}.ledger_account SET held = held - promised.amount WHERE id = promised.account_id;
    UPDATE {schema}.ledger_lot lot SET held = lot.held - part.amount
        FROM {schema}.ledger_holdpart part WHERE part.hold_id = promised.id AND lot.id = part.lot_id;
    UPDATE {schema}.ledger_hold SET state = document->>'state', ended_at = at WHERE id = promised.id;
    owed := {schema}.ledger_owed(promised.account_id);
    IF owed > 0 THEN
        SELECT begun.this INTO this FROM {schema}.ledger_begin(document->'settlement') AS begun;
        PERFORM {schema}.ledger_settle(this, promised.account_id, owed, at);
        PERFORM {schema}.ledger_hash(ARRAY[this]);
    END IF;
    RETURN true;
END $$;

-- Give up the holds whose time has run out; those that somebody is just ending are left to them.
CREATE OR REPLACE FUNCTION {schema}.ledger_expire_holds(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz := (document->>'occurred_at')::timestamptz;
    due bigint[];
    one record;
    ended bigint := 0;
BEGIN
    -- all holds first, then all accounts: two who end several at once then never wait for each other in a circle
    SELECT array_agg(found.id) INTO due FROM (
        SELECT id FROM {schema}.ledger_hold WHERE state = 'held' AND expires_at <= at ORDER BY expires_at, id
        LIMIT (document->>'limit')::int FOR NO KEY UPDATE SKIP LOCKED) AS found;
    PERFORM 1 FROM {schema}.ledger_account WHERE id IN (SELECT account_id FROM {schema}.ledger_hold WHERE id = ANY(due))
        ORDER BY wallet_id, asset FOR NO KEY UPDATE;
    FOR one IN SELECT id, public_id FROM {schema}.ledger_hold WHERE id = ANY(due) ORDER BY id LOOP
        PERFORM {schema}.ledger_release(document || jsonb_build_object(
            'hold', one.id, 'state', 'expired', 'settlement', (document->'settlement')
                || jsonb_build_object('key', 'debt:' || one.public_id, 'public_id', 'txn_' || right(one.public_id, 16))));
        ended := ended + 1;
    END LOOP;
    RETURN jsonb_build_object('count', ended, 'next',
        (SELECT min(expires_at) FROM {schema}.ledger_hold WHERE state = 'held'));
END $$;
