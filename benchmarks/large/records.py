"""The records of the large database: incidents with acts, crimes, people and evidence, as the verbs would leave them.

Kept here as there: an effective level not below the own one nor below the floor of a protected person involved, dates
derived from EDTF, crimes with their headings and without the rejected, the path of the place, codes that check.
Not here: entries of the ledger, files, names of people, reviews.
"""

from bisect import bisect
from collections.abc import Iterator
from functools import cache
from random import Random

from benchmarks.large.lines import Lines, encode
from benchmarks.large.phrases import Phrases
from benchmarks.large.world import READERS, World, code
from evidence import models
from evidence.models.act import STANDARDS, classified_bits
from evidence.models.incident import VERIFICATIONS, ReviewStatus
from evidence.models.person import RISK_FLOOR
from evidence.recording.content import incident_dates

LEVELS, LEVEL_WEIGHTS = (0, 1, 2, 3, 4), (5, 42, 79, 95, 100)
CRIMES = {
    "cah.imprisonment": 30, "cah.torture": 22, "cah.enslavement": 10, "cah.persecution.political": 9,
    "cah.deportation_transfer.forcible_transfer": 8, "cah.other_inhumane_acts.starvation": 6, "cah.murder": 5,
    "cah.enforced_disappearance": 4, "cah.persecution.religious": 3, "cah.sexual.rape": 3, "cah.extermination": 2,
    "cah.enforced_disappearance.international_abduction": 1, "cah.sexual.forced_abortion": 1, "gen.killing": 0.3,
    "war.ca3.cruel_treatment": 0.5, "war.niac.displacement": 0.2,
}  # fmt: skip
KINDS = (
    "testimony.interview_record",
    "testimony",
    "document",
    "photograph",
    "video",
    "document.official_dprk",
    "audio",
)
RISKS = ("low",) * 50 + ("medium",) * 35 + ("high",) * 10 + ("not_assessed",) * 4 + ("extreme",)
STATUSES = tuple(ReviewStatus.values[place] for place in (0,) * 8 + (1,) * 3 + (2,) + (3,) * 2 + (4,) * 5 + (5,))
DAYS = 1280  # of work in the repository, from 2023 on


