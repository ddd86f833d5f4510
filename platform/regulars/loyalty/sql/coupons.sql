-- Coupons: issued within their limits, set aside for a quote, used by a sale and given back by its refund, each in one
-- call. Lock order: batches, templates with limits, coupons, each by id, before any account of the ledger. Raises RG410
-- where nothing is left to be had, RG423 when a member has had as many as one may, RG409 for a key used for another
-- request, and RG412 where a coupon in a sale was used, set aside, voided or ran out meanwhile.

-- A public id or a code that is never typed, made here: random, in the letters of all public ids.
CREATE OR REPLACE FUNCTION {schema}.loyalty_new_id(prefix text) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT prefix || '_' || substr(translate(replace(gen_random_uuid()::text, '-', ''), '01', 'gh'), 1, 8)
        || substr(translate(replace(gen_random_uuid()::text, '-', ''), '01', 'gh'), 1, 8)
$$;

-- How many codes that nobody has claimed are set aside for what a member is just paying: had already, for the limit.
CREATE OR REPLACE FUNCTION {schema}.loyalty_promised_to(buyer bigint, sort bigint, instant timestamptz) RETURNS int
LANGUAGE sql STABLE AS $$
    SELECT count(*)::int FROM {schema}.loyalty_coupon coupon
        JOIN {schema}.sales_quote quote ON quote.public_id = coupon.reserved_for
        WHERE coupon.state = 'reserved' AND coupon.reserved_until > instant AND coupon.template_id = sort
          AND coupon.member_id IS NULL AND quote.member_id = buyer
$$;

-- Raises RG412 where more of a template are used on a day, or set aside for a sale on hold, than one day allows: what is
-- set aside counts on any day, for nobody knows when it is paid. The templates are locked by whoever asks.
CREATE OR REPLACE FUNCTION {schema}.loyalty_check_day(sorts bigint[], this_day date, instant timestamptz) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT id, most_per_day FROM {schema}.loyalty_coupontemplate
        WHERE id = ANY(sorts) AND most_per_day IS NOT NULL
    LOOP
        IF (SELECT count(*) FROM {schema}.loyalty_coupon
                WHERE template_id = one.id AND state = 'used' AND used_on = this_day)
           + (SELECT count(*) FROM {schema}.loyalty_coupon
                WHERE template_id = one.id AND state = 'reserved' AND reserved_until > instant) > one.most_per_day THEN
            RAISE EXCEPTION 'as many as one day allows' USING ERRCODE = 'RG412';
        END IF;
    END LOOP;
END $$;

-- One more coupon of a template, and of its batch where that has a shared code; returns its id.
CREATE OR REPLACE FUNCTION {schema}.loyalty_make_coupon(given {schema}.loyalty_coupon) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    sort {schema}.loyalty_coupontemplate;
    had int;
    following int;
    this bigint;
