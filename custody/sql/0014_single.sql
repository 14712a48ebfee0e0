-- Most statements of a verb insert one row. Its entry is written by itself then, without the plan for many, which takes
-- half again as long to be set up; what it says is the same (0013_seeds.sql), and a test holds the two to each other.
ALTER FUNCTION custody.recording(text, custody.watched, text) RENAME TO recording_many;

-- What writes the entry of the only row of a source of (key, o, n) that a verb has inserted, and returns.
CREATE FUNCTION custody.recording_one(p_source text, w custody.watched) RETURNS text LANGUAGE sql IMMUTABLE AS $outer$
  SELECT format($f$
    IF NOT is_raw THEN
      DECLARE
        the_oid uuid; the_key text; the_state bytea; the_rows bigint;
        the_salt bytea := custody.drawn(seed, '\x04', 1);
        the_moment timestamptz := clock_timestamp();
        the_id uuid := custody.uuid7(the_moment, custody.drawn(seed, '\x01', 1));
      BEGIN
        SELECT s.key, %1$s, convert_to(s.n::text, 'UTF8'), s.many INTO the_key, the_oid, the_state, the_rows
          FROM (SELECT one.*, count(*) OVER () AS many FROM (%2$s) one) s LIMIT 1;
        IF the_rows = 1 THEN
          INSERT INTO custody.secret (object_id, salt) VALUES (the_oid, the_salt) ON CONFLICT (object_id) DO NOTHING;
          IF NOT FOUND THEN
            SELECT salt INTO STRICT the_salt FROM custody.secret WHERE object_id = the_oid;
          END IF;
          INSERT INTO custody.entry (entry_id, recorded_at, act, object_type, object_id, actor_id, envelope)
          VALUES (the_id, the_moment, 'row.inserted', %3$L, the_oid, actor_id,
                  custody.envelope(actor, the_moment, '',
                    '{' || %4$s || '"state":"' || custody.b64u(custody.commit_part('state', the_salt, the_state)) || '"}',
                    xid, the_id, substr(custody.drawn(seed, '\x02', 1), 1, 18), %3$L, the_oid, req, 'row.inserted'));
          RETURN NULL;
        END IF;
      END;
    END IF
  $f$,
    CASE WHEN w.is_uuid THEN 's.key::uuid' ELSE format('custody.object_of(%L, s.key)', w.name) END,
    p_source, w.kind, CASE WHEN w.is_uuid THEN $d$''$d$ ELSE $d$'"key":' || to_json(the_key)::text || ','$d$ END)
$outer$;

CREATE FUNCTION custody.recording(p_source text, w custody.watched, p_act text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE p_act WHEN '.inserted' THEN custody.recording_one(p_source, w) || ';' ELSE '' END
         || custody.recording_many(p_source, w, p_act)
$$;
REVOKE ALL ON FUNCTION custody.recording(text, custody.watched, text), custody.recording_one(text, custody.watched) FROM PUBLIC;

SELECT custody.record_rows(w) FROM custody.watched w;
