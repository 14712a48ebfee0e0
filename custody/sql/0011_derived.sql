-- Watch a table: triggers that nobody but its owner can lift, and an entry for every row it already has.
-- Called again after each migration; when the columns that are digested changed, the rows are digested anew. A column
-- that is left out from its first day on changes no digest.
CREATE OR REPLACE FUNCTION custody.watch(p_table text, p_ignored text[], p_masked text[]) RETURNS boolean
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
  IF before.columns IS DISTINCT FROM w.columns THEN
    PERFORM custody.adopt(w);
  END IF;
  RETURN true;
END $$;
