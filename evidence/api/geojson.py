"""Incidents as points of a map, no more precise than the incident says that its place is known."""

from evidence.models import Incident
from evidence.models.incident import PRECISIONS

# Decimal places of degrees: metres, ten metres, a kilometre; a county and more are shown by the gazetteer's own point.
PLACES = {"exact": 6, "facility": 4, "settlement": 2, "county": 1, "province": 0, "country": 0}


def feature(incident: Incident, properties: dict) -> dict | None:
    """The incident as a GeoJSON feature, or None where no point can be said.

    `properties` is its shape; `precision` is added: exact, facility, settlement, county, province or country.
    """
    found = _point(incident)
    if found is None:
        return None
    longitude, latitude, precision = found
    properties = {name: value for name, value in properties.items() if name not in ("latitude", "longitude")}
    return {
        "type": "Feature",
        "id": str(incident.pk),
        "geometry": {"type": "Point", "coordinates": [longitude, latitude]},
        "properties": properties | {"precision": precision},
    }


def _point(incident: Incident) -> tuple[float, float, str] | None:
    """(longitude, latitude, precision): the incident's own point where it is known so well, else that of its place."""
    place, precision = incident.place, incident.place_precision
    has_place = place is not None and place.latitude is not None
    if incident.latitude is not None and precision in ("exact", "facility", "settlement"):
        return _rounded(incident, precision)
    if has_place:
        coarser = [name for name in (precision, place.kind) if name in PLACES]
        return float(place.longitude), float(place.latitude), max(coarser, key=PRECISIONS.index)
    if incident.latitude is not None and precision in PLACES:
        return _rounded(incident, precision)
    return None


def _rounded(incident: Incident, precision: str) -> tuple[float, float, str]:
    digits = PLACES[precision]
    return float(round(incident.longitude, digits)), float(round(incident.latitude, digits)), precision
