"""The change feed: what has changed, of what a person may see, since she was last told (decision 32).

What she was told is a place in the cursor that she holds, never a list kept of her; each page moves it on.
"""

from evidence.changes.cursors import Place, Stretch, opened, sealed
from evidence.changes.following import Entry, Told, follow, note_followed

__all__ = ["Entry", "Place", "Stretch", "Told", "follow", "note_followed", "opened", "sealed"]
