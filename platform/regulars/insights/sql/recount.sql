-- The facts of a span of days, counted anew from sales, refunds, members and postings: for what was there before facts
-- were kept, and to mend. Nobody notes anything meanwhile; whoever had noted and not yet committed is waited for.

CREATE OR REPLACE FUNCTION {schema}.insights_counted(first date, last date) RETURNS SETOF {schema}.insights_day
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    WITH zones AS (
        SELECT branch.id, COALESCE(NULLIF(branch.zone, ''), (SELECT zone FROM {schema}.organisation_organisation), 'UTC') AS zone
        FROM {schema}.organisation_branch branch
    ), counted AS (
        SELECT sale.business_date AS day, sale.branch_id AS place, COALESCE(sale.explanation->>'tier', '') AS step,
               extract(hour FROM sale.confirmed_at AT TIME ZONE zones.zone)::int AS at,
               count(*)::bigint AS sales, sum(sale.total)::bigint AS total, sum(sale.discount_total)::bigint AS discounts,
               count(sale.member_id)::bigint AS member_sales,
               COALESCE(sum(sale.total) FILTER (WHERE sale.member_id IS NOT NULL), 0)::bigint AS member_total,
               0::bigint AS refunds, 0::bigint AS refunded, 0::bigint AS joined, sum(sale.points_earned)::bigint AS issued,
               0::bigint AS taken_back, 0::bigint AS spent, 0::bigint AS adjusted, 0::bigint AS expired
        FROM {schema}.sales_sale sale JOIN zones ON zones.id = sale.branch_id
        WHERE sale.business_date BETWEEN first AND last GROUP BY 1, 2, 3, 4
        UNION ALL
        SELECT refund.business_date, sale.branch_id, COALESCE(sale.explanation->>'tier', ''),
               extract(hour FROM refund.refunded_at AT TIME ZONE zones.zone)::int,
               0, 0, 0, 0, 0, count(*), sum(refund.amount), 0, 0, sum(refund.points_taken_back), 0, 0, 0
        FROM {schema}.sales_refund refund JOIN {schema}.sales_sale sale ON sale.id = refund.sale_id
             JOIN zones ON zones.id = sale.branch_id
        WHERE refund.business_date BETWEEN first AND last GROUP BY 1, 2, 3, 4
        UNION ALL
        SELECT member.joined_on, COALESCE(member.branch_id, 0), '', 0, 0, 0, 0, 0, 0, 0, 0, count(*), 0, 0, 0, 0, 0
        FROM {schema}.people_member member WHERE member.joined_on BETWEEN first AND last GROUP BY 1, 2
        UNION ALL
        SELECT moves.business_date, 0, '', 0, 0, 0, 0, 0, 0, 0, 0, 0,
               COALESCE(sum(moves.moved) FILTER (WHERE moves.kind = 'issued'), 0),
               COALESCE(-sum(moves.moved) FILTER (WHERE moves.kind = 'taken_back'), 0),
               COALESCE(-sum(moves.moved) FILTER (WHERE moves.kind = 'spent'), 0),
               COALESCE(sum(moves.moved) FILTER (WHERE moves.kind = 'adjusted'), 0),
               COALESCE(-sum(moves.moved) FILTER (WHERE moves.kind = 'expired'), 0)
        FROM (SELECT made.business_date, -posting.amount AS moved,
                     {schema}.insights_points(account.house, -posting.amount, made.reverses_id IS NOT NULL) AS kind
              FROM {schema}.ledger_posting posting
                   JOIN {schema}.ledger_account account ON account.id = posting.account_id
                   JOIN {schema}.ledger_transaction made ON made.id = posting.transaction_id
              WHERE account.wallet_id IS NULL AND account.asset = 'points' AND made.kind NOT IN ('sale', 'sale.refund')
                    AND made.business_date BETWEEN first AND last) AS moves
        GROUP BY 1
    ), keys AS (SELECT DISTINCT day, place, step FROM counted), hours AS (
        SELECT day, place, step, at, sum(counted.sales) AS sales, sum(counted.total) AS total, sum(discounts) AS discounts,
               sum(member_sales) AS member_sales, sum(member_total) AS member_total, sum(refunds) AS refunds,
               sum(refunded) AS refunded, sum(joined) AS joined, sum(issued) AS issued, sum(taken_back) AS taken_back,
               sum(spent) AS spent, sum(adjusted) AS adjusted, sum(expired) AS expired
        FROM counted GROUP BY day, place, step, at
    )
    SELECT 0::bigint, keys.day, keys.place, keys.step::varchar(20), COALESCE(sum(h.sales), 0)::bigint,
           COALESCE(sum(h.total), 0)::bigint, COALESCE(sum(h.discounts), 0)::bigint,
           COALESCE(sum(h.member_sales), 0)::bigint, COALESCE(sum(h.member_total), 0)::bigint,
           COALESCE(sum(h.refunds), 0)::bigint, COALESCE(sum(h.refunded), 0)::bigint,
           COALESCE(sum(h.joined), 0)::bigint, COALESCE(sum(h.issued), 0)::bigint,
           COALESCE(sum(h.taken_back), 0)::bigint, COALESCE(sum(h.spent), 0)::bigint,
           COALESCE(sum(h.adjusted), 0)::bigint,
           array_agg(COALESCE(h.sales, 0)::bigint ORDER BY hour.at),
           array_agg(COALESCE(h.total, 0)::bigint ORDER BY hour.at),
           array_agg(COALESCE(h.refunded, 0)::bigint ORDER BY hour.at),
           COALESCE(sum(h.expired), 0)::bigint
    FROM keys CROSS JOIN generate_series(0, 23) AS hour(at)
         LEFT JOIN hours h ON h.day = keys.day AND h.place = keys.place AND h.step = keys.step AND h.at = hour.at
    GROUP BY keys.day, keys.place, keys.step;
END $$;

CREATE OR REPLACE FUNCTION {schema}.insights_recount(first date, last date) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    written bigint;
BEGIN
    LOCK TABLE {schema}.insights_day IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM {schema}.insights_day WHERE business_date BETWEEN first AND last;
    INSERT INTO {schema}.insights_day
        (business_date, branch, tier, sales, total, discounts, member_sales, member_total, refunds, refunded, joined,
         points_issued, points_taken_back, points_spent, points_adjusted, hourly_sales, hourly_total, hourly_refunded,
         points_expired)
    SELECT c.business_date, c.branch, c.tier, c.sales, c.total, c.discounts, c.member_sales, c.member_total, c.refunds,
           c.refunded, c.joined, c.points_issued, c.points_taken_back, c.points_spent, c.points_adjusted, c.hourly_sales,
           c.hourly_total, c.hourly_refunded, c.points_expired
    FROM {schema}.insights_counted(first, last) AS c;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END $$;
