"""Text on a large database: rare and common words, in English and Korean, for each of the readers, beside the same
statements without the gate. The machine's load stands at the head of the section.
"""

from collections.abc import Callable

from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from accounts import grants
from accounts.models import User
from benchmarks.access import FLOOR, Statements, _cell, _explained, _undone, measure
from benchmarks.database import table
from benchmarks.large import clusters
from benchmarks.large.world import READERS, address
from evidence import search
from evidence.models import Incident
from evidence.search.counting import TEXT_CAP, Counted
from evidence.search.filters import has_common_words

ROUNDS = 5
TEXTS = {
    "rare, English": "lantern",
    "rare, Korean": "등잔",
    "rare phrase": '"hollow lantern"',
    "common, English": "officer",
    "common, English by stem": "questioning",
    "common, Korean": "구류장",
    "common, Korean with particle": "구류장에서",
    "common phrase": '"군 구류장에서"',
    "two common words": "구류장 officer",
    "either of two": "lantern OR 등잔",
    "common but not common": "구류장 -officer",
    "nothing": "xylophone",
}


def run(incidents: int) -> str:
    """The section of benchmarks/RESULTS.md, from the database of this size."""
    with clusters.opened(incidents):
        people = {name: User.objects.get(email=address(name)) for name in READERS}
        with grants.keeping_scopes():
            sections = [_words(people), _reads(people), _sizes()]
        return "\n".join([*sections, _whole(people), _plans(people)])


def _params(text: str) -> QueryDict:
    params = QueryDict(mutable=True)
    params["q"] = text
    return params


def _listed(user: User | None, text: str):
    """(page, counts) as a door has them; without a reader the same by the same ways, without the gate."""
    params, rows = _params(text), Incident.objects.select_related("place")
    if user:
        rows = Incident.objects.permitted(user).select_related("place")
        return search.listed(rows, params, search.INCIDENT_FILTERS, user=user)
    way = not has_common_words(Incident, params, search.INCIDENT_FILTERS)
    found = search.narrow(rows, params, search.INCIDENT_FILTERS, user=None, indexed=way)
    return search.page(found, params), search.as_one(found)


def _counts(user: User | None, text: str) -> Counted:
    if user:
        return search.counted(Incident, _params(text), search.INCIDENT_FILTERS, user=user)
    way = not has_common_words(Incident, _params(text), search.INCIDENT_FILTERS)
    rows = search.narrow(Incident.objects.all(), _params(text), search.INCIDENT_FILTERS, user=None, indexed=way)
    return search.as_one(rows)


def _words(people: dict) -> str:
    rows = []
    for label, text in TEXTS.items():
        numbers = [_counts(user, text).capped(TEXT_CAP) for user in (None, *people.values())]
        way = "in order" if has_common_words(Incident, _params(text), search.INCIDENT_FILTERS) else "by the index"
        rows.append([label, f"`{text}`", way, *(f"{n:,}{'+' if more else ''}" for n, more in numbers)])
    return table("Words, and how many incidents have them", ["", "q", "looked for", "all", *people], rows)


def _reads(people: dict) -> str:
    everybody: dict[str, User | None] = {FLOOR: None, **people}
    acts: dict[str, dict[str, Callable]] = {}
    for label, text in TEXTS.items():
        acts[label] = {name: lambda u=user, q=text: _listed(u, q) for name, user in everybody.items()}
    for label in ("rare, English", "common, English", "common, Korean"):
        acts[f"capped count: {label}"] = {
            name: lambda u=user, q=TEXTS[label]: _listed(u, q)[1].capped(TEXT_CAP) for name, user in everybody.items()
        }
    acts["titles written alike"] = {
        name: lambda u=user: search.alike_titles("incident", _params("Dettention at a quary"), user=u)
        for name, user in people.items()
    }
    rows = []
    for label, each in acts.items():
        measured = measure(each, ROUNDS)
        floor = measured[FLOOR].database if FLOOR in measured else 0
        cells = [_cell(measured.get(name), floor, name) if floor else f"{measured[name].database:.1f}" if name in measured else "" for name in everybody]  # noqa: E501  # fmt: skip
        rows.append([label, *cells])
    title = "A page by text: ms in the database, median (least; times the floor)"
    return table(title, ["", *everybody], rows) + "\nThe floor is the same without the gate.\n"


def _sizes() -> str:
    names = ("evidence_incident_search", "evidence_incident_letters", "evidence_item_search", "evidence_item_letters")
    rows = []
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute("SELECT pg_relation_size(%s::regclass)", [name])
            rows.append([name, f"{cursor.fetchone()[0] / 1e6:,.0f}"])
        cursor.execute("SELECT avg(pg_column_size(search_text)) FROM evidence_incident TABLESAMPLE SYSTEM (1)")
        rows.append(["plain text of an incident, bytes", f"{cursor.fetchone()[0]:,.0f}"])
    return table("Sizes, MB", ["", ""], rows)


def _whole(people: dict) -> str:
    """The pages as a browser and a script get them, with their reading entry."""
    rows = []
    paths = {
        "/api/v1/incidents, {}": "/api/v1/incidents?q={}",
        "list of incidents, {}": reverse("incident-list") + "?q={}",
        "facets of it, {}": reverse("incident-facets") + "?q={}",
        "search page, {}": reverse("search") + "?q={}",
        "numbers of its tabs, {}": reverse("search-counts") + "?q={}",
        "search page by relevance, {}": reverse("search") + "?ordering=relevance&q={}",
    }
    for label, path in paths.items():
        for name, text in (("rare", TEXTS["rare, English"]), ("common", TEXTS["common, Korean"])):
            cells, whole = [], path.format(text)
            for user in people.values():
                client = Client()
                client.force_login(user, backend="accounts.backends.SignInBackend")

                def read(client=client, path=whole):
                    with _undone():
                        answer = client.get(path)
                        assert answer.status_code == 200, answer.status_code

                one = measure({"page": read}, 5)["page"]
                cells.append(f"{one.database:.0f} + {one.python:.0f}")
            rows.append([label.format(name), *cells])
    return table("Whole answers, ms in the database + in Python", ["", *people], rows)


def _plans(people: dict) -> str:
    """The statements that carry a page; none reads the table from end to end."""
    texts = []
    for label in ("rare, Korean", "common, Korean"):
        for name in ("broad", "narrow"):
            statements = Statements()
            with connection.execute_wrapper(statements):
                _listed(people[name], TEXTS[label])
            sql, params = next(one for one in reversed(statements.ran) if "narrative_en" in str(one[0]))
            plan = _explained(sql, params)
            assert "Seq Scan on evidence_incident " not in plan, plan
            texts.append(f"{label}, {name}:\n```\n{plan}\n```\n")
    return "\n".join(["## Plans of these pages", "", *texts])
