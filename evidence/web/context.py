"""What every page's frame needs: navigation by role, whether one can record."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.roles import Act, may
from evidence import notices

# (group, label, route, icon, act, shortcut): an entry shows when the role includes the act.
NAVIGATION = (
    ("work", lambda: _("Home"), "home", "house", Act.OWN, "g h"),
    ("work", lambda: _("Search"), "search", "search", Act.READ, ""),
    ("work", lambda: _("Saved searches"), "saved-list", "bookmark", Act.READ, ""),
    ("work", lambda: _("Incidents"), "incident-list", "files", Act.READ, "g i"),
    ("work", lambda: _("Evidence"), "item-list", "paperclip", Act.READ, "g e"),
    ("work", lambda: _("Persons"), "person-list", "users", Act.READ, "g p"),
    ("work", lambda: _("Sources"), "source-list", "quote", Act.READ, "g s"),
    ("work", lambda: _("Uploads"), "upload-list", "folder-up", Act.INTAKE, ""),
    ("work", lambda: _("Imports"), "import-list", "table-2", Act.IMPORT, ""),
    ("analysis", lambda: _("Statistics"), "statistics", "chart-column", Act.READ, ""),
    ("protection", lambda: _("Decisions of two"), "decision-list", "users-round", Act.READ, "g d"),
    ("protection", lambda: _("Retention"), "retention", "calendar-clock", Act.INTAKE, ""),
    ("protection", lambda: _("Access"), "access-list", "key-round", Act.SHARE, "g x"),
    ("protection", lambda: _("Requests for access"), "request-list", "hand", Act.ASK, ""),
    ("protection", lambda: _("Emergency access"), "glass-list", "siren", Act.OVERSEE, ""),
    ("reference", lambda: _("Crimes"), "crime-list", "scale", Act.REFERENCE, ""),
    ("reference", lambda: _("Vocabularies"), "vocabulary-list", "tags", Act.REFERENCE, ""),
    ("oversight", lambda: _("Audit trail"), "audit", "scroll-text", Act.AUDIT, "g a"),
    ("oversight", lambda: _("Ledger"), "ledger", "shield-check", Act.AUDIT, "g l"),
    ("oversight", lambda: _("Storage"), "storage", "hard-drive", Act.AUDIT, ""),
    ("administration", lambda: _("People"), "people-list", "contact", Act.PEOPLE, ""),
    ("administration", lambda: _("Teams"), "team-list", "network", Act.PEOPLE, ""),
    ("account", lambda: _("API tokens"), "token-list", "braces", Act.OWN, ""),
    ("account", lambda: _("Settings"), "profile", "settings", Act.OWN, ""),
)
GROUPS = {"work": lambda: _("Work"), "analysis": lambda: _("Analysis"),
          "protection": lambda: _("Access and protection"),
          "reference": lambda: _("Reference"), "oversight": lambda: _("Oversight"),
          "administration": lambda: _("Administration"),
          "account": lambda: _("Account")}  # fmt: skip


def shell(request) -> dict:
    """Context processor of templates/base.html."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"sso": bool(settings.OIDC_ISSUER), "sso_name": settings.OIDC_NAME}
    groups: dict[str, list] = {}
    for group, label, route, icon, act, shortcut in NAVIGATION:
        if may(user, act):
            entry = {"label": label(), "url": reverse(route), "icon": icon, "shortcut": shortcut}
            groups.setdefault(group, []).append(entry)
    _mark_current(request.path, [entry for entries in groups.values() for entry in entries])
    nav = [{"label": GROUPS[name](), "items": items} for name, items in groups.items()]
    return {
        "nav": nav, "can_record": may(user, Act.RECORD), "can_read": may(user, Act.READ),
        "notices_unread": notices.unread(user), "idle_lock_seconds": settings.IDLE_LOCK_SECONDS,
    }  # fmt: skip


def _mark_current(path: str, entries: list[dict]) -> None:
    """The entry whose address is the longest beginning of the path; the start page only for itself."""
    fitting = [entry for entry in entries if path.startswith(entry["url"]) and (entry["url"] != "/" or path == "/")]
    for entry in entries:
        entry["current"] = bool(fitting) and entry is max(fitting, key=lambda one: len(one["url"]))
