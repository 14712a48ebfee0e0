"""The API through HTTP on the production server, alone and by eight clients at once, with the database's part of each
answer and the same statements without the gate, all in one run.

What it creates stays in the benchmark's database: some thousand incidents beside those generated.
"""

import contextlib
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import django.test
from django.conf import settings
from django.db import connection
from django.urls import reverse

from accounts import grants, tokens
from accounts.models import User
from accounts.roles import SCOPES
from benchmarks import imports
from benchmarks.access import FILTERED, FLOOR, _counted, _deep, _facets, _page, measure
from benchmarks.database import table
from benchmarks.incidents import drawn
from benchmarks.large import clusters
from benchmarks.large.world import address
from benchmarks.search import TEXTS, _counts, _listed
from evidence.models import Collection, Incident
from evidence.search.counting import TEXT_CAP
from repository.bootstrap import BASE
from repository.runtime.children import THREADS, WORKERS

PEOPLE = ("broad", "narrow", "outside")
SIZES = (10_000, 100_000, 1_000_000)
# Answers that count or follow: they have a time of their own, and say so where it does not suffice.
OTHERS = {
    "statistics: crime × year": "/api/v1/statistics?group_by=crime&group_by=year",
    "the same of a crime and a place": f"/api/v1/statistics?group_by=crime&group_by=year&{FILTERED}",
    "map by province": "/api/v1/incidents/map?level=province",
    "time by year": "/api/v1/incidents/timeline?by=year",
    "change feed, first page": "/api/v1/changes",
}
ROUNDS, AT_ONCE, SECONDS_AT_ONCE = 15, 8, 10
WSGI = """
from django.conf import settings
for name, value in {values!r}.items():
    setattr(settings, name, value)
settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {{"DEFAULT_THROTTLE_CLASSES": []}}  # a limit, not a way
settings.DATABASES["default"].update({database!r})
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
"""


