"""Full text as a condition on rows that have passed the gate. Index and functions: evidence/sql; why: decision 30.

Each searchable table has a generated column `search_text` (its own text made plain) and an index over the words of it.
The index finds candidates, the plain text decides: a search by either way gives the same rows. Which way is quicker
depends on how common the words are; the planner's statistics say so, and nothing else is done with them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_

from django.db import connection
from django.db.models import BooleanField, F, Func, Q, TextField, Value
from django.utils.translation import gettext as _

from accounts.errors import Invalid
from evidence.models import ReviewStatus
from evidence.models.codes import read_code
from evidence.scripts import LONGEST_WORD, is_run
from evidence.search import words
from evidence.search.planner import plan_of, size_of

# A word in more rows than these is looked for row by row in the order of the list, not in the index. Of a word that it
# does not know the planner expects up to one row in 200: so much says nothing.
COMMON, UNKNOWN = 5000, 0.0075
ANYTHING = "*"  # the lexeme of texts that are too long for the index (evidence/sql/0001_search.sql)


@dataclass(frozen=True)
class Term:
    """One term made plain: its pieces (words, or runs of a script without spaces), which stand beside each other."""

    pieces: tuple[str, ...]
    exact: bool
    stem: str = ""

    @property
    def pattern(self) -> str:
        """What LIKE finds it by in a plain text, where single spaces stand between pieces and two between texts."""
        first, last = self.pieces[0], self.pieces[-1]
        begins = "" if is_run(first) else " "
        # A word that is not quoted goes on as it likes; a single letter does not, it would find everything.
        ends = " " if not is_run(last) and (self.exact or len(last) == 1) else ""
        return f"%{begins}{' '.join(self.pieces)}{ends}%"

    @property
    def lexemes(self) -> list[str]:
        """What the index has to hold of a row, as parts of a tsquery; more rows than the term, never less."""
        return [f"({' | '.join(self.known_by)})"] if self.stem else self.known_by

    @property
    def known_by(self) -> list[str]:
        """The same one by one: all of them, or of a word with a stem one of the two."""
        parts = [part for piece in self.pieces[:-1] for part in _lexemes(piece, whole=True)]
        last = self.pieces[-1]
        parts += _lexemes(last, whole=self.exact or len(last) == 1)
        return [*parts, _quoted(self.stem)] if self.stem else parts


@dataclass(frozen=True)
class Prepared:
    """A query made plain. Nothing in `groups` or `without`: it finds everything."""

    groups: tuple[tuple[Term, ...], ...] = ()
    without: tuple[Term, ...] = ()

    @property
    def terms(self) -> list[Term]:
        """What is looked for."""
        return [term for group in self.groups for term in group]


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def _lexemes(piece: str, *, whole: bool) -> list[str]:
    if not is_run(piece):
        cut = piece[:LONGEST_WORD]
        return [_quoted(cut) + ("" if whole and cut == piece else ":*")]
    if len(piece) == 1:
        return [f"{_quoted(piece)}:*"]
    return [_quoted(piece[at : at + 2]) for at in range(len(piece) - 1)]


@lru_cache(maxsize=256)
def prepare(text: str) -> Prepared:
    """Read what a person typed and make it plain as the database does; raises Invalid."""
    query = words.read(text)
    terms = [*(term for group in query.groups for term in group), *query.without]
    if not terms:
        return Prepared()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p, CASE WHEN p ~ '^ [a-z]+ $' THEN (ts_lexize('pg_catalog.english_stem', btrim(p)))[1] END"
            " FROM unnest(%s::text[]) WITH ORDINALITY AS u(t, n), public.search_plain(t) AS p ORDER BY n",
            [[term.text for term in terms]],
        )
        plain = [
            Term(tuple(pieces.split()), term.exact, "" if term.exact or len(pieces.strip()) == 1 else stem or "")
            for term, (pieces, stem) in zip(terms, cursor.fetchall(), strict=True)
        ]
    made = iter(plain)
    groups = [tuple(one for one in (next(made) for _term in group) if one.pieces) for group in query.groups]
    prepared = Prepared(tuple(filter(None, groups)), tuple(one for one in made if one.pieces))
    if not (prepared.groups or prepared.without):
        raise Invalid(_("Write a letter or a digit to search for."), field="q")
    return prepared


class Kept(Func):
    """A column that the database keeps for the search and the models do not know."""

    output_field = TextField()

    def __init__(self, name: str):
        super().__init__(F("pk"))
        self.name = name

    def as_sql(self, compiler, connection, **context):
        (key,) = self.get_source_expressions()
        return f"{compiler.quote_name_unless_alias(key.alias)}.{connection.ops.quote_name(self.name)}", []


class Contains(Func):
    """Whether a plain text has a pattern."""

    template, arg_joiner, output_field = "(%(expressions)s)", " LIKE ", BooleanField()


class _HasStem(Func):
    """Whether a plain text has a word of a stem, among those that begin like it."""

    function, output_field = "public.search_has_stem", BooleanField()


class _Candidates(Func):
    """Whether the index names the row. A list of its own (OFFSET 0): as a condition among others the planner would at
    times make the words of every row anew instead of asking the index."""

    output_field = BooleanField()

    def __init__(self, query: str):
        super().__init__(F("pk"), Value(query))

    def as_sql(self, compiler, connection, **context):
        key, query = self.get_source_expressions()
        column, params = compiler.compile(key)
        words, more = compiler.compile(query)
        table = connection.ops.quote_name(key.target.model._meta.db_table)
        # Both names are the models' own.
        return (
            f"({column} IN (SELECT id FROM {table} WHERE public.search_tsv(search_text) @@ {words}::tsquery OFFSET 0))",  # noqa: S608
            [*params, *more],
        )


def _like(pattern: str) -> Q:
    return Q(Contains(Kept("search_text"), Value(pattern)))


def _found(term: Term) -> Q:
    """Whether a plain text has the term."""
    found = _like(term.pattern)
    if term.stem:
        # A stem differs from the beginning of its words in the last letter at most (happi, happy), but for some short
        # ones (die, dying): few rows are left to be stemmed.
        near = term.stem[:-1] if len(term.stem) > 3 else term.stem[0]
        found |= _like(f"% {near}%") & Q(_HasStem(Kept("search_text"), Value(near), Value(term.stem)))
    return found


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions)


def condition(prepared: Prepared, *, indexed: bool) -> Q:
    """The rows that a query finds; `indexed` lets the index find the candidates."""
    found = Q()
    for group in prepared.groups:
        found &= _any(_found(term) for term in group)
    for term in prepared.without:
        found &= ~_found(term)
    if indexed and prepared.groups:
        found &= Q(_Candidates(_tsquery(prepared)))
    return found


def _tsquery(prepared: Prepared) -> str:
    groups = (" | ".join(f"({' & '.join(term.lexemes)})" for term in group) for group in prepared.groups)
    return f"({' & '.join(f'({group})' for group in groups)}) | '{ANYTHING}'"


def is_common(model, prepared: Prepared) -> bool:
    """Whether so many rows have the words, or there is nothing but exclusions, that the index is the longer way."""
    if not prepared.groups:
        return True
    known = _expected(model, sorted({lexeme for term in prepared.terms for lexeme in term.known_by}))
    # Neighbours of a run come together: the rarest of them says how many rows there are at most.
    groups = [
        sum(
            max(known[one] for one in term.known_by) if term.stem else min(known[one] for one in term.known_by)
            for term in group
        )
        for group in prepared.groups
    ]
    return min(groups) >= max(COMMON, UNKNOWN * size_of(model))


def _expected(model, lexemes: list[str]) -> dict[str, float]:
    """How many rows the planner expects to have each of them, by the statistics of the index."""
    table = connection.ops.quote_name(model._meta.db_table)
    one = f"(SELECT 1 FROM {table} WHERE public.search_tsv(search_text) @@ %s::tsquery)"  # noqa: S608
    plan = plan_of(" UNION ALL ".join([one] * len(lexemes)), lexemes)
    while plan.get("Plans") and len(plan["Plans"]) != len(lexemes) and plan["Node Type"] != "Append":
        plan = plan["Plans"][0]
    plans = [plan] if len(lexemes) == 1 else plan["Plans"]
    return {lexeme: one["Plan Rows"] for lexeme, one in zip(lexemes, plans, strict=True)}


class Text:
    """The filter `q`: a reference code finds its record, any other text what has it."""

    def __call__(self, queryset, values, params, user):
        return self.found(queryset, values, indexed=True, user=user)

    def found(self, queryset, values, *, indexed: bool, user):
        text = typed(values)
        if code := read_code(text):
            return queryset.filter(code=code)
        prepared = prepare(text)
        return (
            queryset.filter(condition(prepared, indexed=indexed)) if prepared.groups or prepared.without else queryset
        )

    def is_common(self, model, values) -> bool:
        text = typed(values)
        prepared = Prepared() if read_code(text) else prepare(text)
        return bool(prepared.groups or prepared.without) and is_common(model, prepared)


def standing(model) -> Q:
    """Records that were not withdrawn: the words of the others are gone."""
    names = {field.name for field in model._meta.concrete_fields}
    if "withdrawn_at" in names:
        return Q(withdrawn_at=None)
    return ~Q(review_status=ReviewStatus.WITHDRAWN) if "review_status" in names else Q()


def typed(values: list[str]) -> str:
    """The values of `q` as one query."""
    return " ".join(values).strip()
