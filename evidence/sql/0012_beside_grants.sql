-- What the gate asks of a record, beside each single grant of it (docs/decisions/0039-beside-grants.md): copied when the
-- grant is given, and again when the record changes in it. Row by row, and only where something is to be copied: a
-- statement on the grants would have their own triggers run, though nothing of them is recorded.
CREATE FUNCTION pg_temp.as_beside(kind text) RETURNS void LANGUAGE plpgsql AS $outer$
DECLARE
  holders text;
BEGIN
  -- One function a table: plpgsql keeps the plans of static statements.
  EXECUTE format($f$
    CREATE FUNCTION public.evidence_beside_grant_of_%1$s() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
    BEGIN
      -- Locked: whoever changes the record meanwhile waits for this grant, and then finds it.
      SELECT r.collection_id, r.inherits_access, r.effective_level
        INTO NEW.collection_id, NEW.inherits_access, NEW.effective_level
        FROM evidence_%1$s r WHERE r.id = NEW.content_object_id FOR SHARE;
      RETURN NEW;
    END $body$;

    CREATE FUNCTION public.evidence_beside_grants_of_%1$s() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
    BEGIN
      IF EXISTS (SELECT FROM evidence_%1$suserpermission g WHERE g.content_object_id = NEW.id) THEN
        UPDATE evidence_%1$suserpermission g
           SET collection_id = NEW.collection_id, inherits_access = NEW.inherits_access, effective_level = NEW.effective_level
         WHERE g.content_object_id = NEW.id;
      END IF;
      IF EXISTS (SELECT FROM evidence_%1$sgrouppermission g WHERE g.content_object_id = NEW.id) THEN
        UPDATE evidence_%1$sgrouppermission g
           SET collection_id = NEW.collection_id, inherits_access = NEW.inherits_access, effective_level = NEW.effective_level
         WHERE g.content_object_id = NEW.id;
      END IF;
      RETURN NULL;
    END $body$;

    CREATE FUNCTION pg_temp.beside_%1$s(record uuid) RETURNS evidence_%1$s LANGUAGE sql STABLE AS
    $body$ SELECT r FROM evidence_%1$s r WHERE r.id = $1 $body$;

    CREATE TRIGGER beside_grants AFTER UPDATE ON public.evidence_%1$s FOR EACH ROW
      WHEN ((OLD.collection_id, OLD.inherits_access, OLD.effective_level)
            IS DISTINCT FROM (NEW.collection_id, NEW.inherits_access, NEW.effective_level))
      EXECUTE FUNCTION public.evidence_beside_grants_of_%1$s();
  $f$, kind);
  FOREACH holders IN ARRAY ARRAY['user', 'group'] LOOP
    -- For the grants there are, in one pass over the table and without row entries, since nothing of them changes.
    EXECUTE format($f$
      ALTER TABLE public.evidence_%1$s%2$spermission
        ALTER COLUMN collection_id TYPE uuid USING (pg_temp.beside_%1$s(content_object_id)).collection_id,
        ALTER COLUMN inherits_access TYPE boolean USING (pg_temp.beside_%1$s(content_object_id)).inherits_access,
        ALTER COLUMN effective_level TYPE smallint USING (pg_temp.beside_%1$s(content_object_id)).effective_level,
        ALTER COLUMN collection_id SET NOT NULL,
        ALTER COLUMN inherits_access SET NOT NULL,
        ALTER COLUMN effective_level SET NOT NULL;
      CREATE TRIGGER beside_grant BEFORE INSERT ON public.evidence_%1$s%2$spermission
        FOR EACH ROW EXECUTE FUNCTION public.evidence_beside_grant_of_%1$s();
    $f$, kind, holders);
  END LOOP;
END $outer$;

SELECT pg_temp.as_beside(kind) FROM unnest(ARRAY['incident', 'item', 'person', 'source', 'situation']) AS kind;
