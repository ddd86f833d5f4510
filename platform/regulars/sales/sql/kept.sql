-- The sale that nearly every sale is: confirmed as its quote keeps it, with nothing in it but points on the member's own
-- account. Those that wait at the same moment are written together, set by set (`regulars.sales.together`): what a statement
-- costs before it writes its first row is more than what the rows cost. `sales_confirm` writes the same rows for every sale
-- there is; what this one does not know (a debt to be paid first, an account not yet opened, another basis) it leaves out of
-- its answer, and that one is asked. A test holds the two to each other.
--
-- `documents` are sales of different wallets; the answer names those that were written by their `place` among them. Locks, in
-- the order of docs/adr/0009-lock-order.md: the keys of the sales, the wallets' accounts by wallet, the standings by member.
-- Raises RG412, and writes nothing, when a key was used before, when two are of one wallet, and when an account fell into
-- debt between the look at it and its lock.

DROP FUNCTION IF EXISTS {schema}.sales_confirm_kept(jsonb);

-- Each statement is planned once per connection and finds its rows by their keys: planning them anew for arrays of another
-- length takes longer than running them, and a plan from when a table was small would read it whole.
CREATE OR REPLACE FUNCTION {schema}.sales_confirm_kept(documents jsonb) RETURNS jsonb LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
DECLARE
    basis_now text := {schema}.loyalty_basis();
    issuer bigint;
    -- one element for each sale, in the order of wallets
    places bigint[];
    docs jsonb[];
    contents jsonb[];
    keeps jsonb[];
    ids bigint[];
    numbers text[];
    publics text[];
    members bigint[];
    branches bigint[];
    wallets bigint[];
    accounts bigint[];
    transactions bigint[];
    credits bigint[];
    totals bigint[];
    days date[];
    instants timestamptz[];
    balances bigint[];
    done integer;
    due record;
    moves jsonb := '{}';
