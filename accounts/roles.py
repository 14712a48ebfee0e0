"""Who may do what, as data: roles, permissions on records, acts. No queries here; the gate is accounts.grants."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    INVESTIGATOR = "investigator", _("Investigator")
    REVIEWER = "reviewer", _("Reviewer")
    ANALYST = "analyst", _("Analyst")
    ADMINISTRATOR = "administrator", _("Administrator")
    AUDITOR = "auditor", _("Auditor")
    MECHANISM = "mechanism", _("Accountability mechanism")


class Permission(TextChoices):
    """What a grant on a collection or a record gives. A wider one includes the narrower: see SATISFIED_BY."""

    VIEW = "view", _("View")
    CONTRIBUTE = "contribute", _("Contribute")
    REVIEW = "review", _("Review")
    MANAGE = "manage", _("Manage")


SATISFIED_BY = {
    Permission.VIEW: (Permission.VIEW, Permission.CONTRIBUTE, Permission.REVIEW, Permission.MANAGE),
    Permission.CONTRIBUTE: (Permission.CONTRIBUTE, Permission.MANAGE),
    Permission.REVIEW: (Permission.REVIEW, Permission.MANAGE),
    Permission.MANAGE: (Permission.MANAGE,),
}

# What a role can use at most of what was granted. An auditor and a mechanism read no records through grants.
ROLE_PERMISSIONS: dict[str, frozenset] = {
    Role.INVESTIGATOR: frozenset({Permission.VIEW, Permission.CONTRIBUTE, Permission.MANAGE}),
    Role.REVIEWER: frozenset({Permission.VIEW, Permission.CONTRIBUTE, Permission.REVIEW, Permission.MANAGE}),
    Role.ANALYST: frozenset({Permission.VIEW, Permission.CONTRIBUTE}),
    Role.ADMINISTRATOR: frozenset({Permission.VIEW}),
    Role.AUDITOR: frozenset(),
    Role.MECHANISM: frozenset(),
}


class Act(TextChoices):
    """What a person does, apart from the record it is done to. A door declares one for every action."""

    READ = "read", _("read records")
    EXPORT = "export", _("take whole lists of records out")
    RECORD = "record", _("record incidents, persons and sources")
    INTAKE = "intake", _("take in evidence")
    IMPORT = "import", _("import tables")
    ASSESS = "assess", _("classify and grade")
    REVIEW = "review", _("review")
    IDENTITY = "identity", _("open the identity vault")
    REFERENCE = "reference", _("read reference data")
    OWN = "own", _("manage one's own account")
    AUDIT = "audit", _("read the ledger")
    ERASE = "erase", _("erase parts of ledger entries, with a second person")
    ACCESS = "access", _("give and take back access to any collection or record")
    SHARE = "share", _("give and take back access to what one manages")
    ASK = "ask", _("ask for access")
    GLASS = "glass", _("break the glass: open a record in an emergency")
    OVERSEE = "oversee", _("review who broke the glass")
    PEOPLE = "people", _("manage people and teams")


_EVERYBODY = {Act.OWN}
ROLE_ACTS: dict[str, frozenset] = {
    Role.INVESTIGATOR: frozenset(
        {Act.READ, Act.EXPORT, Act.RECORD, Act.INTAKE, Act.IMPORT, Act.ASSESS, Act.IDENTITY, Act.REFERENCE}
        | {Act.SHARE, Act.ASK, Act.GLASS, Act.OVERSEE, *_EVERYBODY}
    ),
    Role.REVIEWER: frozenset(
        {Act.READ, Act.EXPORT, Act.RECORD, Act.INTAKE, Act.ASSESS, Act.REVIEW, Act.IDENTITY, Act.REFERENCE}
        | {Act.SHARE, Act.ASK, Act.GLASS, Act.OVERSEE, *_EVERYBODY}
    ),
    Role.ANALYST: frozenset({Act.READ, Act.EXPORT, Act.ASSESS, Act.REFERENCE, Act.ASK, Act.GLASS, *_EVERYBODY}),
    Role.ADMINISTRATOR: frozenset(
        {Act.READ, Act.REFERENCE, Act.AUDIT, Act.ERASE, Act.ACCESS, Act.SHARE, Act.ASK, Act.OVERSEE}
        | {Act.PEOPLE, *_EVERYBODY}
    ),
    Role.AUDITOR: frozenset({Act.REFERENCE, Act.AUDIT, Act.OVERSEE, *_EVERYBODY}),
    Role.MECHANISM: frozenset(_EVERYBODY),
}

# Whoever may read a list page by page may take it out whole, where the role allows that.
_READING = {Act.READ, Act.EXPORT}
# A token can do no more than its person; a scope names acts it may use.
SCOPES: dict[str, tuple[object, frozenset]] = {
    "incidents:read": (_("Read incidents, acts and classifications"), frozenset(_READING)),
    "incidents:write": (_("Log, revise and review incidents"), frozenset({Act.RECORD, Act.ASSESS, Act.REVIEW})),
    "persons:read": (_("Read persons: pseudonyms, and names of who is not protected"), frozenset(_READING)),
    "persons:write": (_("Record persons"), frozenset({Act.RECORD})),
    "persons:identity": (_("Open identities, each with a stated reason"), frozenset({Act.IDENTITY})),
    "items:read": (_("Read evidence items and download files"), frozenset(_READING)),
    "items:write": (_("Take in evidence"), frozenset({Act.INTAKE, Act.RECORD})),
    "sources:read": (_("Read sources and gradings"), frozenset(_READING)),
    "sources:write": (_("Record and grade sources"), frozenset({Act.RECORD, Act.ASSESS})),
    "searches:write": (_("Save, share and end searches"), frozenset(_READING)),
    "imports:write": (_("Run imports"), frozenset({Act.IMPORT})),
    "access:manage": (_("Give and take back access, decide requests"), frozenset({Act.SHARE, Act.ACCESS, Act.OVERSEE})),
    "decisions:read": (_("Read decisions of two, about records of every kind"), frozenset({Act.READ})),
    "decisions:write": (_("Propose and decide what takes two people"), frozenset({Act.RECORD, Act.REVIEW})),
    "access:ask": (_("Ask for access"), frozenset({Act.ASK})),
    "ledger:read": (_("Read the ledger"), frozenset({Act.AUDIT, Act.READ, Act.OWN})),
    "people:admin": (_("Manage people and teams"), frozenset({Act.PEOPLE})),
}


def may(user, act: str) -> bool:
    """Whether the role of this active person allows the act at all."""
    return bool(user and user.is_authenticated and user.is_active and act in ROLE_ACTS.get(user.role, ()))


def usable(user, permission: str) -> bool:
    """Whether the role can make use of a grant of this permission."""
    return bool(user.is_active and permission in ROLE_PERMISSIONS.get(user.role, ()))
