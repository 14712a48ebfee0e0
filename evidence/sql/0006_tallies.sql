-- How many incidents there are of each status, place, crime and year, by what the gate judges them by (docs/decisions/
-- 0035-tallies.md). Rows add up: a change adds what it takes away and what it brings, in its own transaction, so that
-- nobody waits for anybody and every snapshot is exact. A worker puts together what belongs together.

-- What an incident counts towards: (s)tatus, (p)lace, (y)ear in which it began, each alleged (c)rime with its headings.
-- Undated incidents are in the year 0, those without a place in the place of no name.
CREATE FUNCTION public.evidence_tally_of(status text, place text, sorted date, crimes varchar[])
RETURNS TABLE (facet text, code text) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT 's', status
  UNION ALL SELECT 'p', coalesce(place, '')
  UNION ALL SELECT 'y', CASE WHEN sorted = DATE '0001-01-01' THEN '0' ELSE extract(year FROM sorted)::int::text END
  UNION ALL SELECT 'c', crime FROM unnest(crimes) AS crime
$$;

CREATE FUNCTION public.evidence_tally() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO incident_tally (collection_id, inherits_access, effective_level, facet, code, n)
    SELECT r.collection_id, r.inherits_access, r.effective_level, f.facet, f.code, count(*)
      FROM new_rows r, evidence_tally_of(r.review_status, r.place_id, r.date_sort, r.crime_codes) f
     GROUP BY 1, 2, 3, 4, 5;
    RETURN NULL;
  END IF;
  INSERT INTO incident_tally (collection_id, inherits_access, effective_level, facet, code, n)
  SELECT c.collection_id, c.inherits_access, c.effective_level, f.facet, f.code, sum(c.sign)
    FROM (
      SELECT v.* FROM old_rows o JOIN new_rows n ON n.id = o.id, LATERAL (VALUES
          (-1, o.collection_id, o.inherits_access, o.effective_level, o.review_status, o.place_id, o.date_sort, o.crime_codes),
          (+1, n.collection_id, n.inherits_access, n.effective_level, n.review_status, n.place_id, n.date_sort, n.crime_codes)
        ) AS v (sign, collection_id, inherits_access, effective_level, review_status, place_id, date_sort, crime_codes)
       WHERE (o.collection_id, o.inherits_access, o.effective_level, o.review_status, o.place_id, o.date_sort, o.crime_codes)
             IS DISTINCT FROM
             (n.collection_id, n.inherits_access, n.effective_level, n.review_status, n.place_id, n.date_sort, n.crime_codes)
    ) c, evidence_tally_of(c.review_status, c.place_id, c.date_sort, c.crime_codes) f
   GROUP BY 1, 2, 3, 4, 5
  HAVING sum(c.sign) <> 0;
  RETURN NULL;
END $$;

-- All of it from the incidents themselves, for a table that has none yet or was filled without the triggers.
CREATE FUNCTION public.evidence_tally_anew() RETURNS void LANGUAGE sql SET search_path = public, pg_temp AS $$
  LOCK TABLE evidence_incident IN SHARE ROW EXCLUSIVE MODE;
  DELETE FROM incident_tally;
  INSERT INTO incident_tally (collection_id, inherits_access, effective_level, facet, code, n)
  SELECT r.collection_id, r.inherits_access, r.effective_level, f.facet, f.code, count(*)
    FROM evidence_incident r, evidence_tally_of(r.review_status, r.place_id, r.date_sort, r.crime_codes) f
   GROUP BY 1, 2, 3, 4, 5;
$$;

CREATE TRIGGER tally_insert AFTER INSERT ON public.evidence_incident
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.evidence_tally();
CREATE TRIGGER tally_update AFTER UPDATE ON public.evidence_incident
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.evidence_tally();
SELECT public.evidence_tally_anew();
