-- ENABLE ALWAYS: these refuse the owner, a superuser, and a superuser under session_replication_role = replica.
CREATE FUNCTION custody.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'custody: % on %.% refused, the ledger is append-only', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION custody.payload_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.body IS NOT NULL AND NEW.body IS NULL AND NEW.salt IS NULL
     AND NEW.redacted_by IS NOT NULL AND (NEW.entry_id, NEW.part) = (OLD.entry_id, OLD.part) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'custody: a payload may only be redacted' USING ERRCODE = 'insufficient_privilege';
END $$;

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['entry', 'payload', 'leaf', 'tile', 'checkpoint', 'anchor'] LOOP
    EXECUTE format(
      'CREATE TRIGGER no_rewrite BEFORE UPDATE OR DELETE ON custody.%I FOR EACH ROW EXECUTE FUNCTION custody.%s()',
      name, CASE name WHEN 'payload' THEN 'payload_guard' ELSE 'refuse' END);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['entry', 'payload', 'secret', 'leaf', 'tile', 'state', 'checkpoint', 'anchor'] LOOP
    EXECUTE format(
      'CREATE TRIGGER no_truncate BEFORE TRUNCATE ON custody.%I FOR EACH STATEMENT EXECUTE FUNCTION custody.refuse()', name);
    EXECUTE format('ALTER TABLE custody.%I ENABLE ALWAYS TRIGGER no_truncate', name);
    IF name NOT IN ('secret', 'state') THEN
      EXECUTE format('ALTER TABLE custody.%I ENABLE ALWAYS TRIGGER no_rewrite', name);
    END IF;
  END LOOP;
END $$;
