-- Most statements of a verb insert one row. Its entry is written by itself then, without the plan for many, which takes
-- half again as long to be set up; what it says is the same (0013_seeds.sql), and a test holds the two to each other.

-- What writes the entry of the only row of new_rows, within the block of custody.declaring().
CREATE FUNCTION custody.recording_one(w custody.watched, p_row text) RETURNS text LANGUAGE sql IMMUTABLE AS $outer$
  SELECT format($f$
    DECLARE
      the_oid uuid; the_key text; the_state bytea; the_rows bigint;
      the_salt bytea := custody.drawn(seed, '\x04', 1);
      the_moment timestamptz := clock_timestamp();
      the_id uuid := custody.uuid7(the_moment, custody.drawn(seed, '\x01', 1));
    BEGIN
      SELECT s.key, %1$s, convert_to(s.n::text, 'UTF8'), s.many INTO the_key, the_oid, the_state, the_rows
        FROM (SELECT %2$I::text AS key, %3$s AS n, count(*) OVER () AS many FROM new_rows _ledger_r) s LIMIT 1;
      IF the_rows = 1 THEN
        INSERT INTO custody.secret (object_id, salt) VALUES (the_oid, the_salt) ON CONFLICT (object_id) DO NOTHING;
        IF NOT FOUND THEN
          SELECT salt INTO STRICT the_salt FROM custody.secret WHERE object_id = the_oid;
        END IF;
        INSERT INTO custody.entry (entry_id, recorded_at, act, object_type, object_id, actor_id, envelope)
        VALUES (the_id, the_moment, 'row.inserted', %4$L, the_oid, actor_id,
                custody.envelope(actor, the_moment, '',
                  '{' || %5$s || '"state":"' || custody.b64u(custody.commit_part('state', the_salt, the_state)) || '"}',
                  xid, the_id, substr(custody.drawn(seed, '\x02', 1), 1, 18), %4$L, the_oid, req, 'row.inserted'));
        RETURN NULL;
      ELSIF the_rows IS NULL THEN
        RETURN NULL;
      END IF;
    END
  $f$,
    CASE WHEN w.is_uuid THEN 's.key::uuid' ELSE format('custody.object_of(%L, s.key)', w.name) END,
    w.pk, p_row, w.kind, CASE WHEN w.is_uuid THEN $d$''$d$ ELSE $d$'"key":' || to_json(the_key)::text || ','$d$ END)
$outer$;

CREATE OR REPLACE FUNCTION custody.record_rows(w custody.watched) RETURNS void
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
      IF TG_OP = 'INSERT' AND NOT is_raw THEN %s; END IF;
      CASE TG_OP WHEN 'INSERT' THEN %s; WHEN 'UPDATE' THEN %s; ELSE %s; END CASE;
      RETURN NULL;
    END $body$
  $f$, f, custody.declaring(), custody.recording_one(w, r),
    custody.recording(format('SELECT %I::text AS key, NULL::jsonb AS o, %s AS n FROM new_rows _ledger_r', w.pk, r), w, '.inserted'),
    custody.recording(format(
      'SELECT coalesce(_n.key, _o.key) AS key, _o.j AS o, _n.j AS n'
      ' FROM (SELECT %1$I::text AS key, %2$s AS j FROM old_rows _ledger_r) _o'
      ' FULL JOIN (SELECT %1$I::text AS key, %2$s AS j FROM new_rows _ledger_r) _n ON _n.key = _o.key', w.pk, r), w, '.updated'),
    custody.recording(format('SELECT %I::text AS key, %s AS o, NULL::jsonb AS n FROM old_rows _ledger_r', w.pk, r), w, '.deleted'));
  EXECUTE format('REVOKE ALL ON FUNCTION %s() FROM PUBLIC', f);
END $$;
REVOKE ALL ON FUNCTION custody.record_rows(custody.watched), custody.recording_one(custody.watched, text) FROM PUBLIC;

SELECT custody.record_rows(w) FROM custody.watched w;
