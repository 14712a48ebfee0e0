-- What logging a record has done by triggers, with less of it.

-- As an expression it becomes part of the statement it stands in; as a query it was one of its own, once for each.
CREATE OR REPLACE FUNCTION public.evidence_cluster() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT (pg_control_system()).system_identifier $$;

-- Without acts it finds nothing, as soon as asking whether there are any.
CREATE OR REPLACE FUNCTION public.search_bring_details() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN
  NEW.search_details := public.search_details_of(NEW.id);
  RETURN NEW;
END $f$;
