"""What the gate costs: pages, counts and facets of five readers against the same SQL without it, in one run.

On a large database of its own (`benchmarks.large`), made if it is not there. Times in the database are those of its
statements as the driver sees them; the rest is Python. Nothing that is written here stays.
"""

import contextlib
import itertools
import re
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models import Count, QuerySet
from django.http import QueryDict
from django.urls import reverse

from accounts import grants
from accounts.models import User
from benchmarks.database import table, without_triggers
from benchmarks.incidents import drawn
from benchmarks.large import clusters
from benchmarks.large.phrases import RARE
from benchmarks.large.world import READERS, address
from evidence import search
from evidence.models import Incident
from evidence.search.asked import asked
from evidence.search.counting import Budget, Counted
from evidence.search.pages import ORDERINGS, cursor_at
from repository.runtime.postgres import Postgres

LARGE, SMALL = 1_000_000, 20_000
ROUNDS = 15
FILTERED = "crime=cah.torture&place=KP-02"
PAGES = {
    "first page": "",
    "first page by date": "ordering=-date",
    "first page by reference": "ordering=reference",
    "filtered by crime and place": FILTERED,
    "the same by date": f"{FILTERED}&ordering=-date",
    "the same and by status": f"{FILTERED}&status=finalised",
    "by a rejected classification": "classification=rejected",
}
NARROWED = {"crime": "crime=cah.torture", "place": "place=KP-02", "status": "status=finalised",
            "level": "confidentiality=1", "date": "date_from=2009&date_to=2012"}  # fmt: skip
ORDERS = ("-updated", "updated", "-date", "date", "reference", "-reference")
DEEP = {"deep page": "-updated", "deep page by date": "-date"}
PLANS = ("first page", "filtered by crime and place", "the same and by status")
FLOOR = "floor"
CHECKED = "SET CONSTRAINTS ALL IMMEDIATE"


@dataclass
class Statements:
    """An execute wrapper: the statements that ran, and how long the database took, for each of them."""

    seconds: float = 0
    ran: list = field(default_factory=list)
    each: list = field(default_factory=list)

    def of(self, beginning: str) -> float:
        """Seconds of the statements that begin like this."""
        both = zip(self.ran, self.each, strict=True)
        return sum(taken for (sql, _params), taken in both if sql.startswith(beginning))

    def __call__(self, execute, sql, params, many, context):
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.each.append(time.perf_counter() - begun)
            self.seconds += self.each[-1]
            self.ran.append((sql, params))


@dataclass(frozen=True)
class Measured:
    """Milliseconds, medians: in the database, the least of it, and outside of it."""

    database: float
    least: float
    python: float
    statements: int


def run(incidents: int) -> str:
    """The section of benchmarks/RESULTS.md, from the database of this size."""
    with clusters.opened(incidents) as server:
        people = {name: User.objects.get(email=address(name)) for name in READERS}
        with grants.keeping_scopes():
            sections = [_readers(people, incidents), _reads(people), _combinations(people)]
        return "\n".join([*sections, _pages_whole(people), _writes(people, server), _plans(people)])


def measure(acts: dict[str, Callable], rounds: int = ROUNDS) -> dict[str, Measured]:
    """Each act in turn, `rounds` times over, so that what disturbs one disturbs all."""
    times: dict[str, list] = {name: [] for name in acts}
    for _round in range(rounds):
        for name, act in acts.items():
            statements, begun = Statements(), time.perf_counter()
            with connection.execute_wrapper(statements):
                act()
            times[name].append((statements.seconds, time.perf_counter() - begun, len(statements.ran)))
    return {
        name: Measured(
            statistics.median(one[0] for one in taken) * 1000,
            min(one[0] for one in taken) * 1000,
            statistics.median(one[1] - one[0] for one in taken) * 1000,
            taken[-1][2],
        )
        for name, taken in times.items()
    }


def _rows(user: User | None) -> QuerySet:
    """The incidents of a reader as the list has them; without a reader all of them: what the gate is compared with."""
    rows = Incident.objects.permitted(user) if user else Incident.objects.all()
    return rows.select_related("place__parent")


def _page(user: User | None, people: dict, query: str):
    params = QueryDict(query)
    if user:
        page, _found = search.listed(_rows(user), params, search.INCIDENT_FILTERS, user=user)
        return page
    found = _counted(user, people, query)
    return search.page(_rows(user).filter(found.said), params, found=found)


def _counted(user: User | None, people: dict, query: str) -> Counted:
    params = QueryDict(query)
    if user:
        return search.counted(Incident, params, search.INCIDENT_FILTERS, user=user)
    said = asked(Incident, params, search.INCIDENT_FILTERS, user=people["broad"])
    # As for people: words have ways of their own (decision 30).
    whole = not said or "q" in params
    return search.as_one(Incident.objects.filter(said)) if whole else search.as_one(Incident.objects.all(), said)


