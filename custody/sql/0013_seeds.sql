-- Row entries draw from one seed a statement too (0012_many.sql), and salts only where something is to be salted. The
-- functions of the tables that are watched already are made again: the entries they write are the same.

-- commit_part() calls what is stable: declared so, it becomes part of the statement it stands in, not a call of its own.
ALTER FUNCTION custody.commit_part(text, bytea, bytea) STABLE;

-- What the statement below knows of the act: the declarations of the block that it stands in.
CREATE OR REPLACE FUNCTION custody.declaring() RETURNS text LANGUAGE sql IMMUTABLE AS $outer$
  SELECT $d$DECLARE
      actor text := custody.actor();
      actor_id uuid := (actor::json ->> 'id')::uuid;
      is_raw boolean := actor::json ->> 'kind' = 'db';
      family text := CASE WHEN is_raw THEN 'raw' ELSE 'row' END;
      xid text := pg_current_xact_id()::text;
      req text := nullif(current_setting('custody.req', true), '');
      seed bytea := custody.salt32();$d$
$outer$;

-- The statement that writes the entries of one source of (key, o, n); completed by custody.watch for each table.
CREATE OR REPLACE FUNCTION custody.recording(p_source text, w custody.watched, p_act text) RETURNS text
LANGUAGE sql IMMUTABLE AS $outer$
  SELECT format($f$
    WITH c AS MATERIALIZED (
      SELECT s.key, %1$s AS oid, s.o, s.n, row_number() OVER () AS place FROM (%2$s) s WHERE s.o IS DISTINCT FROM s.n
    ), z AS (
      INSERT INTO custody.secret AS known (object_id, salt) SELECT oid, custody.drawn(seed, '\x04', place) FROM c WHERE n IS NOT NULL
      ON CONFLICT (object_id) DO NOTHING RETURNING object_id, salt
    ), k AS MATERIALIZED (
      SELECT c.*, clock_timestamp() AS t, custody.drawn(seed, '\x01', place) AS r, coalesce(z.salt, known.salt) AS secret,
             CASE WHEN is_raw THEN custody.drawn(seed, '\x03', place) END AS salt,
             CASE WHEN is_raw THEN custody.row_body(c.o, c.n, %3$L::text[])::text END AS body
        FROM c LEFT JOIN z ON z.object_id = c.oid LEFT JOIN custody.secret known ON known.object_id = c.oid
    ), i AS MATERIALIZED (SELECT k.*, custody.uuid7(k.t, k.r) AS id FROM k),
    p AS (
      INSERT INTO custody.payload (entry_id, part, salt, body)
      SELECT id, 'row', salt, convert_to(body, 'UTF8') FROM i WHERE body IS NOT NULL
    )
    INSERT INTO custody.entry (entry_id, recorded_at, act, object_type, object_id, actor_id, envelope)
    SELECT id, t, family || %4$L, %5$L, oid, actor_id,
           custody.envelope(actor, t,
             CASE WHEN body IS NULL THEN '' ELSE '"row":"' || custody.b64u(custody.commit_part('row', salt, convert_to(body, 'UTF8'))) || '"' END,
             '{' || %6$s || %7$s || '"state":' || coalesce('"' || custody.b64u(custody.commit_part('state', secret, convert_to(n::text, 'UTF8'))) || '"', 'null') || '}',
             xid, id, substr(custody.drawn(seed, '\x02', place), 1, 18), %5$L, oid, req, family || %4$L)
      FROM i ORDER BY t
  $f$,
    CASE WHEN w.is_uuid THEN 's.key::uuid' ELSE format('custody.object_of(%L, s.key)', w.name) END,
    p_source, w.masked, p_act, w.kind,
    CASE WHEN p_act = '.updated' THEN $d$'"cols":' || custody.changed_columns(o, n) || ','$d$ ELSE $d$''$d$ END,
    CASE WHEN w.is_uuid THEN $d$''$d$ ELSE $d$'"key":' || to_json(key)::text || ','$d$ END)
$outer$;

-- One function a table, for its triggers: plpgsql keeps the plans of static statements.
CREATE FUNCTION custody.record_rows(w custody.watched) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  r text := format('to_jsonb(_ledger_r) - %L::text[]', w.ignored);
  f text := format('custody.%I', 'rows_of_' || w.name);
BEGIN
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
END $$;
REVOKE ALL ON FUNCTION custody.record_rows(custody.watched) FROM PUBLIC;

-- Watch a table: triggers that nobody but its owner can lift, and an entry for every row it already has.
-- Called again after each migration; when the columns that are digested changed, the rows are digested anew. A column
-- that is left out from its first day on changes no digest.
CREATE OR REPLACE FUNCTION custody.watch(p_table text, p_ignored text[], p_masked text[]) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  w custody.watched;
  before custody.watched;
  f text := format('custody.%I', 'rows_of_' || p_table);
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
  PERFORM custody.record_rows(w);
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
  IF before.columns IS DISTINCT FROM w.columns THEN
    PERFORM custody.adopt(w);
  END IF;
  RETURN true;
END $$;

SELECT custody.record_rows(w) FROM custody.watched w;
