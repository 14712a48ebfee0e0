"""Which tables leave an entry for every changed row: all of the application's, but for those named here with a reason.

After every migrate the triggers are made again where tables or columns are new; the SQL is custody/sql/0007_rows.sql.
"""

from django.db import connections

# Bookkeeping of the framework, not evidence and not access.
EXEMPT = {
    "django_migrations": "the framework's own; a migration runs as the owner",
    "django_content_type": "the framework's own",
    "django_session": "signing in and out have entries of their own",
    "cache_entry": "attempts counted and codes used, for minutes; failures have entries of their own",
    "answered_request": "that a request was answered, for a day, so that it is not done twice; what it did has entries",
    "usersessions_usersession": "where somebody is signed in and when last seen; beginnings and ends have entries",
    "record_change": "repeats, for the change feed, changes that have their own entries",
    "incident_tally": "adds up, for counting, what the incidents have, whose changes have their own entries",
    "auth_permission": "the framework's own, made by migrations",
}
# Progress and last use: written outside verbs many times a minute, and no fact about evidence.
IGNORED = {
    "accounts_user": ["last_login"],
    "accounts_apitoken": ["last_used_at"],
    "mfa_authenticator": ["last_used_at"],
    "evidence_processing": ["attempts", "claim", "current", "lease_until"],
    "evidence_blob": ["checked_at"],
    # Derived from the sealed name, and taken away for good when its person is protected.
    "evidence_personname": ["marks"],
    # Kept beside an incident for search and filters, of its details, whose rows have entries of their own.
    "evidence_incident": ["classified_as", "search_details"],
    # Copied beside a single grant of what its record says, for counting.
    **{
        f"evidence_{kind}{holders}permission": ["collection_id", "effective_level", "inherits_access"]
        for kind in ("incident", "item", "person", "source", "situation")
        for holders in ("user", "group")
    },
    "evidence_importbatch": [
        "attempts", "created", "done", "heartbeat_at", "refused", "total", "unchanged", "updated",
    ],
}  # fmt: skip
# Secrets: a change is noticed and digested, the value is copied nowhere.
MASKED = {
    "accounts_user": ["password"],
    "accounts_apitoken": ["digest"],
    "accounts_invitation": ["digest"],
    "mfa_authenticator": ["data"],
    "evidence_blob": ["wrapped_key"],
    "evidence_upload": ["wrapped_key"],
    "evidence_identity": ["sealed"],
    "evidence_personname": ["sealed"],
    "evidence_personfact": ["sealed"],
}


def watch_tables(sender, using="default", **kwargs):
    """After every migrate: see that each table is watched. Does nothing where the tables are not ours to alter."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT to_regprocedure('custody.watch(text, text[], text[])')")
        if cursor.fetchone()[0] is None:
            return
        cursor.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace"
            " AND pg_has_role(current_user, c.relowner, 'MEMBER') ORDER BY 1"
        )
        for (table,) in cursor.fetchall():
            if table not in EXEMPT:
                ignored = sorted([*IGNORED.get(table, []), *_generated(cursor, table)])
                cursor.execute(
                    "SELECT custody.watch(%s, %s::text[], %s::text[])", [table, ignored, MASKED.get(table, [])]
                )


def _generated(cursor, table: str) -> list[str]:
    """Columns that the database itself derives from others of the row: these say no more than the others do."""
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attgenerated <> '' AND NOT attisdropped",
        [f"public.{table}"],
    )
    return [name for (name,) in cursor.fetchall()]