class Records:
    """Writes `incidents` incidents and their surroundings as lines; `chunks` yields after every few thousand."""

    def __init__(self, random: Random, world: World, incidents: int):
        self.random, self.world, self.incidents = random, world, incidents
        self.phrases = Phrases(random)
        self.crimes = dict(models.Crime.objects.filter(pk__in=CRIMES).values_list("pk", "path"))
        self.crime_codes, self.crime_weights = _weighed(CRIMES)
        self.organisations = [
            str(pk) for pk in models.Organisation.objects.order_by("term").values_list("pk", flat=True)
        ]
        self._places()
        self.persons: dict[int, list[tuple[str, int]]] = {}  # by place of the collection: (id, floor)
        self.sources: dict[int, list[str]] = {}
        self._single_grants()
        self._tables()

    def _places(self) -> None:
        """Provinces of few and counties of many records; the first ones have the most."""
        rows = models.Place.objects.filter(path__0="KP").exclude(pk="KP").order_by("-kind", "code")
        self.places = [(row.code, encode(row.path), row.kind) for row in rows]
        _codes, self.place_weights = _weighed({row.code: rank**-0.8 for rank, row in enumerate(rows, start=1)})

    def _single_grants(self) -> None:
        """Which incident is shown to, or kept from, which reader by itself."""
        self.granted: dict[int, list[str]] = {}
        self.denied: dict[int, list[str]] = {}
        for name, (_role, _clearance, _ranks, single) in READERS.items():
            user = str(self.world.readers[name].pk)
            for number in self.random.sample(range(self.incidents), min(single, self.incidents // 2)):
                self.granted.setdefault(number, []).append(user)
        for name, count in (("broad", 50), ("middle", 10)):
            for number in self.random.sample(range(self.incidents), min(count, self.incidents // 20)):
                self.denied.setdefault(number, []).append(str(self.world.readers[name].pk))

    def _tables(self) -> None:
        own = ("id", "collection_id", "inherits_access", "confidentiality", "effective_level", "created_by_id",
               "created_at", "updated_at", "code")  # fmt: skip
        detail = ("id", "created_by_id", "created_at")
        grant = ("content_object_id", "permission_id", "reason", "begins_at", "expires_at")
        self.tables = {
            "person": Lines(models.Person, *own, "is_protected", "risk", "sex", "note"),
            "source": Lines(models.Source, *own, "kind", "title"),
            "grading": Lines(models.Grading, *detail, "source_id", "reliability", "credibility", "reason"),
            "incident": Lines(
                models.Incident, *own, "title_en", "title_ko", "narrative_en", "narrative_ko", "date", "date_earliest",
                "date_latest", "date_sort", "date_is_certain", "place_id", "place_path", "place_precision",
                "review_status", "verification_status", "crime_codes", "classified_as",
            ),
            "act": Lines(models.Act, *detail, "incident_id", "position", "title_en"),
            "classification": Lines(
                models.Classification, *detail, "act_id", "crime_id", "status", "standard", "assessed_by_id",
                "assessed_at",
            ),
            "involvement": Lines(
                models.Involvement, *detail, "act_id", "role", "person_id", "organisation_id", "count_min", "count_max",
            ),
            "item": Lines(models.Item, *own, "kind", "title_en", "title_ko", "source_id"),
            "link": Lines(models.Link, *detail, "item_id", "incident_id", "locator"),
            "documentation": Lines(models.Documentation, *detail, "incident_id", "source_id", "documented"),
            "user_grant": Lines(models.IncidentUserPermission, *grant, "user_id"),
            "group_grant": Lines(models.IncidentGroupPermission, *grant, "group_id"),
            "item_grant": Lines(models.ItemUserPermission, *grant, "user_id"),
            "denial": Lines(models.Denial, "id", "incident_id", "user_id", "reason", "denied_by_id", "created_at"),
        }  # fmt: skip

    def chunks(self, size: int = 10_000) -> Iterator[int]:
        """How many incidents there are so far, each time the lines of some more can be taken."""
        for number in range(self.incidents // 20):
            self._person(number)
        for number in range(self.incidents // 50):
            self._source(number)
        yield 0
        for number in range(self.incidents):
            self._incident(number)
            if (number + 1) % size == 0 or number + 1 == self.incidents:
                yield number + 1

    def _id(self) -> str:
        return f"{self.random.getrandbits(128) & ~(0xF << 76) | (4 << 76):032x}"

    def _instant(self, day: float) -> str:
        day = min(int(day), DAYS)
        month = day // 28
        second = self.random.randrange(86_400)
        return (
            f"{2023 + month // 12}-{month % 12 + 1:02}-{day % 28 + 1:02} {second // 3600:02}:{second // 60 % 60:02}:"
            f"{second % 60:02}.{self.random.randrange(10**6):06}+00"
        )

    def _level(self) -> int:
        return LEVELS[bisect(LEVEL_WEIGHTS, self.random.random() * 100)]

    def _home(self) -> int:
        weights = self.world.weights
        return bisect(weights, self.random.random() * weights[-1], 0, len(weights) - 1)

    def _own(self, home: int, level: int, floor: int, prefix: str, number: int, day: float, *, open_share: float = 1.0):
        """The values of the columns that every secured record has, and who wrote it when."""
        created = self._instant(day)
        changed = created if self.random.random() < 0.6 else self._instant(day + self.random.expovariate(0.01))
        author = self.random.choice(self.world.authors)
        inherits = "t" if self.random.random() < open_share else "f"
        return (
            self._id(), self.world.collections[home], inherits, str(level), str(max(level, floor)), author, created,
            max(created, changed), code(prefix, number),
        )  # fmt: skip

    def _person(self, number: int) -> None:
        home, risk = self._home(), self.random.choice(RISKS)
        protected = self.random.random() < 0.7
        floor = RISK_FLOOR[risk] if protected else 0
        own = self._own(home, self._level(), floor, "P", number, self.random.random() * 900)
        sex = self.random.choice(("female", "male", "unknown"))
        self.tables["person"].add(*own, "t" if protected else "f", risk, sex, "Invented person")
        self.persons.setdefault(home, []).append((own[0], floor))

    def _source(self, number: int) -> None:
        home = self._home()
        own = self._own(home, self._level(), 0, "SRC", number, self.random.random() * 900)
        kind = self.random.choice(("witness", "cso", "media", "victim", "expert"))
        self.tables["source"].add(*own, kind, f"Invented source {number}")
        self.tables["grading"].add(
            self._id(), own[5], own[6], own[0], self.random.choice("ABBCCDF"), self.random.choice("1223346"), "Invented"
        )
        self.sources.setdefault(home, []).append(own[0])

    def _incident(self, number: int) -> None:
        random, home = self.random, self._home()
        involved = None
        if random.random() < 0.15 and (known := self.persons.get(home)):
            involved = random.choice(known)
        day = DAYS * number / self.incidents
        own = self._own(home, self._level(), involved[1] if involved else 0, "INC", number, day, open_share=0.97)
        incident, author, created = own[0], own[5], own[6]
        place, path, precision = r"\N", "{}", "unknown"
        if random.random() < 0.95:
            place, path, precision = self.places[bisect(self.place_weights, random.random() * self.place_weights[-1])]
        self.tables["incident"].add(
            *own, *self.phrases.title(), *self.phrases.narrative(), *_dates(_date(random)), place, path, precision,
            random.choice(STATUSES), VERIFICATIONS[int(random.expovariate(0.7)) % 5],
            *self._acts(incident, author, created, involved),
        )  # fmt: skip
        self._evidence(number, home, own)
        self._exceptions(number, incident)

    def _acts(self, incident: str, author: str, created: str, involved) -> tuple[str, str]:
        """One to three acts; returns the crimes of the incident with their headings, and the statuses as bits."""
        random, codes, statuses = self.random, set(), set()
        for position in range(1, random.choice((2, 2, 2, 3, 3, 4))):
            act = self._id()
            self.tables["act"].add(act, author, created, incident, str(position), "Invented act")
            drawn = random.choices(self.crime_codes, cum_weights=self.crime_weights, k=random.choice((1, 1, 2)))
            for crime in dict.fromkeys(drawn):
                status = random.choices(("alleged", "supported", "rejected"), (80, 15, 5))[0]
                standard = STANDARDS[0] if status == "alleged" else STANDARDS[2]
                self.tables["classification"].add(
                    self._id(), author, created, act, crime, status, standard, author, created
                )
                statuses.add(status)
                if status != "rejected":
                    codes.update(self.crimes[crime])
            self._involvements(act, author, created, involved if position == 1 else None)
        return encode(sorted(codes)), str(classified_bits(statuses))

    def _involvements(self, act: str, author: str, created: str, involved) -> None:
        random, add, none = self.random, self.tables["involvement"].add, r"\N"
        if involved:
            add(self._id(), author, created, act, random.choice(("victim", "witness")), involved[0], none, none, none)
        else:
            least = random.randrange(1, 40)
            most = str(least + random.randrange(20)) if random.random() < 0.5 else none
            add(self._id(), author, created, act, "victim", none, none, str(least), most)
        if random.random() < 0.4:
            organisation = random.choice(self.organisations)
            add(self._id(), author, created, act, "alleged_perpetrator", none, organisation, none, none)

    def _evidence(self, number: int, home: int, own: tuple) -> None:
        """Two items in the same collection, each linked to the incident; perhaps a source that documented it."""
        random, (incident, collection, inherits, level, _effective, author, created, changed, _code) = self.random, own
        sources = self.sources.get(home)
        for place in range(2):
            item, english, korean = self._id(), *random.choice(self.phrases.items)
            mine = min(4, int(level) + (random.random() < 0.1))
            self.tables["item"].add(
                item, collection, inherits if random.random() < 0.99 else "f", str(mine), str(mine), author, created,
                changed, code("EV", 2 * number + place), random.choice(KINDS), english, korean,
                random.choice(sources) if sources and random.random() < 0.3 else r"\N",
            )  # fmt: skip
            self.tables["link"].add(self._id(), author, created, item, incident, f"p. {place + 1}")
            if random.random() < 0.01:
                self._give("item_grant", "item", item, random.choice(self.world.others))
        if sources and random.random() < 0.2:
            source = random.choice(sources)
            self.tables["documentation"].add(
                self._id(), author, created, incident, source, random.choice(("yes", "no"))
            )

    def _exceptions(self, number: int, incident: str) -> None:
        """Grants and denials of this one incident."""
        random, others = self.random, self.world.others
        if random.random() < 0.04:
            self._give("user_grant", "incident", incident, random.choice(others))
        if random.random() < 0.02:
            self._give("group_grant", "incident", incident, str(random.choice(self.world.groups)))
        for user in self.granted.get(number, ()):
            self._give("user_grant", "incident", incident, user)
        denied = [*self.denied.get(number, ()), *([random.choice(others)] if random.random() < 0.001 else [])]
        for user in denied:
            self.tables["denial"].add(self._id(), incident, user, "invented", others[0], "2024-01-01 00:00+00")

    def _give(self, table: str, model: str, record: str, who: str) -> None:
        expires = "2024-06-01 00:00+00" if who in self.world.others and self.random.random() < 0.03 else r"\N"
        self.tables[table].add(
            record, str(self.world.view[model]), "invented", "2023-01-01 00:00+00", expires, who
        )  # fmt: skip


def _weighed(weights: dict) -> tuple[list, list[float]]:
    """The keys, and their weights summed up."""
    total, sums = 0.0, []
    for weight in weights.values():
        total += weight
        sums.append(total)
    return list(weights), sums


def _date(random: Random) -> str:
    """An EDTF date as accounts have them: mostly a day, often only a month or a year, sometimes none."""
    year, month, day = 1990 + int(33 * random.random() ** 0.7), random.randint(1, 12), random.randint(1, 28)
    chance = random.random()
    for share, text in (
        (0.62, f"{year}-{month:02}-{day:02}"), (0.78, f"{year}-{month:02}"), (0.86, f"{year}"), (0.89, f"{year}~"),
        (0.92, f"{year}-{month:02}?"), (0.94, f"{year}-{month:02}/{year + 1}-{month:02}"), (0.95, f"{year // 10}X"),
        (0.96, f"{year}-XX"), (0.97, f"../{year}"),
    ):  # fmt: skip
        if chance < share:
            return text
    return ""


@cache
def _dates(text: str) -> tuple[str, ...]:
    """The columns of a date, by the function that the verbs use."""
    values = incident_dates(text)
    names = ("date", "date_earliest", "date_latest", "date_sort", "date_is_certain")
    # str() of the first years leaves out the zeros that PostgreSQL wants.
    return tuple(one.isoformat() if hasattr(one := values[name], "isoformat") else encode(one) for name in names)
