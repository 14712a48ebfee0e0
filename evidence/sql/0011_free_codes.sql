-- Reference codes are drawn from 2^35: of a million incidents, one in 34,000 new ones draws what another has already. It
-- gets another one then, before it is kept.

-- A code as evidence/models/codes.py draws it: seven characters of Crockford's base 32 and one that checks them.
CREATE FUNCTION public.evidence_code(prefix text) RETURNS text LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
  alphabet CONSTANT text := '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  drawn bytea := uuid_send(gen_random_uuid());
  body text := '';
  weighed integer := 0;
  value integer;
BEGIN
  FOR place IN 1..7 LOOP
    value := get_byte(drawn, 8 + place) & 31;  -- behind the bits that tell the version and the variant
    body := body || substr(alphabet, value + 1, 1);
    weighed := weighed + place * value;
  END LOOP;
  body := body || substr(alphabet, weighed % 31 + 1, 1);
  RETURN prefix || '-' || substr(body, 1, 4) || '-' || substr(body, 5);
END $f$;

DO $$
DECLARE
  owned text;
BEGIN
  FOREACH owned IN ARRAY ARRAY['collection', 'disclosure', 'incident', 'item', 'organisation', 'person', 'situation', 'source'] LOOP
    -- One function a table: plpgsql keeps the plans of static statements.
    EXECUTE format($f$
      CREATE FUNCTION public.evidence_free_code_of_%1$s() RETURNS trigger LANGUAGE plpgsql AS $body$
      BEGIN
        WHILE EXISTS (SELECT FROM public.evidence_%1$s r WHERE r.code = NEW.code) LOOP
          NEW.code := public.evidence_code(split_part(NEW.code, '-', 1));
        END LOOP;
        RETURN NEW;
      END $body$;
      CREATE TRIGGER free_code BEFORE INSERT ON public.evidence_%1$s
        FOR EACH ROW EXECUTE FUNCTION public.evidence_free_code_of_%1$s();
    $f$, owned);
  END LOOP;
END $$;
