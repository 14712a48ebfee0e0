"""`manage.py up`: prepares, starts and watches every process of an embedded installation, and stops them in order.

The servers are in runtime.postgres and runtime.broker, the other processes in runtime.children, and what happens to
the data before they start in runtime.preparation.
"""

import argparse
import contextlib
import fcntl
import json
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from repository.bootstrap import BASE, say
from repository.runtime import places, processes
from repository.runtime.broker import Broker, BrokerFailed
from repository.runtime.children import Child, installation
from repository.runtime.keys import make_keys
from repository.runtime.postgres import Postgres, PostgresFailed
from repository.translations import compile_stale

# A stop that went unheard is said again after this long.
KNOCK_SECONDS = 2
READY_SECONDS = 300  # a busy machine takes minutes; a web server that ends is noticed at once


class UpFailed(RuntimeError):
    """One sentence for the terminal."""


class Stopped(BaseException):
    """SIGINT or SIGTERM came: leave what is being done, stop everything, exit 0."""


def main(arguments: list[str]) -> int:
    """Run until stopped; the exit code. Every expected failure is one sentence on standard error."""
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import CommandError
    from django.db import DatabaseError, OperationalError

    from repository.runtime.commands import unreachable
    from repository.runtime.preparation import PreparationFailed

    choice = _parser().parse_args(arguments)
    _listen()
    try:
        _up(choice)
    except Stopped:
        return 0
    except (UpFailed, PostgresFailed, BrokerFailed, PreparationFailed, places.PlaceRefused) as error:
        print(error, file=sys.stderr)
    except ImproperlyConfigured as error:
        print(f"Wrong settings: {error}", file=sys.stderr)
    except CommandError as error:
        print(f"Preparing the data failed: {error}", file=sys.stderr)
    except OperationalError as error:
        print(unreachable(error), file=sys.stderr)
    except DatabaseError as error:
        print(f"The database refused: {error}", file=sys.stderr)
    return 1


def _listen() -> None:
    for number in (*processes.STOPPING, signal.SIGALRM):
        signal.signal(number, _stop_now)


def _stop_now(*_) -> None:
    # A second Ctrl-C must not interrupt the orderly stop.
    for number in processes.STOPPING:
        signal.signal(number, signal.SIG_IGN)
    # Python drops what is raised within a hook of fork or a finalizer: knock until somebody has heard.
    signal.setitimer(signal.ITIMER_REAL, KNOCK_SECONDS)
    raise Stopped


def _heard() -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="manage.py up", description="Start everything on this machine, until Ctrl-C.")
    default = os.environ.get("REPOSITORY_PORT", "8000")
    parser.add_argument("--port", type=_port, default=default, help="port of the web server (default: %(default)s)")
    parser.add_argument("--no-sample", action="store_true", help="do not make the invented sample on the first start")
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text!r}")
    return int(text)


def _up(choice: argparse.Namespace) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "repository.settings.embedded")
    os.environ["REPOSITORY_PORT"] = str(choice.port)
    var = Path(os.environ.get("REPOSITORY_VAR") or BASE / "var").expanduser().resolve()
    os.environ["REPOSITORY_VAR"] = str(var)
    with contextlib.ExitStack() as stack:
        try:
            _run(choice, var, stack)
        finally:
            _heard()


def _run(choice: argparse.Namespace, var: Path, stack: contextlib.ExitStack) -> None:
    """Start everything and watch it; what must be stopped is on the stack before it is started."""
    stack.enter_context(_alone(var, choice.port))
    if swept := processes.sweep_leftovers(var):
        say(f"ended {swept} processes left over from a start that was killed")
    _refuse_busy_port(choice.port)
    make_keys(var / "keys")
    places.private_directory(var / "run")
    compile_stale()
    servers = _start_servers(var, stack)
    # The web server may answer before the data is there: /health/ready says so until this file is gone.
    preparing = places.preparing_mark(var)
    preparing.touch()
    _prepare()
    children = installation(choice.port)
    for child in children:
        processes.rotate(child.log(var))
        # Last in, first out: the worker stops before the web server, both before broker and database.
        stack.callback(child.stop)
        child.start(var)
        if child.name == "web":
            # It imports Django meanwhile; the others wait, so that it has a core for it.
            _load_data(sample=not choice.no_sample)
            preparing.unlink()
            _wait_until_ready(choice.port, child, var)
    stack.callback(say, "stopping")
    _say_ready(choice.port, var)
    while True:
        time.sleep(0.5)
        for server in servers:
            server.watch()
        for child in children:
            child.watch(var)


