"""What this process remembers for a minute of one database: what the planner expects, and which codes there are.

Never what belongs to a record or a person: that is asked each time.
"""

import time
from collections.abc import Callable, Hashable
from typing import Any

from django.db import connection

SECONDS, MOST = 60, 2000
_known: dict[tuple, tuple[float, Any]] = {}


def remember(asked: Hashable, ask: Callable[[], Any], *, keep: Callable[[Any], bool] = lambda found: True) -> Any:
    """What was found within the last minute, else what `ask` finds now; that is remembered if it is to `keep`."""
    key = connection.settings_dict["HOST"], connection.settings_dict["NAME"], asked
    now = time.monotonic()
    if (known := _known.get(key)) and now < known[0]:
        return known[1]
    found = ask()
    if keep(found):
        if len(_known) >= MOST:
            forget()
        _known[key] = (now + SECONDS, found)
    return found


def forget() -> None:
    """Ask anew."""
    _known.clear()
