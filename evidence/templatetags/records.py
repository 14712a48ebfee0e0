"""Names of records and reference data in the language of the page."""

from django import template
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

register = template.Library()
DAY = 24 * 60 * 60


def _in(row, name: str) -> str:
    korean = getattr(row, f"{name}_ko", "")
    return korean if get_language() == "ko" and korean else getattr(row, f"{name}_en")


@register.filter
def place_name(place) -> str:
    """The place, with its province."""
    own = _in(place, "name")
    if place.kind == "county" and place.parent:
        return f"{_in(place.parent, 'name')} {own}" if get_language() == "ko" else f"{own}, {_in(place.parent, 'name')}"
    return own


@register.filter
def collection_name(collection) -> str:
    return _in(collection, "name")


@register.filter
def organisation_name(organisation) -> str:
    return _in(organisation, "name")


@register.filter
def crime_name(crime) -> str:
    return _in(crime, "label")


@register.filter
def people_count(involvement) -> str:
    """How many unnamed people: a number, a range, or one bound."""
    low, high = involvement.count_min, involvement.count_max
    if low is not None and high is not None and low != high:
        return _("%(low)d to %(high)d people") % {"low": low, "high": high}
    if high is None and low is not None:
        return ngettext("at least %(n)d person", "at least %(n)d people", low) % {"n": low}
    if low is None and high is not None:
        return ngettext("at most %(n)d person", "at most %(n)d people", high) % {"n": high}
    return ngettext("%(n)d person", "%(n)d people", low) % {"n": low}


@register.filter
def timesince_short(moment) -> str:
    """How long ago in one unit; after a week, the day."""
    age = (timezone.now() - moment).total_seconds()
    if age < 60:
        return _("just now")
    if age > 7 * DAY:
        return moment.strftime("%Y-%m-%d")
    return _("%(time)s ago") % {"time": timesince(moment, depth=1).replace("\xa0", " ")}


@register.filter
def titles(record) -> list[dict]:
    """The titles a record has, that of the page's language first: [{"text", "lang"}]."""
    languages = ("ko", "en") if get_language() == "ko" else ("en", "ko")
    found = [{"text": getattr(record, f"title_{language}"), "lang": language} for language in languages]
    return [title for title in found if title["text"]]
