-- Text as search takes it, and what of it stands in the index. The classes of characters are those of
-- evidence/scripts.py; a test holds the two to each other.

-- Stems of English words alone: whatever else there is, is found by the beginnings of words.
CREATE TEXT SEARCH CONFIGURATION public.search_stems (PARSER = pg_catalog."default");
ALTER TEXT SEARCH CONFIGURATION public.search_stems ADD MAPPING FOR asciiword WITH pg_catalog.english_stem;

-- Small letters without accents, words and runs of a script between single spaces, a space at both ends. NFKD takes
-- accents apart, NFC puts syllables of Hangul together again. Most text is of ASCII and Hangul alone: the second half
-- does the same to it in a third of the time.
CREATE FUNCTION public.search_plain(given text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $f$
DECLARE
  x text := given;
BEGIN
  IF x ~ '[^\u0001-\u007e\uac00-\ud7a3]' THEN
    x := regexp_replace(normalize(replace(x, U&'\318d', ' '), NFKD), '[\U000000ad\U00000300-\U0000036f\U00000483-\U00000487\U00000591-\U000005bd\U000005bf\U000005c1-\U000005c2\U000005c4-\U000005c5\U000005c7\U00000610-\U0000061a\U0000061c\U00000640\U0000064b-\U0000065f\U00000670\U000006d6-\U000006dc\U0000200b-\U0000200f\U0000202a-\U0000202e\U00002060-\U00002064\U00002066-\U00002069\U0000fe00-\U0000fe0f\U0000feff\U000e0100-\U000e01ef]+', '', 'g');
    x := translate(lower(normalize(x, NFC)), 'øłđıħŧðς', 'oldihtdσ');
    x := replace(replace(replace(replace(x, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');
    x := regexp_replace(x, '([\U00000e01-\U00000e3a\U00000e40-\U00000e4e\U00000e81-\U00000ece\U00000edc-\U00000edf\U00001000-\U0000103f\U00001050-\U0000109f\U00001100-\U0000119d\U0000119f-\U000011ff\U0000a960-\U0000a97f\U0000ac00-\U0000d7a3\U0000d7b0-\U0000d7fb\U00001780-\U000017d3\U00003005-\U00003007\U00003021-\U00003029\U00003400-\U00004dbf\U00004e00-\U00009fff\U0000f900-\U0000faff\U00003041-\U0000309f\U000030a1-\U000030fa\U000030fc-\U000030ff\U00003105-\U0000312f\U000031f0-\U000031ff\U00020000-\U0003fffd]+)', ' \1 ', 'g');
    x := regexp_replace(x, '[\U00000001-\U0000002f\U0000003a-\U00000040\U0000005b-\U00000060\U0000007b-\U000000a9\U000000ab-\U000000b4\U000000b6-\U000000b9\U000000bb-\U000000bf\U000000d7\U000000f7\U000002c2-\U000002c5\U000002d2-\U000002df\U0000037e\U00000387\U0000055a-\U0000055f\U00000589-\U0000058f\U000005be\U000005c0\U000005c3\U000005c6\U000005f3-\U000005f4\U00000600-\U0000060f\U0000061b\U0000061d-\U0000061f\U0000066a-\U0000066d\U000006d4\U000006dd-\U000006de\U000006e9\U00000700-\U0000070d\U00000964-\U00000965\U00000970\U00000e3f\U00000e4f\U00000e5a-\U00000e5b\U00000f01-\U00000f14\U00000f3a-\U00000f3d\U0000104a-\U0000104f\U000010fb\U0000119e\U00001360-\U00001368\U0000166d-\U0000166e\U00001680\U000017d4-\U000017db\U00001800-\U0000180a\U00002000-\U0000200a\U00002010-\U00002029\U0000202f-\U0000205f\U00002065\U0000206a-\U0000206f\U0000207a-\U0000207e\U0000208a-\U0000208e\U000020a0-\U000020cf\U00002190-\U0000245f\U0000249c-\U000024ff\U00002500-\U00002bff\U00002e00-\U00002e7f\U00002ff0-\U00003004\U00003008-\U00003020\U0000302a-\U00003030\U00003036-\U0000303f\U000030a0\U000030fb\U0000a673\U0000a67e\U0000d7fc-\U0000f8ff\U0000fd3e-\U0000fd3f\U0000fe10-\U0000fe6b\U0000ffe0-\U0000ffff\U00010100-\U0001018f\U0001d000-\U0001d24f\U0001f000-\U0001faff\U000e0000-\U000e00ff\U000f0000-\U0010ffff]+', ' ', 'g');
    RETURN ' ' || btrim(x) || ' ';
  END IF;
  x := lower(x);
  IF x ~ '[0-9a-z][\uac00-\ud7a3]|[\uac00-\ud7a3][0-9a-z]' THEN
    x := regexp_replace(x, '([\uac00-\ud7a3]+)', ' \1 ', 'g');
  END IF;
  x := replace(translate(x, E'.,\n;:-()\'"!?/\t\r', '               '), '  ', ' ');
  IF x ~ '[\u0001-\u001f\u0021-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007e]|  ' THEN
    x := regexp_replace(x, '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007e]+', ' ', 'g');
  END IF;
  RETURN ' ' || btrim(x) || ' ';
END $f$;

CREATE FUNCTION public.search_stemmed(plain text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 2000 AS
$f$ SELECT pg_catalog.strip(pg_catalog.to_tsvector('public.search_stems'::regconfig, plain)) $f$;

-- What the index holds of a plain text: its words and their stems, each two neighbours of a run, the last one of it.
-- Text of more different words than a tsvector holds (a megabyte) has '*' alone: every search looks into it.
-- It costs more than it says: as the recheck of a bitmap, which is all that a query needs it for, it hardly ever runs,
-- and for its true cost the planner would read the index of the gate from end to end to spare some of it.
CREATE FUNCTION public.search_tsv(plain text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 100 AS $f$
DECLARE
  words text := plain;
  runs text := '';
  tokens text[];
BEGIN
  IF plain ~ '[\U00000e01-\U00000e3a\U00000e40-\U00000e4e\U00000e81-\U00000ece\U00000edc-\U00000edf\U00001000-\U0000103f\U00001050-\U0000109f\U00001100-\U0000119d\U0000119f-\U000011ff\U0000a960-\U0000a97f\U0000ac00-\U0000d7a3\U0000d7b0-\U0000d7fb\U00001780-\U000017d3\U00003005-\U00003007\U00003021-\U00003029\U00003400-\U00004dbf\U00004e00-\U00009fff\U0000f900-\U0000faff\U00003041-\U0000309f\U000030a1-\U000030fa\U000030fc-\U000030ff\U00003105-\U0000312f\U000031f0-\U000031ff\U00020000-\U0003fffd]' THEN
    words := regexp_replace(plain, '[\U00000e01-\U00000e3a\U00000e40-\U00000e4e\U00000e81-\U00000ece\U00000edc-\U00000edf\U00001000-\U0000103f\U00001050-\U0000109f\U00001100-\U0000119d\U0000119f-\U000011ff\U0000a960-\U0000a97f\U0000ac00-\U0000d7a3\U0000d7b0-\U0000d7fb\U00001780-\U000017d3\U00003005-\U00003007\U00003021-\U00003029\U00003400-\U00004dbf\U00004e00-\U00009fff\U0000f900-\U0000faff\U00003041-\U0000309f\U000030a1-\U000030fa\U000030fc-\U000030ff\U00003105-\U0000312f\U000031f0-\U000031ff\U00020000-\U0003fffd]+', '', 'g');
    runs := regexp_replace(plain, '[^\U00000e01-\U00000e3a\U00000e40-\U00000e4e\U00000e81-\U00000ece\U00000edc-\U00000edf\U00001000-\U0000103f\U00001050-\U0000109f\U00001100-\U0000119d\U0000119f-\U000011ff\U0000a960-\U0000a97f\U0000ac00-\U0000d7a3\U0000d7b0-\U0000d7fb\U00001780-\U000017d3\U00003005-\U00003007\U00003021-\U00003029\U00003400-\U00004dbf\U00004e00-\U00009fff\U0000f900-\U0000faff\U00003041-\U0000309f\U000030a1-\U000030fa\U000030fc-\U000030ff\U00003105-\U0000312f\U000031f0-\U000031ff\U00020000-\U0003fffd ]+', '', 'g');
    runs := regexp_replace(runs, '([^ ][^ ])', '\1 ', 'g') || ' '
         || regexp_replace(regexp_replace(runs, '(^| )[^ ]', ' ', 'g'), '([^ ][^ ])', '\1 ', 'g');
  END IF;
  IF words ~ '[^ ]{61}' THEN
    words := regexp_replace(words, '([^ ]{60})[^ ]+', '\1', 'g');
  END IF;
  tokens := array_remove(string_to_array(words || ' ' || runs, ' '), '');
  IF length(plain) > 50000
     AND (SELECT sum(octet_length(t)) FROM (SELECT DISTINCT unnest(tokens) AS t) s) > 500000 THEN
    RETURN '''*'''::tsvector;
  END IF;
  RETURN array_to_tsvector(tokens) || public.search_stemmed(words);
END $f$;

-- Titles by their letters, Hangul taken apart: what a slip of the keyboard leaves alike.
CREATE FUNCTION public.search_letters(plain text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 500 AS $f$ SELECT normalize(plain, NFD) $f$;
