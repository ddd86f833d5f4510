-- Expiry: what is left of lots whose time has come is taken, each lot in a transaction of its own, many lots in one go.
-- What is held of a lot stays until its hold ends. A lot that is spent has nothing left to expire. Locks as in post.sql.

CREATE OR REPLACE FUNCTION {schema}.ledger_expire(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz := (document->>'occurred_at')::timestamptz;
    day date := (document->>'business_date')::date;
    names text[] := ARRAY(SELECT jsonb_array_elements_text(document->'public_ids'));
    due bigint[];
    made bigint[];
    ended bigint := 0;
    expired_points bigint;
BEGIN
    SELECT array_agg(found.id) INTO due FROM (
        SELECT id FROM {schema}.ledger_lot
        WHERE remaining > 0 AND remaining > held AND expires_at <= at ORDER BY expires_at, id LIMIT cardinality(names)
    ) AS found;
    IF due IS NOT NULL THEN
        PERFORM 1 FROM {schema}.ledger_account
            WHERE id IN (SELECT account_id FROM {schema}.ledger_lot WHERE id = ANY(due))
            ORDER BY wallet_id, asset FOR NO KEY UPDATE;
        PERFORM {schema}.ledger_account_of(NULL, left(held_in.asset || '.expired', 40), held_in.asset) FROM (
            SELECT DISTINCT account.asset FROM {schema}.ledger_lot lot
            JOIN {schema}.ledger_account account ON account.id = lot.account_id WHERE lot.id = ANY(due)) AS held_in;
        -- now that nobody else moves them, what is still there
        WITH ending AS (
            SELECT lot.id, lot.account_id, lot.remaining - lot.held AS amount, account.asset, account.balance,
                   names[row_number() OVER (ORDER BY lot.account_id, lot.expires_at, lot.id)] AS name
            FROM {schema}.ledger_lot lot JOIN {schema}.ledger_account account ON account.id = lot.account_id
            WHERE lot.id = ANY(due) AND lot.remaining > lot.held
        ), opened AS (
            INSERT INTO {schema}.ledger_transaction
                (public_id, key, request_hash, kind, reason, actor, occurred_at, business_date)
            SELECT name, 'expiry:' || name, '', 'expiry', '', '', at, day FROM ending ORDER BY name
            RETURNING id, public_id
        ), taken AS (
            UPDATE {schema}.ledger_lot lot SET remaining = lot.held FROM ending WHERE lot.id = ending.id
            RETURNING lot.id
        ), owners AS (
            UPDATE {schema}.ledger_account account SET balance = account.balance - ended_now.amount
            FROM (SELECT account_id, sum(amount) AS amount FROM ending GROUP BY account_id) AS ended_now
            WHERE account.id = ended_now.account_id RETURNING account.id
        ), wallets AS (
            INSERT INTO {schema}.ledger_posting (transaction_id, account_id, lot_id, amount, balance_after)
            SELECT opened.id, ending.account_id, ending.id, -ending.amount,
                   ending.balance - sum(ending.amount) OVER (PARTITION BY ending.account_id ORDER BY ending.name)
            FROM ending JOIN opened ON opened.public_id = ending.name ORDER BY ending.account_id, ending.name
            RETURNING id
        ), houses AS (
            INSERT INTO {schema}.ledger_posting (transaction_id, account_id, lot_id, amount, balance_after)
            SELECT opened.id, house.id, NULL, ending.amount, NULL
            FROM ending JOIN opened ON opened.public_id = ending.name
            JOIN {schema}.ledger_account house ON house.wallet_id IS NULL AND house.asset = ending.asset
                AND house.house = left(ending.asset || '.expired', 40)
            RETURNING id
        )
        SELECT array_agg(opened.id), count(*), COALESCE(sum(ending.amount) FILTER (WHERE ending.asset = 'points'), 0)
            INTO made, ended, expired_points
            FROM ending JOIN opened ON opened.public_id = ending.name;
        PERFORM {schema}.ledger_hash(made);
        IF expired_points > 0 THEN
            PERFORM {schema}.insights_note_points(day, 'points.expired', -expired_points, false);
        END IF;
    END IF;
    RETURN jsonb_build_object('count', ended, 'next',
        (SELECT min(expires_at) FROM {schema}.ledger_lot WHERE remaining > 0 AND remaining > held));
END $$;
