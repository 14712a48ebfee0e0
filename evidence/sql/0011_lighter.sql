-- What logging a record has done by triggers, with less of it.

-- As an expression it becomes part of the statement it stands in; as a query it was one of its own, once for each.
CREATE OR REPLACE FUNCTION public.evidence_cluster() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT (pg_control_system()).system_identifier $$;

CREATE OR REPLACE FUNCTION public.search_bring_details() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN
  NEW.search_details := public.search_details_of(NEW.id);
  RETURN NEW;
END $f$;

CREATE OR REPLACE FUNCTION public.search_keep_details() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN
  IF EXISTS (SELECT FROM new_rows n JOIN public.evidence_incident i ON i.id = n.incident_id) THEN
    UPDATE public.evidence_incident i SET search_details = d.said
      FROM (SELECT n.incident_id, public.search_details_of(n.incident_id) AS said
              FROM (SELECT DISTINCT incident_id FROM new_rows) n) d
     WHERE i.id = d.incident_id AND i.search_details <> d.said;
  END IF;
  RETURN NULL;
END $f$;
