"""HTML, XML and books made of it: what a reader would see. Scripts are not run, nothing is fetched."""

import re
from html.parser import HTMLParser

from evidence.processing import encodings
from evidence.processing.bounded import Parts, read_xml
from evidence.processing.results import Failed, Job
from evidence.processing.texts import Pages, whole

TOOL = "own reader of HTML and XML"
SKIPPED = {"script", "style", "template", "noembed", "noframes"}
LINES = {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "title", "table", "ul", "ol", "section",
         "hr", "article", "header", "footer", "blockquote", "pre", "dd", "dt", "option", "figcaption",
         "caption"}  # fmt: skip


class Visible(HTMLParser):
    """The visible text of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._skipped = ""
        self._kept = 0

    def handle_starttag(self, tag, attrs):
        if self._skipped:
            return
        if tag in SKIPPED:
            self._skipped = tag
        elif tag in LINES:
            self.out.append("\n")
        elif tag in ("td", "th"):
            self.out.append("\t")
        elif tag == "img" and (label := dict(attrs).get("alt")):
            self.out.append(f" {label} ")
        if tag == "pre":
            self._kept += 1

    def handle_startendtag(self, tag, attrs):
        if tag not in SKIPPED:
            self.handle_starttag(tag, attrs)
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if self._skipped:
            if tag == self._skipped:
                self._skipped = ""
            return
        if tag == "pre":
            self._kept = max(0, self._kept - 1)
        if tag in LINES and tag != "br":
            self.out.append("\n")

    def handle_data(self, data):
        if not self._skipped:
            self.out.append(data if self._kept else re.sub(r"\s+", " ", data))


def visible(markup: str) -> str:
    """What is to be read in a piece of HTML."""
    parser = Visible()
    parser.feed(markup)
    parser.close()
    lines = [
        re.sub(r"[ \t]*\t[ \t]*", "\t", re.sub(r" {2,}", " ", line)).strip() for line in "".join(parser.out).split("\n")
    ]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def read_html(job: Job, pages: Pages) -> str:
    data = whole(job)
    text, encoding = encodings.decode(data, encodings.declared_in(data))
    pages.found["encoding"] = encoding
    pages.add_long(visible(text))
    return TOOL


def read_xml_file(job: Job, pages: Pages) -> str:
    """The character data of all elements, each on a line; XML that breaks its rules is read as if it were HTML."""
    data = whole(job)
    text, encoding = encodings.decode(data, encodings.declared_in(data))
    pages.found["encoding"] = encoding
    out: list[str] = []
    plain = text.encode("utf-8", "replace")
    try:
        read_xml(iter([plain]), end=lambda name: out.append("\n"), text=out.append, encoding="utf-8")
        lines = [line.strip() for line in "".join(out).split("\n")]
        pages.add_long("\n".join(line for line in lines if line))
    except Failed as error:
        if error.reason != "damaged":
            raise
        pages.found["lenient"] = True
        pages.add_long(visible(text))
    return TOOL


def read_book(job: Job, pages: Pages) -> str:
    """EPUB: a document a page, in the order in which the container holds them."""
    with Parts(job.path) as parts:
        names = [name for name in parts.entries if name.lower().endswith((".xhtml", ".html", ".htm"))]
        for name in names:
            data = parts.read(name)
            pages.add(visible(encodings.decode(data, encodings.declared_in(data))[0]))
    pages.found["pages"] = len(names)
    return TOOL