@contextlib.contextmanager
def _alone(var: Path, port: int) -> Iterator[None]:
    """One `up` a directory; the kernel lets go of the lock when the holder dies."""
    places.private_directory(var)
    places.private_directory(var / "log")
    try:
        file = (var / "up.lock").open("a+")
    except OSError as error:
        raise UpFailed(
            f"{error.filename} cannot be written ({error.strerror}): set REPOSITORY_VAR to your own directory."
        )
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise UpFailed(
                f"It already runs for {var}{file.read().rstrip()}. For a second one set REPOSITORY_VAR and --port."
            )
        file.truncate(0)
        file.write(f" at http://localhost:{port}")
        file.flush()
        yield


def _refuse_busy_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise UpFailed(f"Port {port} is not yours to use: choose one above 1023 with --port.")
        except OSError:
            raise UpFailed(
                f"Port {port} is in use: stop what uses it, or choose another with --port {_free_port(port)}."
            )


def _free_port(near: int) -> int:
    for port in range(near + 1, min(near + 100, 65536)):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    return near + 1


def _start_servers(var: Path, stack: contextlib.ExitStack) -> list[Postgres | Broker]:
    """The embedded database and broker, each unless the environment names another."""
    from django.conf import settings

    for log in (log_of := {name: var / "log" / f"{name}.log" for name in ("postgres", "broker")}).values():
        processes.rotate(log)
    servers: list[Postgres | Broker] = []
    if settings.EMBEDDED_DATABASE:
        say("starting PostgreSQL")
        servers.append(Postgres(places.postgres_data(var), var=var, log=log_of["postgres"]))
        stack.callback(servers[-1].stop)
        servers[-1].start()
    if settings.EMBEDDED_BROKER:
        say("starting the broker")
        servers.append(Broker(var=var, log=log_of["broker"]))
        stack.callback(servers[-1].stop)
        servers[-1].start()
    return servers


def _prepare() -> None:
    import django
    from django.conf import settings

    from repository.runtime import commands, preparation

    commands.prepare()
    django.setup()
    places.private_directory(settings.STORAGE_DIR)
    say("migrating")
    preparation.migrate()
    preparation.collect_static()


def _load_data(*, sample: bool) -> None:
    from django.db import connections

    from repository.runtime import preparation

    say("loading reference data")
    preparation.load_data(sample=sample)
    connections.close_all()


def _wait_until_ready(port: int, web: Child, var: Path) -> None:
    """Until /health/ready says so; a web server that ends while starting is a failure, with the end of its log."""
    deadline = time.monotonic() + READY_SECONDS
    said = "no answer"
    while time.monotonic() < deadline:
        if web.process.poll() is not None:
            log = web.log(var)
            raise UpFailed(f"The web server ended while starting; {log} ends:\n{processes.tail(log)}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5):
                return
        except urllib.error.HTTPError as error:
            said = error.read(500).decode("utf-8", "replace")
        except OSError:
            said = "no answer"
        time.sleep(0.1)
    raise UpFailed(f"Not ready after {READY_SECONDS} seconds ({said}); the logs are in {var / 'log'}.")


def _say_ready(port: int, var: Path) -> None:
    print(f"\nReady: http://localhost:{port}")
    accounts = var / "sample-accounts.json"
    with contextlib.suppress(OSError, ValueError, KeyError):
        investigator = json.loads(accounts.read_text())["investigator"]
        print(f"Sign in as {investigator['email']} with password {investigator['password']}")
        print(f"The other sample accounts and their passwords are in {accounts}")
    print("Stop with Ctrl-C.", flush=True)
