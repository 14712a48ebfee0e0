"""Which tables the application role may delete from. Everything else it can only add to and change.

Evidence, custody, consent and ledger are not here and never will be: a DELETE on them fails in the database.
"""

from django.db import connections

# Bookkeeping and access: a revoked grant or a lifted denial is a deleted row
# and a ledger entry; drafts are their author's own. Tallies are put together: many rows become one.
DELETABLE = (
    "django_session",
    "accounts_user_groups",
    "accounts_user_user_permissions",
    "auth_group_permissions",
    "account_emailaddress",
    "account_emailconfirmation",
    "accounts_apitoken",
    "cache_entry",
    "answered_request",
    "incident_tally",
    "mfa_authenticator",
    "usersessions_usersession",
    "evidence_collectionuserpermission",
    "evidence_collectiongrouppermission",
    "evidence_incidentuserpermission",
    "evidence_incidentgrouppermission",
    "evidence_itemuserpermission",
    "evidence_itemgrouppermission",
    "evidence_personuserpermission",
    "evidence_persongrouppermission",
    "evidence_sourceuserpermission",
    "evidence_sourcegrouppermission",
    "evidence_situationuserpermission",
    "evidence_situationgrouppermission",
    "evidence_denial",
)


def grant_deletes(sender, using="default", **kwargs):
    """After every migrate: make the privileges of the application role what this module says."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'repository_app'")
        if not cursor.fetchone():
            return
        cursor.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relname = ANY(%s) AND c.relkind = 'r'"
            " AND c.relnamespace = 'public'::regnamespace AND pg_has_role(current_user, c.relowner, 'MEMBER')",
            [list(DELETABLE)],
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'GRANT DELETE ON public."{table}" TO repository_app')
