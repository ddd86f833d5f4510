-- How an act notes itself among the facts of its day, in its own transaction: `day`, `place` (a branch, 0 for none), `step`
-- (a tier, '' for none), the `hour` of the branch's day for sales and refunds, and what is to be added, by column.
-- A key has several rows, which add up: the act takes one that nobody holds, or opens another. It never waits, so it
-- neither makes a till queue nor closes a circle of locks, wherever in a transaction it stands.

DROP FUNCTION IF EXISTS {schema}.insights_note(
    date, bigint, text, integer, integer, bigint, bigint, boolean, integer, bigint, integer, bigint, bigint, bigint, bigint);

CREATE OR REPLACE FUNCTION {schema}.insights_note(
    day date, place bigint DEFAULT 0, step text DEFAULT '', hour integer DEFAULT 0,
    sold integer DEFAULT 0, amount bigint DEFAULT 0, discount bigint DEFAULT 0, to_member boolean DEFAULT false,
    given_back integer DEFAULT 0, amount_back bigint DEFAULT 0, new_members integer DEFAULT 0,
    issued bigint DEFAULT 0, taken_back bigint DEFAULT 0, spent bigint DEFAULT 0, adjusted bigint DEFAULT 0,
    expired bigint DEFAULT 0
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    this bigint;
    none bigint[];
BEGIN
    UPDATE {schema}.insights_day SET
        sales = sales + sold,
        total = total + amount,
        discounts = discounts + discount,
        member_sales = member_sales + CASE WHEN to_member THEN sold ELSE 0 END,
        member_total = member_total + CASE WHEN to_member THEN amount ELSE 0 END,
        refunds = refunds + given_back,
        refunded = refunded + amount_back,
        joined = joined + new_members,
        points_issued = points_issued + issued,
        points_taken_back = points_taken_back + taken_back,
        points_spent = points_spent + spent,
        points_adjusted = points_adjusted + adjusted,
        points_expired = points_expired + expired,
        hourly_sales[hour + 1] = hourly_sales[hour + 1] + sold,
        hourly_total[hour + 1] = hourly_total[hour + 1] + amount,
        hourly_refunded[hour + 1] = hourly_refunded[hour + 1] + amount_back
    WHERE id = (
        SELECT id FROM {schema}.insights_day WHERE business_date = day AND branch = place AND tier = step
        LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
    ) RETURNING id INTO this;
    IF this IS NULL THEN
        none := array_fill(0, ARRAY[24]);
        INSERT INTO {schema}.insights_day
            (business_date, branch, tier, sales, total, discounts, member_sales, member_total, refunds, refunded, joined,
             points_issued, points_taken_back, points_spent, points_adjusted, hourly_sales, hourly_total, hourly_refunded,
             points_expired)
        VALUES (day, place, step, sold, amount, discount, CASE WHEN to_member THEN sold ELSE 0 END,
                CASE WHEN to_member THEN amount ELSE 0 END, given_back, amount_back, new_members, issued, taken_back,
                spent, adjusted, none[:hour] || sold::bigint || none[:23 - hour],
                none[:hour] || amount || none[:23 - hour], none[:hour] || amount_back || none[:23 - hour],
                expired)
        RETURNING id INTO this;
    END IF;
    RETURN this;
END $$;

DROP FUNCTION IF EXISTS {schema}.insights_note_sale(date, bigint, text, integer, bigint, bigint, boolean, bigint);

-- The same for one movement of points: issued, taken back, spent, expired or adjusted. `moved` is signed as the wallet sees it,
-- `house` the account on the other side, `undoes` whether the transaction undoes another one.
CREATE OR REPLACE FUNCTION {schema}.insights_points(house text, moved bigint, undoes boolean) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN house = 'points.adjusted' THEN 'adjusted'
        WHEN house = 'points.expired' THEN 'expired'
        WHEN moved > 0 AND NOT undoes THEN 'issued'
        WHEN moved < 0 AND (undoes OR house LIKE '%.issued') THEN 'taken_back'
        ELSE 'spent'
    END;
$$;

CREATE OR REPLACE FUNCTION {schema}.insights_note_points(day date, house text, moved bigint, undoes boolean) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    kind text := {schema}.insights_points(house, moved, undoes);
BEGIN
    RETURN {schema}.insights_note(
        day,
        issued => CASE WHEN kind = 'issued' THEN moved ELSE 0 END,
        taken_back => CASE WHEN kind = 'taken_back' THEN -moved ELSE 0 END,
        spent => CASE WHEN kind = 'spent' THEN -moved ELSE 0 END,
        adjusted => CASE WHEN kind = 'adjusted' THEN moved ELSE 0 END,
        expired => CASE WHEN kind = 'expired' THEN -moved ELSE 0 END);
END $$;
