-- What the change feed reads (docs/decisions/0032-change-feed.md): a row for every change of a record, written in the
-- transaction that made the change, with that transaction's id. Whether it is new to somebody is told by the snapshot
-- that she was last told from, which no order of commits can deceive.

-- Transaction ids mean something in one cluster only: after a dump was restored elsewhere, old ones say nothing.
CREATE FUNCTION public.evidence_cluster() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT system_identifier FROM pg_control_system() $$;

-- A change of the row itself; the argument is the kind. Rows of one record are numbered in the order of their changes,
-- since each holds the lock of the record until it commits. What the gate judged it by is kept where it has changed.
CREATE FUNCTION public.evidence_changed() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  mine xid8 := pg_current_xact_id();
  here bigint := evidence_cluster();
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO record_change (xid, cluster, kind, record, nature)
    SELECT mine, here, TG_ARGV[0], n.id, 'c' FROM new_rows n;
    RETURN NULL;
  END IF;
  INSERT INTO record_change (xid, cluster, kind, record, nature, was_collection, was_inherits, was_level)
  SELECT mine, here, TG_ARGV[0], o.id, 'm', o.collection_id, o.inherits_access, o.effective_level
    FROM old_rows o JOIN new_rows n ON n.id = o.id
   WHERE (o.collection_id, o.inherits_access, o.effective_level)
         IS DISTINCT FROM (n.collection_id, n.inherits_access, n.effective_level);
  -- Once a transaction is enough: a verb may write a record several times.
  INSERT INTO record_change (xid, cluster, kind, record, nature)
  SELECT mine, here, TG_ARGV[0], n.id, 't'
    FROM new_rows n JOIN old_rows o ON o.id = n.id
   WHERE o.* IS DISTINCT FROM n.*
     AND NOT EXISTS (SELECT FROM record_change c WHERE c.kind = TG_ARGV[0] AND c.record = n.id AND c.xid = mine);
  RETURN NULL;
END $$;

-- A change of what belongs to a record; the arguments are the kind and the column that names it.
CREATE FUNCTION public.evidence_part_changed() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  EXECUTE format(
    'INSERT INTO record_change (xid, cluster, kind, record, nature)'
    ' SELECT DISTINCT pg_current_xact_id(), evidence_cluster(), $1, n.%1$I, ''t'' FROM new_rows n'
    ' WHERE n.%1$I IS NOT NULL AND NOT EXISTS (SELECT FROM record_change c'
    ' WHERE c.kind = $1 AND c.record = n.%1$I AND c.xid = pg_current_xact_id())', TG_ARGV[1]) USING TG_ARGV[0];
  RETURN NULL;
END $$;

DO $$
DECLARE
  name text;
  part record;
BEGIN
  FOREACH name IN ARRAY ARRAY['incident', 'item', 'person', 'source'] LOOP
    EXECUTE format('CREATE TRIGGER changed_insert AFTER INSERT ON public.%I REFERENCING NEW TABLE AS new_rows'
      ' FOR EACH STATEMENT EXECUTE FUNCTION public.evidence_changed(%L)', 'evidence_' || name, name);
    EXECUTE format('CREATE TRIGGER changed_update AFTER UPDATE ON public.%I REFERENCING OLD TABLE AS old_rows'
      ' NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.evidence_changed(%L)', 'evidence_' || name, name);
  END LOOP;
  -- What does not move the version of the record that it belongs to.
  FOR part IN SELECT * FROM (VALUES
      ('link', 'insert', 'item', 'item_id'), ('link', 'update', 'item', 'item_id'),
      ('link', 'insert', 'incident', 'incident_id'), ('link', 'update', 'incident', 'incident_id'),
      ('documentation', 'insert', 'incident', 'incident_id'), ('grading', 'insert', 'source', 'source_id'),
      ('file', 'insert', 'item', 'item_id')) AS parts (owned, op, kind, key) LOOP
    EXECUTE format('CREATE TRIGGER changed_%1$s_%2$s AFTER %1$s ON public.%3$I REFERENCING NEW TABLE AS new_rows'
      ' FOR EACH STATEMENT EXECUTE FUNCTION public.evidence_part_changed(%2$L, %4$L)',
      part.op, part.kind, 'evidence_' || part.owned, part.key);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['record_change', 'evidence_keptsight'] LOOP
    EXECUTE format('CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE ON public.%I FOR EACH ROW'
      ' EXECUTE FUNCTION custody.refuse()', name);
    EXECUTE format('ALTER TABLE public.%I ENABLE ALWAYS TRIGGER only_added_to', name);
    EXECUTE format('CREATE TRIGGER never_emptied BEFORE TRUNCATE ON public.%I FOR EACH STATEMENT'
      ' EXECUTE FUNCTION custody.refuse()', name);
    EXECUTE format('ALTER TABLE public.%I ENABLE ALWAYS TRIGGER never_emptied', name);
  END LOOP;
END $$;