BEGIN
    SELECT id INTO issuer FROM {schema}.ledger_account
        WHERE wallet_id IS NULL AND house = 'points.issued' AND asset = 'points';
    SELECT array_agg(place), array_agg(doc), array_agg(content), array_agg(content->'kept'), array_agg(id),
           array_agg(to_char(day, 'YYMMDD') || '-' || id), array_agg(doc->>'public_id'), array_agg(member_id),
           array_agg(branch_id), array_agg(wallet), array_agg(account), array_agg(transaction), array_agg(credited),
           array_agg(total), array_agg(day), array_agg(at)
        INTO places, docs, contents, keeps, ids, numbers, publics, members, branches, wallets, accounts, transactions,
             credits, totals, days, instants
        FROM (
            SELECT given.place, given.doc, quote.content, quote.member_id, quote.branch_id, kept.wallet, kept.credited,
                   kept.day, own.id AS account, (quote.content->>'total')::bigint AS total,
                   (given.doc->>'at')::timestamptz AS at, nextval('{schema}.sales_sale_id_seq') AS id,
                   CASE WHEN kept.credited > 0 THEN nextval('{schema}.ledger_transaction_id_seq') END AS transaction
            FROM jsonb_array_elements(documents) WITH ORDINALITY AS given(doc, place)
            CROSS JOIN LATERAL (  -- by its key and by nothing else, however few there are: others keep nothing to be read
                SELECT content, member_id, branch_id FROM {schema}.sales_quote
                WHERE id = (given.doc->>'quote')::bigint OFFSET 0) AS quote
            CROSS JOIN jsonb_to_record(quote.content->'kept') AS kept(
                basis text, goods text, products text[], day date, tier bigint, wallet bigint, credited bigint)
            LEFT JOIN {schema}.loyalty_standing standing ON standing.member_id = quote.member_id
            LEFT JOIN {schema}.ledger_account own ON own.wallet_id = kept.wallet AND own.asset = 'points'
            WHERE kept.basis = basis_now AND standing.tier_id IS NOT DISTINCT FROM kept.tier
              AND (quote.member_id IS NULL
                   OR EXISTS (SELECT FROM {schema}.people_member WHERE id = quote.member_id AND is_active))
              AND (kept.goods IS NULL OR kept.goods = {schema}.sales_goods_basis(kept.products, quote.member_id))
              AND (kept.credited = 0 OR (own.balance >= own.held AND issuer IS NOT NULL))
            ORDER BY kept.wallet, given.place) AS found;
    IF ids IS NULL THEN
        RETURN '[]';
    END IF;

    INSERT INTO {schema}.sales_sale
        (id, public_id, key, request_hash, number, member_id, branch_id, terminal_id, cashier_id, transaction_id, currency,
         list_total, discount_total, total, refunded_total, points_earned, points_taken_back, payment_source, received,
         explanation, contributions, confirmed_at, business_date)
    SELECT made.id, given.public_id, given.key, given.request_hash, made.number, made.member, made.branch, given.terminal,
           given.cashier, made.transaction, content->>'currency', (content->>'list_total')::bigint,
           (content->>'list_total')::bigint - made.total, made.total, 0, made.credited, 0, given.payment_source,
           given.received, jsonb_build_object('steps', content->'steps', 'awards', content->'awards',
               'tier', content->'tier', 'earned', content->'kept'->'earned'),
           '[]', made.at, made.day
    FROM unnest(docs, contents, ids, numbers, members, branches, transactions, credits, totals, instants, days)
        AS made(doc, content, id, number, member, branch, transaction, credited, total, at, day)
    CROSS JOIN jsonb_to_record(doc) AS given(
        public_id text, key text, request_hash text, terminal bigint, cashier bigint, payment_source text, received bigint)
    ON CONFLICT (key) DO NOTHING;
    GET DIAGNOSTICS done = ROW_COUNT;
    IF done < cardinality(ids) THEN
        RAISE EXCEPTION 'a key was used before' USING ERRCODE = 'RG412';
    END IF;
    INSERT INTO {schema}.sales_saleline
        (sale_id, position, description, quantity, list_amount, amount, category, product, tax_rate, tax, refunded)
    SELECT made.id, row_number() OVER (PARTITION BY made.id), description, quantity, list_amount, amount,
           COALESCE(category, ''), COALESCE(product, ''), COALESCE(tax_rate, 0), COALESCE(tax, 0), 0
    FROM unnest(ids, contents) AS made(id, content)
    CROSS JOIN jsonb_to_recordset(content->'lines') AS line(
        description text, quantity int, list_amount bigint, amount bigint, category text, product text, tax_rate int,
        tax bigint);

    IF cardinality(ids) > 1 THEN
        PERFORM FROM {schema}.ledger_account WHERE id = ANY(accounts) ORDER BY wallet_id FOR NO KEY UPDATE;
        PERFORM FROM {schema}.loyalty_standing WHERE member_id = ANY(members) ORDER BY member_id FOR NO KEY UPDATE;
    END IF;
    WITH moved AS (
        UPDATE {schema}.ledger_account account
            SET balance = balance + made.credited, floor = CASE WHEN floor IS NOT NULL THEN 0 END
            FROM unnest(accounts, credits, ids) AS made(account, credited, id)
            WHERE account.id = made.account AND made.credited > 0 AND balance >= held
            RETURNING made.id, balance)
    SELECT array_agg(moved.balance ORDER BY each.place), count(moved.id) INTO balances, done
        FROM unnest(ids) WITH ORDINALITY AS each(id, place) LEFT JOIN moved ON moved.id = each.id;
    IF done < cardinality(array_remove(transactions, NULL)) THEN
        RAISE EXCEPTION 'two of one wallet, or in debt meanwhile' USING ERRCODE = 'RG412';
    END IF;
    IF done > 0 THEN
        WITH leg AS MATERIALIZED (
            SELECT made.account, made.wallet, made.transaction, kept.amount,
                   made.at + make_interval(hours => 24 * COALESCE(kept.waits, 0)) AS available_from,
                   COALESCE(kept.waits > 0, false) AS is_pending, kept.expires_at,
                   COALESCE(kept.restrictions, '{}') AS restrictions, COALESCE(kept.source, '') AS source,
                   (made.balance - made.credited + sum(kept.amount) OVER (
                       PARTITION BY made.transaction ORDER BY kept.place))::bigint AS balance_now,
                   nextval('{schema}.ledger_lot_id_seq') AS lot, nextval('{schema}.ledger_posting_id_seq') AS credit,
                   nextval('{schema}.ledger_posting_id_seq') AS debit
            FROM unnest(accounts, wallets, transactions, instants, balances, credits, keeps)
                AS made(account, wallet, transaction, at, balance, credited, kept)
            CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(made.kept->'legs') AS (
                amount bigint, waits int, expires_at timestamptz, restrictions jsonb, source text)) WITH ORDINALITY
                AS kept(amount, waits, expires_at, restrictions, source, place)
        ), lots AS (
            INSERT INTO {schema}.ledger_lot
                (id, account_id, opened_by_id, amount, remaining, available_from, is_pending, expires_at, restrictions,
                 source)
            SELECT lot, account, transaction, amount, amount, available_from, is_pending, expires_at, restrictions, source
            FROM leg
        ), postings AS (
            INSERT INTO {schema}.ledger_posting (id, transaction_id, account_id, lot_id, amount, balance_after)
            SELECT credit, transaction, account, lot, amount, balance_now FROM leg
            UNION ALL SELECT debit, transaction, issuer, NULL, -amount, NULL FROM leg
        ), words AS (
            SELECT transaction,
                   string_agg(jsonb_build_array(credit, account, wallet, '', 'points', lot, amount, balance_now)::text
                       || jsonb_build_array(debit, issuer, NULL, 'points.issued', 'points', NULL, -amount, NULL)::text,
                       '' ORDER BY credit) AS postings,
                   string_agg(jsonb_build_array(lot, account, amount,
                       (extract(epoch FROM available_from) * 1000000)::bigint,
                       (extract(epoch FROM expires_at) * 1000000)::bigint, restrictions, source)::text,
                       '' ORDER BY lot) AS lots
            FROM leg GROUP BY transaction
        )
        INSERT INTO {schema}.ledger_transaction
            (id, public_id, key, request_hash, kind, reason, actor, occurred_at, business_date, hash)
        SELECT made.id, given.transaction_public_id, 'sale:' || made.sale, given.request_hash, 'sale', '', given.actor,
               made.at, given.ledger_day, {schema}.ledger_hash_of(
                   jsonb_build_array(made.id, given.transaction_public_id, 'sale:' || made.sale, given.request_hash, 'sale',
                       NULL, '', given.actor, (extract(epoch FROM made.at) * 1000000)::bigint, given.ledger_day)::text
                   || words.postings || words.lots)
        FROM unnest(docs, transactions, publics, instants) AS made(doc, id, sale, at)
        JOIN words ON words.transaction = made.id
        CROSS JOIN jsonb_to_record(doc) AS given(
            transaction_public_id text, request_hash text, actor text, ledger_day date);
        INSERT INTO {schema}.loyalty_award
            (rule_id, member_id, occasion, transaction_id, points, taken_back, base, lines, counted, awarded_on)
        SELECT rule_id, made.member, 'sale:' || made.sale, made.transaction, points, 0, base, lines, '[]', made.day
        FROM unnest(keeps, members, publics, transactions, days) AS made(kept, member, sale, transaction, day)
        CROSS JOIN jsonb_to_recordset(made.kept->'awards') AS award(rule_id bigint, points bigint, base bigint, lines jsonb)
        WHERE made.transaction IS NOT NULL;
    END IF;

    INSERT INTO {schema}.operations_outboxevent (public_id, name, payload, occurred_at)
    SELECT fact.event, fact.name, fact.payload || jsonb_build_object('event_id', fact.event, 'occurred_at', doc->'at'), made.at
    FROM unnest(docs, contents, keeps, publics, instants, totals, credits, balances) WITH ORDINALITY
        AS made(doc, content, kept, sale, at, total, credited, balance, place)
    CROSS JOIN LATERAL (VALUES
        (1, doc->>'posted', 'sale_posted', jsonb_build_object(
            'sale', sale, 'member', kept->'member', 'branch', kept->'branch', 'total', total,
            'currency', content->'currency', 'points_earned', credited, 'business_date', kept->'day')),
        (2, doc->>'credited', 'points_credited', jsonb_build_object(
            'member', kept->'member', 'points', credited, 'balance', balance, 'reason', 'sale', 'is_told', false))
    ) AS fact(number, event, name, payload)
    WHERE fact.number = 1 OR credited > 0 ORDER BY made.place, fact.number;
    INSERT INTO {schema}.operations_trailentry
        (act, actor, subject, detail, branch_id, door, terminal, address, occurred_at, hash)
    SELECT 'sale.confirmed', given.actor, given.public_id, jsonb_build_object('total', made.total, 'points', made.credited),
           made.branch, given.trail_door, given.trail_terminal, given.trail_address, given.trail_at, given.trail_hash
    FROM unnest(docs, branches, totals, credits) AS made(doc, branch, total, credited)
    CROSS JOIN jsonb_to_record(doc) AS given(
        public_id text, actor text, trail_door text, trail_terminal text, trail_address text, trail_at timestamptz,
        trail_hash text);
    FOR due IN
        WITH below AS (
            UPDATE {schema}.loyalty_standing standing SET room = room - made.total
            FROM unnest(members, totals, docs) AS made(member, total, doc)
            WHERE standing.member_id = made.member AND room > made.total
              AND room_basis = {schema}.loyalty_room_basis(basis_now, (doc->>'ledger_day')::date, tier_id)
            RETURNING standing.member_id)
        SELECT made.place, made.total, jsonb_build_object(
                   'member', made.member, 'member_public_id', kept->'member', 'occurred_at', doc->'at',
                   'today', doc->'ledger_day', 'at', 'sale', 'gives_packs', true, 'event_id', doc->'moved') AS evaluation
        FROM unnest(places, members, docs, keeps, totals) AS made(place, member, doc, kept, total)
        WHERE made.member IS NOT NULL AND NOT EXISTS (SELECT FROM below WHERE below.member_id = made.member)
    LOOP
        moves := moves || jsonb_build_object(
            due.place::text, {schema}.loyalty_after_sale(due.evaluation, due.total));
    END LOOP;
    PERFORM {schema}.insights_note(
        day, branch, tier, hour, sold => sold, amount => amount, discount => discount, to_member => to_member,
        issued => issued)
    FROM (
        SELECT day, branch, COALESCE(content->>'tier', '') AS tier, (doc->>'hour')::integer AS hour,
               count(*)::integer AS sold, sum(total)::bigint AS amount,
               sum((content->>'list_total')::bigint - total)::bigint AS discount, member IS NOT NULL AS to_member,
               sum(credited)::bigint AS issued
        FROM unnest(docs, contents, days, branches, members, totals, credits)
            AS made(doc, content, day, branch, member, total, credited)
        GROUP BY 1, 2, 3, 4, 8) AS sold_there;
    RETURN (
        SELECT jsonb_agg(jsonb_build_object(
            'place', place, 'sale', id, 'number', number, 'transaction', transaction, 'repeated', false,
            'balance', balance, 'move', moves->(place::text)))
        FROM unnest(places, ids, numbers, transactions, balances) AS made(place, id, number, transaction, balance));
END $$;
