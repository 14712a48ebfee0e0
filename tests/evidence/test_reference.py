"""Reference data: loaded once and again without change, codes retired rather than removed, wrong codes named."""

import pytest
from conftest import TESTS
from django.utils import translation

from accounts.errors import Invalid
from evidence import reference
from evidence.models import Crime, Organisation, Place, Term, Vocabulary
from evidence.recording import content


def test_a_second_load_changes_nothing(db):
    assert reference.load(by=TESTS) == 0


def test_what_was_changed_by_hand_is_set_right(db):
    Crime.objects.filter(pk="cah.torture").update(label_en="Something else")
    Place.objects.filter(pk="KP-09").update(name_ko="다른 이름")
    assert reference.load(by=TESTS) == 2
    assert Crime.objects.get(pk="cah.torture").label_en != "Something else"


def test_a_term_that_is_gone_is_retired_not_removed(db):
    gone = Term.objects.create(vocabulary_id="sex", code="formerly", label_en="Formerly", label_ko="이전")
    assert reference.load(by=TESTS) == 1
    gone.refresh_from_db()
    assert gone.valid_to is not None
    with pytest.raises(Invalid):
        reference.check_term("sex", "formerly", field="sex")
    assert reference.labels("sex")["formerly"] == "Formerly"
    assert "formerly" not in dict(reference.choices("sex"))
    assert reference.load(by=TESTS) == 0


def test_organs_of_state_are_organisations_once(db):
    organs = Term.objects.filter(vocabulary_id="dprk_state_organ").count()
    assert Organisation.objects.exclude(term=None).count() == organs > 0


def test_every_path_leads_from_the_root(db):
    for model in (Crime, Place):
        for row in model.objects.all():
            assert row.path[-1] == row.pk
            assert row.path[:-1] == (model.objects.get(pk=row.parent_id).path if row.parent_id else [])


def test_every_label_is_in_both_languages(db):
    for model in (Crime, Vocabulary, Term):
        assert not model.objects.filter(label_en="").exists()
        assert not model.objects.filter(label_ko="").exists()


@pytest.mark.parametrize("code", ["none", "", None, 7, [], {}, "a\x00"])
def test_an_unknown_code_is_refused_and_the_known_ones_are_named(db, code):
    with pytest.raises(Invalid) as refusal:
        reference.check_term("sex", code, field="sex")
    assert refusal.value.field == "sex"
    assert "female" in str(refusal.value)


@pytest.mark.parametrize("codes", ["female", [7], None, {"female": 1}])
def test_a_list_of_codes_is_a_list_of_texts(db, codes):
    with pytest.raises(Invalid):
        reference.check_terms("sex", codes, field="sex")


def test_codes_named_twice_count_once(db):
    assert reference.check_terms("sex", ["male", "female", "male"], field="sex") == ["male", "female"]


def test_labels_follow_the_language(db):
    with translation.override("ko"):
        assert reference.labels("sex")["female"] == "여성"


@pytest.mark.parametrize("code", ["cah", "none", "", None, 7, "a\x00"])
def test_a_heading_or_an_unknown_crime_is_refused(db, code):
    with pytest.raises(Invalid) as refusal:
        content.crime(code, field="crime")
    assert refusal.value.field == "crime"


def test_a_retired_crime_is_refused(db):
    from django.utils import timezone

    Crime.objects.filter(pk="cah.torture").update(valid_to=timezone.now().date())
    with pytest.raises(Invalid):
        content.crime("cah.torture", field="crime")
