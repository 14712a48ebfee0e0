-- Acts may be written before their incident within a transaction (decision 33): then the incident comes with the texts
-- of its details, and is not written, nor indexed, a second time for them.
CREATE FUNCTION public.search_bring_details() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN
  IF EXISTS (SELECT FROM public.evidence_act a WHERE a.incident_id = NEW.id) THEN
    NEW.search_details := public.search_details_of(NEW.id);
  END IF;
  RETURN NEW;
END $f$;

CREATE TRIGGER search_details_bring BEFORE INSERT ON public.evidence_incident
  FOR EACH ROW EXECUTE FUNCTION public.search_bring_details();
