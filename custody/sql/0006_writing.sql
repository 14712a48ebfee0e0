-- append() keeps what it refuses; the writing itself moves to write(), which redact() and the row triggers share.
CREATE FUNCTION custody.write(p_act text, p_object_type text, p_object_id uuid, p_data text, p_parts jsonb) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  t timestamptz := clock_timestamp();
  -- uuid7() and nonce18() written out: a call of an SQL function costs more than what it does here.
  r bytea := uuid_send(gen_random_uuid());
  q bytea := uuid_send(gen_random_uuid());
  id uuid := encode(set_byte(overlay(r PLACING substring(int8send((extract(epoch FROM t) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
                             6, (get_byte(r, 6) & 15) | 112), 'hex')::uuid;
  nonce bytea := substr(q, 10, 7) || substr(q, 1, 6) || substr(uuid_send(gen_random_uuid()), 10, 5);
  actor text := custody.actor();
  commits text := '';
  k text; v text; s bytea; b bytea;
BEGIN
  IF p_parts IS NOT NULL THEN
    FOR k, v IN SELECT key, value::text FROM jsonb_each(p_parts) ORDER BY key COLLATE "C" LOOP
      s := custody.salt32(); b := convert_to(v, 'UTF8');
      INSERT INTO custody.payload (entry_id, part, salt, body) VALUES (id, k, s, b);
      commits := commits || CASE WHEN commits = '' THEN '' ELSE ',' END
                 || to_json(k)::text || ':"' || custody.b64u(custody.commit_part(k, s, b)) || '"';
    END LOOP;
  END IF;
  INSERT INTO custody.entry (entry_id, recorded_at, act, object_type, object_id, actor_id, envelope)
  VALUES (id, t, p_act, p_object_type, p_object_id, (actor::json ->> 'id')::uuid,
          custody.envelope(actor, t, commits, p_data, pg_current_xact_id()::text, id, nonce,
                           p_object_type, p_object_id, nullif(current_setting('custody.req', true), ''), p_act));
  RETURN id;
END $$;

-- 18 random bytes of two UUIDs, without their fixed version and variant bits.
CREATE FUNCTION custody.nonce18() RETURNS bytea LANGUAGE sql VOLATILE AS
$$ SELECT substr(a, 10, 7) || substr(a, 1, 6) || substr(b, 10, 5)
     FROM (SELECT uuid_send(gen_random_uuid()) AS a, uuid_send(gen_random_uuid()) AS b) s $$;

CREATE OR REPLACE FUNCTION custody.append(p_act text, p_object_type text, p_object_id uuid, p_data text DEFAULT '{}',
                                          p_parts jsonb DEFAULT NULL) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_data IS NULL OR json_typeof(p_data::json) <> 'object' THEN
    RAISE EXCEPTION 'custody.append: data must be a JSON object';
  END IF;
  IF p_act !~ '^[a-z_]+(\.[a-z_]+)+$' THEN
    RAISE EXCEPTION 'custody.append: an act is dotted and lower-case, like item.sealed';
  END IF;
  IF p_act ~ '^(row|raw)\.' OR (p_act LIKE 'ledger.%' AND session_user <> 'ledger_sequencer') THEN
    RAISE EXCEPTION 'custody.append: acts row.*, raw.* and ledger.* are reserved';
  END IF;
  RETURN custody.write(p_act, p_object_type, p_object_id, p_data, p_parts);
END $$;

-- Who acts is told by the verb's decorator (set_config, for one transaction); nobody is "the database".
CREATE OR REPLACE FUNCTION custody.actor() RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE a text := coalesce(nullif(current_setting('custody.actor', true), ''), '{"kind":"db"}');
BEGIN
  IF json_typeof(a::json) <> 'object' THEN RAISE EXCEPTION 'custody.actor must be a JSON object'; END IF;
  IF a::json ->> 'kind' IS NULL THEN RAISE EXCEPTION 'custody.actor must name its kind'; END IF;
  RETURN a;
END $$;
