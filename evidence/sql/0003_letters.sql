-- Titles by their letters, for slips of the keyboard. Titles alone: over whole accounts it takes seconds.
CREATE INDEX evidence_incident_letters ON public.evidence_incident
  USING gin (public.search_letters(public.search_plain(title_en) || public.search_plain(title_ko)) public.gin_trgm_ops);
CREATE INDEX evidence_item_letters ON public.evidence_item
  USING gin (public.search_letters(public.search_plain(title_en) || public.search_plain(title_ko)) public.gin_trgm_ops);
CREATE INDEX evidence_source_letters ON public.evidence_source
  USING gin (public.search_letters(public.search_plain(title)) public.gin_trgm_ops);
