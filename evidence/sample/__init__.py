"""The invented sample: people, collections, incidents and evidence of a first start, made with the verbs.

`load` makes all of it or nothing; `state` says whether it is there. The content is data/*.json, told by `story`;
accounts and their passwords are the matter of `people`. Not here: reference data, and samples of import files.
"""

from enum import Enum

from django.db import transaction

from evidence.models import Collection
from evidence.sample import people, story


class State(Enum):
    ABSENT = "absent"  # an empty repository: the sample may come
    PRESENT = "present"
    OCCUPIED = "occupied"  # somebody works here: accounts with known addresses must not appear


def state() -> State:
    """Whether this repository holds the sample, nothing, or somebody's work."""
    found = people.existing().count()
    if found == len(people.PERSONAS):
        return State.PRESENT
    return State.OCCUPIED if found or Collection.objects.exists() else State.ABSENT


def load() -> dict[str, int]:
    """Make the sample in one transaction and write the accounts file; returns how many records of each kind it has.

    The file is written before the commit: a crash between the two leaves a file that the next run replaces, while the
    other order could leave people whose passwords nobody knows.
    """
    with transaction.atomic():
        made, passwords = people.make()
        counts = story.tell(made)
        people.write_accounts(passwords)
    return counts | {"people": len(made)}