@dataclass
class Client:
    """One connection of one person that is kept open, as a script keeps it."""

    port: int
    headers: dict
    connection: http.client.HTTPConnection | None = None
    used: float = 0  # when

    def get(self, path: str) -> bytes:
        return self.ask("GET", path)

    def ask(self, method: str, path: str, body: dict | None = None) -> bytes:
        if self.connection is None or time.monotonic() - self.used > 2:  # what is idle for long, the server ends
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        content = None if body is None else json.dumps(body).encode()
        headers = self.headers | ({"Content-Type": "application/json"} if body is not None else {})
        self.connection.request(method, path, content, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        self.used = time.monotonic()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
        return text


def run(incidents: int) -> str:
    """The section of benchmarks/RESULTS.md: the database of this size, and of the smaller SIZES that are there."""
    sizes = [size for size in SIZES if size < incidents and clusters.is_there(size)] + [incidents]
    return "\n".join(_of_size(size) for size in sizes)


def _of_size(incidents: int) -> str:
    with clusters.opened(incidents), served() as port, grants.keeping_scopes():
        people = {name: User.objects.get(email=address(name)) for name in PEOPLE}
        clients = {name: client_of(user, port) for name, user in people.items()}
        print(f"{incidents:,} incidents", file=sys.stderr)
        sections = [_answers(people, clients, incidents), _record(people, clients), _others(clients)]
        sections += [_together(people, port), _export(clients["broad"])]
    with clusters.opened(incidents):  # as a worker, without the server beside it
        return "\n".join([*sections, imports.run()])


@contextlib.contextmanager
def served() -> Iterator[int]:
    """The server as `manage.py up` starts it, on the database that Django is connected to. Yields its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    database = {key: connection.settings_dict[key] for key in ("NAME", "HOST", "USER", "PASSWORD", "PORT")}
    shared = ("SECRET_KEY", "KEYRING_FILE", "STORAGE_DIR", "LEDGER_SIGNING_KEY_FILE")
    values = {name: str(getattr(settings, name)) for name in shared} | {"ALLOWED_HOSTS": ["*"]}
    with tempfile.TemporaryDirectory(prefix="bench-http-") as folder:
        (Path(folder) / "bench_wsgi.py").write_text(WSGI.format(values=values, database=database))
        options = f"--interface wsgi --host 127.0.0.1 --port {port} --workers {WORKERS} --blocking-threads {THREADS}"
        env = os.environ | {"PYTHONPATH": f"{folder}:{BASE}", "DJANGO_SETTINGS_MODULE": "repository.settings.testing"}
        process = subprocess.Popen(
            [sys.executable, "-m", "granian", *options.split(), "bench_wsgi:application"],
            cwd=BASE, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            _wait(port, process)
            yield port
        finally:
            process.terminate()
            process.wait(60)


def _wait(port: int, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=5):
                return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the server did not start")
            time.sleep(0.2)


def client_of(user: User, port: int) -> Client:
    """By a token; facets are a part of a page, which a token does not open, so a session comes along."""
    text = tokens.issue(by=user, user=user, name="benchmark", scopes=list(SCOPES), days=1).text
    return Client(port, {"Authorization": f"Bearer {text}"})


def browser_of(user: User, port: int) -> Client:
    client = django.test.Client()
    client.force_login(user, backend="accounts.backends.SignInBackend")
    name = settings.SESSION_COOKIE_NAME
    return Client(port, {"Cookie": f"{name}={client.cookies[name].value}"})


def median_ms(act: Callable[[], object], rounds: int = ROUNDS) -> float:
    taken = []
    for _round in range(rounds):
        begun = time.perf_counter()
        act()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


def _answers(people: dict, clients: dict, incidents: int) -> str:
    """Reads: through HTTP, and what of it is the database's, for each reader; the floor is without the gate."""
    everybody: dict[str, User | None] = {FLOOR: None, **people}
    rows = []
    for label, (query, act) in _reads(people).items():
        inside = measure({name: lambda u=user, do=act: do(u) for name, user in everybody.items()}, 7)
        floor = inside[FLOOR].database
        cells = [f"{floor:.1f}"]
        for name, user in people.items():
            path = query(user) if callable(query) else query
            client = browser_of(user, clients[name].port) if path.startswith("/incidents/") else clients[name]
            whole = median_ms(lambda c=client, p=path: c.get(p))
            cells.append(f"{whole:.0f} ({inside[name].database:.1f}; ×{inside[name].database / floor:.1f})")
        rows.append([label, *cells])
        print(label, *cells, sep="  ", file=sys.stderr, flush=True)
    title = f"HTTP, one client, {incidents:,} incidents: ms (of it in the database; times the floor)"
    return table(title, ["", FLOOR, *people], rows)


def _reads(people: dict) -> dict[str, tuple]:
    """What is asked: (path of the API or a function that gives one for a reader, the same asked inside)."""
    lists, facets = "/api/v1/incidents?", reverse("incident-facets")

    def deep(user):
        cursor = _deep(user, "-updated")
        return f"cursor={quote(cursor)}" if cursor else ""

    cursors = {name: deep(user) for name, user in people.items()}
    of = {user.pk: cursors[name] for name, user in people.items()}
    floor = deep(None)
    found = {
        "first page": (lists, lambda u: _page(u, people, "")),
        "deep page": (
            lambda u: lists + of[u.pk], lambda u: _page(u, people, of[u.pk] if u else floor),
        ),
        "filtered page": (lists + FILTERED, lambda u: _page(u, people, FILTERED)),
        "capped count": (lists + "page_size=1&count=capped", lambda u: _counted(u, people, "").capped()),
        "exact count": (lists + "page_size=1&count=exact", lambda u: _counted(u, people, "").exact()),
        "facets": (facets, lambda u: _facets(_counted(u, people, ""))),
        "facets, filtered": (f"{facets}?{FILTERED}", lambda u: _facets(_counted(u, people, FILTERED))),
    }  # fmt: skip
    for label in ("rare, English", "rare, Korean", "common, English", "common, Korean"):
        text = TEXTS[label]
        found[f"text page: {label}"] = (f"{lists}q={quote(text)}", lambda u, q=text: _listed(u, q))
    text = TEXTS["common, Korean"]
    found["capped count of it"] = (
        f"{lists}page_size=1&count=capped&q={quote(text)}", lambda u: _counts(u, text).capped(TEXT_CAP)
    )  # fmt: skip
    return found


def _record(people: dict, clients: dict) -> str:
    """One whole record, and logging one, through HTTP."""
    rows = []
    seen = {name: Incident.objects.permitted(user).order_by("-updated_at").first() for name, user in people.items()}
    cells = [f"{median_ms(lambda c=clients[name], p=row.pk: c.get(f'/api/v1/incidents/{p}')):.0f}" if row else ""
             for name, row in seen.items()]  # fmt: skip
    rows.append(["one record with acts, persons, items", *cells])
    narrow = people["narrow"]
    home = Collection.objects.permitted(narrow, "contribute").first()
    bodies = ({**given, "collection": str(home.pk)} for given in drawn(1))
    made = median_ms(lambda: clients["narrow"].ask("POST", "/api/v1/incidents", next(bodies)), 40)
    rows.append(["create an incident (gate, ledger, index)", "", f"{made:.0f}", ""])
    return table("HTTP, one client: one record, ms", ["", *people], rows)


def _others(clients: dict) -> str:
    rows = [[label, *(_ms(client, path) for client in clients.values())] for label, path in OTHERS.items()]
    return table("HTTP, one client: counts and changes, ms", ["", *clients], rows)


def _ms(client: Client, path: str) -> str:
    try:
        return f"{median_ms(lambda: client.get(path), 3):.0f}"
    except RuntimeError as error:
        return "more than its time" if "422" in str(error) or " 400 " in str(error) else str(error)[:80]


def _together(people: dict, port: int) -> str:
    """Eight clients at once on the first page; whether anybody waits for a lock meanwhile."""
    rows, users = [], list(people.values())
    for label, path in (("first page", "/api/v1/incidents"), ("filtered page", f"/api/v1/incidents?{FILTERED}")):
        clients = [client_of(users[number % len(users)], port) for number in range(AT_ONCE)]
        times: list[float] = []
        end = time.monotonic() + SECONDS_AT_ONCE

        def work(client, path=path, times=times, end=end):
            while time.monotonic() < end:
                begun = time.perf_counter()
                client.get(path)
                times.append((time.perf_counter() - begun) * 1000)

        threads = [threading.Thread(target=work, args=(client,)) for client in clients]
        [thread.start() for thread in threads]
        waits = 0
        while time.monotonic() < end:
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
                waits += cursor.fetchone()[0]
            time.sleep(0.05)
        [thread.join() for thread in threads]
        times.sort()
        p95 = times[int(len(times) * 0.95)]
        rows.append(
            [label, len(times), f"{len(times) / SECONDS_AT_ONCE:.0f}", f"{statistics.median(times):.0f}", f"{p95:.0f}",
             waits]
        )  # fmt: skip
    head = ["", "answers", "a second", "p50 ms", "p95 ms", "waits for locks seen"]
    return table(f"HTTP, {AT_ONCE} clients at once", head, rows)


def _export(client: Client) -> str:
    """Incidents a second of the NDJSON export, of at most two hundred thousand."""
    source = http.client.HTTPConnection("127.0.0.1", client.port, timeout=600)
    begun, lines = time.perf_counter(), 0
    source.request("GET", "/api/v1/incidents.ndjson", headers=client.headers)
    answer = source.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"export: {answer.status} {answer.read(300)!r}")
    while lines < 200_000 and (piece := answer.read(1 << 20)):
        lines += piece.count(b"\n")
    seconds = time.perf_counter() - begun
    source.close()
    return table("Export", ["", "incidents", "a second"], [["NDJSON", f"{lines:,}", f"{lines / seconds:,.0f}"]])
