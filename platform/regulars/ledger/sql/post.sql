-- The one way value moves. Every act is one call of one function, and takes its locks in one order:
--   1. its key (the unique row of the transaction or the hold it makes),
--   2. the row it ends or undoes: the hold, or the transaction that is reversed,
--   3. wallets' accounts, by (wallet, asset). Lots and parts of holds are only touched under their account's lock.
-- House accounts are never locked, only added to. Rows are locked FOR NO KEY UPDATE, as an UPDATE does: the checks of
-- foreign keys, which come last, then wait for nobody. See docs/adr/0009-lock-order.md.
--
-- A leg: wallet, asset, amount (signed) and house (the other side). For credits: available_from, expires_at,
-- restrictions, source. For debits: `where` (branch, category; {"anywhere": true} for a correction) and `lot`, to draw on
-- that one only. `take_back_of` (a transaction) takes from the lots it opened first and may leave a debt; `restore_of`
-- gives a debit back to the lots it drew on, or what has expired of them until `grace_until`. `lowest` is how far the
-- asset may be overdrawn. Raises RG409 for a key used for something else, RG402 when a balance is not enough, RG424 for
-- what was undone before.
--
-- What holds after each act: the open lots of an account sum to the greater of what is held and its balance; a lot's
-- remaining is the sum of its postings; postings without a lot are the debt.

DROP FUNCTION IF EXISTS {schema}.ledger_draw(bigint, bigint, bigint, timestamptz, bigint, boolean);

CREATE OR REPLACE FUNCTION {schema}.ledger_account_of(of_wallet bigint, of_house text, of_asset text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE found bigint;
BEGIN
    IF of_wallet IS NULL THEN  -- two plain questions: "IS NOT DISTINCT FROM" would use neither index
        SELECT id INTO found FROM {schema}.ledger_account
            WHERE wallet_id IS NULL AND house = of_house AND asset = of_asset;
    ELSE
        SELECT id INTO found FROM {schema}.ledger_account WHERE wallet_id = of_wallet AND asset = of_asset;
    END IF;
    IF found IS NULL THEN
        INSERT INTO {schema}.ledger_account (wallet_id, house, asset, balance, floor)
            VALUES (of_wallet, of_house, of_asset, 0, CASE WHEN of_wallet IS NULL THEN NULL ELSE 0 END)
            ON CONFLICT DO NOTHING;
        SELECT id INTO found FROM {schema}.ledger_account
            WHERE asset = of_asset AND wallet_id IS NOT DISTINCT FROM of_wallet AND house = of_house;
    END IF;
    RETURN found;
END $$;

-- The transaction of a document, or the one its key made before.
CREATE OR REPLACE FUNCTION {schema}.ledger_begin(document jsonb, OUT this bigint, OUT is_repeated boolean)
LANGUAGE plpgsql AS $$
DECLARE before_hash text;
BEGIN
    is_repeated := false;
    INSERT INTO {schema}.ledger_transaction
        (id, public_id, key, request_hash, kind, reverses_id, reason, actor, occurred_at, business_date)
    VALUES (COALESCE((document->>'id')::bigint, nextval('{schema}.ledger_transaction_id_seq')),  -- a sale knows it before
            document->>'public_id', document->>'key', document->>'request_hash', document->>'kind',
            (document->>'reverses')::bigint, COALESCE(document->>'reason', ''), COALESCE(document->>'actor', ''),
            (document->>'occurred_at')::timestamptz, (document->>'business_date')::date)
    ON CONFLICT (key) DO NOTHING RETURNING id INTO this;
    IF this IS NULL THEN
        is_repeated := true;
        SELECT id, request_hash INTO this, before_hash FROM {schema}.ledger_transaction WHERE key = document->>'key';
        IF before_hash IS DISTINCT FROM document->>'request_hash' THEN
            RAISE EXCEPTION 'key used for another request' USING ERRCODE = 'RG409';
        END IF;
    END IF;
END $$;

-- The hash of a transaction's words, as `regulars.operations.sealing.canonical` writes a text down.
CREATE OR REPLACE FUNCTION {schema}.ledger_hash_of(words text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to('[' || to_json(words)::text || ']', 'UTF8')), 'hex');
$$;

