-- Limited editions: what a sale takes of them, in its own transaction, and what comes back of it. What is set aside for a
-- quote whose payment is waited for is taken already, from the stock and from what its member may have; whoever pays it
-- is not refused, whatever changed meanwhile.
--
-- Products are locked in the order of their ids, after the sale's own key and before accounts are: whoever comes second
-- waits for the first and then sees what is left. Raises RG412 where there is not enough left, one member would have more
-- than one may, or the product is no longer on sale. Products that are not limited are passed over.

DROP FUNCTION IF EXISTS {schema}.sales_set_goods_aside(jsonb);
DROP FUNCTION IF EXISTS {schema}.sales_put_goods_back(jsonb);

-- {"sale", "member", "at", "lines": [{"product", "quantity"}]}, with the quote for which they were set aside as
-- "reserved_for". Without a sale they are set aside for that quote.
CREATE OR REPLACE FUNCTION {schema}.catalogue_take_stock(document jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    this_sale bigint := (document->>'sale')::bigint;
    this_member bigint := (document->>'member')::bigint;
    of_quote text := COALESCE(document->>'reserved_for', '');
    is_promised boolean := this_sale IS NOT NULL AND of_quote <> '';
    wanted record;
    sold record;
    had bigint;
BEGIN
    IF is_promised THEN
        PERFORM FROM {schema}.catalogue_product WHERE public_id IN (
            SELECT line->>'product' FROM jsonb_array_elements(document->'lines') AS line) ORDER BY id FOR NO KEY UPDATE;
        UPDATE {schema}.catalogue_taking
            SET sale_id = this_sale, reserved_for = '', taken_at = (document->>'at')::timestamptz
            WHERE reserved_for = of_quote;
    END IF;
    FOR wanted IN
        SELECT product.id, sum((line->>'quantity')::integer)::integer AS pieces
        FROM jsonb_array_elements(document->'lines') AS line
        JOIN {schema}.catalogue_product product ON product.public_id = line->>'product'
        WHERE product.stock IS NOT NULL OR product.per_member IS NOT NULL
        GROUP BY product.id ORDER BY product.id
    LOOP
        SELECT stock, per_member, is_active INTO sold
            FROM {schema}.catalogue_product WHERE id = wanted.id FOR NO KEY UPDATE;
        IF EXISTS (SELECT FROM {schema}.catalogue_taking WHERE sale_id = this_sale AND product_id = wanted.id) THEN
            CONTINUE;  -- the same sale takes once
        END IF;
        IF NOT is_promised AND (NOT sold.is_active OR sold.stock < wanted.pieces) THEN
            RAISE EXCEPTION 'not enough left of product %', wanted.id USING ERRCODE = 'RG412';
        END IF;
        IF NOT is_promised AND sold.per_member IS NOT NULL THEN
            SELECT COALESCE(sum(quantity - returned), 0) INTO had
                FROM {schema}.catalogue_taking WHERE product_id = wanted.id AND member_id = this_member;
            IF this_member IS NULL OR had + wanted.pieces > sold.per_member THEN
                RAISE EXCEPTION 'no more of product % for this member', wanted.id USING ERRCODE = 'RG412';
            END IF;
        END IF;
        UPDATE {schema}.catalogue_product SET stock = GREATEST(0, stock - wanted.pieces)
            WHERE id = wanted.id AND stock IS NOT NULL;
        INSERT INTO {schema}.catalogue_taking (product_id, sale_id, reserved_for, member_id, quantity, returned, taken_at)
            VALUES (wanted.id, this_sale, CASE WHEN this_sale IS NULL THEN of_quote ELSE '' END, this_member,
                    wanted.pieces, 0, (document->>'at')::timestamptz);
    END LOOP;
END $$;

-- Sets aside for a quote what is limited of `lines`; answers with how many products that are.
CREATE OR REPLACE FUNCTION {schema}.catalogue_set_aside(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM {schema}.catalogue_take_stock(document - 'sale');
    RETURN (SELECT to_jsonb(count(*)) FROM {schema}.catalogue_taking WHERE reserved_for = document->>'reserved_for');
END $$;

-- Puts back what was set aside for a quote; nothing where nothing is.
CREATE OR REPLACE FUNCTION {schema}.catalogue_put_back(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    put_back integer;
BEGIN
    PERFORM FROM {schema}.catalogue_product WHERE id IN (
        SELECT product_id FROM {schema}.catalogue_taking WHERE reserved_for = document->>'reserved_for' AND reserved_for <> '')
        ORDER BY id FOR NO KEY UPDATE;
    WITH gone AS (
        DELETE FROM {schema}.catalogue_taking WHERE reserved_for = document->>'reserved_for' AND reserved_for <> ''
        RETURNING product_id, quantity
    )
    UPDATE {schema}.catalogue_product product SET stock = product.stock + gone.quantity
        FROM gone WHERE product.id = gone.product_id AND product.stock IS NOT NULL;
    GET DIAGNOSTICS put_back = ROW_COUNT;
    RETURN to_jsonb(put_back);
END $$;

-- What came back of a sale: `lines` say how many pieces of what have come back of it in all, none of them all of it. It is
-- the total that counts, so the same call twice changes nothing; it never gives back more than was taken.
CREATE OR REPLACE FUNCTION {schema}.catalogue_return_stock(document jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    taken record;
    back integer;
BEGIN
    FOR taken IN
        SELECT taking.id, taking.product_id, taking.quantity,
               CASE WHEN NOT document ? 'lines' OR document->'lines' = 'null' THEN taking.quantity ELSE (
                   SELECT COALESCE(sum((line->>'quantity')::integer), 0)::integer
                   FROM jsonb_array_elements(document->'lines') AS line
                   JOIN {schema}.catalogue_product product ON product.public_id = line->>'product'
                   WHERE product.id = taking.product_id) END AS total
        FROM {schema}.catalogue_taking taking WHERE taking.sale_id = (document->>'sale')::bigint
        ORDER BY taking.product_id
    LOOP
        PERFORM FROM {schema}.catalogue_product WHERE id = taken.product_id FOR NO KEY UPDATE;
        SELECT GREATEST(0, LEAST(taken.quantity, taken.total) - returned) INTO back
            FROM {schema}.catalogue_taking WHERE id = taken.id;
        UPDATE {schema}.catalogue_taking SET returned = returned + back WHERE id = taken.id AND back > 0;
        UPDATE {schema}.catalogue_product SET stock = stock + back
            WHERE id = taken.product_id AND stock IS NOT NULL AND back > 0;
    END LOOP;
END $$;
