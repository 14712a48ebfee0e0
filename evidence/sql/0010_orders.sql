-- Pages in the order of a list (docs/decisions/0018-filtered-pages.md): indexes that hold what lists are usually filtered by, the codes of
-- crimes and places as bits of one number. With the arrays themselves they were twice as wide, and an entry cost three
-- times as much to be passed. What is of fixed length comes first: it is found without reading what is not.
CREATE INDEX inc_updated ON public.evidence_incident (updated_at DESC, id DESC)
  INCLUDE (collection_id, effective_level, inherits_access, date_is_certain, date_sort, classified_as, filter_bits,
           date_earliest, date_latest, review_status, verification_status);
CREATE INDEX inc_date ON public.evidence_incident (date_sort DESC, id DESC)
  INCLUDE (collection_id, effective_level, inherits_access, date_is_certain, classified_as, filter_bits, date_earliest,
           date_latest, review_status, verification_status);
-- A constraint as the models know it, on more than they know.
DROP INDEX public.inc_code;
ALTER TABLE public.evidence_incident ADD CONSTRAINT inc_code UNIQUE (code)
  INCLUDE (id, collection_id, effective_level, inherits_access, date_is_certain, date_sort, classified_as, filter_bits,
           date_earliest, date_latest, review_status, verification_status);
DROP INDEX public.inc_long;
CREATE INDEX inc_long ON public.evidence_incident (date_sort DESC, id DESC)
  INCLUDE (collection_id, effective_level, inherits_access, date_is_certain, classified_as, filter_bits, date_earliest,
           date_latest, review_status, verification_status)
  WHERE (date_earliest IS NULL OR date_latest IS NULL OR date_latest - date_earliest > 400) AND date_sort <> '0001-01-01';
-- What is new is read from the table itself until a vacuum has seen it; by its usual settings that comes after a fifth of
-- all incidents, and an import that somebody may not see would stand before her first page until then.
ALTER TABLE public.evidence_incident SET (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 5000,
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

-- Acts are mostly written before their incident: then there is nothing to be kept yet, and no statement that finds nothing
-- calls what watches over the table (0004_arriving.sql).
CREATE OR REPLACE FUNCTION public.search_keep_details() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN
  IF EXISTS (SELECT FROM public.evidence_incident i WHERE i.id IN (SELECT n.incident_id FROM new_rows n)) THEN
    UPDATE public.evidence_incident i SET search_details = d.said
      FROM (SELECT n.incident_id, public.search_details_of(n.incident_id) AS said
              FROM (SELECT DISTINCT incident_id FROM new_rows) n) d
     WHERE i.id = d.incident_id AND i.search_details <> d.said;
  END IF;
  RETURN NULL;
END $f$;
