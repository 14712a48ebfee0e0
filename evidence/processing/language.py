"""In which language a file's text is: by its scripts first, by an identifier of languages where they leave it open.

A proposal, marked as made by a machine; what a person says of the item is not touched by it.
"""

import json
from collections import Counter

from evidence.processing import ocr, text
from evidence.processing.results import Facts, Job, NotDone, Outcome

NAME = "language"
SECONDS = 120
RANGES = (
    ("hangul", 0x1100, 0x11FF), ("hangul", 0x3130, 0x318F), ("hangul", 0xA960, 0xA97F), ("hangul", 0xAC00, 0xD7FF),
    ("kana", 0x3040, 0x30FF), ("kana", 0x31F0, 0x31FF), ("kana", 0xFF66, 0xFF9F), ("han", 0x3400, 0x4DBF),
    ("han", 0x4E00, 0x9FFF), ("han", 0xF900, 0xFAFF), ("han", 0x20000, 0x2FA1F), ("latin", 0x41, 0x5A),
    ("latin", 0x61, 0x7A), ("latin", 0xC0, 0x24F), ("latin", 0x1E00, 0x1EFF), ("cyrillic", 0x400, 0x52F),
    ("greek", 0x370, 0x3FF), ("arabic", 0x600, 0x6FF), ("arabic", 0x750, 0x77F), ("arabic", 0xFB50, 0xFDFF),
    ("arabic", 0xFE70, 0xFEFF), ("hebrew", 0x590, 0x5FF), ("thai", 0xE00, 0xE7F), ("devanagari", 0x900, 0x97F),
    ("khmer", 0x1780, 0x17FF), ("lao", 0xE80, 0xEFF), ("burmese", 0x1000, 0x109F), ("mongolian", 0x1800, 0x18AF),
)  # fmt: skip
BY_SCRIPT = {"greek": "el", "hebrew": "he", "thai": "th", "khmer": "km", "lao": "lo", "burmese": "my"}
DENSE = {"hangul": 2.5, "han": 3.0, "kana": 2.0}  # letters of an alphabet that one character stands for
ENOUGH = 20  # letters below which nothing is said
SAMPLE = 20_000  # characters of a page
PARTS = 60  # letters, and per cent, from which a second language is told
MAX_PAGES_TOLD = 500


def applies(facts: Facts) -> bool:
    return facts.of("text").get("characters", 0) > 0 or facts.of("ocr").get("recognised", 0) > 0


def run(job: Job) -> Outcome:
    pages = _pages(job)
    used: set[str] = set()
    told = {str(number): code for number, page in sorted(pages.items()) if (code := one(page, used))}
    every = "\n".join(page[:SAMPLE] for _, page in sorted(pages.items()))[: SAMPLE * 20]
    shares = scripts(every)
    found: dict = {
        "language": one(every, used) or "und",
        "languages": several(every, used),
        "scripts": {name: round(share, 3) for name, share in shares.items() if share >= 0.005},
        "pages": dict(list(told.items())[:MAX_PAGES_TOLD]),
        "machine": True,
    }
    return Outcome(tool="script counts" + (f", {_name()}" if used else ""), found=found)


def _pages(job: Job) -> dict[int, str]:
    """The text that the steps before have just read; when they ran earlier, it is read once more."""
    found: dict[int, str] = {}
    for module in (ocr, text):
        if module.NAME not in job.facts.results:
            continue
        place = job.out.parent / f"{module.NAME}.json"
        if place.is_file():
            rows = json.loads(place.read_text("utf-8")).get("texts", [])
        elif module is text:
            rows = [{"number": page.number, "text": page.text} for page in text.run(job).texts]
        else:
            few = Job(job.path, job.out, job.facts, {**job.options, "ocr_pages": 3})
            rows = [{"number": page.number, "text": page.text} for page in ocr.run(few).texts]
        found |= {row["number"]: row["text"][:SAMPLE] for row in rows if row["text"].strip()}
    if not found:
        raise NotDone("failed", "no text")
    return found


def script_of(character: str) -> str:
    point = ord(character)
    return next((name for name, first, last in RANGES if first <= point <= last), "other")


def counted(page: str) -> dict[str, float]:
    """Letters by script, an ideograph or a syllable weighing as many as it stands for."""
    weights: dict[str, float] = {}
    for character, count in Counter(page).items():
        if character.isalpha():
            name = script_of(character)
            weights[name] = weights.get(name, 0) + count * DENSE.get(name, 1.0)
    return weights


def scripts(page: str) -> dict[str, float]:
    weights = counted(page)
    total = sum(weights.values()) or 1.0
    return {name: weight / total for name, weight in by_weight(weights)}


def one(page: str, used: set[str]) -> str:
    """The language that most of a page is in, empty when there is too little of it."""
    weights = counted(page)
    if sum(weights.values()) < ENOUGH:
        return ""
    return of_script(by_weight(merge(weights))[0][0], page, used)


def by_weight(weights: dict[str, float]) -> list[tuple[str, float]]:
    return sorted(weights.items(), key=lambda one: -one[1])


def merge(weights: dict[str, float]) -> dict[str, float]:
    """Hanja among Hangul is Korean, among kana Japanese; alone it is Chinese."""
    merged = dict(weights)
    han = merged.pop("han", 0.0)
    if han:
        kana, hangul = merged.get("kana", 0.0), merged.get("hangul", 0.0)
        host = "kana" if kana > max(hangul, han * 0.05) else "hangul"
        host = host if merged.get(host, 0.0) > han * 0.1 else "han"
        merged[host] = merged.get(host, 0.0) + han
    return merged


def of_script(script: str, page: str, used: set[str]) -> str:
    known = {"hangul": "ko", "kana": "ja", "han": "zh", **BY_SCRIPT}.get(script)
    return known or identified("".join(c if script_of(c) == script else " " for c in page), used)


def several(page: str, used: set[str]) -> list[str]:
    """The languages of a page, of each script that has a share in it."""
    merged = merge(counted(page))
    total = sum(merged.values())
    codes = [
        of_script(script, page, used)
        for script, weight in by_weight(merged)
        if weight >= PARTS and weight * 100 >= total * 5 and script != "other"
    ]
    return list(dict.fromkeys(code for code in codes if code))


def identified(page: str, used: set[str]) -> str:
    words = " ".join(page.split())[:SAMPLE]
    if len(words) < ENOUGH:
        return ""
    import py3langid

    used.add("py3langid")
    return py3langid.classify(words)[0]


def _name() -> str:
    from importlib.metadata import version

    return f"py3langid {version('py3langid')}"
