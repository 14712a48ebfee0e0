"""The frame of the pages: contrast of the tokens, a clean page under the strict content security policy, partials.

Page templates have their own tests; what a browser shows is checked in the accessibility tests.
"""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from django import forms
from django.template.loader import render_to_string

ROOT = Path(__file__).resolve().parents[2]
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

TEXT_PAIRS = [
    *[("ink", ground, 7.0) for ground in ("bg", "surface", "surface-sunk", "surface-hover", "accent-weak", "mark")],
    *[("ink-2", ground, 4.5) for ground in ("bg", "surface", "surface-sunk", "surface-active")],
    *[("ink-3", ground, 4.5) for ground in ("bg", "surface", "surface-sunk", "surface-hover", "accent-weak")],
    *[("accent", ground, 4.5) for ground in ("bg", "surface", "surface-hover")],
    *[("accent-strong", ground, 4.5) for ground in ("accent-weak", "surface")],
    *[("on-accent", ground, 4.5) for ground in ("accent", "accent-strong")],
    *[(tone, f"{tone}-weak", 4.5) for tone in ("ok", "warn", "bad", "note", "hold")],
    *[("ink", f"{tone}-weak", 7.0) for tone in ("ok", "warn", "bad", "note", "hold")],
    *[(f"cls-{level}", f"cls-{level}-weak", 4.5) for level in ("open", "conf", "strict", "source")],
    *[(f"cls-{level}-on", f"cls-{level}-solid", 4.5) for level in ("strict", "source")],
    *[("on-seq-lo", f"seq-{step}", 4.5) for step in (0, 1, 2)],
    ("on-seq-mid", "seq-3", 4.5),
    *[("on-seq-hi", f"seq-{step}", 4.5) for step in (4, 5)],
]
EDGE_PAIRS = [
    *[("line-control", ground, 3.0) for ground in ("surface", "bg")],
    *[("focus", ground, 3.0) for ground in ("surface", "bg", "accent-weak", "surface-sunk")],
    *[(f"cat-{number}", "surface", 3.0) for number in range(1, 6)],
    *[("map-sym", ground, 3.0) for ground in ("map-land", "map-sea")],
]


def tokens(theme: int) -> dict[str, str]:
    """Colours of one theme (0 light, 1 dark), from the first rule of tokens.css."""
    first_rule = (ROOT / "static/css/tokens.css").read_text().split("@media")[0]
    pairs = re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", first_rule)
    return {name: colours[theme] for name, *colours in pairs}


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.2."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_pair_of_tokens_has_enough_contrast(theme):
    colours = tokens(theme)
    poor = [
        (text, ground, round(contrast(colours[text], colours[ground]), 2))
        for text, ground, least in TEXT_PAIRS + EDGE_PAIRS
        if contrast(colours[text], colours[ground]) < least
    ]
    assert poor == []


def test_raw_colours_live_in_the_tokens_only():
    strays = {
        path.name: found
        for path in STYLES
        if path.name not in {"tokens.css", "print.css"}
        and (found := re.findall(r"(?<!&)#[0-9a-f]{3,8}\b(?!')", re.sub(r"url\(.*?\)", "", path.read_text())))
    }
    assert strays == {}


def test_every_stylesheet_is_imported_once():
    imported = re.findall(r'@import url\("([\w-]+\.css)"\) layer\(', (ROOT / "static/css/app.css").read_text())
    # Linked by the pages that need them alone.
    linked = {name for path in TEMPLATES for name in re.findall(r"'css/([\w-]+\.css)'", path.read_text())}
    assert sorted({*imported, *linked}) == [path.name for path in STYLES]
    assert len(imported) == len(set(imported))
    assert not linked & set(imported)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_template_needs_no_exception_from_the_content_security_policy(path):
    markup = re.sub(r"{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(r"\sstyle\s*=", markup), "a style attribute is blocked: use a class"
    assert not re.search(r"<style\b", markup), "a style element is blocked: use a stylesheet"
    assert not re.search(r"<[^>]*\son\w+\s*=", markup), "an event attribute is blocked: use a module"
    for attributes, body in re.findall(r"<script\b([^>]*)>(.*?)</script>", markup, flags=re.DOTALL):
        assert "src=" in attributes or "application/json" in attributes, "an inline script is blocked"
        assert "src=" not in attributes or not body.strip()
    assert not re.search(r"(?:src|href)=[\"']https?://", markup), "nothing is loaded from elsewhere"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_script_uses_nothing_the_content_security_policy_blocks(path):
    source = path.read_text()
    assert not re.search(r"\beval\(|new Function\(|\.style\.|setAttribute\(\"style\"|https?://", source)


class TwoFields(forms.Form):
    title = forms.CharField(label="Title", help_text="One sentence.")
    precision = forms.ChoiceField(choices=[("a", "Building"), ("b", "Unknown")], widget=forms.RadioSelect)
    note = forms.CharField(label="Note", required=False)


def test_field_ties_hint_and_error_to_its_control():
    html = TwoFields({})["title"].as_field_group()
    described = re.search(r'<input[^>]*aria-describedby="([^"]+)"', html).group(1).split()
    assert described == ["id_title_helptext", "id_title_error"]
    assert all(f'id="{name}"' in html for name in described)
    assert 'aria-invalid="true"' in html


def test_field_comes_label_hint_error_control():
    html = TwoFields({})["title"].as_field_group()
    places = [html.index(part) for part in ("<label", "id_title_helptext", "id_title_error", "<input")]
    assert all(before < after for before, after in pairwise(places))


def test_group_of_choices_is_a_fieldset_with_a_legend():
    html = TwoFields({})["precision"].as_field_group()
    assert html.count("<fieldset") == 1
    assert "<legend>" in html
    assert html.count('type="radio"') == 2


def test_optional_field_says_so_in_words():
    assert "(optional)" in TwoFields()["note"].as_field_group()
    assert "(optional)" not in TwoFields()["title"].as_field_group()


def test_error_summary_links_to_every_wrong_field():
    html = render_to_string("partials/_errors_summary.html", {"form": TwoFields({})})
    assert 'href="#id_title"' in html
    assert 'href="#id_precision"' in html
    assert 'role="alert"' in html


def test_error_summary_is_absent_when_all_is_well():
    html = render_to_string("partials/_errors_summary.html", {"form": TwoFields({"title": "x", "precision": "a"})})
    assert html.strip() == ""


@pytest.mark.parametrize(
    ("rank", "words"),
    list(enumerate(["Public", "Internal", "Confidential", "Strictly confidential", "Source-protected"])),
)
def test_short_level_still_carries_its_words(rank, words):
    html = render_to_string("partials/_level.html", {"rank": rank, "short": True})
    assert f'<span class="sr">{words}</span>' in html


def test_server_error_page_needs_no_context():
    html = render_to_string("500.html")
    assert 'lang="' in html
    assert "csrfmiddlewaretoken" not in html
