"""What `up` does inside this process between starting the database and starting the web server: schema, data, assets.

In-process, because most of the time of a command is Python's imports.
"""

import contextlib
import hashlib
import os
from pathlib import Path

from repository.bootstrap import BASE

STATIC_STAMP = ".collected"
SAMPLE_MARK = "sample-loaded"


class PreparationFailed(RuntimeError):
    """The message is for the terminal."""


def migrate() -> None:
    """Bring the schema up to date as its owner; then the checks of the database."""
    from django.core import checks
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    _use_lesser_roles()
    found = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
    if errors := [message for message in found if message.is_serious()]:
        raise PreparationFailed("\n".join(f"{message.msg} {message.hint or ''}" for message in errors))
    for message in found:
        print(f"  WARNING: {message.msg} {message.hint or ''}", flush=True)


def _use_lesser_roles() -> None:
    """With one address for everything: act as the application's role where the user may, here and in the children."""
    from django.conf import settings
    from django.db import DatabaseError, connection, transaction

    one_for_all = settings.DATABASES["default"]["USER"] == settings.MIGRATION_DATABASE["USER"]
    if settings.EMBEDDED_DATABASE or not one_for_all:
        return
    try:
        with connection.cursor() as cursor:
            for role in ("repository_app", "ledger_sequencer"):
                # The user who made a role may grant it; a superuser needs no grant, and it does no harm.
                with contextlib.suppress(DatabaseError), transaction.atomic():
                    cursor.execute(f"GRANT {role} TO CURRENT_USER")
                cursor.execute(f"SET ROLE {role}")
                cursor.execute("RESET ROLE")
    except DatabaseError:
        return
    finally:
        connection.close()
    os.environ["REPOSITORY_LESSER_ROLES"] = "1"
    from repository.settings.environment import with_role

    connection.settings_dict.update(with_role(connection.settings_dict, "repository_app"))


def load_data(*, sample: bool) -> None:
    """Reference data on every start; the invented sample when asked, until it was loaded once."""
    from django.conf import settings
    from django.core.management import call_command

    call_command("load_reference", verbosity=0)
    mark = settings.VAR_DIR / SAMPLE_MARK
    if sample and not mark.exists():
        print("  making the invented sample", flush=True)
        call_command("load_sample", verbosity=0)
        mark.touch()


def collect_static() -> None:
    """Collect into STATIC_ROOT when a source changed since the last time."""
    from django.conf import settings
    from django.core.management import call_command

    root = Path(settings.STATIC_ROOT)
    now = static_fingerprint(BASE)
    with contextlib.suppress(OSError):
        if (root / STATIC_STAMP).read_text() == now:
            return
    # Under the old stamp an interrupted run would pass for a finished one.
    (root / STATIC_STAMP).unlink(missing_ok=True)
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    (root / STATIC_STAMP).write_text(now)


def static_fingerprint(base: Path) -> str:
    """Of everything that static files are made from: ours by content, packages by their lock files."""
    digest = hashlib.sha256()
    sources = [path for folder in ("static", "*/static") for path in base.glob(f"{folder}/**/*") if path.is_file()]
    sources = [path for path in sources if path.relative_to(base).parts[0] not in {"var", "node_modules", ".venv"}]
    locks = [base / name for name in ("package-lock.json", "requirements.lock", "repository/static_files.py")]
    for path in sorted(sources) + locks:
        digest.update(f"{path.relative_to(base)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
