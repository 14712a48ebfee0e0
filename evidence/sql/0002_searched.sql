SET LOCAL maintenance_work_mem = '256MB';  -- the indexes are made over whole tables
-- Make a table searchable: a column with the plain text of some of its own, and the index over it. Generated, so that it
-- cannot fall behind the record; unknown to the models, so that no list carries it along.
CREATE FUNCTION public.search_column(VARIADIC p_fields text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $f$
  -- Each text is made plain by itself: two spaces stand between them, which no phrase reaches across.
  SELECT format('ADD COLUMN search_text text GENERATED ALWAYS AS (%s) STORED', string_agg(
           CASE f WHEN 'search_details' THEN f ELSE format('public.search_plain(%I)', f) END, ' || ' ORDER BY n))
    FROM unnest(p_fields) WITH ORDINALITY AS u(f, n)
$f$;
CREATE FUNCTION public.search_add_index(p_table text) RETURNS void LANGUAGE plpgsql AS $f$
BEGIN
  EXECUTE format('CREATE INDEX %I ON public.%I USING gin (public.search_tsv(search_text)) WITH (fastupdate = off)',
                 p_table || '_search', p_table);
END $f$;
CREATE FUNCTION public.search_add(p_table text, VARIADIC p_fields text[]) RETURNS void LANGUAGE plpgsql AS $f$
BEGIN
  EXECUTE format('ALTER TABLE public.%I %s', p_table, public.search_column(VARIADIC p_fields));
  PERFORM public.search_add_index(p_table);
END $f$;

-- Texts of an incident's details that whoever sees the incident may see: titles of its acts, notes of its reviews.
ALTER TABLE public.evidence_incident ADD COLUMN search_details text NOT NULL DEFAULT '';

CREATE FUNCTION public.search_details_of(p_incident uuid) RETURNS text LANGUAGE sql STABLE AS $f$
  SELECT coalesce(string_agg(public.search_plain(d.said), '' ORDER BY d.place, d.id), '') FROM (
    SELECT 1 AS place, a.id, a.title_en || E'\n' || a.title_ko AS said
      FROM public.evidence_act a WHERE a.incident_id = p_incident AND a.ended_at IS NULL
    UNION ALL
    SELECT 2, r.id, r.note FROM public.evidence_review r WHERE r.incident_id = p_incident AND r.note <> ''
  ) d
$f$;

CREATE FUNCTION public.search_keep_details() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN
  UPDATE public.evidence_incident i SET search_details = d.said
    FROM (SELECT n.incident_id, public.search_details_of(n.incident_id) AS said
            FROM (SELECT DISTINCT incident_id FROM new_rows) n) d
   WHERE i.id = d.incident_id AND i.search_details <> d.said;
  RETURN NULL;
END $f$;

CREATE TRIGGER search_details_insert AFTER INSERT ON public.evidence_act
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.search_keep_details();
CREATE TRIGGER search_details_update AFTER UPDATE ON public.evidence_act
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.search_keep_details();
CREATE TRIGGER search_details_insert AFTER INSERT ON public.evidence_review
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.search_keep_details();

-- Both columns in one pass over the table, and without row entries: nothing of the records changes.
DO $do$ BEGIN
  EXECUTE 'ALTER TABLE public.evidence_incident ALTER COLUMN search_details TYPE text USING public.search_details_of(id), '
    || public.search_column('title_en', 'title_ko', 'narrative_en', 'narrative_ko', 'place_detail', 'date_note',
                            'search_details');
  PERFORM public.search_add_index('evidence_incident');
END $do$;
SELECT public.search_add('evidence_item', 'title_en', 'title_ko', 'description');
SELECT public.search_add('evidence_person', 'code', 'note');
SELECT public.search_add('evidence_source', 'code', 'title', 'description');
