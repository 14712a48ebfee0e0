-- What a person sees, gathered (docs/decisions/0018-filtered-pages.md): an index that begins with what the gate asks and
-- holds what lists are sorted and usually filtered by, narrow enough to be read by the hundred thousand. The codes of
-- crimes and places stand in it as bits of one number; rows that these do not rule out are looked at themselves.
ALTER TABLE public.evidence_incident ADD COLUMN IF NOT EXISTS filter_bits bigint
  GENERATED ALWAYS AS (public.evidence_filter_bits(crime_codes, place_path)) STORED;
CREATE INDEX inc_seen ON public.evidence_incident (collection_id, inherits_access, effective_level, review_status)
  INCLUDE (id, updated_at, date_sort, date_earliest, date_latest, filter_bits, date_is_certain, verification_status, code);

-- Dates that are open or go over more than thirteen months: few. All others begin about when they may be looked for, so that a
-- list by dates is walked from there.
CREATE INDEX inc_long ON public.evidence_incident (date_sort DESC, id DESC)
  INCLUDE (collection_id, inherits_access, effective_level, review_status, verification_status, date_earliest,
           date_latest, date_is_certain, crime_codes, place_path)
  WHERE (date_earliest IS NULL OR date_latest IS NULL OR date_latest - date_earliest > 400) AND date_sort <> '0001-01-01';

-- Said within a statement, has it planned for one process alone. Workers that read ahead in an index for a page of fifty
-- have read it to its end before anybody asks how far they are.
CREATE FUNCTION public.evidence_alone() RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL UNSAFE AS $$ SELECT true $$;
