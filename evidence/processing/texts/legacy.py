"""Word, Excel and PowerPoint of before 2007, by antiword and catdoc as programs."""

from evidence.processing import programs
from evidence.processing.results import Failed, Job, NotDone
from evidence.processing.texts import Pages

SECONDS = 100


def read_locked(job: Job, pages: Pages) -> str:
    """An OOXML document inside an encrypted OLE2 container."""
    raise Failed("password")


def read_doc(job: Job, pages: Pages) -> str:
    """By antiword; what it does not know, by catdoc."""
    _check_unlocked(job)
    if not programs.has("antiword") and not programs.has("catdoc"):
        raise NotDone("missing_program", "antiword catdoc")
    if programs.has("antiword"):
        arguments = ["antiword", "-m", "UTF-8.txt", "-w", "0", str(job.path)]
        code, output, errors = programs.call(arguments, package="antiword", seconds=SECONDS)
        text = output.decode("utf-8", "replace")
        if code == 0 and text.strip():
            pages.add_long(text)
            return f"antiword {_version_of_antiword()}"
        if b"encrypted" in errors or b"password" in errors:
            raise Failed("password")
    arguments = ["catdoc", "-w", "-d", "utf-8", str(job.path)]
    pages.add_long(_catdoc(arguments))
    return f"catdoc {_version_of_catdoc()}"


def read_xls(job: Job, pages: Pages) -> str:
    """A sheet a page."""
    _check_unlocked(job)
    for sheet in _catdoc(["xls2csv", "-d", "utf-8", "-c", "\t", "-q", "0", "-b", "\f", str(job.path)]).split("\f"):
        if sheet.strip():
            pages.add(sheet)
    return f"xls2csv {_version_of_catdoc()}"


def read_ppt(job: Job, pages: Pages) -> str:
    """A slide a page."""
    _check_unlocked(job)
    for slide in _catdoc(["catppt", "-d", "utf-8", "-b", "\f", str(job.path)]).split("\f"):
        if slide.strip():
            pages.add(slide)
    return f"catppt {_version_of_catdoc()}"


def _check_unlocked(job: Job) -> None:
    if "encrypted" in job.facts.of("identify").get("flags", []):
        raise Failed("password")


def _catdoc(arguments: list[str]) -> str:
    code, output, errors = programs.call(arguments, package="catdoc", seconds=SECONDS)
    text = output.decode("utf-8", "replace")
    if code or not text.strip():
        if b"encrypted" in errors.lower():
            raise Failed("password")
        raise Failed("damaged", f"{arguments[0]} could not read it")
    return text


def _version_of_antiword() -> str:
    _, output, errors = programs.call(["antiword", "-h"], package="antiword", seconds=10)
    for line in (output + errors).decode("utf-8", "replace").splitlines():
        if "Version:" in line:
            return line.split("Version:")[1].split("(")[0].strip()
    return ""


def _version_of_catdoc() -> str:
    return programs.version(["catdoc", "-V"], package="catdoc").removeprefix("Catdoc Version").strip()
