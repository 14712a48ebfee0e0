"""What metadata claims: times, places, device, author, with the field each comes from. Nothing is adopted here."""

import re

from evidence.edtf import EdtfError, parse
from evidence.processing.results import clean

# When it was taken or made, the most telling first. When a file was changed or copied says nothing of the event.
TIMES = ("DateTimeOriginal", "GPSDateTime", "CreationDate", "DateTimeCreated", "DateCreated", "CreateDate",
         "MediaCreateDate")  # fmt: skip
OFFSETS = {"DateTimeOriginal": "OffsetTimeOriginal", "CreateDate": "OffsetTimeDigitized"}
NOT_OF_THE_FILE = ("ExifTool", "System", "File", "ZIP", "ICC-header", "ICC_Profile")
MOMENT = re.compile(
    r"(\d{4})[:-](\d\d)(?:[:-](\d\d))?(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?\s*\Z"
)
MOST = 10


def of(tags: dict) -> dict:
    """The claims of a set of tags named like ExifTool's ("ExifIFD:DateTimeOriginal")."""
    return {
        "times": _times(tags),
        "places": _places(tags),
        "device": _device(tags),
        "author": _first(tags, "Artist", "By-line", "Author", "Creator", "LastModifiedBy"),
        "software": _first(tags, "CreatorTool", "Software", "Producer", "Application"),
        "place_names": _names(tags),
    }


def _named(tags: dict, name: str):
    for tag, value in tags.items():
        group, _, last = tag.rpartition(":")
        if last == name and group not in NOT_OF_THE_FILE and value not in ("", None, []):
            yield tag, value


def _times(tags: dict) -> list[dict]:
    found: dict[str, dict] = {}
    for name in TIMES:
        for tag, value in _named(tags, name):
            offset = tags.get(tag.replace(name, OFFSETS[name]), "") if name in OFFSETS else ""
            moment = edtf(str(value), str(offset))
            # The same moment from a second field says nothing new.
            if moment and moment not in found:
                found[moment] = {"value": clean(value, 60), "field": clean(tag, 100), "edtf": moment}
    return list(found.values())[:MOST]


def edtf(value: str, offset: str = "") -> str:
    """The moment in EDTF, no more exact than it is said; empty for what is none, like a clock that was never set."""
    match = MOMENT.match(value.strip())
    if match is None:
        return ""
    year, month, day, hour, minute, second, zone = match.groups()
    text = "-".join(part for part in (year, month, day) if part)
    if day and hour and (hour, minute, second or "00") != ("00", "00", "00"):
        zone = str(zone or "") or (offset.strip() if re.fullmatch(r"\s*(Z|[+-]\d\d:\d\d)\s*", offset) else "")
        zone = "Z" if zone in ("+00:00", "+0000") else zone
        zone = f"{zone[:3]}:{zone[3:]}" if re.fullmatch(r"[+-]\d{4}", zone) else zone
        text += f"T{hour}:{minute}:{second or '00'}{zone}"
    # 1904 and 1970 are where clocks of files begin.
    if int(year) < 1800 or text.startswith(("1904-01-01", "1970-01-01")):
        return ""
    try:
        return parse(text).text
    except EdtfError:
        return ""


def _places(tags: dict) -> list[dict]:
    found: list[dict] = []
    pairs: list[tuple] = [
        (tags.get("Composite:GPSLatitude"), tags.get("Composite:GPSLongitude"), "Composite:GPSPosition")
    ]
    if None in pairs[0]:
        # Without their letter these have no sign.
        pairs = [(_signed(tags, "GPSLatitude"), _signed(tags, "GPSLongitude"), "GPS:GPSLatitude")]
    for tag, value in _named(tags, "GPSCoordinates"):
        latitude, _, rest = str(value).partition(",")
        pairs.append((latitude, rest.partition(",")[0], tag))
    for latitude, longitude, field in pairs:
        at = (_degrees(latitude, 90), _degrees(longitude, 180))
        known = [(one["latitude"], one["longitude"]) for one in found]
        # A receiver without a position writes zeros.
        if None not in at and at != (0, 0) and at not in known:
            found.append({"latitude": at[0], "longitude": at[1], "field": field})
    return found[:MOST]


def _signed(tags: dict, name: str) -> str | None:
    value = tags.get(f"GPS:{name}")
    letter = str(tags.get(f"GPS:{name}Ref", "")).strip()[:1].upper()
    return None if value is None else f"{value} {letter}" if letter in ("N", "S", "E", "W") else str(value)


def _degrees(value, limit: int) -> float | None:
    match = re.match(r"\s*([+-]?\d{1,3}(?:\.\d+)?)\s*([NSEW]?)\s*\Z", str(value)) if value is not None else None
    if match is None:
        return None
    number = float(match[1])
    number = -abs(number) if match[2] in ("S", "W") else number
    return round(number, 6) if abs(number) <= limit else None


def _device(tags: dict) -> str:
    make, model = _first(tags, "Make", "DeviceManufacturer"), _first(tags, "Model", "DeviceModelName")
    return model if model.lower().startswith(make.lower()) else f"{make} {model}".strip()


def _first(tags: dict, *names: str) -> str:
    for name in names:
        for _tag, value in _named(tags, name):
            text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            if text.strip():
                return clean(text.strip(), 200)
    return ""


def _names(tags: dict) -> list[str]:
    names = (_first(tags, name) for name in ("Sub-location", "Location", "City", "Province-State", "State", "Country",
                                             "Country-PrimaryLocationName"))  # fmt: skip
    return list(dict.fromkeys(name for name in names if name))[:5]