def _readers(people: dict, incidents: int) -> str:
    rows = []
    for name, user in people.items():
        scope = measure({"scope": lambda user=user: _scope(user)})["scope"]
        found, resolved = _counted(user, people, "").exact(), grants.Scope(user, "view")
        own = len(resolved._own_records(Incident))
        share = f"{found:,} ({100 * found / incidents:.2f} %)"
        rows.append([name, len(resolved.collections), own, share, scope.statements, f"{scope.database:.1f}"])
    head = ["reader", "collections", "single grants", "sees", "scope: statements", "ms"]
    return table(f"Five readers of {incidents:,} incidents", head, rows)


def _scope(user: User) -> None:
    """What is resolved once a request: teams, collections, single grants, denials."""
    grants.Scope(user, "view").parts(Incident)


def _reads(people: dict) -> str:
    everybody: dict[str, User | None] = {FLOOR: None, **people}
    acts: dict[str, dict[str, Callable]] = {
        label: {name: lambda u=user, q=query: _page(u, people, q) for name, user in everybody.items()}
        for label, query in PAGES.items()
    }
    for label, ordering in DEEP.items():
        at = {name: _deep(user, ordering) for name, user in everybody.items()}
        acts[label] = {
            name: lambda u=everybody[name], q=f"ordering={ordering}&cursor={cursor}": _page(u, people, q)
            for name, cursor in at.items()
            if cursor
        }
    for label, query in (("", ""), (", crime and place", FILTERED)):
        acts[f"capped count{label}"] = _each(everybody, people, query, lambda found: found.capped())
        acts[f"exact count{label}"] = _each(everybody, people, query, lambda found: found.exact())
        acts[f"facets{label}"] = _each(everybody, people, query, _facets)
    acts["text of few"] = {
        name: lambda u=everybody[name]: _page(u, people, f"q={RARE['en'].split()[1]}") for name in (FLOOR, "narrow")
    }
    rows, python = [], []
    for label, each in acts.items():
        slow = label.startswith(("facets", "exact", "text"))
        measured = measure(each, 3 if label.startswith("text") else 5 if slow else ROUNDS)
        floor = measured[FLOOR].database
        rows.append([label, *(_cell(measured.get(name), floor, name) for name in everybody)])
        python.append([label, *(f"{measured[name].python:.1f}" if name in measured else "" for name in everybody)])
    return "\n".join(
        [
            table("The gate in the database: ms, median (least; times the floor)", ["", *everybody], rows),
            "The floor is the same without the gate. The least is nearest to a machine that nobody else uses.\n",
            table("The same in Python, ms", ["", *everybody], python),
        ]
    )


def _combinations(people: dict) -> str:
    """A first page of every combination of the usual filters in every order, for each reader."""
    rows = []
    for name, user in people.items():
        homes = Incident.objects.permitted(user).values_list("collection__code").annotate(n=Count("*"))
        largest = homes.order_by("-n").first()
        filters = NARROWED | ({"collection": f"collection={largest[0]}"} if largest else {})
        chosen = [names for size in range(1, len(filters) + 1) for names in itertools.combinations(filters, size)]
        acts = {}
        for names, order in itertools.product(chosen, ORDERS):
            query = "&".join([*(filters[one] for one in names), f"ordering={order}"])
            acts[f"{', '.join(names)}; {order}"] = lambda u=user, q=query: _page(u, people, q)
        times = {label: one.least for label, one in measure(acts, 3).items()}
        slowest = sorted(times, key=lambda label: -times[label])[:3]
        over = sum(time > 15 for time in times.values())
        most = "<br>".join(f"{times[label]:.1f}: {label}" for label in slowest)
        rows.append([name, len(times), f"{statistics.median(times.values()):.1f}", over, most])
    head = ["reader", "pages", "median, ms", "over 15 ms", "the slowest"]
    return table("Every combination of filters in every order: least of three", head, rows)


def _each(everybody: dict, people: dict, query: str, read: Callable) -> dict[str, Callable]:
    return {name: lambda u=user: read(_counted(u, people, query)) for name, user in everybody.items()}


def _facets(found: Counted) -> None:
    # Longer than a page waits: the figure is how long all of it takes.
    search.facets(found, language="en", more=found.is_whole and found.capped()[1], within=Budget(None))


def _cell(measured: Measured | None, floor: float, name: str) -> str:
    if measured is None:
        return ""
    ratio = "" if name == FLOOR else f"; ×{measured.database / floor:.1f}"
    return f"{measured.database:.1f} ({measured.least:.1f}{ratio})"


def _deep(user: User | None, ordering: str) -> str | None:
    """The cursor in the middle of what a reader sees."""
    field_name = ORDERINGS[ordering.removeprefix("-")]
    rows = _rows(user).order_by(f"-{field_name}", "-pk")
    middle = rows.count() // 2
    row = rows[middle : middle + 1].first() if middle else None
    return row and cursor_at(row, ordering)


def _pages_whole(people: dict) -> str:
    """The page as a browser gets it, with its reading entry, the capped count and the facets."""
    from django.test import Client

    rows = []
    incidents, items = reverse("incident-list"), reverse("item-list")
    for label, path in (("incidents", incidents), ("filtered", f"{incidents}?{FILTERED}"), ("items", items)):
        cells = []
        for user in people.values():
            client = Client()
            client.force_login(user, backend="accounts.backends.SignInBackend")

            def read(client=client, path=path):
                with _undone():
                    answer = client.get(path)
                    assert answer.status_code == 200, answer.status_code

            one = measure({"page": read}, 5)["page"]
            cells.append(f"{one.database:.0f} + {one.python:.0f}")
        rows.append([label, *cells])
    return table("A whole page, ms in the database + in Python", ["", *people], rows)


