-- The last row entry of each object of a kind, without reading the others.
CREATE INDEX entry_rows ON custody.entry (object_type, object_id, eid DESC) WHERE act LIKE 'row.%' OR act LIKE 'raw.%';

-- What changed behind the triggers: rows of a watched table whose last row entry does not fit them.
CREATE FUNCTION custody.reconcile(p_table text, p_limit int DEFAULT 100) RETURNS TABLE (object_id uuid, finding text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET bytea_output = 'hex' SET extra_float_digits = 1 AS $$
DECLARE w custody.watched;
BEGIN
  SELECT * INTO STRICT w FROM custody.watched WHERE name = p_table;
  RETURN QUERY EXECUTE format($f$
    WITH last AS (
      SELECT DISTINCT ON (e.object_id) e.object_id, convert_from(e.envelope, 'UTF8')::json -> 'data' ->> 'state' AS state
        FROM custody.entry e WHERE e.object_type = %1$L AND (e.act LIKE 'row.%%' OR e.act LIKE 'raw.%%')
       ORDER BY e.object_id, e.eid DESC
    ), held AS (
      SELECT %2$s AS object_id, convert_to((to_jsonb(_ledger_r) - %3$L::text[])::text, 'UTF8') AS body FROM public.%4$I _ledger_r
    )
    SELECT coalesce(h.object_id, l.object_id),
           CASE WHEN l.object_id IS NULL THEN 'row without entry'
                WHEN h.object_id IS NULL THEN 'row vanished'
                WHEN l.state IS NULL THEN 'row exists though its end was recorded'
                ELSE 'row differs from its last entry' END
      FROM last l FULL JOIN held h ON h.object_id = l.object_id LEFT JOIN custody.secret s ON s.object_id = h.object_id
     WHERE l.object_id IS NULL OR (h.object_id IS NULL AND l.state IS NOT NULL)
        OR (h.object_id IS NOT NULL AND l.state IS NULL)
        OR (s.salt IS NOT NULL AND l.state <> custody.b64u(custody.commit_part('state', s.salt, h.body)))
     LIMIT %5$s
  $f$, w.kind, CASE WHEN w.is_uuid THEN format('_ledger_r.%I', w.pk) ELSE format('custody.object_of(%L, _ledger_r.%I::text)', w.name, w.pk) END,
    w.ignored, w.name, p_limit);
END $$;

-- Whether the triggers of every watched table are there and cannot be skipped; the tables where that is not so.
CREATE FUNCTION custody.unwatched() RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT w.name FROM custody.watched w
   WHERE (SELECT count(*) FROM pg_trigger t WHERE t.tgrelid = to_regclass(format('public.%I', w.name))
             AND t.tgname IN ('ledger_insert', 'ledger_update', 'ledger_delete', 'ledger_truncate') AND t.tgenabled = 'A') < 4
  UNION ALL
  SELECT 'custody.' || c.relname FROM pg_class c
   WHERE c.relnamespace = 'custody'::regnamespace AND c.relname IN ('entry', 'payload', 'leaf', 'tile', 'checkpoint', 'anchor')
     AND (SELECT count(*) FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname IN ('no_rewrite', 'no_truncate') AND t.tgenabled = 'A') < 2
   ORDER BY 1
$$;
