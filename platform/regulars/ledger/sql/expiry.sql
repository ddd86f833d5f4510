-- Expiry: what is left of lots whose time has come is taken, each lot in a transaction of its own, many lots in one go.
-- What is held of a lot stays until its hold ends. A lot that is spent has nothing left to expire. Locks as in post.sql.
-- All rows are written by one statement that knows their numbers beforehand, so each is written once, with its hash: the
-- same that `ledger_hash` would find, of a transaction with two postings that opens no lot.

CREATE OR REPLACE FUNCTION {schema}.ledger_expire(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz := (document->>'occurred_at')::timestamptz;
    micros bigint := (extract(epoch FROM at) * 1000000)::bigint;
    day date := (document->>'business_date')::date;
    names text[] := ARRAY(SELECT jsonb_array_elements_text(document->'public_ids'));
    due bigint[];
    houses jsonb;
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
        SELECT jsonb_object_agg(held_in.asset,
                {schema}.ledger_account_of(NULL, left(held_in.asset || '.expired', 40), held_in.asset)) INTO houses
            FROM (SELECT DISTINCT account.asset FROM {schema}.ledger_lot lot
                JOIN {schema}.ledger_account account ON account.id = lot.account_id WHERE lot.id = ANY(due)) AS held_in;
        -- now that nobody else moves them, what is still there
        WITH ending AS MATERIALIZED (
            SELECT lot.id AS lot, lot.account_id AS account, account.wallet_id AS wallet, account.asset,
                   lot.remaining - lot.held AS amount,
                   (account.balance - sum(lot.remaining - lot.held)
                       OVER (PARTITION BY lot.account_id ORDER BY lot.expires_at, lot.id))::bigint AS balance_after,
                   names[row_number() OVER (ORDER BY lot.account_id, lot.expires_at, lot.id)] AS name
            FROM {schema}.ledger_lot lot JOIN {schema}.ledger_account account ON account.id = lot.account_id
            WHERE lot.id = ANY(due) AND lot.remaining > lot.held
        ), numbered AS MATERIALIZED (
            SELECT ending.*, (houses->>asset)::bigint AS house, left(asset || '.expired', 40) AS house_name,
                   nextval('{schema}.ledger_transaction_id_seq') AS made,
                   nextval('{schema}.ledger_posting_id_seq') AS taking, nextval('{schema}.ledger_posting_id_seq') AS giving
            FROM ending
        ), opened AS (
            INSERT INTO {schema}.ledger_transaction
                (id, public_id, key, request_hash, kind, reason, actor, occurred_at, business_date, hash)
            SELECT made, name, 'expiry:' || name, '', 'expiry', '', '', at, day, {schema}.ledger_hash_of(
                jsonb_build_array(made, name, 'expiry:' || name, '', 'expiry', NULL, '', '', micros, day)::text
                || jsonb_build_array(taking, account, wallet, '', asset, lot, -amount, balance_after)::text
                || jsonb_build_array(giving, house, NULL, house_name, asset, NULL, amount, NULL)::text)
            FROM numbered
        ), taken AS (
            UPDATE {schema}.ledger_lot SET remaining = held FROM numbered WHERE ledger_lot.id = numbered.lot
        ), owners AS (
            UPDATE {schema}.ledger_account SET balance = lowest.balance
            FROM (SELECT account, min(balance_after) AS balance FROM numbered GROUP BY account) AS lowest
            WHERE ledger_account.id = lowest.account
        ), postings AS (
            INSERT INTO {schema}.ledger_posting (id, transaction_id, account_id, lot_id, amount, balance_after)
            SELECT taking, made, account, lot, -amount, balance_after FROM numbered
            UNION ALL SELECT giving, made, house, NULL, amount, NULL FROM numbered
        )
        SELECT count(*), COALESCE(sum(amount) FILTER (WHERE asset = 'points'), 0) INTO ended, expired_points FROM numbered;
        IF expired_points > 0 THEN
            PERFORM {schema}.insights_note_points(day, 'points.expired', -expired_points, false);
        END IF;
    END IF;
    RETURN jsonb_build_object('count', ended, 'next',
        (SELECT min(expires_at) FROM {schema}.ledger_lot WHERE remaining > 0 AND remaining > held));
END $$;
