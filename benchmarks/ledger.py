"""The ledger at the database: what an entry costs many writers, the sequencer, proofs and verification of a million."""

import contextlib
import os
import random
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.database import median, table
from repository.bootstrap import BASE
from repository.runtime.keys import make_keys

CLIENTS, SECONDS, ROUNDS = 32, 4, 5
ENTRIES, BULK = 1_000_000, 100_000
ACTOR = '{"id":"3f1c7c4e-0000-4000-8000-000000000001","kind":"user"}'
# One statement each, so that the ratios are the database's own and not those of round trips.
SCRIPTS = {
    "bare insert": "INSERT INTO bench_bare (title) VALUES ('invented');",
    "and an entry": "WITH i AS (INSERT INTO bench_bare (title) VALUES ('invented') RETURNING id)"
    " SELECT custody.append('bench.noted', 'probe', id, '{}') FROM i;",
    "and an entry with a part": "WITH i AS (INSERT INTO bench_bare (title) VALUES ('invented') RETURNING id)"
    """ SELECT custody.append('bench.noted', 'probe', id, '{}', '{"note":"why"}') FROM i;""",
    "into a watched table": "INSERT INTO bench_watched (title) VALUES ('invented');",
}
# Set-based and without parts: this fills the log for what is read from it.
FILL = """
INSERT INTO custody.entry (entry_id, recorded_at, act, object_type, object_id, actor_id, envelope)
SELECT id, t, 'bench.noted', 'probe', oid, NULL,
       custody.envelope('{"kind":"service","name":"bench"}', t, '', '{"n":' || n || '}', '1', id, custody.nonce18(),
                        'probe', oid, NULL, 'bench.noted')
  FROM (SELECT n, clock_timestamp() AS t, gen_random_uuid() AS id,
               custody.object_of('bench', (n %% 100000)::text) AS oid FROM generate_series(1, %s) n) s
"""


def run(folder: Path, server) -> str:
    with contextlib.closing(server.connect("repository")) as connection, connection.cursor() as cursor:
        cursor.execute("SET SESSION AUTHORIZATION repository_owner")
        for name in ("bench_bare", "bench_watched"):
            cursor.execute(f"CREATE TABLE {name} (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), title text NOT NULL)")
            cursor.execute(f"GRANT SELECT, INSERT ON {name} TO repository_app")
        cursor.execute("SELECT custody.watch('bench_watched', '{}', '{}')")
        cursor.execute("RESET SESSION AUTHORIZATION")
        sections = [writers(folder, server), bulk(cursor), latency(folder, server, cursor), million(cursor)]
    return "\n".join(sections)


def writers(folder: Path, server) -> str:
    """Transactions a second by pgbench, the kinds in turn, several rounds."""
    rates: dict[str, list[float]] = {name: [] for name in SCRIPTS}
    for _round in range(ROUNDS):
        for number, (name, script) in enumerate(SCRIPTS.items()):
            path = folder / f"writer-{number}.sql"
            path.write_text(script + "\n")
            rates[name].append(_pgbench(server, path))
    bare = statistics.median(rates["bare insert"])
    rows = [
        [name, f"{statistics.median(tps):,.0f}", f"{statistics.median(tps) / bare:.2f}"] for name, tps in rates.items()
    ]
    return table(f"{CLIENTS} writers at the database, no lock between them", ["", "transactions/s", "ratio"], rows)


def _pgbench(server, script: Path) -> float:
    command = [
        server.binaries / "pgbench",
        "-n",
        "-f",
        script,
        "-c",
        CLIENTS,
        "-j",
        2,
        "-T",
        SECONDS,
        "-h",
        server.socket,
    ]
    done = subprocess.run(
        [*map(str, command), "-U", "repository_app", "repository"], capture_output=True, text=True, check=True,
        env={**os.environ, "PGOPTIONS": "-c custody.actor=" + ACTOR},
    )  # fmt: skip
    return float(re.search(r"tps = ([\d.]+)", done.stdout)[1])


def bulk(cursor) -> str:
    """Many rows in one statement, as an import writes them."""
    rows, times = [], {}
    for name in ("bench_bare", "bench_watched"):
        sql = f"INSERT INTO {name} (title) SELECT 'invented ' || n FROM generate_series(1, {BULK}) n"
        times[name] = median(lambda sql=sql: cursor.execute(sql), 3)
        rows.append([name, f"{times[name]:.2f}", f"{times[name] / BULK * 1e6:.0f}"])
    cost = (times["bench_watched"] - times["bench_bare"]) / BULK * 1e6
    rows.append(["the entries alone", "", f"{cost:.0f}"])
    return table(f"{BULK:,} rows in one statement", ["", "s", "µs a row"], rows)


