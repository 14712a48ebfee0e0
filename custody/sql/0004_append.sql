-- The one producer of entries. Everything an application could lie about (role, transaction, time) is the database's.
CREATE FUNCTION custody.b64u(b bytea) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT pg_catalog.translate(pg_catalog.encode(b, 'base64'), E'+/=\n', '-_') $$;

CREATE FUNCTION custody.salt32() RETURNS bytea LANGUAGE sql VOLATILE AS
$$ SELECT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) $$;

CREATE FUNCTION custody.commit_part(part text, salt bytea, body bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT sha256('\x6c65646765722d636f6d6d69742f763100'::bytea || salt || convert_to(part, 'UTF8') || '\x00'::bytea || body)
$$;  -- the constant spells "ledger-commit/v1" and a NUL

CREATE FUNCTION custody.uuid7(t timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT encode(
    set_byte(
      overlay(uuid_send(gen_random_uuid()) PLACING substring(int8send((extract(epoch FROM t) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
      6, (get_byte(uuid_send(gen_random_uuid()), 6) & 15) | 112),
    'hex')::uuid
$$;

-- Arguments act and data are canonical JSON texts.
CREATE FUNCTION custody.envelope(actor text, t timestamptz, commits text, data text, xid text, id uuid, nonce bytea,
                                 otype text, oid uuid, req text, act text) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT convert_to(
    '{"actor":' || actor
    || ',"at":"' || to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    || '","commit":{' || commits || '},"data":' || data
    || ',"db":{"role":' || to_json(session_user)::text || ',"xid":"' || xid
    || '"},"id":"' || id || '","log":' || to_json(custody.origin())::text
    || ',"nonce":"' || custody.b64u(nonce)
    || '","object":{"id":"' || oid || '","type":' || to_json(otype)::text || '}'
    || coalesce(',"req":' || to_json(req)::text, '')
    || ',"type":' || to_json(act)::text || ',"v":1}', 'UTF8')
$$;

CREATE FUNCTION custody.actor() RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE a text := coalesce(nullif(current_setting('custody.actor', true), ''), '{"kind":"db"}');
BEGIN
  IF json_typeof(a::json) <> 'object' THEN RAISE EXCEPTION 'custody.actor must be a JSON object'; END IF;
  RETURN a;
END $$;

CREATE FUNCTION custody.append(p_act text, p_object_type text, p_object_id uuid, p_data text DEFAULT '{}',
                               p_parts jsonb DEFAULT NULL) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  t timestamptz := clock_timestamp();
  id uuid := custody.uuid7(t);
  actor text := custody.actor();
  commits text := '';
  k text; v text; s bytea; b bytea;
BEGIN
  IF p_data IS NULL OR json_typeof(p_data::json) <> 'object' THEN
    RAISE EXCEPTION 'custody.append: data must be a JSON object';
  END IF;
  IF p_act !~ '^[a-z_]+(\.[a-z_]+)+$' THEN
    RAISE EXCEPTION 'custody.append: an act is dotted and lower-case, like item.sealed';
  END IF;
  IF p_act LIKE 'row.%' OR (p_act LIKE 'ledger.%' AND session_user = 'repository_app') THEN
    RAISE EXCEPTION 'custody.append: acts row.* and ledger.* are reserved';
  END IF;
  INSERT INTO custody.secret (object_id, salt) VALUES (p_object_id, custody.salt32()) ON CONFLICT DO NOTHING;
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
          custody.envelope(actor, t, commits, p_data, pg_current_xact_id()::text, id, substr(custody.salt32(), 1, 18),
                           p_object_type, p_object_id, nullif(current_setting('custody.req', true), ''), p_act));
  RETURN id;
END $$;

-- Lawful redaction: the fact becomes unreadable, the entry says so, all proofs still verify. Owner only for now.
CREATE FUNCTION custody.redact(p_entry uuid, p_part text, p_basis text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE r uuid; e custody.entry;
BEGIN
  SELECT * INTO STRICT e FROM custody.entry WHERE entry_id = p_entry;
  r := custody.append('ledger.redacted', e.object_type, e.object_id,
         '{"basis":' || to_json(p_basis)::text || ',"entry":"' || p_entry || '","part":' || to_json(p_part)::text || '}');
  UPDATE custody.payload SET salt = NULL, body = NULL, redacted_by = r
   WHERE entry_id = p_entry AND part = p_part AND body IS NOT NULL;
  IF NOT FOUND THEN RAISE EXCEPTION 'custody.redact: nothing to redact'; END IF;
  RETURN r;
END $$;
