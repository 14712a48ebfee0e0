"""Where a request came from, as far as it says."""

from allauth.account.adapter import get_adapter

LONGEST = 300


def client_of(request) -> dict:
    """For an erasable part of an entry: address and browser."""
    if request is None:
        return {}
    agent = "".join(c for c in request.headers.get("User-Agent", "") if c.isprintable())
    return {"address": address_of(request), "agent": agent[:LONGEST]}


def address_of(request) -> str:
    """The address, or nothing: allauth refuses one that is none, and the sign-in goes on without it."""
    try:
        return str(get_adapter().get_client_ip(request) or "")
    except Exception:
        return ""
