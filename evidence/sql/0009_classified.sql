-- What the classifications of an incident have come to, as one small number beside it (docs/decisions/0018-filtered-pages.md):
-- filters and counts read it from the indexes of the lists. Kept by the verbs; here filled for what there is, in one pass
-- over the table and without row entries, since nothing of the records changes.
CREATE FUNCTION public.evidence_classified_as(incident uuid) RETURNS smallint LANGUAGE sql STABLE AS $$
  SELECT coalesce(bit_or(CASE c.status WHEN 'alleged' THEN 1 WHEN 'supported' THEN 2 WHEN 'rejected' THEN 4 END), 0)::smallint
    FROM public.evidence_act a JOIN public.evidence_classification c ON c.act_id = a.id
   WHERE a.incident_id = $1 AND a.ended_at IS NULL
$$;
ALTER TABLE public.evidence_incident ALTER COLUMN classified_as TYPE smallint USING public.evidence_classified_as(id);
DROP FUNCTION public.evidence_classified_as(uuid);

DROP INDEX public.inc_seen;
CREATE INDEX inc_seen ON public.evidence_incident (collection_id, inherits_access, effective_level, review_status)
  INCLUDE (id, updated_at, date_sort, date_earliest, date_latest, filter_bits, date_is_certain, classified_as,
           verification_status, code);
DROP INDEX public.inc_long;
CREATE INDEX inc_long ON public.evidence_incident (date_sort DESC, id DESC)
  INCLUDE (collection_id, inherits_access, effective_level, review_status, verification_status, date_earliest,
           date_latest, date_is_certain, classified_as, crime_codes, place_path)
  WHERE (date_earliest IS NULL OR date_latest IS NULL OR date_latest - date_earliest > 400) AND date_sort <> '0001-01-01';
