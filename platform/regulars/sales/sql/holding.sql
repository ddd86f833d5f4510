-- Pieces of limited editions that are set aside for a sale on hold, and put back: when it is given up, or in the very
-- transaction that sells it. Products are locked in the order of their ids, as `catalogue_take_stock` does. What a member
-- may have in all is looked at when it is sold.

-- Sets aside what is limited of `lines` (product, quantity); answers with that. Raises RG412 where too little is left.
CREATE OR REPLACE FUNCTION {schema}.sales_set_goods_aside(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    wanted record;
    aside jsonb := '[]';
BEGIN
    FOR wanted IN
        SELECT product.id, product.public_id, sum((line->>'quantity')::integer)::integer AS pieces
        FROM jsonb_array_elements(document->'lines') AS line
        JOIN {schema}.catalogue_product product ON product.public_id = line->>'product'
        WHERE product.stock IS NOT NULL
        GROUP BY product.id ORDER BY product.id
    LOOP
        PERFORM FROM {schema}.catalogue_product WHERE id = wanted.id FOR NO KEY UPDATE;
        UPDATE {schema}.catalogue_product SET stock = stock - wanted.pieces
            WHERE id = wanted.id AND is_active AND stock >= wanted.pieces;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'not enough left of product %', wanted.id USING ERRCODE = 'RG412';
        END IF;
        aside := aside || jsonb_build_object('product', wanted.public_id, 'quantity', wanted.pieces);
    END LOOP;
    RETURN aside;
END $$;

-- Puts back what was set aside (`aside`). All products of `lines` are locked first, where they are about to be sold.
CREATE OR REPLACE FUNCTION {schema}.sales_put_goods_back(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM {schema}.catalogue_product product
        WHERE product.public_id IN (
            SELECT line->>'product' FROM jsonb_array_elements(document->'lines') AS line
            UNION ALL SELECT line->>'product' FROM jsonb_array_elements(document->'aside') AS line)
        ORDER BY product.id FOR NO KEY UPDATE;
    UPDATE {schema}.catalogue_product product SET stock = product.stock + (line->>'quantity')::integer
        FROM jsonb_array_elements(document->'aside') AS line
        WHERE product.public_id = line->>'product' AND product.stock IS NOT NULL;
    RETURN document->'aside';
END $$;
