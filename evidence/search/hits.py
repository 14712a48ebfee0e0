"""The search over everything: each kind of record by its own text, in the order of time or of relevance, with passages.

Every row comes from `.permitted(`: what a person may not see is neither found, counted, suggested nor quoted.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.core import signing
from django.db import connection
from django.db.models import Case, Exists, ExpressionWrapper, F, FloatField, Func, OuterRef, TextField, Value, When
from django.db.models.functions import Greatest, Least, Length, Ln, Replace
from django.utils.translation import gettext as _

from accounts.errors import Invalid
from evidence.models import Act, FileText, Incident, Item, Person, Review, Source
from evidence.models.codes import read_code
from evidence.open_names import names_of
from evidence.search import filters as by
from evidence.search.asked import narrow
from evidence.search.counting import Budget, Counted, counted
from evidence.search.lists import listed
from evidence.search.names import alike_names, named
from evidence.search.paged import pages_with
from evidence.search.pages import Page, read_size
from evidence.search.snippets import Part, marked, snippet
from evidence.search.text import Contains, Kept, Prepared, prepare, standing, typed

SALT = "evidence.search.relevance"
RANKED = 1000  # the newest of what is found are put in order of relevance
ALIKE_SECONDS = 0.4
MOST_ALIKE = 5
ALIKE = 0.45  # of the groups of three letters in common; two letters exchanged in a word of seven leave half of them
RELEVANCE = "relevance"


@dataclass(frozen=True)
class Kind:
    """A kind of record that is searched: its filters, its titles, its texts in the order in which they are quoted.

    Persons have names for titles, as far as they may be read (evidence.open_names).
    """

    model: type
    filters: dict[str, Callable]
    titles: tuple[str, ...]
    texts: tuple[str, ...]


KINDS = {
    "incident": Kind(
        Incident, by.INCIDENT_FILTERS, ("title_en", "title_ko"),
        ("narrative_en", "narrative_ko", "place_detail", "date_note"),
    ),
    "item": Kind(Item, by.ITEM_FILTERS, ("title_en", "title_ko"), ("description",)),
    "person": Kind(Person, by.PERSON_FILTERS, (), ("note",)),
    "source": Kind(Source, by.SOURCE_FILTERS, ("title",), ("description",)),
}  # fmt: skip


@dataclass(frozen=True)
class Hit:
    """One record that was found: its titles by field, and a passage, each in parts of which some are marked."""

    kind: str
    record: object
    titles: dict[str, list[Part]]
    passage: list[Part]
    page: FileText | None = None  # that the passage is from


@dataclass(frozen=True)
class Found:
    """A page of hits with its cursors (`page`), and the counts of all that is found."""

    hits: list[Hit]
    page: Page
    counts: Counted


def find(kind: str, params, *, user, size: int = 20) -> Found:
    """One page of what the query string finds among the records of a kind that this person may see.

    `ordering` is that of the list of the kind, or `relevance`. Raises Invalid.
    """
    what = KINDS[kind]
    rows = what.model.objects.permitted(user)
    prepared = prepared_of(params)
    if params.get("ordering") == RELEVANCE:
        page, counts = _relevant(what, params, prepared, user=user, size=size)
    else:
        page, counts = listed(rows, params, what.filters, user=user, size=size)
    return Found(_hits(kind, page.rows, prepared, user), page, counts)


def prepared_of(params) -> Prepared:
    """What is looked for, for marking it; a reference code marks nothing."""
    text = typed(params.getlist("q"))
    return Prepared() if read_code(text) else prepare(text)


def counts_of(kind: str, params, *, user) -> Counted:
    """How many records of a kind the same words find, with the filters that the kind knows."""
    what = KINDS[kind]
    known = params.copy()
    for name in list(known):
        if name not in what.filters:
            known.pop(name)
    return counted(what.model, known, what.filters, user=user)


def _hits(kind: str, rows: list, prepared: Prepared, user) -> list[Hit]:
    what = KINDS[kind]
    details = _details(rows, user) if kind == "incident" else {}
    pages = pages_with(rows, prepared, user) if kind == "item" else {}
    hits = []
    names = names_of(rows, user) if kind == "person" else {}
    for row in rows:
        titles = {name: marked(getattr(row, name), prepared) for name in what.titles if getattr(row, name)}
        if row.pk in names:
            titles = {"name": _best([marked(one["value"], prepared) for one in names[row.pk]])}
        passage = snippet([*(getattr(row, name) for name in what.texts), *details.get(row.pk, ())], prepared)
        page = pages.get(row.pk)
        own = any(part.is_match for parts in [passage, *titles.values()] for part in parts)
        if page is not None and not own:
            hits.append(Hit(kind, row, titles, snippet([page.text], prepared), page))
        else:
            hits.append(Hit(kind, row, titles, passage))
    return hits


def _best(names: list[list[Part]]) -> list[Part]:
    """The name that was looked for, or the first."""
    return max(names, key=lambda parts: any(part.is_match for part in parts))


def _details(rows: list[Incident], user) -> dict:
    """Texts of acts and reviews, by incident: quoted where the words stand in none of its own."""
    ids, texts = [row.pk for row in rows], {}
    acts = Act.objects.filter(incident__in=ids, ended_at=None).permitted(user).only("incident", "title_en", "title_ko")
    for act in acts:
        texts.setdefault(act.incident_id, []).extend(filter(None, (act.title_en, act.title_ko)))
    for review in Review.objects.filter(incident__in=ids).exclude(note="").permitted(user).only("incident", "note"):
        texts.setdefault(review.incident_id, []).append(review.note)
    return texts


def _relevant(what: Kind, params, prepared: Prepared, *, user, size: int) -> tuple[Page, Counted]:
    """A page in the order of relevance: words in a title count most, then how often they stand, in how long a text."""
    size, start = read_size(params, size), _read_place(params.get("cursor"))
    ordering = params.copy()
    ordering.pop("cursor", None)
    ordering.pop("ordering", None)
    rows = narrow(what.model.objects.permitted(user), ordering, what.filters, user=user)
    newest = rows.order_by("-updated_at", "-pk").values("pk")[:RANKED]
    ranked = what.model.objects.filter(pk__in=newest).annotate(relevance=_relevance(what, prepared, user))
    found = list(ranked.order_by("-relevance", "-updated_at", "-pk")[start : start + size + 1])
    counts = counted(what.model, ordering, what.filters, user=user)
    following = _place(start + size) if len(found) > size else None
    return Page(found[:size], following, _place(max(0, start - size)) if start else None, RELEVANCE), counts


def _relevance(what: Kind, prepared: Prepared, user):
    text = Kept("search_text")
    score = Value(0.0, output_field=FloatField())
    for term in prepared.terms:
        piece = term.stem or term.pieces[0]
        often = (Length(text) - Length(Replace(text, Value(piece)))) / len(piece)
        score += ExpressionWrapper(Least(often, Value(5)), output_field=FloatField())
        if what.titles:
            pattern = f"% {term.stem}%" if term.stem else term.pattern
            in_title = Case(When(Contains(_plain(what.titles), Value(pattern)), then=8.0), default=0.0)
            score += ExpressionWrapper(in_title, output_field=FloatField())
        if what.model is Person:
            in_name = Case(When(Exists(named([term], user).filter(person=OuterRef("pk"))), then=8.0), default=0.0)
            score += ExpressionWrapper(in_name, output_field=FloatField())
    length = Greatest(ExpressionWrapper(Length(text) / 200.0, output_field=FloatField()), Value(1.0))
    return ExpressionWrapper(score / (Ln(length) + 1.0), output_field=FloatField())


def _plain(titles: tuple[str, ...]) -> Func:
    """The titles made plain; written like this in the index evidence/sql/0003_letters.sql too."""
    plain = [Func(F(name), function="public.search_plain", output_field=TextField()) for name in titles]
    return Func(*plain, template="(%(expressions)s)", arg_joiner=" || ", output_field=TextField())


def alike_titles(kind: str, params, *, user) -> list:
    """Records whose titles or names are written much like the query: for where a slip of the keyboard found nothing.

    Of what this person may see, and within a time: where it does not suffice, there are none.
    """
    what, text = KINDS[kind], typed(params.getlist("q"))
    if kind == "person":
        return _alike_persons(text, user)
    if not what.titles or len(text) < 3:
        return []
    letters = Func(_plain(what.titles), function="public.search_letters", output_field=TextField())
    asked = Func(
        Func(Value(text), function="public.search_plain"), function="public.search_letters", output_field=TextField()
    )
    rows = what.model.objects.permitted(user).filter(_Alike(letters, asked), standing(what.model))
    nearness = Func(asked, letters, function="public.word_similarity", output_field=FloatField())
    with Budget(ALIKE_SECONDS) as budget, connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(ALIKE)])
        return budget.spend(lambda: list(rows.order_by(nearness.desc(), "-updated_at")[:MOST_ALIKE])) or []


def _alike_persons(text: str, user) -> list[Person]:
    with Budget(ALIKE_SECONDS) as budget:
        found = budget.spend(lambda: list(alike_names(text, user)[:MOST_ALIKE]))
    ids = [pk for pk, _most in found or ()]
    rows = Person.objects.permitted(user).in_bulk(ids)
    return [rows[pk] for pk in ids if pk in rows]


class _Alike(Contains):
    arg_joiner = " OPERATOR(public.%%>) "


def _place(start: int) -> str:
    return signing.dumps(start, salt=SALT)


def _read_place(text: str | None) -> int:
    if not text:
        return 0
    try:
        start = signing.loads(text, salt=SALT)
    except (signing.BadSignature, ValueError):
        start = None
    if not isinstance(start, int):
        raise Invalid(_("This cursor is not one of this list. Start again from the first page."), field="cursor")
    return start
