"""Links by which a list goes out whole: the API's own, with the filters that are on."""

from django.urls import reverse

from accounts.roles import Act, may
from evidence.searches import lasting

ROUTES = {"incident": "api:incident"}


def export_links(request, kind: str) -> dict[str, str]:
    """Addresses of the list of a kind as CSV (with the mark that Excel needs) and as NDJSON; empty without the act."""
    if not may(request.user, Act.EXPORT):
        return {}
    params = lasting(request.GET)
    lines = params.urlencode()
    params["format"], params["bom"] = "csv", "yes"
    return {
        "csv": f"{reverse(ROUTES[kind] + '-list')}?{params.urlencode()}",
        "ndjson": reverse(ROUTES[kind] + "-export") + (f"?{lines}" if lines else ""),
    }