BEGIN
    IF given.batch_id IS NOT NULL THEN
        UPDATE {schema}.loyalty_couponbatch SET claimed = claimed + 1
            WHERE id = given.batch_id AND voided_at IS NULL AND (most_claims IS NULL OR claimed < most_claims);
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the batch is used up or void' USING ERRCODE = 'RG410';
        END IF;
    END IF;
    SELECT * INTO sort FROM {schema}.loyalty_coupontemplate WHERE id = given.template_id;
    IF sort.most_total IS NOT NULL OR sort.most_per_member IS NOT NULL THEN
        SELECT * INTO sort FROM {schema}.loyalty_coupontemplate WHERE id = given.template_id FOR NO KEY UPDATE;
    END IF;
    IF NOT sort.is_active THEN
        RAISE EXCEPTION 'not in use' USING ERRCODE = 'RG410';
    END IF;
    IF sort.most_total IS NOT NULL THEN
        UPDATE {schema}.loyalty_coupontemplate SET issued = issued + 1 WHERE id = sort.id AND issued < most_total;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'all are issued' USING ERRCODE = 'RG410';
        END IF;
    END IF;
    LOOP
        IF given.member_id IS NOT NULL THEN
            SELECT count(number), COALESCE(max(number), 0) + 1 INTO had, following FROM {schema}.loyalty_coupon
                WHERE member_id = given.member_id AND template_id = given.template_id;
            IF had + {schema}.loyalty_promised_to(given.member_id, sort.id, given.issued_at) >= sort.most_per_member THEN
                RAISE EXCEPTION 'as many as one member may have' USING ERRCODE = 'RG423';
            END IF;
        END IF;
        INSERT INTO {schema}.loyalty_coupon
            (public_id, template_id, batch_id, member_id, number, code, key, origin, state, issued_at, claimed_at,
             starts_at, ends_at, is_extended, reserved_for, amount, given_by, reason)
        VALUES (COALESCE(given.public_id, {schema}.loyalty_new_id('cpn')), given.template_id, given.batch_id,
                given.member_id, following, COALESCE(given.code, ''), COALESCE(given.key, ''), given.origin, 'issued',
                given.issued_at, given.claimed_at, given.starts_at, given.ends_at, false, '', 0,
                COALESCE(given.given_by, ''), COALESCE(given.reason, ''))
        ON CONFLICT DO NOTHING RETURNING id INTO this;
        EXIT WHEN this IS NOT NULL;
        IF EXISTS (SELECT FROM {schema}.loyalty_coupon WHERE code = given.code AND code <> '')
           OR EXISTS (SELECT FROM {schema}.loyalty_coupon WHERE key = given.key AND key <> '') THEN
            RAISE EXCEPTION 'the code or the key is taken' USING ERRCODE = 'RG410';
        END IF;
    END LOOP;
    RETURN this;
END $$;

-- Gives a member a coupon, once for a key.
CREATE OR REPLACE FUNCTION {schema}.loyalty_issue_coupon(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    given {schema}.loyalty_coupon := jsonb_populate_record(NULL::{schema}.loyalty_coupon, document->'coupon');
    known record;
    this bigint;
BEGIN
    IF given.key <> '' THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('{schema}' || given.key, 5));
        SELECT id, member_id, template_id INTO known FROM {schema}.loyalty_coupon WHERE key = given.key;
        IF FOUND THEN
            IF known.member_id IS DISTINCT FROM given.member_id OR known.template_id <> given.template_id THEN
                RAISE EXCEPTION 'key used for another request' USING ERRCODE = 'RG409';
            END IF;
            RETURN jsonb_build_object('coupon', known.id, 'repeated', true);
        END IF;
    END IF;
    this := {schema}.loyalty_make_coupon(given);
    PERFORM {schema}.loyalty_announce(document);
    RETURN jsonb_build_object('coupon', this, 'repeated', false);
END $$;

