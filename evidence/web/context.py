"""What every page's frame needs: navigation by role, whether one can record."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.roles import Act, may

# (group, label, route, icon, act, shortcut): an entry shows when the role includes the act.
NAVIGATION = (
    ("work", lambda: _("Home"), "home", "house", Act.OWN, "g h"),
    ("work", lambda: _("Incidents"), "incident-list", "files", Act.READ, "g i"),
    ("work", lambda: _("Evidence"), "item-list", "paperclip", Act.READ, "g e"),
    ("work", lambda: _("Persons"), "person-list", "users", Act.READ, "g p"),
    ("work", lambda: _("Sources"), "source-list", "quote", Act.READ, "g s"),
    ("work", lambda: _("Imports"), "import-list", "table-2", Act.IMPORT, ""),
    ("reference", lambda: _("Crimes"), "crime-list", "scale", Act.REFERENCE, ""),
    ("reference", lambda: _("Vocabularies"), "vocabulary-list", "tags", Act.REFERENCE, ""),
    ("oversight", lambda: _("Audit trail"), "audit", "scroll-text", Act.AUDIT, "g a"),
    ("oversight", lambda: _("Ledger"), "ledger", "shield-check", Act.AUDIT, "g l"),
    ("account", lambda: _("API tokens"), "token-list", "braces", Act.OWN, ""),
    ("account", lambda: _("Settings"), "profile", "settings", Act.OWN, ""),
)
GROUPS = {"work": lambda: _("Work"), "reference": lambda: _("Reference"), "oversight": lambda: _("Oversight"),
          "account": lambda: _("Account")}  # fmt: skip


def shell(request) -> dict:
    """Context processor of templates/base.html."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    path, groups = request.path, {}
    for group, label, route, icon, act, shortcut in NAVIGATION:
        if may(user, act):
            url = reverse(route)
            current = path == url if url == "/" else path.startswith(url)
            entry = {"label": label(), "url": url, "icon": icon, "current": current, "shortcut": shortcut}
            groups.setdefault(group, []).append(entry)
    nav = [{"label": GROUPS[name](), "items": items} for name, items in groups.items()]
    return {"nav": nav, "can_record": may(user, Act.RECORD), "can_read": may(user, Act.READ)}
