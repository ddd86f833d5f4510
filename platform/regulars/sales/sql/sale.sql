-- A sale and its undoing, each in one call: the sale's row (its key is the first lock), its lines, the goods of limited
-- editions, its coupons, what it is paid with, the value it moves, the tier it reaches, the trail and the facts. Raises what the ledger raises, RG409 for a key used for another request,
-- and RG412 when more would be refunded than is left.

CREATE OR REPLACE FUNCTION {schema}.sales_announce(document jsonb, balance bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    trail jsonb := document->'trail';
BEGIN
    INSERT INTO {schema}.operations_outboxevent (public_id, name, payload, occurred_at)
    SELECT event->>'event_id', event->>'name',
           (event->'payload') || CASE WHEN event->>'name' = 'points_credited'
                                      THEN jsonb_build_object('balance', balance) ELSE '{}' END,
           (document->>'occurred_at')::timestamptz
    FROM jsonb_array_elements(document->'events') AS event;
    INSERT INTO {schema}.operations_trailentry
        (act, actor, subject, detail, before, after, branch_id, door, terminal, address, occurred_at, hash)
    VALUES (trail->>'act', trail->>'actor', trail->>'subject', trail->'detail', NULLIF(trail->'before', 'null'),
            NULLIF(trail->'after', 'null'), (trail->>'branch_id')::bigint, trail->>'door', trail->>'terminal',
            trail->>'address', (trail->>'occurred_at')::timestamptz, trail->>'hash');
END $$;

-- What a price was based on (see `loyalty_basis`); null where the member is not on this tier, or the tier's discount is
-- another one.
CREATE OR REPLACE FUNCTION {schema}.sales_based_on(of_member bigint, on_tier bigint, at_discount bigint) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF of_member IS NOT NULL AND NOT (
        CASE WHEN on_tier IS NULL THEN NOT EXISTS (SELECT FROM {schema}.loyalty_standing WHERE member_id = of_member)
             ELSE EXISTS (SELECT FROM {schema}.loyalty_standing place JOIN {schema}.loyalty_tier tier ON tier.id = place.tier_id
                          WHERE place.member_id = of_member AND tier.id = on_tier AND tier.discount = at_discount) END
        AND EXISTS (SELECT FROM {schema}.people_member WHERE id = of_member AND is_active)) THEN
        RETURN NULL;
    END IF;
    RETURN {schema}.loyalty_basis();
END $$;

-- Lock all accounts of a wallet in their order, before an act that posts to several of them one after another.
CREATE OR REPLACE FUNCTION {schema}.sales_lock_wallet(of_wallet bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM {schema}.ledger_account WHERE wallet_id = of_wallet ORDER BY asset FOR NO KEY UPDATE;
END $$;

-- Take what pays the sale out of the wallet, and note each part of the payment. `posting` is there for value of a wallet,
-- `capture` instead of it for value that was held for the sale.
CREATE OR REPLACE FUNCTION {schema}.sales_pay(of_sale bigint, payments jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    payment jsonb;
    spent jsonb;
BEGIN
    FOR payment IN SELECT value FROM jsonb_array_elements(payments) LOOP
        spent := NULL;
        IF payment ? 'capture' THEN
            spent := {schema}.ledger_capture(payment->'capture');
        ELSIF payment ? 'posting' THEN
            spent := {schema}.ledger_post(payment->'posting');
        END IF;
        INSERT INTO {schema}.sales_salepayment
            (sale_id, source, amount, received, asset, units, reference, transaction_id, refunded)
        VALUES (of_sale, payment->>'source', (payment->>'amount')::bigint, (payment->>'received')::bigint,
                payment->>'asset', (payment->>'units')::bigint, payment->>'reference', (spent->>'transaction')::bigint, 0);
    END LOOP;
END $$;

-- Give back what paid a sale, so far as each part says; what was given back before is part of the condition.
CREATE OR REPLACE FUNCTION {schema}.sales_pay_back(parts jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part jsonb;
BEGIN
    FOR part IN SELECT value FROM jsonb_array_elements(parts) LOOP
        UPDATE {schema}.sales_salepayment SET refunded = (part->>'after')::bigint
            WHERE id = (part->>'payment')::bigint AND refunded = (part->>'before')::bigint;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'refunded meanwhile' USING ERRCODE = 'RG412';
        END IF;
        IF part ? 'reversal' THEN
            PERFORM {schema}.ledger_reverse(part->'reversal');
        END IF;
    END LOOP;
END $$;

-- What the prices of goods of the catalogue were based on, for one person: how the business combines prices, discounts and
-- coupons (as `catalogue.combining` marks it), then each row in the version that stands. Null where they follow from more
-- than that: a limited edition, or prices for whom a condition holds.
CREATE OR REPLACE FUNCTION {schema}.sales_goods_basis(of_products text[], of_member bigint) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF EXISTS (SELECT FROM {schema}.catalogue_product WHERE public_id = ANY(of_products)
                   AND (stock IS NOT NULL OR per_member IS NOT NULL OR phases <> '[]'))
       OR EXISTS (SELECT FROM {schema}.catalogue_pricebook WHERE kind = 'segment' AND is_active) THEN
        RETURN NULL;
    END IF;
    RETURN (
        SELECT concat((SELECT concat(price_policy, '/', coupons_on_book_prices::integer, '|')
                           FROM {schema}.organisation_organisation),
                      md5(string_agg(concat(kind, version, place), ',' ORDER BY kind, place))) FROM (
            SELECT 'product' AS kind, xmin AS version, ctid AS place FROM {schema}.catalogue_product
                WHERE public_id = ANY(of_products)
            UNION ALL SELECT 'entry', entry.xmin, entry.ctid FROM {schema}.catalogue_priceentry entry
                JOIN {schema}.catalogue_product product ON product.id = entry.product_id
                WHERE product.public_id = ANY(of_products)
            UNION ALL SELECT 'book', xmin, ctid FROM {schema}.catalogue_pricebook
            UNION ALL SELECT 'category', xmin, ctid FROM {schema}.catalogue_category
            UNION ALL SELECT 'holiday', xmin, ctid FROM {schema}.catalogue_holiday
            UNION ALL SELECT 'level', xmin, ctid FROM {schema}.catalogue_dealerlevel
            UNION ALL SELECT 'dealer', xmin, ctid FROM {schema}.catalogue_dealer WHERE member_id = of_member
            UNION ALL SELECT 'place', xmin, ctid FROM {schema}.loyalty_trackstanding WHERE member_id = of_member
            UNION ALL SELECT 'member', NULL, NULL FROM {schema}.people_member WHERE id = of_member AND is_active
        ) AS rows);
END $$;

CREATE OR REPLACE FUNCTION {schema}.sales_confirm(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    sale jsonb := document->'sale';
    this bigint;
    before_hash text;
    posted jsonb;
    move jsonb;
    balance bigint;
    kept jsonb := document->'kept';
    made bigint;
    made_number text;
    moved bigint;  -- the ledger's transaction, by an id taken beforehand: the sale's row is written once
BEGIN
    -- a quote that is confirmed as it was priced: nothing is written once anything it was based on is another
    IF kept IS NOT NULL AND kept->>'basis' IS DISTINCT FROM {schema}.sales_based_on(
        (sale->>'member_id')::bigint, (kept->>'tier')::bigint, (kept->>'discount')::bigint) THEN
        RETURN jsonb_build_object('sale', NULL);
    END IF;
    IF kept->>'goods' IS NOT NULL AND kept->>'goods' IS DISTINCT FROM {schema}.sales_goods_basis(
        ARRAY(SELECT jsonb_array_elements_text(kept->'products')), (sale->>'member_id')::bigint) THEN
        RETURN jsonb_build_object('sale', NULL);
    END IF;
    made := nextval('{schema}.sales_sale_id_seq');
    made_number := to_char((sale->>'business_date')::date, 'YYMMDD') || '-' || made;
    IF document->'posting' <> 'null' THEN
        moved := nextval('{schema}.ledger_transaction_id_seq');
    END IF;
    INSERT INTO {schema}.sales_sale
        (id, public_id, key, request_hash, number, member_id, branch_id, terminal_id, cashier_id, transaction_id, currency,
         list_total, discount_total, total, refunded_total, points_earned, points_taken_back, payment_source, received,
         explanation, contributions, confirmed_at, business_date)
    VALUES (made, sale->>'public_id', sale->>'key', sale->>'request_hash', made_number, (sale->>'member_id')::bigint,
            (sale->>'branch_id')::bigint, (sale->>'terminal_id')::bigint, (sale->>'cashier_id')::bigint, moved,
            sale->>'currency', (sale->>'list_total')::bigint, (sale->>'discount_total')::bigint,
            (sale->>'total')::bigint, 0, (sale->>'points_earned')::bigint, 0, sale->>'payment_source',
            (sale->>'received')::bigint, sale->'explanation', sale->'contributions',
            (sale->>'confirmed_at')::timestamptz, (sale->>'business_date')::date)
    ON CONFLICT (key) DO NOTHING RETURNING id INTO this;
    IF this IS NULL THEN
        SELECT id, request_hash INTO this, before_hash FROM {schema}.sales_sale WHERE key = sale->>'key';
        IF before_hash IS DISTINCT FROM sale->>'request_hash' THEN
            RAISE EXCEPTION 'key used for another request' USING ERRCODE = 'RG409';
        END IF;
        RETURN jsonb_build_object('sale', this, 'repeated', true);
    END IF;
    INSERT INTO {schema}.sales_saleline
        (sale_id, position, description, quantity, list_amount, amount, category, product, tax_rate, tax, refunded)
        SELECT this, (line->>'position')::smallint, line->>'description', (line->>'quantity')::integer,
               (line->>'list_amount')::bigint, (line->>'amount')::bigint, COALESCE(line->>'category', ''),
               COALESCE(line->>'product', ''), COALESCE((line->>'tax_rate')::int, 0), COALESCE((line->>'tax')::bigint, 0), 0
        FROM jsonb_array_elements(document->'lines') AS line;
    IF document->'goods' <> '[]' THEN
        PERFORM {schema}.catalogue_take_stock(jsonb_build_object(
            'sale', this, 'member', (sale->>'member_id')::bigint, 'at', document->>'occurred_at', 'lines', document->'goods',
            'reserved_for', document->'holder'));
    END IF;
    IF document->'coupons' <> '[]' THEN
        PERFORM {schema}.loyalty_use_coupons(jsonb_build_object(
            'sale', this, 'member', (sale->>'member_id')::bigint, 'at', document->>'occurred_at',
            'day', sale->>'business_date', 'coupons', document->'coupons', 'holder', document->'holder'));
    END IF;
    -- what it is paid with from a wallet leaves before anything new comes in: it never draws on what this sale gives
    IF document->'payments' <> '[]' THEN
        PERFORM FROM {schema}.ledger_hold WHERE id IN (
            SELECT (payment->'capture'->>'hold')::bigint FROM jsonb_array_elements(document->'payments') AS payment)
            ORDER BY id FOR NO KEY UPDATE;
        PERFORM {schema}.sales_lock_wallet((document->>'wallet')::bigint);
        PERFORM {schema}.sales_pay(this, document->'payments');
    END IF;
    IF document->'posting' <> 'null' THEN
        -- whose points are noted with the sale, below
        posted := {schema}.ledger_post(document->'posting' || jsonb_build_object('id', moved));
        balance := (posted->'balances'->>(document->>'points_place'))::bigint;
    END IF;
    IF document->'awards' <> '[]' THEN
        PERFORM {schema}.loyalty_award(
            jsonb_build_object('transaction', posted->'transaction', 'awards', document->'awards'));
    END IF;
    PERFORM {schema}.sales_announce(document, balance);
    IF document->'evaluation' <> 'null' THEN
        move := {schema}.loyalty_after_sale(document->'evaluation', (sale->>'total')::bigint);
    END IF;
    PERFORM {schema}.insights_note(
        (sale->>'business_date')::date, (sale->>'branch_id')::bigint, COALESCE(sale->'explanation'->>'tier', ''),
        (document->>'hour')::int, sold => 1, amount => (sale->>'total')::bigint,
        discount => (sale->>'discount_total')::bigint, to_member => sale->>'member_id' IS NOT NULL,
        issued => (sale->>'points_earned')::bigint);
    RETURN jsonb_build_object('sale', this, 'number', made_number, 'transaction', moved, 'repeated', false,
                              'balance', balance, 'move', move);
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
        (public_id, key, request_hash, sale_id, amount, points_taken_back, points_missing, points_charged, charged, payments,
         reason, cashier_id, refunded_at, business_date)
    SELECT given.public_id, given.key, given.request_hash, given.sale_id, given.amount, given.points_taken_back,
           given.points_missing, given.points_charged, given.charged, given.payments, given.reason, given.cashier_id,
           given.refunded_at, given.business_date
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
    -- of a sale that cost nothing the sum says nothing: its one refund is told by its row
    IF (refund->>'amount')::bigint = 0 AND EXISTS (
        SELECT FROM {schema}.sales_refund WHERE sale_id = (refund->>'sale_id')::bigint AND id <> this) THEN
        RAISE EXCEPTION 'refunded meanwhile' USING ERRCODE = 'RG412';
    END IF;
    UPDATE {schema}.sales_saleline AS line SET refunded = given.after
        FROM jsonb_to_recordset(document->'lines') AS given(position int, after bigint)
        WHERE line.sale_id = (refund->>'sale_id')::bigint AND line.position = given.position;
    IF document->'goods' <> '[]' THEN
        PERFORM {schema}.catalogue_return_stock(
            jsonb_build_object('sale', (refund->>'sale_id')::bigint, 'lines', document->'goods'));
    END IF;
    IF (document->>'gives_coupons_back')::boolean THEN
        PERFORM {schema}.loyalty_give_back_coupons(
            jsonb_build_object('sale', (refund->>'sale_id')::bigint, 'at', document->>'occurred_at'));
    END IF;
    -- what was paid with comes back before what was earned is taken: points given back count as there
    IF document->'payments' <> '[]' THEN
        PERFORM {schema}.sales_lock_wallet((document->>'wallet')::bigint);
        PERFORM {schema}.sales_pay_back(document->'payments');
    END IF;
    IF document->'posting' <> 'null' THEN
        posted := {schema}.ledger_post(document->'posting');
        -- where the business lets nobody owe, what was there is gone meanwhile: the refund is to be looked at again
        IF NOT (document->>'may_owe')::boolean AND EXISTS (
            SELECT FROM {schema}.ledger_account account, jsonb_array_elements(document->'posting'->'legs') AS leg
            WHERE account.wallet_id = (leg->>'wallet')::bigint AND account.asset = 'points' AND leg->>'asset' = 'points'
              AND account.balance < account.held) THEN
            RAISE EXCEPTION 'spent meanwhile' USING ERRCODE = 'RG412';
        END IF;
        UPDATE {schema}.sales_refund SET transaction_id = (posted->>'transaction')::bigint WHERE id = this;
    END IF;
    PERFORM {schema}.loyalty_take_back(document->'awards');
    PERFORM {schema}.sales_announce(document, NULL);
    PERFORM {schema}.insights_note(
        (refund->>'business_date')::date, branch, tier, (document->>'hour')::int, given_back => 1,
        amount_back => (refund->>'amount')::bigint, taken_back => (refund->>'points_taken_back')::bigint);
    RETURN jsonb_build_object('refund', this, 'repeated', false);
END $$;