-- A code that nobody has claimed becomes a member's.
CREATE OR REPLACE FUNCTION {schema}.loyalty_claim_coupon(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    this {schema}.loyalty_coupon;
    claimer bigint := (document->>'member')::bigint;
    allowed int;
    had int;
    following int;
BEGIN
    SELECT sort.most_per_member INTO allowed FROM {schema}.loyalty_coupontemplate sort
        JOIN {schema}.loyalty_coupon coupon ON coupon.template_id = sort.id
        WHERE coupon.id = (document->>'coupon')::bigint FOR NO KEY UPDATE OF sort;
    SELECT * INTO this FROM {schema}.loyalty_coupon WHERE id = (document->>'coupon')::bigint FOR NO KEY UPDATE;
    IF this.member_id = claimer THEN
        RETURN jsonb_build_object('coupon', this.id, 'repeated', true);
    END IF;
    IF this.member_id IS NOT NULL OR this.state <> 'issued' OR this.ends_at <= (document->>'occurred_at')::timestamptz THEN
        RAISE EXCEPTION 'claimed by somebody else' USING ERRCODE = 'RG410';
    END IF;
    SELECT count(number), COALESCE(max(number), 0) + 1 INTO had, following FROM {schema}.loyalty_coupon
        WHERE member_id = claimer AND template_id = this.template_id;
    IF had + {schema}.loyalty_promised_to(claimer, this.template_id, (document->>'occurred_at')::timestamptz) >= allowed THEN
        RAISE EXCEPTION 'as many as one member may have' USING ERRCODE = 'RG423';
    END IF;
    UPDATE {schema}.loyalty_coupon SET
        member_id = claimer, number = following, claimed_at = (document->>'occurred_at')::timestamptz,
        starts_at = (document->>'starts_at')::timestamptz, ends_at = (document->>'ends_at')::timestamptz
        WHERE id = this.id;
    IF this.batch_id IS NOT NULL AND this.claimed_at IS NULL THEN
        UPDATE {schema}.loyalty_couponbatch SET claimed = claimed + 1 WHERE id = this.batch_id;
    END IF;
    INSERT INTO {schema}.loyalty_couponmove (coupon_id, act, at, actor, amount, reason)
        VALUES (this.id, 'claimed', (document->>'occurred_at')::timestamptz, document->>'actor', 0, '');
    PERFORM {schema}.loyalty_announce(document);
    RETURN jsonb_build_object('coupon', this.id, 'repeated', false);
END $$;

-- The coupons that a sale or a quote names, locked; of a shared code the one set aside for this quote, the member's own,
-- or a new one.
CREATE OR REPLACE FUNCTION {schema}.loyalty_named_coupons(document jsonb) RETURNS TABLE (id bigint, amount bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    buyer bigint := (document->>'member')::bigint;
    instant timestamptz := (document->>'at')::timestamptz;
    holder text := COALESCE(document->>'holder', '');
    zone text := (SELECT settled.zone FROM {schema}.organisation_organisation settled);
    this_day date := (instant AT TIME ZONE zone)::date;
    one record;
    made {schema}.loyalty_coupon;
    found bigint[] := '{}';
    amounts bigint[] := '{}';
    this bigint;
BEGIN
    PERFORM FROM {schema}.loyalty_couponbatch batch
        WHERE batch.public_id IN (SELECT given->>'coupon' FROM jsonb_array_elements(document->'coupons') given)
        ORDER BY batch.id FOR NO KEY UPDATE;
    PERFORM FROM {schema}.loyalty_coupontemplate sort
        WHERE (sort.most_total IS NOT NULL OR sort.most_per_member IS NOT NULL OR sort.most_per_day IS NOT NULL)
          AND sort.id IN (
            SELECT coupon.template_id FROM {schema}.loyalty_coupon coupon WHERE coupon.public_id IN
                (SELECT given->>'coupon' FROM jsonb_array_elements(document->'coupons') given)
            UNION ALL
            SELECT batch.template_id FROM {schema}.loyalty_couponbatch batch WHERE batch.public_id IN
                (SELECT given->>'coupon' FROM jsonb_array_elements(document->'coupons') given))
        ORDER BY sort.id FOR NO KEY UPDATE;
    FOR one IN
        SELECT given.coupon, given.amount, batch.id AS batch_id, batch.template_id, sort.ends_on, sort.days
        FROM jsonb_to_recordset(document->'coupons') AS given(coupon text, amount bigint)
        LEFT JOIN {schema}.loyalty_couponbatch batch ON batch.public_id = given.coupon
        LEFT JOIN {schema}.loyalty_coupontemplate sort ON sort.id = batch.template_id
    LOOP
        this := NULL;
        IF one.batch_id IS NULL THEN
            SELECT coupon.id INTO this FROM {schema}.loyalty_coupon coupon WHERE coupon.public_id = one.coupon;
        ELSE
            SELECT coupon.id INTO this FROM {schema}.loyalty_coupon coupon
                WHERE coupon.batch_id = one.batch_id AND NOT coupon.id = ANY(found)
                  AND (coupon.state = 'reserved' AND coupon.reserved_for = holder AND holder <> ''
                       OR coupon.state = 'issued' AND coupon.member_id = buyer
                          AND (coupon.starts_at IS NULL OR coupon.starts_at <= instant)
                          AND (coupon.ends_at IS NULL OR coupon.ends_at > instant))
                ORDER BY coupon.state = 'reserved' DESC, coupon.id LIMIT 1;
            IF this IS NULL THEN
                made.template_id := one.template_id;
                made.batch_id := one.batch_id;
                made.member_id := buyer;
                made.origin := 'till';
                made.issued_at := instant;
                made.claimed_at := instant;
                made.ends_at := (LEAST(one.ends_on, this_day + one.days - 1) + 1)::timestamp AT TIME ZONE zone;
                this := {schema}.loyalty_make_coupon(made);
            END IF;
        END IF;
        IF this IS NULL OR this = ANY(found) THEN
            RAISE EXCEPTION 'no such coupon' USING ERRCODE = 'RG412';
        END IF;
        found := found || this;
        amounts := amounts || COALESCE(one.amount, 0);
    END LOOP;
    PERFORM FROM {schema}.loyalty_coupon coupon WHERE coupon.id = ANY(found) ORDER BY coupon.id FOR NO KEY UPDATE;
    RETURN QUERY SELECT * FROM unnest(found, amounts);
EXCEPTION WHEN SQLSTATE 'RG410' OR SQLSTATE 'RG423' THEN
    RAISE EXCEPTION 'a shared code is used up' USING ERRCODE = 'RG412';
END $$;

-- Sets coupons aside for a quote: {"at", "day", "until", "holder", "member", "coupons"}. They count as used on that day and
-- as had by that member, so that whoever pays the quote is not refused.
CREATE OR REPLACE FUNCTION {schema}.loyalty_reserve_coupons(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    instant timestamptz := (document->>'at')::timestamptz;
    buyer bigint := (document->>'member')::bigint;
    ids bigint[];
    sorts bigint[];
    held int;
BEGIN
    -- first the coupons, then the change: a statement does not see what a function makes while it runs
    SELECT array_agg(named.id) INTO ids FROM {schema}.loyalty_named_coupons(document) AS named;
    WITH held_now AS (
        UPDATE {schema}.loyalty_coupon coupon SET
            state = 'reserved', reserved_for = document->>'holder', reserved_until = (document->>'until')::timestamptz
        WHERE coupon.id = ANY(ids) AND (coupon.starts_at IS NULL OR coupon.starts_at <= instant)
          AND (coupon.ends_at IS NULL OR coupon.ends_at > instant)
          AND (coupon.state = 'issued'
               OR coupon.state = 'reserved'
                  AND (coupon.reserved_for = document->>'holder' OR coupon.reserved_until <= instant))
        RETURNING coupon.id
    ), noted AS (
        INSERT INTO {schema}.loyalty_couponmove (coupon_id, act, at, actor, amount, reason)
        SELECT id, 'reserved', instant, '', 0, '' FROM held_now RETURNING id
    )
    SELECT count(*) INTO held FROM noted;
    IF held <> jsonb_array_length(document->'coupons') THEN
        RAISE EXCEPTION 'a coupon is used or set aside' USING ERRCODE = 'RG412';
    END IF;
    SELECT array_agg(DISTINCT template_id) INTO sorts FROM {schema}.loyalty_coupon WHERE id = ANY(ids);
    PERFORM {schema}.loyalty_check_day(sorts, (document->>'day')::date, instant);
    IF EXISTS (SELECT FROM {schema}.loyalty_coupon coupon
        JOIN {schema}.loyalty_coupontemplate sort ON sort.id = coupon.template_id
        WHERE coupon.id = ANY(ids) AND coupon.member_id IS NULL AND sort.most_per_member IS NOT NULL
          AND {schema}.loyalty_promised_to(buyer, sort.id, instant) + (
              SELECT count(number) FROM {schema}.loyalty_coupon WHERE member_id = buyer AND template_id = sort.id
          ) > sort.most_per_member) THEN
        RAISE EXCEPTION 'as many as one member may have' USING ERRCODE = 'RG412';
    END IF;
    RETURN jsonb_build_object('reserved', held);
END $$;

-- Lets go what was set aside: for one quote, or at most `limit` whose time is over. A coupon that a shared code made for
-- nobody ends with it, and so does one whose batch was declared void meanwhile.
CREATE OR REPLACE FUNCTION {schema}.loyalty_release_coupons(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    instant timestamptz := (document->>'at')::timestamptz;
    freed int;
BEGIN
    WITH due AS (
        SELECT coupon.id, coupon.member_id IS NULL AND coupon.code = '' OR EXISTS (
                SELECT FROM {schema}.loyalty_couponbatch batch
                WHERE batch.id = coupon.batch_id AND batch.voided_at IS NOT NULL) AS ends
        FROM {schema}.loyalty_coupon coupon
        WHERE state = 'reserved'
          AND CASE WHEN document ? 'holder' THEN reserved_for = document->>'holder' ELSE reserved_until <= instant END
        ORDER BY id LIMIT COALESCE((document->>'limit')::int, 1000) FOR NO KEY UPDATE OF coupon SKIP LOCKED
    ), free AS (
        UPDATE {schema}.loyalty_coupon coupon SET
            state = CASE WHEN due.ends THEN 'void' ELSE 'issued' END,
            number = CASE WHEN NOT due.ends THEN coupon.number END,
            reserved_for = '', reserved_until = NULL
        FROM due WHERE coupon.id = due.id RETURNING coupon.id, coupon.batch_id, coupon.state
    ), returned AS (
        UPDATE {schema}.loyalty_couponbatch batch SET claimed = GREATEST(0, batch.claimed - gone.many)
        FROM (SELECT batch_id, count(*)::int AS many FROM free WHERE state = 'void' GROUP BY batch_id) gone
        WHERE batch.id = gone.batch_id AND batch.voided_at IS NULL
    ), noted AS (
        INSERT INTO {schema}.loyalty_couponmove (coupon_id, act, at, actor, amount, reason)
        SELECT id, 'released', instant, '', 0, '' FROM free RETURNING id
    )
    SELECT count(*) INTO freed FROM noted;
    RETURN jsonb_build_object('released', freed);
END $$;

-- Uses coupons in a sale that is being posted: {"sale", "member", "at", "day", "coupons": [{"coupon", "amount"}]}, with
-- the public id of its quote as "holder" where they were set aside for it: then they are used, whatever changed meanwhile.
CREATE OR REPLACE FUNCTION {schema}.loyalty_use_coupons(document jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    instant timestamptz := (document->>'at')::timestamptz;
    this_day date := (document->>'day')::date;
    buyer bigint := (document->>'member')::bigint;
    this_sale bigint := (document->>'sale')::bigint;
    ids bigint[];
    amounts bigint[];
    promised bigint[];
    used int;
    one record;
BEGIN
    IF COALESCE(jsonb_array_length(document->'coupons'), 0) = 0 THEN
        RETURN;
    END IF;
    SELECT array_agg(named.id), array_agg(named.amount) INTO ids, amounts
        FROM {schema}.loyalty_named_coupons(document) AS named;
    promised := ARRAY(
        SELECT id FROM {schema}.loyalty_coupon
        WHERE id = ANY(ids) AND state = 'reserved' AND reserved_for = document->>'holder' AND reserved_until > instant);
    WITH spent AS (
        UPDATE {schema}.loyalty_coupon coupon SET
            state = 'used', sale_id = this_sale, amount = named.amount, used_at = instant, used_on = this_day,
            reserved_for = '', reserved_until = NULL
        FROM unnest(ids, amounts) AS named(id, amount), {schema}.loyalty_coupontemplate sort
        WHERE coupon.id = named.id AND sort.id = coupon.template_id
          AND (coupon.id = ANY(promised)
               OR (coupon.state = 'issued' OR coupon.state = 'reserved' AND coupon.reserved_until <= instant)
                  AND (coupon.starts_at IS NULL OR coupon.starts_at <= instant)
                  AND (coupon.ends_at IS NULL OR coupon.ends_at > instant)
                  AND (coupon.member_id IS NULL OR coupon.member_id = buyer OR sort.is_transferable))
        RETURNING coupon.id, coupon.amount
    ), noted AS (
        INSERT INTO {schema}.loyalty_couponmove (coupon_id, act, at, actor, sale_id, amount, reason)
        SELECT id, 'used', instant, '', this_sale, amount, '' FROM spent RETURNING id
    )
    SELECT count(*) INTO used FROM noted;
    IF used <> jsonb_array_length(document->'coupons') THEN
        RAISE EXCEPTION 'a coupon is used, set aside, void or over' USING ERRCODE = 'RG412';
    END IF;
    -- a code that nobody had claimed counts as had by the member who brings it
    IF buyer IS NOT NULL THEN
        FOR one IN SELECT coupon.id, coupon.template_id, sort.most_per_member FROM {schema}.loyalty_coupon coupon
            JOIN {schema}.loyalty_coupontemplate sort ON sort.id = coupon.template_id
            WHERE coupon.sale_id = this_sale AND coupon.state = 'used' AND coupon.member_id IS NULL ORDER BY coupon.id
        LOOP
            IF NOT one.id = ANY(promised) AND {schema}.loyalty_promised_to(buyer, one.template_id, instant) + (
                SELECT count(number) FROM {schema}.loyalty_coupon
                WHERE member_id = buyer AND template_id = one.template_id) >= one.most_per_member THEN
                RAISE EXCEPTION 'as many as one member may have' USING ERRCODE = 'RG412';
            END IF;
            UPDATE {schema}.loyalty_coupon SET member_id = buyer, claimed_at = instant, number =
                (SELECT COALESCE(max(number), 0) + 1 FROM {schema}.loyalty_coupon
                 WHERE member_id = buyer AND template_id = one.template_id) WHERE id = one.id;
        END LOOP;
    END IF;
    PERFORM {schema}.loyalty_check_day(
        ARRAY(SELECT DISTINCT template_id FROM {schema}.loyalty_coupon
              WHERE sale_id = this_sale AND state = 'used' AND NOT id = ANY(promised)), this_day, instant);
END $$;

-- Gives the coupons of a sale back that was refunded in full: {"sale", "at"}. One whose end is past comes back with its
-- days of grace, once, or is over; one whose batch is void stays so. Nothing happens twice.
CREATE OR REPLACE FUNCTION {schema}.loyalty_give_back_coupons(document jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    instant timestamptz := (document->>'at')::timestamptz;
    answer jsonb;
BEGIN
    PERFORM FROM {schema}.loyalty_coupon
        WHERE sale_id = (document->>'sale')::bigint AND state = 'used' ORDER BY id FOR NO KEY UPDATE;
    WITH back AS (
        SELECT coupon.id, coupon.amount, coupon.ends_at,
            CASE WHEN coupon.member_id IS NULL AND coupon.code = '' OR batch.voided_at IS NOT NULL THEN 'void'
                 WHEN coupon.ends_at IS NULL OR coupon.ends_at > instant THEN 'issued'
                 WHEN NOT coupon.is_extended AND coupon.ends_at + make_interval(days => sort.grace_days) > instant
                     THEN 'extended'
                 ELSE 'expired' END AS fate,
            sort.grace_days
        FROM {schema}.loyalty_coupon coupon
        JOIN {schema}.loyalty_coupontemplate sort ON sort.id = coupon.template_id
        LEFT JOIN {schema}.loyalty_couponbatch batch ON batch.id = coupon.batch_id
        WHERE coupon.sale_id = (document->>'sale')::bigint AND coupon.state = 'used'
    ), changed AS (
        UPDATE {schema}.loyalty_coupon coupon SET
            state = CASE WHEN back.fate = 'extended' THEN 'issued' ELSE back.fate END,
            number = CASE WHEN back.fate = 'void' THEN NULL ELSE coupon.number END,
            is_extended = coupon.is_extended OR back.fate = 'extended',
            ends_at = CASE WHEN back.fate = 'extended'
                           THEN back.ends_at + make_interval(days => back.grace_days) ELSE coupon.ends_at END,
            sale_id = NULL, amount = 0, used_at = NULL, used_on = NULL
        FROM back WHERE coupon.id = back.id
        RETURNING coupon.id, coupon.public_id, coupon.state, back.amount
    ), noted AS (
        INSERT INTO {schema}.loyalty_couponmove (coupon_id, act, at, actor, sale_id, amount, reason)
        SELECT id, 'given_back', instant, '', (document->>'sale')::bigint, amount, '' FROM changed RETURNING id
    )
    SELECT COALESCE(jsonb_agg(jsonb_build_object('coupon', public_id, 'state', state)), '[]'::jsonb) INTO answer
        FROM changed;
    RETURN answer;
END $$;
