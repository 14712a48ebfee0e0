-- Row entries: every statement that changes a watched table leaves an entry a row, whoever wrote it and by whatever
-- means. Inside a verb they are row.*: a digest of the whole row, which binds the table to the ledger. Outside, they
-- are raw.*, and the changed values are kept too, because no verb has recorded them.
CREATE TABLE custody.watched (
  name    text PRIMARY KEY,
  kind    text NOT NULL,    -- the object's type in entries
  pk      text NOT NULL,    -- the column that is the key
  is_uuid boolean NOT NULL,
  ignored text[] NOT NULL,  -- bookkeeping, not evidence: neither digested nor recorded
  masked  text[] NOT NULL,  -- secrets: digested, their values never copied
  columns text[] NOT NULL   -- what the digests of the rows were taken over
);

-- The object of a row: its key, or for keys that are no UUID one derived from table and key.
CREATE FUNCTION custody.object_of(p_table text, p_key text) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT encode(substr(sha256(convert_to(p_table || '/' || p_key, 'UTF8')), 1, 16), 'hex')::uuid $$;

-- What changed between two rows as {"old": {…}, "new": {…}}, without what is secret.
CREATE FUNCTION custody.row_body(o jsonb, n jsonb, masked text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN o IS NULL THEN '{}' ELSE jsonb_build_object('old', coalesce(
           (SELECT jsonb_object_agg(key, value) FROM jsonb_each(o - masked) WHERE n IS NULL OR n -> key IS DISTINCT FROM value), '{}')) END
      || CASE WHEN n IS NULL THEN '{}' ELSE jsonb_build_object('new', coalesce(
           (SELECT jsonb_object_agg(key, value) FROM jsonb_each(n - masked) WHERE o IS NULL OR o -> key IS DISTINCT FROM value), '{}')) END
$$;

CREATE FUNCTION custody.changed_columns(o jsonb, n jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(to_json(array_agg(key ORDER BY key COLLATE "C"))::text, '[]')
    FROM jsonb_each(n) WHERE o -> key IS DISTINCT FROM value
$$;

-- What the statement below knows of the act: the declarations of the block that it stands in.
CREATE FUNCTION custody.declaring() RETURNS text LANGUAGE sql IMMUTABLE AS $outer$
  SELECT $d$DECLARE
      actor text := custody.actor();
      actor_id uuid := (actor::json ->> 'id')::uuid;
      is_raw boolean := actor::json ->> 'kind' = 'db';
      family text := CASE WHEN is_raw THEN 'raw' ELSE 'row' END;
      xid text := pg_current_xact_id()::text;
      req text := nullif(current_setting('custody.req', true), '');$d$
$outer$;

-- The statement that writes the entries of one source of (key, o, n); completed by custody.watch for each table.
CREATE FUNCTION custody.recording(p_source text, w custody.watched, p_act text) RETURNS text
LANGUAGE sql IMMUTABLE AS $outer$
  SELECT format($f$
    WITH c AS MATERIALIZED (
      SELECT s.key, %1$s AS oid, s.o, s.n FROM (%2$s) s WHERE s.o IS DISTINCT FROM s.n
    ), z AS (
      INSERT INTO custody.secret AS known (object_id, salt) SELECT oid, custody.salt32() FROM c WHERE n IS NOT NULL
      ON CONFLICT (object_id) DO NOTHING RETURNING object_id, salt
    ), k AS MATERIALIZED (
      SELECT c.*, clock_timestamp() AS t, custody.nonce18() AS nonce, custody.salt32() AS salt,
             coalesce(z.salt, known.salt) AS secret,
             CASE WHEN is_raw THEN custody.row_body(c.o, c.n, %3$L::text[])::text END AS body
        FROM c LEFT JOIN z ON z.object_id = c.oid LEFT JOIN custody.secret known ON known.object_id = c.oid
    ), i AS MATERIALIZED (SELECT k.*, custody.uuid7(k.t) AS id FROM k),
    p AS (
      INSERT INTO custody.payload (entry_id, part, salt, body)
      SELECT id, 'row', salt, convert_to(body, 'UTF8') FROM i WHERE body IS NOT NULL
    )
    INSERT INTO custody.entry (entry_id, recorded_at, act, object_type, object_id, actor_id, envelope)
    SELECT id, t, family || %4$L, %5$L, oid, actor_id,
           custody.envelope(actor, t,
             CASE WHEN body IS NULL THEN '' ELSE '"row":"' || custody.b64u(custody.commit_part('row', salt, convert_to(body, 'UTF8'))) || '"' END,
             '{' || %6$s || %7$s || '"state":' || coalesce('"' || custody.b64u(custody.commit_part('state', secret, convert_to(n::text, 'UTF8'))) || '"', 'null') || '}',
             xid, id, nonce, %5$L, oid, req, family || %4$L)
      FROM i ORDER BY t
  $f$,
    CASE WHEN w.is_uuid THEN 's.key::uuid' ELSE format('custody.object_of(%L, s.key)', w.name) END,
    p_source, w.masked, p_act, w.kind,
    CASE WHEN p_act = '.updated' THEN $d$'"cols":' || custody.changed_columns(o, n) || ','$d$ ELSE $d$''$d$ END,
    CASE WHEN w.is_uuid THEN $d$''$d$ ELSE $d$'"key":' || to_json(key)::text || ','$d$ END)
$outer$;

-- Watch a table: triggers that nobody but its owner can lift, and an entry for every row it already has.
-- Called again after each migration; when the columns changed, the rows are digested anew.
CREATE FUNCTION custody.watch(p_table text, p_ignored text[], p_masked text[]) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  w custody.watched;
  before custody.watched;
  r text := format('to_jsonb(_ledger_r) - %L::text[]', p_ignored);
  f text;
  op text;
BEGIN
  w.name := p_table;
  w.kind := regexp_replace(p_table, '^(evidence|accounts)_', '');
  SELECT a.attname, a.atttypid = 'uuid'::regtype INTO STRICT w.pk, w.is_uuid
    FROM pg_index x JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = ANY(x.indkey)
   WHERE x.indrelid = format('public.%I', p_table)::regclass AND x.indisprimary;
  w.ignored := p_ignored; w.masked := p_masked;
  SELECT array_agg(attname::text ORDER BY attname) INTO w.columns FROM pg_attribute
   WHERE attrelid = format('public.%I', p_table)::regclass AND attnum > 0 AND NOT attisdropped AND NOT attname = ANY(p_ignored);
  SELECT * INTO before FROM custody.watched WHERE name = p_table;
  IF before IS NOT DISTINCT FROM w THEN RETURN false; END IF;
  INSERT INTO custody.watched VALUES (w.*) ON CONFLICT (name) DO UPDATE
    SET kind = excluded.kind, pk = excluded.pk, is_uuid = excluded.is_uuid, ignored = excluded.ignored,
        masked = excluded.masked, columns = excluded.columns;
  -- One function a table: plpgsql keeps the plans of static statements.
  f := format('custody.%I', 'rows_of_' || p_table);
  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET bytea_output = 'hex' SET extra_float_digits = 1 AS $body$
    %s
    BEGIN
      CASE TG_OP WHEN 'INSERT' THEN %s; WHEN 'UPDATE' THEN %s; ELSE %s; END CASE;
      RETURN NULL;
    END $body$
  $f$, f, custody.declaring(),
    custody.recording(format('SELECT %I::text AS key, NULL::jsonb AS o, %s AS n FROM new_rows _ledger_r', w.pk, r), w, '.inserted'),
    custody.recording(format(
      'SELECT coalesce(_n.key, _o.key) AS key, _o.j AS o, _n.j AS n'
      ' FROM (SELECT %1$I::text AS key, %2$s AS j FROM old_rows _ledger_r) _o'
      ' FULL JOIN (SELECT %1$I::text AS key, %2$s AS j FROM new_rows _ledger_r) _n ON _n.key = _o.key', w.pk, r), w, '.updated'),
    custody.recording(format('SELECT %I::text AS key, %s AS o, NULL::jsonb AS n FROM old_rows _ledger_r', w.pk, r), w, '.deleted'));
  EXECUTE format('REVOKE ALL ON FUNCTION %s() FROM PUBLIC', f);
  FOR op IN SELECT unnest(ARRAY['insert', 'update', 'delete']) LOOP
    EXECUTE format('DROP TRIGGER IF EXISTS ledger_%s ON public.%I', op, p_table);
    EXECUTE format('CREATE TRIGGER ledger_%1$s AFTER %1$s ON public.%2$I REFERENCING %3$s FOR EACH STATEMENT EXECUTE FUNCTION %4$s()',
                   op, p_table, CASE op WHEN 'insert' THEN 'NEW TABLE AS new_rows' WHEN 'delete' THEN 'OLD TABLE AS old_rows'
                                        ELSE 'OLD TABLE AS old_rows NEW TABLE AS new_rows' END, f);
    EXECUTE format('ALTER TABLE public.%I ENABLE ALWAYS TRIGGER ledger_%s', p_table, op);
  END LOOP;
  EXECUTE format('DROP TRIGGER IF EXISTS ledger_truncate ON public.%I', p_table);
  EXECUTE format('CREATE TRIGGER ledger_truncate BEFORE TRUNCATE ON public.%I FOR EACH STATEMENT EXECUTE FUNCTION custody.refuse()', p_table);
  EXECUTE format('ALTER TABLE public.%I ENABLE ALWAYS TRIGGER ledger_truncate', p_table);
  PERFORM custody.adopt(w);
  RETURN true;
END $$;

-- An entry for every row as it stands: what was there before the table was watched, or before its columns changed.
CREATE FUNCTION custody.adopt(w custody.watched) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET bytea_output = 'hex' SET extra_float_digits = 1 AS $$
BEGIN
  PERFORM set_config('custody.actor', '{"kind":"service","name":"migration"}', true);
  EXECUTE format('DO $do$ %s BEGIN %s; END $do$', custody.declaring(), custody.recording(
    format('SELECT %I::text AS key, NULL::jsonb AS o, to_jsonb(_ledger_r) - %L::text[] AS n FROM public.%I _ledger_r',
           w.pk, w.ignored, w.name), w, '.adopted'));
  PERFORM set_config('custody.actor', '', true);
END $$;