def latency(folder: Path, server, cursor) -> str:
    """From commit to signed checkpoint, with the processes of an installation and a steady load."""
    keys = folder / "latency"
    make_keys(keys)
    address = f"postgresql://{{}}@/repository?host={server.socket}"
    env = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "repository.settings.embedded", "REPOSITORY_VAR": str(keys),
        "DATABASE_URL": address.format("repository_app"), "SEQUENCER_DATABASE_URL": address.format("ledger_sequencer"),
        "LEDGER_ORIGIN": "ledger.example/tests", "LEDGER_SIGNER_SOCKET": str(keys / "s.sock"),
        "LEDGER_SIGNING_KEY_FILE": str(keys / "ledger-signing.key"), "PYTHONPATH": str(BASE),
        "LEDGER_SIGNER_MEMORY_FILE": str(keys / "memory.json"),
    }  # fmt: skip
    spawn = lambda *words: subprocess.Popen([sys.executable, *words], cwd=BASE, env=env)  # noqa: E731
    children = [spawn("-m", "custody.signer"), spawn("manage.py", "ledger_sequencer")]
    try:
        while True:
            cursor.execute("SELECT (SELECT count(*) FROM custody.entry) = (SELECT max(size) FROM custody.checkpoint)")
            if cursor.fetchone()[0]:
                break
            time.sleep(0.5)
        cursor.execute("SELECT max(eid) FROM custody.entry")
        (first,) = cursor.fetchone()
        script = folder / "steady.sql"
        script.write_text("SELECT custody.append('bench.noted', 'probe', gen_random_uuid(), '{}');\n")
        subprocess.run(
            [str(word) for word in (server.binaries / "pgbench", "-n", "-f", script, "-c", 4, "-T", 30, "-R", 400, "-h",
             server.socket, "-U", "repository_app", "repository")], check=True, capture_output=True,
        )  # fmt: skip
        time.sleep(4)
        cursor.execute(
            "SELECT percentile_cont(ARRAY[0.5, 0.95, 0.99, 1]) WITHIN GROUP"
            " (ORDER BY extract(epoch FROM c.signed_at - e.recorded_at)), count(*)"
            " FROM custody.entry e JOIN custody.leaf l USING (eid) JOIN LATERAL"
            " (SELECT signed_at FROM custody.checkpoint WHERE size > l.idx ORDER BY size LIMIT 1) c ON true"
            " WHERE e.eid > %s",
            [first],
        )
        shares, count = cursor.fetchone()
    finally:
        for child in children:
            child.terminate()
            child.wait(20)
    rows = [[f"{count:,}", *(f"{seconds:.2f}" for seconds in shares)]]
    return table("Commit to signed checkpoint at 400 entries/s, seconds", ["entries", "p50", "p95", "p99", "max"], rows)


def million(cursor) -> str:
    from django.db import connection

    from custody import heads, sequencer, verification

    start = time.perf_counter()
    cursor.execute(FILL, [ENTRIES])
    filled = time.perf_counter() - start
    cursor.execute("ANALYZE custody.entry")
    usual = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict["USER"] = "ledger_sequencer"
    try:
        start = time.perf_counter()
        step = sequencer.integrate()
        backlog = time.perf_counter() - start
        idle = median(sequencer.integrate, 11)
        start = time.perf_counter()
        tree = heads.advance(0, step.new)
        manifest = time.perf_counter() - start
    finally:
        connection.close()
        connection.settings_dict.update(usual)
    cursor.execute("VACUUM ANALYZE custody.leaf")
    indexes = [random.Random(7).randrange(step.new) for _ in range(200)]
    proofs = [median(lambda i=i: sequencer.tree(step.new).inclusion(i, step.new), 1) for i in indexes]
    olds = [random.Random(8).randrange(1, step.new) for _ in range(100)]
    consistency = [median(lambda o=o: sequencer.tree(step.new).consistency(o, step.new), 1) for o in olds]
    start = time.perf_counter()
    findings = list(verification.verify())
    verified = time.perf_counter() - start
    assert all(finding.holds for finding in findings if finding.check not in ("signatures", "tables")), findings
    cursor.execute(
        "SELECT pg_total_relation_size('custody.entry') / (SELECT count(*) FROM custody.entry)::numeric,"
        " pg_total_relation_size('custody.leaf') / (SELECT count(*) FROM custody.leaf)::numeric,"
        " pg_total_relation_size('custody.tile') / (SELECT count(*) FROM custody.leaf)::numeric,"
        " (SELECT avg(octet_length(envelope)) FROM custody.entry WHERE act = 'bench.noted')"
    )
    entry, leaf, tile, envelope = (float(value) for value in cursor.fetchone())
    rows = [
        [f"sequencer, a backlog of {step.new - step.old:,}", f"{(step.new - step.old) / backlog:,.0f} entries/s"],
        ["sequencer, nothing to do", f"{idle * 1000:.1f} ms"],
        ["inclusion proof, median", f"{statistics.median(proofs) * 1000:.2f} ms"],
        ["consistency proof, median", f"{statistics.median(consistency) * 1000:.2f} ms"],
        ["verification of all of it", f"{verified:.1f} s"],
        [f"manifest anew, {tree.size:,} objects", f"{manifest:.1f} s"],
        [
            f"storage an entry (envelope {envelope:.0f} bytes): entry + leaf + tile",
            f"{entry:.0f} + {leaf:.0f} + {tile:.0f} bytes",
        ],
        ["filling the log for this", f"{filled:.0f} s"],
    ]
    return table(f"A log of {step.new:,} entries", ["", ""], rows)
