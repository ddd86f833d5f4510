-- The one way value moves. Locks in one order: the transaction's key, then wallets' accounts by (wallet, asset).
-- A leg: wallet, asset, amount (signed), house (the other side), and for credits available_from and expires_at;
-- `take_back_of` (a transaction) takes from the lots it opened first and may leave a debt; `restore_of` gives a debit
-- back to the lots it drew on. Raises RG409 for a key used for something else, RG402 when a balance is not enough.

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

CREATE OR REPLACE FUNCTION {schema}.ledger_draw(
    of_transaction bigint, of_account bigint, wanted bigint, at timestamptz, opened_first bigint, any_lot boolean
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    lot record;
    part bigint;
    left_over bigint := wanted;
    running bigint;
BEGIN
    SELECT balance + wanted INTO running FROM {schema}.ledger_account WHERE id = of_account;
    FOR lot IN
        SELECT id, remaining FROM {schema}.ledger_lot
        WHERE account_id = of_account AND remaining > 0
          AND (any_lot OR (available_from <= at AND (expires_at IS NULL OR expires_at > at)))
        ORDER BY (opened_by_id IS NOT DISTINCT FROM opened_first) DESC, expires_at NULLS LAST, id
    LOOP
        EXIT WHEN left_over = 0;
        part := LEAST(lot.remaining, left_over);
        UPDATE {schema}.ledger_lot SET remaining = remaining - part WHERE id = lot.id;
        running := running - part;
        INSERT INTO {schema}.ledger_posting (transaction_id, account_id, lot_id, amount, balance_after)
            VALUES (of_transaction, of_account, lot.id, -part, running);
        left_over := left_over - part;
    END LOOP;
    RETURN left_over;
END $$;

CREATE OR REPLACE FUNCTION {schema}.ledger_post(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz := (document->>'occurred_at')::timestamptz;
    this bigint;
    before_hash text;
    leg jsonb;
    account bigint;
    moved bigint;
    balance_now bigint;
    floor_now bigint;
    left_over bigint;
    new_lot bigint;
    part bigint;
    drawn record;
    balances jsonb := '{}';
    -- a sale and its refund note their points themselves, with branch and tier
    is_noted boolean := document->>'kind' NOT IN ('sale', 'sale.refund');
BEGIN
    INSERT INTO {schema}.ledger_transaction
        (public_id, key, request_hash, kind, reverses_id, reason, actor, occurred_at, business_date)
    VALUES (document->>'public_id', document->>'key', document->>'request_hash', document->>'kind',
            (document->>'reverses')::bigint, COALESCE(document->>'reason', ''), COALESCE(document->>'actor', ''),
            at, (document->>'business_date')::date)
    ON CONFLICT (key) DO NOTHING RETURNING id INTO this;
    IF this IS NULL THEN
        SELECT id, request_hash INTO this, before_hash FROM {schema}.ledger_transaction WHERE key = document->>'key';
        IF before_hash IS DISTINCT FROM document->>'request_hash' THEN
            RAISE EXCEPTION 'key used for another request' USING ERRCODE = 'RG409';
        END IF;
        RETURN jsonb_build_object('transaction', this, 'repeated', true);
    END IF;

    FOR leg IN SELECT value FROM jsonb_array_elements(document->'legs')
               ORDER BY (value->>'wallet')::bigint, value->>'asset' LOOP
        moved := (leg->>'amount')::bigint;
        account := {schema}.ledger_account_of((leg->>'wallet')::bigint, '', leg->>'asset');
        -- lock, check and snapshot in one statement
        UPDATE {schema}.ledger_account SET
            balance = balance + moved,
            floor = CASE WHEN floor IS NULL THEN NULL
                         WHEN leg ? 'take_back_of' THEN LEAST(floor, balance + moved)
                         ELSE LEAST(0, GREATEST(floor, balance + moved)) END
        WHERE id = account AND (moved > 0 OR leg ? 'take_back_of' OR floor IS NULL OR balance + moved >= 0)
        RETURNING balance, floor INTO balance_now, floor_now;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'not enough' USING ERRCODE = 'RG402';
        END IF;

        IF leg ? 'restore_of' THEN
            -- a debt is paid first: what is open in lots is never more than the balance
            left_over := LEAST(moved, GREATEST(0, balance_now));
            IF left_over < moved THEN
                INSERT INTO {schema}.ledger_posting (transaction_id, account_id, lot_id, amount, balance_after)
                    VALUES (this, account, NULL, moved - left_over, balance_now - left_over);
            END IF;
            FOR drawn IN
                SELECT posting.lot_id, -posting.amount AS amount, lot.amount - lot.remaining AS room
                FROM {schema}.ledger_posting posting JOIN {schema}.ledger_lot lot ON lot.id = posting.lot_id
                WHERE posting.transaction_id = (leg->>'restore_of')::bigint AND posting.account_id = account
                  AND posting.amount < 0 ORDER BY posting.id DESC
            LOOP
                EXIT WHEN left_over = 0;
                part := LEAST(drawn.amount, drawn.room, left_over);
                CONTINUE WHEN part <= 0;
                UPDATE {schema}.ledger_lot SET remaining = remaining + part WHERE id = drawn.lot_id;
                left_over := left_over - part;
                INSERT INTO {schema}.ledger_posting (transaction_id, account_id, lot_id, amount, balance_after)
                    VALUES (this, account, drawn.lot_id, part, balance_now - left_over);
            END LOOP;
            IF left_over <> 0 THEN
                RAISE EXCEPTION 'more is restored than was drawn' USING ERRCODE = 'RG402';
            END IF;
        ELSIF moved > 0 THEN
            INSERT INTO {schema}.ledger_lot (account_id, opened_by_id, amount, remaining, available_from, expires_at)
                VALUES (account, this, moved, GREATEST(0, LEAST(moved, balance_now)),
                        COALESCE((leg->>'available_from')::timestamptz, at), (leg->>'expires_at')::timestamptz)
                RETURNING id INTO new_lot;
            INSERT INTO {schema}.ledger_posting (transaction_id, account_id, lot_id, amount, balance_after)
                VALUES (this, account, new_lot, moved, balance_now);
        ELSE
            left_over := {schema}.ledger_draw(
                this, account, -moved, at, (leg->>'take_back_of')::bigint, leg ? 'take_back_of');
            IF left_over > 0 THEN
                IF NOT leg ? 'take_back_of' THEN
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
    RETURN jsonb_build_object('transaction', this, 'repeated', false, 'balances', balances);
END $$;
