-- Many entries in one statement: what each of them draws at random comes from one seed of the statement, since asking
-- the system for randomness costs more than the rest of an entry. A seed is kept nowhere; nobody who sees one of the
-- values learns it, nor another value. `use` tells apart what a row draws: its length is fixed, as are the others.
CREATE FUNCTION custody.drawn(seed bytea, use bytea, place bigint) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT sha256(seed || use || int8send(place)) $$;

-- A UUID (version 7) of a moment and of bytes drawn at random.
CREATE FUNCTION custody.uuid7(t timestamptz, r bytea) RETURNS uuid LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
  SELECT encode(set_byte(set_byte(
      substring(int8send((extract(epoch FROM t) * 1000)::bigint) FROM 3) || substr(r, 7, 10),
      6, (get_byte(r, 6) & 15) | 112), 8, (get_byte(r, 8) & 63) | 128), 'hex')::uuid
$$;

-- For each entry what append() does for one, with the same refusals, in the order given. The arrays are of one length;
-- parts are NULL where an entry has none.
CREATE FUNCTION custody.append_many(p_acts text[], p_object_types text[], p_object_ids uuid[], p_data text[],
                                    p_parts jsonb[]) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  actor text := custody.actor();
  actor_id uuid := (actor::json ->> 'id')::uuid;
  xid text := pg_current_xact_id()::text;
  req text := nullif(current_setting('custody.req', true), '');
  seed bytea := custody.salt32();
  ids uuid[];
BEGIN
  IF EXISTS (SELECT FROM unnest(p_acts, p_object_types, p_object_ids, p_data, p_parts) u(act, kind, oid, data, parts)
              WHERE act IS NULL OR kind IS NULL OR oid IS NULL OR data IS NULL OR json_typeof(data::json) <> 'object') THEN
    RAISE EXCEPTION 'custody.append_many: data must be a JSON object, and each entry needs its act and object';
  END IF;
  IF EXISTS (SELECT FROM unnest(p_acts) act WHERE act !~ '^[a-z_]+(\.[a-z_]+)+$') THEN
    RAISE EXCEPTION 'custody.append_many: an act is dotted and lower-case, like item.sealed';
  END IF;
  IF EXISTS (SELECT FROM unnest(p_acts) act
              WHERE act ~ '^(row|raw)\.' OR (act LIKE 'ledger.%' AND session_user <> 'ledger_sequencer')) THEN
    RAISE EXCEPTION 'custody.append_many: acts row.*, raw.* and ledger.* are reserved';
  END IF;
  WITH given AS MATERIALIZED (
    SELECT u.*, clock_timestamp() AS t, custody.drawn(seed, '\x01', n) AS r
      FROM unnest(p_acts, p_object_types, p_object_ids, p_data, p_parts) WITH ORDINALITY u(act, kind, oid, data, parts, n)
  ), i AS MATERIALIZED (
    SELECT given.*, custody.uuid7(t, r) AS id FROM given
  ), s AS MATERIALIZED (
    SELECT b.*, custody.drawn(seed, '\x03', row_number() OVER ()) AS salt
      FROM (SELECT i.n, i.id, p.key AS part, convert_to(p.value::text, 'UTF8') AS body FROM i, jsonb_each(i.parts) p) b
  ), p AS (
    INSERT INTO custody.payload (entry_id, part, salt, body) SELECT id, part, salt, body FROM s
  ), c AS MATERIALIZED (
    SELECT n, string_agg(to_json(part)::text || ':"' || custody.b64u(custody.commit_part(part, salt, body)) || '"', ','
                         ORDER BY part COLLATE "C") AS commits
      FROM s GROUP BY n
  ), e AS (
    INSERT INTO custody.entry (entry_id, recorded_at, act, object_type, object_id, actor_id, envelope)
    SELECT id, t, act, kind, oid, actor_id,
           custody.envelope(actor, t, coalesce(commits, ''), data, xid, id, substr(custody.drawn(seed, '\x02', n), 1, 18),
                            kind, oid, req, act)
      FROM i LEFT JOIN c USING (n) ORDER BY n
  )
  SELECT coalesce(array_agg(id ORDER BY n), '{}') INTO ids FROM i;
  RETURN ids;
END $$;
REVOKE ALL ON FUNCTION custody.append_many(text[], text[], uuid[], text[], jsonb[]), custody.drawn(bytea, bytea, bigint),
  custody.uuid7(timestamptz, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION custody.append_many(text[], text[], uuid[], text[], jsonb[]) TO repository_app, ledger_sequencer;
