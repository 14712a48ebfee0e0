-- Whether a plain text has a word of this stem, of those that begin like it: these alone are stemmed, not all of the text.
-- The same answer as `search_stemmed(plain) @@ stem`; `near` and `stem` are small letters a to z.
CREATE FUNCTION public.search_has_stem(plain text, near text, stem text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 500 AS $f$
  SELECT EXISTS (
    SELECT FROM regexp_matches(plain, ' (' || near || '[a-z]*)(?= )', 'g') AS word
     WHERE (pg_catalog.ts_lexize('pg_catalog.english_stem', word[1]))[1] = stem)
$f$;
