"""Whether a person may add files to a batch or an item now: asked at its beginning, with each piece, at its end."""

from django.utils.translation import gettext as _

from accounts.errors import Forbidden, Refused
from accounts.grants import Permission, permits
from accounts.roles import Act, may
from evidence import policies
from evidence.models import IntakeBatch, Item


def check_may_add(by, *, batch: IntakeBatch | None, item: Item | None) -> None:
    """Refuse what the person may not or cannot add to now. The answer is one and the same for whatever is hidden."""
    into = item if batch is None else batch.item
    homes = [into] if batch is None or into else [batch.collection]
    if batch is not None and batch.incident is not None:
        homes.append(batch.incident)
    allowed = by.is_active and may(by, Act.INTAKE)
    if not allowed or not all(home is not None and permits(by, home, Permission.CONTRIBUTE) for home in homes):
        raise Forbidden(_("You may no longer add evidence there: your access has changed."), code="no_access")
    if batch is not None and batch.created_by_id != by.pk:
        raise Refused(_("Another person brings these files: open a batch of your own."), code="not_yours")
    if batch is not None and batch.closed_at:
        raise Refused(_("This batch is closed: open a new one for further files."), code="closed")
    if into is not None:
        policies.check_takes_files(into)
