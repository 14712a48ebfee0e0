"""System checks of the whole installation: assets, keys, the database. Run by `check`, `migrate` and `up`."""

import json
from pathlib import Path

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.db import connections

from accounts.keyring import VaultError
from accounts.roles import Role
from evidence import storage
from evidence.processing import scanning
from repository.static_files import NODE_MODULES, VENDOR_ASSETS


@register(Tags.files)
def assets_are_there(app_configs, **kwargs):
    """The front-end packages that pages load are fetched, or were collected when the image was built."""
    if (settings.STATIC_ROOT / "staticfiles.json").exists():
        return []
    return [
        Error(
            f"{NODE_MODULES / package} is missing.",
            hint="Run `python3 manage.py up` once, or `npm ci --ignore-scripts`.",
            id="repository.E001",
        )
        for package, _patterns in VENDOR_ASSETS.values()
        if not (NODE_MODULES / package).is_dir()
    ]


@register(Tags.security, deploy=True)
def keyring_is_readable(app_configs, **kwargs):
    """Without it no identity and no file can be opened; found at the start, not at the first page."""
    try:
        keyring = json.loads(settings.KEYRING_FILE.read_text())
        if keyring["active"] in keyring["keys"]:
            return []
        wrong = "its active key is not among its keys"
    except (OSError, ValueError, KeyError, TypeError) as error:
        wrong = f"it cannot be read ({type(error).__name__})"
    return [
        Error(f"KEYRING_FILE {settings.KEYRING_FILE}: {wrong}.", hint="See docs/operations.md.", id="repository.E002")
    ]


@register(Tags.database)
def keyring_opens_what_is_sealed(app_configs, databases=None, **kwargs):
    """A keyring of another installation, or one that lacks a key: found at the start, not by whoever needs a file."""
    if not databases or "default" not in databases:
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.evidence_upload')")
        if cursor.fetchone()[0] is None:
            return []  # before the first migration
    from evidence.protection import resealing  # models: this module is imported before they are

    try:
        wrong = resealing.unopened()
    except VaultError as error:
        wrong = [str(error)]
    return [
        Error(
            f"KEYRING_FILE {settings.KEYRING_FILE} does not open what is stored: {text}.",
            hint="Put back the keyring of this installation, with every key that was ever active.",
            id="repository.E007",
        )
        for text in wrong
    ]


@register(Tags.security, deploy=True)
def storage_takes_files(app_configs, **kwargs):
    """A wrong bucket or key of the object storage is found here, not by the first upload."""
    try:
        storage.place().check()
    except storage.StorageError as error:
        hint = "See docs/operations.md, 'Where the bytes are'."
        return [Error(f"{str(error)[:1].upper()}{str(error)[1:]}.", hint=hint, id="repository.E008")]
    return []


@register(Tags.security, deploy=True)
def files_are_scanned(app_configs, **kwargs):
    """Without a scanner every file is taken in as not scanned for malware; each says so, and so does this."""
    if not settings.SCANNER:
        return [
            Warning(
                "No malware scanner is set up: files are taken in without a scan, and are marked so.",
                hint="Set CLAMD to the socket of ClamAV's daemon, or to host:port (docs/operations.md).",
                id="repository.W003",
            )
        ]
    try:
        scanning.version(settings.SCANNER)
        scanning.prove(settings.SCANNER)
    except (OSError, scanning.ScannerError) as error:
        told = getattr(error, "detail", "") or f"it cannot be reached ({type(error).__name__})"
        return [
            Warning(
                f"The malware scanner does not scan: {told}.",
                hint="See that clamd runs, that CLAMD names its socket or host:port, and that it has signatures.",
                id="repository.W004",
            )
        ]
    return []


@register(Tags.security)
def second_factor_roles_are_known(app_configs, **kwargs):
    """A misspelt role would be one of which no second factor is demanded."""
    unknown = sorted(set(settings.SECOND_FACTOR_ROLES) - {"*", *Role.values})
    return (
        [
            Error(
                f"SECOND_FACTOR_ROLES names no role: {', '.join(unknown)}.",
                hint=f"The roles are {', '.join(Role.values)}; * is every role.",
                id="repository.E006",
            )
        ]
        if unknown
        else []
    )


@register(Tags.database)
def trigrams_know_korean(app_configs, databases=None, cursor_of=lambda alias: connections[alias].cursor(), **kwargs):
    """Under the C locale every trigram similarity of Hangul is 0, without an error; it cannot be changed later."""
    found = []
    for alias in databases or []:
        with cursor_of(alias) as cursor:
            cursor.execute("SELECT extnamespace::regnamespace FROM pg_extension WHERE extname = 'pg_trgm'")
            schema = cursor.fetchone()
            if not schema:
                continue
            cursor.execute(f"SELECT {schema[0]}.show_trgm('한국')")
            if not cursor.fetchone()[0]:
                found.append(
                    Error(
                        f"Database {alias!r} finds no trigrams in Korean text: its LC_CTYPE is C.",
                        hint="Make the database anew with LOCALE 'C.UTF-8' and import the data into it.",
                        id="repository.E003",
                    )
                )
    return found


@register(Tags.database)
def application_cannot_rewrite_the_ledger(app_configs, databases=None, **kwargs):
    """A superuser or the owner of the ledger's tables can lift every refusal of the database."""
    found = []
    severity = Warning if getattr(settings, "EMBEDDED_DATABASE", False) or settings.DEBUG else Error
    for alias in databases or []:
        entry = settings.DATABASES[alias]
        role = entry["USER"] if "role=" not in entry["OPTIONS"].get("options", "") else "repository_app"
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT r.rolsuper OR EXISTS (SELECT FROM pg_class c WHERE c.oid = to_regclass('custody.entry')"
                " AND c.relowner = r.oid) FROM pg_roles r WHERE r.rolname = %s",
                [role],
            )
            row = cursor.fetchone()
        if row and row[0]:
            found.append(
                severity(
                    f"Database {alias!r}: role {role} is a superuser or owns the ledger, so it could rewrite it.",
                    hint="Let DATABASE_URL name repository_app and MIGRATION_DATABASE_URL the owner.",
                    id="repository.E004",
                )
            )
    return found


@register(Tags.security, deploy=True)
def ledger_is_tied_to_the_outside(app_configs, **kwargs):
    """Time stamps of this machine's own and a log that nobody else holds prove nothing against its operators."""
    found = []
    if "demo:" in settings.LEDGER_TIMESTAMP_AUTHORITIES or not settings.LEDGER_TIMESTAMP_AUTHORITIES:
        found.append(
            Warning(
                "No outside authority time-stamps the ledger.",
                hint="Set LEDGER_TIMESTAMP_AUTHORITIES to addresses of one or more, and LEDGER_TIMESTAMP_ROOTS_FILE.",
                id="repository.W001",
            )
        )
    if not settings.LEDGER_PUBLISH_TO:
        found.append(
            Warning(
                "The ledger's checkpoints are published nowhere.",
                hint="Set LEDGER_PUBLISH_TO to a directory or address outside the operators' control.",
                id="repository.W002",
            )
        )
    roots = settings.LEDGER_TIMESTAMP_ROOTS_FILE
    needs_roots = set(settings.LEDGER_TIMESTAMP_AUTHORITIES) - {"demo:"}
    if needs_roots and not (roots and Path(roots).is_file()):
        found.append(
            Error(
                f"LEDGER_TIMESTAMP_ROOTS_FILE {roots!r} is no file: no time stamp would be kept.",
                hint="Put the root certificates of the authorities there, as PEM.",
                id="repository.E005",
            )
        )
    return found
