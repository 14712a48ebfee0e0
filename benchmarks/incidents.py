"""What the benchmarks log: incidents like those of the generated database (benchmarks.large.records), as the API takes
them. The cost of an index depends on the words that it is given."""

from collections.abc import Iterator
from random import Random

from benchmarks.large.phrases import Phrases

CRIMES = ("cah.imprisonment", "cah.torture", "cah.enslavement", "cah.enforced_disappearance", "cah.murder")


def drawn(seed: int) -> Iterator[dict]:
    """Without end: titles and accounts in both languages, one to three acts, the same ones for the same seed."""
    random = Random(seed)
    phrases = Phrases(random)
    while True:
        (title_en, title_ko), (narrative_en, narrative_ko) = phrases.title(), phrases.narrative()
        yield {
            "title_en": title_en,
            "title_ko": title_ko,
            "narrative_en": narrative_en,
            "narrative_ko": narrative_ko,
            "date": f"{random.randrange(1995, 2024)}-{random.randrange(1, 13):02}",
            "place": f"KP-{random.randrange(1, 10):02}",
            "place_precision": "province",
            "acts": [_act(random) for _number in range(random.choice((1, 1, 1, 2, 2, 3)))],
        }


def _act(random: Random) -> dict:
    least = random.randrange(1, 40)
    return {
        "title_en": "Invented act",
        "crimes": list(dict.fromkeys(random.choices(CRIMES, k=random.choice((1, 1, 2))))),
        "involvements": [{"role": "victim", "count_min": least, "count_max": least + random.randrange(20)}],
    }