@contextlib.contextmanager
def _undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _writes(people: dict, server: Postgres) -> str:
    """Granting and revoking by the verbs, with their ledger entries, on the largest collection; logging an incident,
    and the same rows alone."""
    from evidence import access, recording
    from evidence.models import Collection

    largest = Incident.objects.values_list("collection").annotate(n=Count("*")).order_by("-n")[0]
    home, team = Collection.objects.get(pk=largest[0]), people["middle"].groups.get()
    administrator = User.objects.filter(role="administrator").order_by("email").first()
    grant = {"by": administrator, "record": home, "permission": "review", "reason": "benchmark", "group": team}

    own, incidents = Collection.objects.permitted(people["narrow"], "contribute")[0], drawn(1)

    def log() -> None:
        mine = Collection.objects.permitted(people["narrow"], "contribute", by_row=True)
        recording.log_incident(by=people["narrow"], collection=mine.get(pk=own.pk), given=next(incidents))

    taken = {
        "grant to a team": [_written(lambda: access.grant(**grant)) for _turn in range(ROUNDS)],
        "revoke it": [
            _written(lambda: access.revoke(**grant), lambda: access.grant(**grant)) for _turn in range(ROUNDS)
        ],
    }
    taken["log an incident, the gate asked first"], bare = _with_and_without(server, log)
    rows = []
    for label, each in taken.items():
        whole = statistics.median(one.whole for one in each) * 1000
        database = statistics.median(one.database for one in each) * 1000
        entries = statistics.mean(one.entries for one in each)
        rows.append([label, f"{database:.1f}", f"{whole - database:.1f}", f"{entries:.1f}".removesuffix(".0")])
    alone = statistics.median(bare) * 1000
    rows.append(
        ["its inserts alone, keys checked, no trigger, no entry", f"{alone:.1f} (×{database / alone:.1f})", "", 0]
    )
    head = ["", "ms in the database", "in Python", "ledger entries"]
    return table(f"Writing: a collection of {largest[1]:,} incidents", head, rows)


@dataclass(frozen=True)
class Written:
    """What a verb took: seconds, those in the database, those of its inserts into tables of the domain; its entries."""

    whole: float
    database: float
    inserts: float
    entries: int


def _written(act: Callable, prepare: Callable = lambda: None) -> Written:
    """A verb as a request calls it: what the person may see is found once, beside it. Nothing stays."""
    with _undone():
        prepare()
        before = _entries()
        statements, begun = Statements(), time.perf_counter()
        with connection.execute_wrapper(statements), grants.keeping_scopes():
            act()
            # What a commit looks up: keys of other tables, which a transaction that is undone would leave out.
            with connection.cursor() as cursor:
                cursor.execute(CHECKED)
        whole = time.perf_counter() - begun
        # Its own transaction it would have to have with one insert too; here that is a part of one that is undone.
        own = statements.seconds - statements.of("SAVEPOINT") - statements.of("RELEASE")
        inserts = statements.of('INSERT INTO "evidence_') + statements.of(CHECKED)
        return Written(whole, own, inserts, _entries() - before)


def _with_and_without(server: Postgres, act: Callable) -> tuple[list[Written], list[float]]:
    """A verb as it is, and in turn the seconds of its inserts, sent by it as ever, without a trigger: no entry, no
    change feed, no tally; keys and indexes are kept."""
    tables = ["evidence_incident", "evidence_act", "evidence_classification", "evidence_involvement"]
    whole, bare = [], []
    for _turn in range(ROUNDS // 3):
        # The first ones after a table was altered are planned anew.
        whole += [_written(act) for _again in range(ROUNDS)][ROUNDS // 3 :]
        with without_triggers(server, tables):
            bare += [_written(act).inserts for _again in range(ROUNDS)][ROUNDS // 3 :]
    return whole, bare


def _entries() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM custody.entry")
        return cursor.fetchone()[0]


def _plans(people: dict) -> str:
    """The plans of the pages; none of them reads a table of records from end to end."""
    texts = []
    for label in PLANS:
        for name in [*people][:-1]:
            statements = Statements()
            with connection.execute_wrapper(statements):
                _page(people[name], people, PAGES[label])
            plan = _explained(*statements.ran[-1])
            assert "Seq Scan on evidence_incident " not in plan, plan
            texts.append(f"{label}, {name}:\n```\n{plan}\n```\n")
    return "\n".join(["## Plans of these pages", "", *texts])


def _explained(sql: str, params) -> str:
    """The plan with long lists of ids cut short."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, BUFFERS OFF) {sql}", params)
        lines = [line for (line,) in cursor.fetchall() if "Index Searches" not in line]
    return "\n".join(re.sub(r"'\{[0-9a-f-]{36}[0-9a-f,-]*\}'", "'{…}'", line)[:300] for line in lines)
