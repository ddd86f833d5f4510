-- The sale that nearly every sale is: confirmed as its quote keeps it, with nothing in it but points on the member's own
-- account. It is written from typed columns, statement by statement, because reading each of them out of a document and
-- asking a function for each part takes twice as long. `sales_confirm` writes the same rows for every sale there is; where
-- this one sees anything that it does not know (a debt to be paid first, an account not yet opened, a key used before,
-- another basis), it writes nothing and answers null, and that one is asked. A test holds the two to each other.
--
-- Locks, in the order of docs/adr/0009-lock-order.md: the key of the sale, then the wallet's account. Raises RG412 when the
-- account fell into debt between the look at it and its lock.

CREATE OR REPLACE FUNCTION {schema}.sales_confirm_kept(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    made record;
    leg record;
    balance_now bigint;
    new_lot bigint;
    credit bigint;
    debit bigint;
    postings text := '';
    lots text := '';
    move jsonb;
BEGIN
    SELECT given.*, quote.member_id, quote.branch_id, quote.content, kept.*,
           (quote.content->>'total')::bigint AS total, (quote.content->>'list_total')::bigint AS list_total,
           own.id AS account, house.id AS house,
           nextval('{schema}.sales_sale_id_seq') AS id, to_char(kept.day, 'YYMMDD') || '-' AS number,
           CASE WHEN kept.credited > 0 THEN nextval('{schema}.ledger_transaction_id_seq') END AS transaction
        INTO made
        FROM jsonb_to_record(document) AS given(
                quote bigint, key text, request_hash text, public_id text, transaction_public_id text, actor text,
                cashier bigint, terminal bigint, received bigint, at timestamptz, hour int, ledger_day date,
                sale_posted jsonb, points_credited jsonb, trail_detail jsonb, trail_door text, trail_terminal text,
                trail_address text, trail_at timestamptz, trail_hash text)
        JOIN {schema}.sales_quote quote ON quote.id = given.quote
        CROSS JOIN jsonb_to_record(quote.content->'kept') AS kept(
                basis text, day date, tier bigint, wallet bigint, credited bigint, legs jsonb, earned jsonb, awards jsonb)
        LEFT JOIN {schema}.loyalty_standing place ON place.member_id = quote.member_id
        LEFT JOIN {schema}.ledger_account own ON own.wallet_id = kept.wallet AND own.asset = 'points'
        LEFT JOIN {schema}.ledger_account house
            ON house.wallet_id IS NULL AND house.house = 'points.issued' AND house.asset = 'points'
        WHERE kept.basis = {schema}.loyalty_basis() AND place.tier_id IS NOT DISTINCT FROM kept.tier
          AND (kept.credited = 0 OR (own.balance >= own.held AND house.id IS NOT NULL));
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;

    INSERT INTO {schema}.sales_sale
        (id, public_id, key, request_hash, number, member_id, branch_id, terminal_id, cashier_id, transaction_id, currency,
         list_total, discount_total, total, refunded_total, points_earned, points_taken_back, payment_source, received,
         explanation, contributions, confirmed_at, business_date)
    VALUES (made.id, made.public_id, made.key, made.request_hash, made.number || made.id, made.member_id, made.branch_id,
            made.terminal, made.cashier, made.transaction, made.content->>'currency', made.list_total,
            made.list_total - made.total, made.total, 0, made.credited, 0, 'cash', made.received,
            jsonb_build_object('steps', made.content->'steps', 'awards', made.content->'awards',
                               'tier', made.content->'tier', 'earned', made.earned),
            '[]', made.at, made.day)
    ON CONFLICT (key) DO NOTHING;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    INSERT INTO {schema}.sales_saleline
        (sale_id, position, description, quantity, list_amount, amount, category, refunded)
        SELECT made.id, row_number() OVER (), description, quantity, list_amount, amount, COALESCE(category, ''), 0
        FROM jsonb_to_recordset(made.content->'lines') AS line(
            description text, quantity int, list_amount bigint, amount bigint, category text);

    IF made.credited > 0 THEN
        UPDATE {schema}.ledger_account
            SET balance = balance + made.credited, floor = CASE WHEN floor IS NOT NULL THEN 0 END
            WHERE id = made.account AND balance >= held
            RETURNING balance - made.credited INTO balance_now;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'fell into debt meanwhile' USING ERRCODE = 'RG412';
        END IF;
        FOR leg IN
            SELECT amount, made.at + make_interval(hours => 24 * COALESCE(waits, 0)) AS available_from,
                   COALESCE(waits > 0, false) AS is_pending, expires_at, COALESCE(restrictions, '{}') AS restrictions,
                   COALESCE(source, '') AS source
            FROM jsonb_to_recordset(made.legs) AS kept(
                amount bigint, waits int, expires_at timestamptz, restrictions jsonb, source text)
        LOOP
            balance_now := balance_now + leg.amount;
            INSERT INTO {schema}.ledger_lot
                (account_id, opened_by_id, amount, remaining, available_from, is_pending, expires_at, restrictions, source)
                VALUES (made.account, made.transaction, leg.amount, leg.amount, leg.available_from, leg.is_pending,
                        leg.expires_at, leg.restrictions, leg.source)
                RETURNING id INTO new_lot;
            SELECT nextval('{schema}.ledger_posting_id_seq'), nextval('{schema}.ledger_posting_id_seq') INTO credit, debit;
            INSERT INTO {schema}.ledger_posting (id, transaction_id, account_id, lot_id, amount, balance_after)
                VALUES (credit, made.transaction, made.account, new_lot, leg.amount, balance_now),
                       (debit, made.transaction, made.house, NULL, -leg.amount, NULL);
            postings := postings
                || jsonb_build_array(credit, made.account, made.wallet, '', 'points', new_lot, leg.amount, balance_now)::text
                || jsonb_build_array(debit, made.house, NULL, 'points.issued', 'points', NULL, -leg.amount, NULL)::text;
            lots := lots || jsonb_build_array(new_lot, made.account, leg.amount,
                (extract(epoch FROM leg.available_from) * 1000000)::bigint,
                (extract(epoch FROM leg.expires_at) * 1000000)::bigint, leg.restrictions, leg.source)::text;
        END LOOP;
        INSERT INTO {schema}.ledger_transaction
            (id, public_id, key, request_hash, kind, reason, actor, occurred_at, business_date, hash)
        VALUES (made.transaction, made.transaction_public_id, 'sale:' || made.public_id, made.request_hash, 'sale', '',
                made.actor, made.at, made.ledger_day, {schema}.ledger_hash_of(
                    jsonb_build_array(made.transaction, made.transaction_public_id, 'sale:' || made.public_id,
                        made.request_hash, 'sale', NULL, '', made.actor, (extract(epoch FROM made.at) * 1000000)::bigint,
                        made.ledger_day)::text || postings || lots));
        INSERT INTO {schema}.loyalty_award
            (rule_id, member_id, occasion, transaction_id, points, taken_back, base, lines, counted, awarded_on)
            SELECT rule_id, made.member_id, 'sale:' || made.public_id, made.transaction, points, 0, base, lines, '[]', made.day
            FROM jsonb_to_recordset(made.awards) AS award(rule_id bigint, points bigint, base bigint, lines jsonb);
        INSERT INTO {schema}.operations_outboxevent (public_id, name, payload, occurred_at)
            VALUES (made.sale_posted->>'event_id', 'sale_posted', made.sale_posted, made.at),
                   (made.points_credited->>'event_id', 'points_credited',
                    made.points_credited || jsonb_build_object('balance', balance_now), made.at);
    ELSE
        INSERT INTO {schema}.operations_outboxevent (public_id, name, payload, occurred_at)
            VALUES (made.sale_posted->>'event_id', 'sale_posted', made.sale_posted, made.at);
    END IF;

    INSERT INTO {schema}.operations_trailentry
        (act, actor, subject, detail, branch_id, door, terminal, address, occurred_at, hash)
        VALUES ('sale.confirmed', made.actor, made.public_id, made.trail_detail, made.branch_id, made.trail_door,
                made.trail_terminal, made.trail_address, made.trail_at, made.trail_hash);
    IF made.member_id IS NOT NULL THEN
        UPDATE {schema}.loyalty_standing SET room = room - made.total
            WHERE member_id = made.member_id AND room > made.total
              AND room_basis = {schema}.loyalty_room_basis(made.basis, made.ledger_day, tier_id);
        IF NOT FOUND THEN
            move := {schema}.loyalty_after_sale(document->'evaluation', made.total);
        END IF;
    END IF;
    PERFORM {schema}.insights_note_sale(
        made.day, made.branch_id, COALESCE(made.content->>'tier', ''), made.hour, made.total,
        made.list_total - made.total, made.member_id IS NOT NULL, made.credited);
    RETURN jsonb_build_object('sale', made.id, 'number', made.number || made.id, 'transaction', made.transaction,
                              'repeated', false, 'balance', balance_now, 'move', move);
END $$;
