"""Passages: what is marked is what was found, and the text is shown as it is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.search.snippets import BEFORE, LONG, marked, snippet, tokens
from evidence.search.text import Prepared, Term


def asked(*terms: Term) -> Prepared:
    return Prepared(groups=tuple((term,) for term in terms))


def term(*pieces, exact=False, stem=""):
    return Term(pieces, exact, stem)


def shown(parts) -> str:
    return "".join(f"[{part.text}]" if part.is_match else part.text for part in parts)


@pytest.mark.parametrize(
    ("text", "query", "result"),
    [
        ("군 구류장에서 3명", term("구류장"), "군 [구류장]에서 3명"),
        ("군 구류장에서 3명", term("3", "명"), "군 구류장에서 [3명]"),
        ("군 구류장에서", term("군", "구류장"), "[군 구류장]에서"),
        ("수용군 구류장", term("군", "구류장", exact=True), "수용[군 구류장]"),
        ("Ångström’s Café", term("cafe"), "Ångström’s [Café]"),
        ("Ångström’s Café", term("angstrom"), "[Ångström]’s Café"),
        ("Torturing, tortured", term("torture", stem="tortur"), "[Torturing], [tortured]"),
        ("detained, retained", term("tained"), "detained, retained"),
        ("was detained at", term("detained", "at", exact=True), "was [detained at]"),
        ("was detained, at", term("was", "detain"), "[was detained], at"),
        ("a abc a", term("a"), "[a] abc [a]"),
        ("<b>held</b> & held", term("held"), "<b>[held]</b> & [held]"),
        ("조사ㆍ심문", term("심문"), "조사ㆍ[심문]"),
        ("가가가", term("가가"), "[가가가]"),
        ("ﬁne Straße", term("strasse"), "ﬁne [Straße]"),
    ],
)
def test_what_is_marked(text, query, result):
    assert shown(marked(text, asked(query))) == result


def test_the_passage_around_the_first_place():
    text = "word " * 100 + "needle " + "word " * 100
    parts = snippet([text], asked(term("needle")))
    assert shown(parts).startswith("… word")
    assert shown(parts).endswith("word …")
    assert "[needle]" in shown(parts)
    assert len(shown(parts)) < BEFORE + LONG + 20


def test_the_first_text_that_has_it_is_quoted_and_else_how_the_first_begins():
    assert shown(snippet(["nothing", "", "a needle"], asked(term("needle")))) == "a [needle]"
    assert shown(snippet(["", "Nothing here", "or there"], asked(term("needle")))) == "Nothing here"
    assert snippet(["", ""], asked(term("needle"))) == []
    assert shown(snippet(["word " * 100], asked(term("needle")))).endswith(" …")


def test_an_accent_far_into_a_text_is_found_by_the_slow_look():
    assert "[Ångström]" in shown(snippet(["word " * 300 + "Ångström"], asked(term("angstrom"))))


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=400), one=st.text(min_size=1, max_size=5))
def test_the_parts_are_the_text_whatever_it_is(text, one):
    for piece in [token.folded for token in tokens(one)][:1]:
        query = asked(term(piece))
        assert "".join(part.text for part in marked(text, query)) == text
        passage = "".join(part.text for part in snippet([text], query)).removeprefix("… ").removesuffix(" …")
        assert passage in text
