"""Filters that every page may use: words for codes, levels and dates, text with its language, times in UTC."""

from django import template
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from evidence.web import phrases, words

register = template.Library()
register.filter("filesize", filesizeformat)


class Said(SafeString):
    """Text with its language: prints as a marked <span>; `text`, `lang` and, if it exists, `second` are its parts."""

    text: str
    lang: str
    second: "Said | None"

    def __new__(cls, text: str, lang: str, second: "Said | None" = None):
        said = super().__new__(cls, format_html('<span lang="{}" dir="auto">{}</span>', lang, text))
        said.text, said.lang, said.second = text, lang, second
        return said


@register.filter
def in_language(record, field: str = "title"):
    """`record|in_language:"title"`: title_en or title_ko by the page's language, the other one when it is empty.

    Prints a <span lang>; `.text` is plain (for attributes and <title>), `.second` the same in the other language.
    """
    if record is None:
        return ""
    own, other = ("ko", "en") if words.language() == "ko" else ("en", "ko")
    first, second = (getattr(record, f"{field}_{code}", "") or "" for code in (own, other))
    if first and second:
        return Said(first, own, Said(second, other))
    return Said(first, own) if first else Said(second, other) if second else ""


@register.filter
def term(code, vocabulary: str):
    """`item.kind|term:"evidence_item_type"`: the label of a code."""
    return words.term(vocabulary, code) if code else ""


@register.filter
def terms(codes, vocabulary: str):
    """`item.content_warnings|terms:"content_warning"`: the labels of a list of codes."""
    return [words.term(vocabulary, code) for code in codes or ()]


@register.filter
def object_kind(kind: str):
    """`"incident"|object_kind`: what a record of this model is called."""
    return phrases.OBJECTS.get(kind, kind)


@register.filter
def level_label(rank):
    """The word for a confidentiality rank."""
    return words.level(rank)


@register.filter
def edtf_wording(value):
    """An EDTF date in words."""
    return words.date_words(value or "")


@register.filter
def moment(value):
    """`2026-11-23 22:14 UTC` as a <time>; nothing for no time."""
    if value is None:
        return ""
    value = value.astimezone(timezone.get_fixed_timezone(0))
    return format_html(
        '<time class="nowrap" datetime="{}">{} UTC</time>',
        value.strftime("%Y-%m-%dT%H:%M:%SZ"),
        value.strftime("%Y-%m-%d %H:%M"),
    )


@register.filter
def day(value):
    """`2026-11-23` as a <time>, in UTC; nothing for no time."""
    if value is None:
        return ""
    text = value.astimezone(timezone.get_fixed_timezone(0)).strftime("%Y-%m-%d")
    return format_html('<time class="nowrap" datetime="{}">{}</time>', text, text)


@register.filter
def milliseconds(value):
    """Since 1970, as browsers tell when a file was changed; nothing for no time."""
    return "" if value is None else round(value.timestamp() * 1000)
