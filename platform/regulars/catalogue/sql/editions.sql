-- Limited editions: what a sale takes of them, in its own transaction, and what comes back of it.
--
-- Products are locked in the order of their ids, after the sale's own key and before accounts are: whoever comes second
-- waits for the first and then sees what is left. Raises RG412 where there is not enough left, one member would have more
-- than one may, or the product is no longer on sale. Products that are not limited are passed over.

CREATE OR REPLACE FUNCTION {schema}.catalogue_take_stock(document jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    this_sale bigint := (document->>'sale')::bigint;
    this_member bigint := (document->>'member')::bigint;
    wanted record;
    sold record;
    had bigint;
BEGIN
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
        IF NOT sold.is_active OR sold.stock < wanted.pieces THEN
            RAISE EXCEPTION 'not enough left of product %', wanted.id USING ERRCODE = 'RG412';
        END IF;
        IF sold.per_member IS NOT NULL THEN
            SELECT COALESCE(sum(quantity - returned), 0) INTO had
                FROM {schema}.catalogue_taking WHERE product_id = wanted.id AND member_id = this_member;
            IF this_member IS NULL OR had + wanted.pieces > sold.per_member THEN
                RAISE EXCEPTION 'no more of product % for this member', wanted.id USING ERRCODE = 'RG412';
            END IF;
        END IF;
        UPDATE {schema}.catalogue_product SET stock = stock - wanted.pieces WHERE id = wanted.id AND stock IS NOT NULL;
        INSERT INTO {schema}.catalogue_taking (product_id, sale_id, member_id, quantity, returned, taken_at)
            VALUES (wanted.id, this_sale, this_member, wanted.pieces, 0, (document->>'at')::timestamptz);
    END LOOP;
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