-- Hash transactions with their postings and the lots they opened, as `regulars.ledger.sealed` reads them. One by one: a
-- statement for any number of them would be planned anew each time.
CREATE OR REPLACE FUNCTION {schema}.ledger_hash(of_transactions bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one bigint;
    legs text;
    lots text;
BEGIN
    FOREACH one IN ARRAY COALESCE(of_transactions, '{}') LOOP
        SELECT string_agg(jsonb_build_array(posting.id, posting.account_id, account.wallet_id, account.house,
                account.asset, posting.lot_id, posting.amount, posting.balance_after)::text, '' ORDER BY posting.id)
            INTO legs
            FROM {schema}.ledger_posting posting JOIN {schema}.ledger_account account ON account.id = posting.account_id
            WHERE posting.transaction_id = one;
        SELECT string_agg(jsonb_build_array(lot.id, lot.account_id, lot.amount,
                (extract(epoch FROM lot.available_from) * 1000000)::bigint,
                (extract(epoch FROM lot.expires_at) * 1000000)::bigint, lot.restrictions, lot.source)::text, ''
                ORDER BY lot.id)
            INTO lots FROM {schema}.ledger_lot lot WHERE lot.opened_by_id = one;
        UPDATE {schema}.ledger_transaction SET hash = {schema}.ledger_hash_of(
            jsonb_build_array(id, public_id, key, request_hash, kind, reverses_id, reason, actor,
                (extract(epoch FROM occurred_at) * 1000000)::bigint, business_date)::text
            || COALESCE(legs, '') || COALESCE(lots, ''))
        WHERE id = one;
    END LOOP;
END $$;

-- Draw on the lots of a locked account as a leg says; returns what they did not hold. `running` is the balance before.
CREATE OR REPLACE FUNCTION {schema}.ledger_draw(
    of_transaction bigint, of_account bigint, wanted bigint, running bigint, at timestamptz, leg jsonb
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    lot record;
    part bigint;
    left_over bigint := wanted;
    opened_first bigint := (leg->>'take_back_of')::bigint;
    only_lot bigint := (leg->>'lot')::bigint;
    any_lot boolean := leg ? 'take_back_of' OR leg ? 'lot';
    place jsonb := leg->'where';
BEGIN
    FOR lot IN
        SELECT id, remaining - held AS free FROM {schema}.ledger_lot
        WHERE account_id = of_account AND remaining > 0 AND remaining > held AND (only_lot IS NULL OR id = only_lot)
          AND (any_lot OR (available_from <= at AND (expires_at IS NULL OR expires_at > at)
            AND (restrictions = '{}' OR place ? 'anywhere' OR (
                (NOT restrictions ? 'branches' OR restrictions->'branches' ? (place->>'branch'))
                AND (NOT restrictions ? 'categories' OR restrictions->'categories' ? (place->>'category'))))))
        ORDER BY (opened_by_id IS NOT DISTINCT FROM opened_first) DESC,
                 (opened_first IS NOT NULL AND available_from > at) DESC, expires_at NULLS LAST, id
    LOOP
        EXIT WHEN left_over = 0;
        part := LEAST(lot.free, left_over);
        UPDATE {schema}.ledger_lot SET remaining = remaining - part WHERE id = lot.id;
        running := running - part;
        INSERT INTO {schema}.ledger_posting (transaction_id, account_id, lot_id, amount, balance_after)
            VALUES (of_transaction, of_account, lot.id, -part, running);
        left_over := left_over - part;
    END LOOP;
    RETURN left_over;
END $$;

CREATE OR REPLACE FUNCTION {schema}.ledger_open_lot(
    of_transaction bigint, of_account bigint, put_in bigint, balance_now bigint, at timestamptz,
    from_when timestamptz, until timestamptz, only_at jsonb, given_by text
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE new_lot bigint;
BEGIN
    INSERT INTO {schema}.ledger_lot
        (account_id, opened_by_id, amount, remaining, available_from, is_pending, expires_at, restrictions, source)
        VALUES (of_account, of_transaction, put_in, put_in, COALESCE(from_when, at), COALESCE(from_when > at, false), until,
                COALESCE(only_at, '{}'), COALESCE(given_by, ''))
        RETURNING id INTO new_lot;
    INSERT INTO {schema}.ledger_posting (transaction_id, account_id, lot_id, amount, balance_after)
        VALUES (of_transaction, of_account, new_lot, put_in, balance_now);
END $$;

-- Give a debit back to the lots it drew on, the last drawn first; what other reversals gave back is left out.
CREATE OR REPLACE FUNCTION {schema}.ledger_restore(
    of_transaction bigint, of_account bigint, into_lots bigint, passed_over bigint, balance_now bigint, at timestamptz,
    leg jsonb
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    drawn record;
    part bigint;
    left_over bigint := into_lots;
    skipped bigint;
BEGIN
    SELECT passed_over + COALESCE(sum(posting.amount), 0) INTO skipped
        FROM {schema}.ledger_transaction undoing
        JOIN {schema}.ledger_posting posting ON posting.transaction_id = undoing.id
        WHERE undoing.reverses_id = (leg->>'restore_of')::bigint AND undoing.id <> of_transaction
          AND posting.account_id = of_account AND posting.amount > 0;
    FOR drawn IN
        SELECT posting.lot_id, -posting.amount AS amount, lot.expires_at, lot.restrictions, lot.source
        FROM {schema}.ledger_posting posting LEFT JOIN {schema}.ledger_lot lot ON lot.id = posting.lot_id
        WHERE posting.transaction_id = (leg->>'restore_of')::bigint AND posting.account_id = of_account
          AND posting.amount < 0 ORDER BY posting.id DESC
    LOOP
        EXIT WHEN left_over = 0;
        IF skipped >= drawn.amount THEN
            skipped := skipped - drawn.amount;
            CONTINUE;
        END IF;
        part := LEAST(drawn.amount - skipped, left_over);
        skipped := 0;
        left_over := left_over - part;
        IF drawn.lot_id IS NULL OR (leg ? 'grace_until' AND drawn.expires_at <= at) THEN
            -- it was owed and has been paid since, or its lot has expired
            PERFORM {schema}.ledger_open_lot(of_transaction, of_account, part, balance_now - left_over, at, NULL,
                CASE WHEN drawn.lot_id IS NULL THEN NULL ELSE (leg->>'grace_until')::timestamptz END,
                drawn.restrictions, drawn.source);
            CONTINUE;
        END IF;
        UPDATE {schema}.ledger_lot SET remaining = remaining + part WHERE id = drawn.lot_id;
        INSERT INTO {schema}.ledger_posting (transaction_id, account_id, lot_id, amount, balance_after)
            VALUES (of_transaction, of_account, drawn.lot_id, part, balance_now - left_over);
    END LOOP;
    IF left_over <> 0 THEN
        RAISE EXCEPTION 'more is restored than was drawn' USING ERRCODE = 'RG402';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION {schema}.ledger_post(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz := (document->>'occurred_at')::timestamptz;
    this bigint;
    known boolean;
    leg jsonb;
    account bigint;
    moved bigint;
    lowest bigint;
    balance_now bigint;
    held_now bigint;
    part bigint;
    left_over bigint;
    balances jsonb := '{}';
    -- a sale and its refund note their points themselves, with branch and tier
    is_noted boolean := document->>'kind' NOT IN ('sale', 'sale.refund');
BEGIN
    SELECT begun.this, begun.is_repeated INTO this, known FROM {schema}.ledger_begin(document) AS begun;
    IF known THEN
        RETURN jsonb_build_object('transaction', this, 'repeated', true);
    END IF;

    FOR leg IN SELECT value FROM jsonb_array_elements(document->'legs') WITH ORDINALITY AS legs(value, place)
               ORDER BY (value->>'wallet')::bigint, value->>'asset', place LOOP
        moved := (leg->>'amount')::bigint;
        lowest := COALESCE((leg->>'lowest')::bigint, 0);
        account := {schema}.ledger_account_of((leg->>'wallet')::bigint, '', leg->>'asset');
        -- lock, check and snapshot in one statement
        UPDATE {schema}.ledger_account SET
            balance = balance + moved,
            floor = CASE WHEN floor IS NULL THEN NULL
                         WHEN leg ? 'take_back_of' THEN LEAST(floor, balance + moved)
                         ELSE LEAST(lowest, GREATEST(floor, balance + moved)) END
        WHERE id = account
          AND (moved > 0 OR leg ? 'take_back_of' OR floor IS NULL OR balance - held + moved >= lowest)
        RETURNING balance, held INTO balance_now, held_now;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'not enough' USING ERRCODE = 'RG402';
        END IF;

        IF moved > 0 THEN
            -- a debt is paid first: what is open in lots is never more than the balance, or what is held
            part := GREATEST(0, LEAST(moved, balance_now - held_now));
            IF part < moved THEN
                INSERT INTO {schema}.ledger_posting (transaction_id, account_id, lot_id, amount, balance_after)
                    VALUES (this, account, NULL, moved - part, balance_now - part);
            END IF;
            IF part = 0 THEN
                NULL;
            ELSIF leg ? 'restore_of' THEN
                PERFORM {schema}.ledger_restore(this, account, part, moved - part, balance_now, at, leg);
            ELSE
                PERFORM {schema}.ledger_open_lot(this, account, part, balance_now, at,
                    (leg->>'available_from')::timestamptz, (leg->>'expires_at')::timestamptz, leg->'restrictions',
                    leg->>'source');
            END IF;
        ELSE
            left_over := {schema}.ledger_draw(this, account, -moved, balance_now - moved, at, leg);
            IF left_over > 0 THEN
                IF NOT (leg ? 'take_back_of' OR leg ? 'lowest') OR left_over
                    > GREATEST(0, held_now - balance_now) - GREATEST(0, held_now - balance_now + moved) THEN
                    RAISE EXCEPTION 'not enough' USING ERRCODE = 'RG402';
                END IF;
                INSERT INTO {schema}.ledger_posting (transaction_id, account_id, lot_id, amount, balance_after)
                    VALUES (this, account, NULL, -left_over, balance_now);
            END IF;
        END IF;

        INSERT INTO {schema}.ledger_posting (transaction_id, account_id, lot_id, amount, balance_after)
            VALUES (this, {schema}.ledger_account_of(NULL, leg->>'house', leg->>'asset'), NULL, -moved, NULL);
        IF is_noted AND leg->>'asset' = 'points' THEN
            PERFORM {schema}.insights_note_points(
                (document->>'business_date')::date, leg->>'house', moved, document->>'reverses' IS NOT NULL);
        END IF;
        balances := balances || jsonb_build_object((leg->>'wallet') || ':' || (leg->>'asset'), balance_now);
    END LOOP;
    PERFORM {schema}.ledger_hash(ARRAY[this]);
    RETURN jsonb_build_object('transaction', this, 'repeated', false, 'balances', balances);
END $$;

-- Undo a transaction, whole or until `numerator`/`denominator` of it is undone: what other reversals undid is left out,
-- so that any parts sum to exactly what was moved.
CREATE OR REPLACE FUNCTION {schema}.ledger_reverse(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    original bigint := (document->>'reverses')::bigint;
    numerator numeric := COALESCE((document->>'numerator')::numeric, 1);
    denominator numeric := COALESCE((document->>'denominator')::numeric, 1);
    back record;
    legs jsonb := '[]';
BEGIN
    PERFORM 1 FROM {schema}.ledger_transaction WHERE id = original FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM {schema}.ledger_transaction WHERE key = document->>'key') THEN
        RETURN {schema}.ledger_post(document || jsonb_build_object('legs', legs));
    END IF;
    IF EXISTS (SELECT FROM {schema}.ledger_transaction WHERE reverses_id = original AND kind LIKE '%.reversed') THEN
        RAISE EXCEPTION 'undone before' USING ERRCODE = 'RG424';
    END IF;
    FOR back IN
        WITH moved AS (
            SELECT account.wallet_id, account.house, account.asset, posting.amount, made.id = original AS is_original
            FROM {schema}.ledger_transaction made
            JOIN {schema}.ledger_posting posting ON posting.transaction_id = made.id
            JOIN {schema}.ledger_account account ON account.id = posting.account_id
            WHERE made.id = original OR made.reverses_id = original
        )
        SELECT wallet_id, asset,
               COALESCE(sum(amount) FILTER (WHERE is_original AND amount > 0), 0)::bigint AS credited,
               COALESCE(-sum(amount) FILTER (WHERE is_original AND amount < 0), 0)::bigint AS debited,
               COALESCE(-sum(amount) FILTER (WHERE NOT is_original AND amount < 0), 0)::bigint AS taken,
               COALESCE(sum(amount) FILTER (WHERE NOT is_original AND amount > 0), 0)::bigint AS restored,
               (SELECT min(other.house) FROM moved other WHERE other.is_original AND other.wallet_id IS NULL
                   AND other.asset = moved.asset AND other.amount < 0) AS issuer,
               (SELECT min(other.house) FROM moved other WHERE other.is_original AND other.wallet_id IS NULL
                   AND other.asset = moved.asset AND other.amount > 0) AS taker
        FROM moved WHERE wallet_id IS NOT NULL GROUP BY wallet_id, asset ORDER BY wallet_id, asset
    LOOP
        -- no house gave or took: what stands against the rest is a debt that was paid out of it, not a second movement
        IF back.issuer IS NULL THEN
            back.debited := back.debited - back.credited;
            back.credited := 0;
        ELSIF back.taker IS NULL THEN
            back.credited := back.credited - back.debited;
            back.debited := 0;
        END IF;
        back.restored := div(back.debited * numerator, denominator) - back.restored;
        IF back.restored > 0 THEN
            legs := legs || jsonb_strip_nulls(jsonb_build_object(
                'wallet', back.wallet_id, 'asset', back.asset, 'amount', back.restored, 'house', back.taker,
                'restore_of', original, 'grace_until', document->'grace_until'));
        END IF;
        back.taken := div(back.credited * numerator, denominator) - back.taken;
        IF back.taken > 0 THEN
            legs := legs || jsonb_build_object(
                'wallet', back.wallet_id, 'asset', back.asset, 'amount', -back.taken, 'house', back.issuer,
                'take_back_of', original);
        END IF;
    END LOOP;
    RETURN {schema}.ledger_post(document || jsonb_build_object('legs', legs));
END $$;
