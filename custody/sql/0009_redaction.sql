-- Lawful redaction takes two people: one proposes (an entry redaction.proposed), another carries it out. The database
-- itself looks for the proposal. p_part 'state' destroys the key of the object's row digests.
DROP FUNCTION custody.redact(uuid, text, text);
CREATE FUNCTION custody.redact(p_entry uuid, p_part text, p_basis text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  e custody.entry;
  proposal custody.entry;
  me uuid := (custody.actor()::json ->> 'id')::uuid;
  r uuid;
BEGIN
  SELECT * INTO e FROM custody.entry WHERE entry_id = p_entry;
  SELECT * INTO proposal FROM custody.entry q
   WHERE q.object_id = e.object_id AND q.act IN ('redaction.proposed', 'redaction.declined')
     AND convert_from(q.envelope, 'UTF8')::jsonb -> 'data' @> jsonb_build_object('entry', p_entry::text, 'part', p_part)
   ORDER BY q.eid DESC LIMIT 1;
  IF proposal.act IS DISTINCT FROM 'redaction.proposed' THEN
    RAISE EXCEPTION 'custody.redact: nobody has proposed it' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF me IS NULL OR proposal.actor_id IS NULL OR me = proposal.actor_id THEN
    RAISE EXCEPTION 'custody.redact: the second person is not the first' USING ERRCODE = 'insufficient_privilege';
  END IF;
  r := custody.write('ledger.redacted', e.object_type, e.object_id,
         '{"basis":' || to_json(p_basis)::text || ',"entry":"' || p_entry || '","part":' || to_json(p_part)::text
         || ',"proposal":"' || proposal.entry_id || '"}', NULL);
  IF p_part = 'state' THEN
    DELETE FROM custody.secret WHERE object_id = e.object_id;
  ELSE
    UPDATE custody.payload SET salt = NULL, body = NULL, redacted_by = r
     WHERE entry_id = p_entry AND part = p_part AND body IS NOT NULL;
  END IF;
  IF NOT FOUND THEN RAISE EXCEPTION 'custody.redact: nothing to redact'; END IF;
  RETURN r;
END $$;
