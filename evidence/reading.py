"""Verbs by which a person reads what machines made of a file: its text and pictures, page by page."""

from dataclasses import dataclass

from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.errors import Refused
from custody import ledger
from evidence import policies
from evidence.models import File, FileText, Rendition


@dataclass(frozen=True)
class ReadPage:
    """One page of a file: its text and its picture, as far as there are any, and how many pages there are."""

    number: int
    count: int
    text: FileText | None
    picture: Rendition | None


def pages_of(file: File) -> int:
    """How many pages of this file can be read."""
    numbers = [
        file.texts.filter(ended_at=None).aggregate(last=Max("number"))["last"],
        file.renditions.filter(ended_at=None, kind__in=("page", "poster")).aggregate(last=Max("number"))["last"],
    ]
    return max((number for number in numbers if number), default=0)


@ledger.verb
def read_page(*, by, file: File, number: int) -> ReadPage | None:
    """Open one page for a person who may see the file; the entry names the page. None when there is no such page."""
    if not policies.shows_pictures(file):
        raise Refused(_("Nothing is shown of this file."), code="isolated")
    count = pages_of(file)
    if not 1 <= number <= count:
        return None
    pictures = file.renditions.filter(ended_at=None, kind__in=("page", "poster"), number=number)
    ledger.append("file.read", file.item, data={"file": str(file.pk), "page": number})
    return ReadPage(
        number=number,
        count=count,
        text=file.texts.filter(ended_at=None, number=number).first(),
        picture=pictures.first(),
    )
