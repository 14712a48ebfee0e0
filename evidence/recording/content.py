"""What people type, made fit to be kept: text, dates, places, numbers. Raises Invalid naming the field and the mend.

Nothing is guessed and nothing silently dropped: text that cannot be stored is refused, a partial date stays partial.
"""

import datetime
import re
import unicodedata
from decimal import Decimal, InvalidOperation

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.errors import Invalid
from evidence.edtf import EdtfError, parse
from evidence.models import Crime, Place
from evidence.reference import is_code, looked_up

UNDATED = datetime.date.min
# Lone surrogates, and control characters but for line ends and tabs.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def text(value, *, field: str, limit: int, required: bool = False) -> str:
    """NFC text without surrounding white space; NUL, lone surrogates and control characters are refused."""
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise Invalid(_("This must be text."), field=field)
    if odd := _UNSTORABLE.search(value):
        raise Invalid(
            _("Character %(position)d (U+%(code)s) cannot be stored: remove it, or paste the text as plain text.")
            % {"position": odd.start() + 1, "code": f"{ord(odd[0]):04X}"},
            field=field,
        )
    value = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(value) > limit:
        raise Invalid(
            _("This text has %(length)s characters; at most %(limit)s are kept here. Attach long texts as a file.")
            % {"length": f"{len(value):,}", "limit": f"{limit:,}"},
            field=field,
        )
    if required and not value:
        raise Invalid(_("This is needed."), field=field)
    return value


def sentence(value, *, field: str) -> str:
    """A stated reason or answer: more than a word, at most a thousand characters."""
    said = text(value, field=field, limit=1000, required=True)
    if len(said) < 5:
        raise Invalid(_("Say it in a sentence; it is kept."), field=field)
    return said


def dates(value, *, field: str = "date", prefix: str = "date", allow_future: bool = False) -> dict:
    """EDTF text as entered with derived earliest and latest, as model fields; '' means no date."""
    value = text(value, field=field, limit=64)
    if not value:
        return {field: "", f"{prefix}_earliest": None, f"{prefix}_latest": None}
    try:
        edtf = parse(value)
    except EdtfError as error:
        raise Invalid(error.message_ko if (get_language() or "").startswith("ko") else error.message, field=field)
    if edtf.out_of_range:
        raise Invalid(_("The year must lie between 1 and 9999."), field=field)
    # A day of grace: it is already tomorrow somewhere.
    tomorrow = timezone.now().date() + datetime.timedelta(days=1)
    if not allow_future and edtf.earliest and edtf.earliest > tomorrow:
        raise Invalid(_("“%(date)s” lies in the future.") % {"date": value}, field=field)
    return {field: edtf.text, f"{prefix}_earliest": edtf.earliest, f"{prefix}_latest": edtf.latest}


def incident_dates(value) -> dict:
    """`dates` with what the list sorts and filters by."""
    fields = dates(value)
    edtf = parse(fields["date"]) if fields["date"] else None
    return fields | {
        "date_sort": fields["date_earliest"] or fields["date_latest"] or UNDATED,
        "date_is_certain": bool(edtf) and not (edtf.is_uncertain or edtf.is_approximate or edtf.is_unspecified),
    }


def instant(value, *, field: str) -> datetime.datetime | None:
    """An instant with its zone, as a moment in UTC; None for nothing. Years that a database or a browser cannot hold
    after a change of zone are refused."""
    if value in (None, ""):
        return None
    try:
        read = value if isinstance(value, datetime.datetime) else parse_datetime(str(value))
        read = read.astimezone(datetime.UTC) if read is not None and read.tzinfo is not None else None
    except (ValueError, OverflowError):
        read = None
    if read is None or not 1900 <= read.year <= 9000:
        raise Invalid(_("Write an instant like 2026-01-31T08:00:00Z."), field=field)
    return read


def place(code, *, field: str = "place") -> Place | None:
    """The gazetteer's place of this code; None for ''."""
    if code in (None, ""):
        return None
    found = looked_up(Place, code) if is_code(code) else None
    if found is None:
        raise Invalid(
            _("“%(code)s” is not a place of the gazetteer. Choose one, and write the place as reported beside it.")
            % {"code": str(code)[:80]},
            field=field,
        )
    return found


def coordinate(value, *, field: str, limit: int) -> Decimal | None:
    """Decimal degrees with six places at most, or None."""
    if value in (None, ""):
        return None
    try:
        number = Decimal(str(value)).quantize(Decimal("0.000001"))
    except (InvalidOperation, ValueError):
        raise Invalid(_("Write decimal degrees, like 41.234567."), field=field)
    if not number.is_finite() or abs(number) > limit:
        raise Invalid(_("Degrees lie between -%(limit)d and %(limit)d.") % {"limit": limit}, field=field)
    return number


def count(value, *, field: str) -> int | None:
    if value in (None, ""):
        return None
    try:
        number = int(str(value)) if not isinstance(value, bool) else -1
    except ValueError:
        number = -1
    if not 0 <= number <= 100_000_000:
        raise Invalid(_("Write a whole number of people."), field=field)
    return number


def crime(code, *, field: str) -> Crime:
    """A selectable crime of the taxonomy."""
    found = looked_up(Crime, code) if is_code(code) else None
    if found is None:
        raise Invalid(_("“%(code)s” is not a crime of the taxonomy.") % {"code": str(code)[:80]}, field=field)
    if not found.selectable or found.valid_to:
        raise Invalid(
            _("“%(code)s” is a heading or out of use: choose a crime below it.") % {"code": found.code}, field=field
        )
    return found


def level(value, *, field: str = "confidentiality") -> int:
    if isinstance(value, str) and value in ("0", "1", "2", "3", "4"):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 4:
        raise Invalid(_("A level is a number from 0 (public) to 4 (source-protected)."), field=field)
    return value
